from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    """Events for other systems, and webhooks that deliver them."""

    name = "connections"
    verbose_name = _("Connections")

    def ready(self):
        # Registers the jobs and the kind of mail.
        from connections import tasks  # noqa: F401
