"""Days and times on a page are those of the learner's own time zone."""

from functools import wraps
from zoneinfo import ZoneInfo

from django.utils import timezone


def in_own_zone(view):
    """Decorates a view: it runs in the time zone of the signed-in person."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        with timezone.override(ZoneInfo(request.user.time_zone)):
            return view(request, *args, **kwargs)

    return wrapper
