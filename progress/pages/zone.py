"""Days and times on a page are those of the learner's own zone."""

from functools import wraps
from zoneinfo import ZoneInfo

from django.utils import timezone


def in_own_zone(view):
    """Answer a request in the zone of whoever is signed in."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        with timezone.override(ZoneInfo(request.user.time_zone)):
            return view(request, *args, **kwargs)

    return answer
