"""Days and times in an answer are those of the caller's own zone, as on their pages."""

from zoneinfo import ZoneInfo

from django.utils import timezone


class OwnZone:
    """A view of the API that answers in the zone of whoever asks."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        timezone.activate(ZoneInfo(request.user.time_zone))

    def finalize_response(self, request, response, *args, **kwargs):
        timezone.deactivate()
        return super().finalize_response(request, response, *args, **kwargs)
