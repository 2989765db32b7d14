from .deliveries import Attempt, Delivery
from .endpoints import Endpoint
from .events import ChangedProgress, Event

__all__ = ["Attempt", "ChangedProgress", "Delivery", "Endpoint", "Event"]
