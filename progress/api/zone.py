"""Days and times in a response are those of the caller's own time zone, as on their pages."""

from zoneinfo import ZoneInfo

from django.utils import timezone


class OwnZone:
    """A mixin for views: responds in the time zone of the caller."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        timezone.activate(ZoneInfo(request.user.time_zone))

    def finalize_response(self, request, response, *args, **kwargs):
        timezone.deactivate()
        return super().finalize_response(request, response, *args, **kwargs)
