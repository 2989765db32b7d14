"""The operator's settings in the rules' units."""

from django.conf import settings

from progress.rules.limits import Limits


def current_limits() -> Limits:
    return Limits(
        max_event_ms=settings.MAX_EVENT_SECONDS * 1000,
        max_rate_milli=round(settings.MAX_PLAYBACK_RATE * 1000),
        page_read_ms=round(settings.PAGE_READ_SECONDS * 1000),
        complete_at_bp=round(settings.COMPLETE_AT * 100),
        session_timeout_ms=settings.SESSION_TIMEOUT_SECONDS * 1000,
        late_event_ms=settings.LATE_EVENT_DAYS * 86_400_000,
    )
