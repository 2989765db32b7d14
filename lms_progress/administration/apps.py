"""Django's admin with our site in it, and every page in the same dress."""

from django.contrib.admin.apps import AdminConfig


class Administration(AdminConfig):
    default_site = "lms_progress.administration.site.Site"

    def ready(self):
        super().ready()
        from analytics import slots
        from lms_progress.logs import note_lockouts

        from . import wings
        from .dress import dress_the_libraries

        note_lockouts()
        dress_the_libraries()
        slots.expiring.fill(wings.expiring)
        slots.certified.fill(wings.certified)
        slots.ending.fill(wings.ending)
        slots.signed.fill(wings.signed)
        slots.signed_beside.fill(wings.signed_beside)
