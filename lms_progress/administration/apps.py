"""Django's admin with our site, and every page in the same style."""

from django.contrib.admin.apps import AdminConfig

from lms_progress.optional_libraries import import_rest_framework

# Here, as this is loaded before any app that imports Django REST framework.
import_rest_framework()


class Administration(AdminConfig):
    default_site = "lms_progress.administration.site.Site"

    def ready(self):
        super().ready()
        from analytics import slots
        from connections import slots as connection_slots
        from lms_progress.logs import note_lockouts

        from . import certificate_slots, event_slots
        from .library_pages import restyle_library_pages

        note_lockouts()
        restyle_library_pages()
        slots.certified.fill(certificate_slots.certified)
        slots.ending.fill(certificate_slots.ending)
        slots.signed.fill(certificate_slots.signed)
        slots.signed_beside.fill(certificate_slots.signed_beside)
        connection_slots.certificates.fill(event_slots.certificates)
        connection_slots.alerts.fill(event_slots.alerts)
        connection_slots.expiring_certificates.fill(event_slots.expiring_certificates)
