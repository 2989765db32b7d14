from .deliveries import Attempt, Delivery
from .endpoints import Endpoint
from .events import ChangedProgress, Event
from .provisioning import GroupMembership, ProvisionedGroup, ProvisionedPerson

__all__ = [
    "Attempt",
    "ChangedProgress",
    "Delivery",
    "Endpoint",
    "Event",
    "GroupMembership",
    "ProvisionedGroup",
    "ProvisionedPerson",
]
