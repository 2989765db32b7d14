from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Where rows live once learners are distributed over machines (progress/operations/distribution.py).
LOCAL = [
    "Attempt",
    "ChangedProgress",
    "Delivery",
    "Endpoint",
    "Event",
    "GroupMembership",
    "ProvisionedGroup",
    "ProvisionedPerson",
]


class ConnectionsConfig(AppConfig):
    """Events for other systems, webhooks that deliver them, and provisioning by SCIM."""

    name = "connections"
    verbose_name = _("Connections")

    def ready(self):
        from progress.operations.distribution import Placement, place

        place("connections", Placement.LOCAL, LOCAL)
        # Registers the jobs, the kind of mail, and what is erased with a learner.
        from connections import erasing, own_data, tasks  # noqa: F401
