"""Settings that contradict each other."""

from django.conf import settings
from django.core.checks import Error, Warning, register

# (the smaller, the larger, what goes wrong otherwise)
_PAIRS = [
    (
        "HEARTBEAT_SECONDS",
        "MAX_EVENT_SECONDS",
        "every heartbeat would report more time than an event may",
    ),
    (
        "HEARTBEAT_SECONDS",
        "SESSION_TIMEOUT_SECONDS",
        "sessions would expire between two heartbeats",
    ),
    (
        "IDLE_TIMEOUT_SECONDS",
        "SESSION_TIMEOUT_SECONDS",
        "sessions would expire while their learner still counts as active",
    ),
    (
        "PAGE_READ_SECONDS",
        "MAX_EVENT_SECONDS",
        "no single event could make a page count as read",
    ),
]


@register()
def settings_agree(app_configs, **_):
    """An error for each pair of which the value that must be smaller is larger."""
    return [
        Error(
            f"{smaller} ({getattr(settings, smaller)}) is more than {larger} "
            f"({getattr(settings, larger)}): {consequence}.",
            id=f"progress.E{number:03}",
        )
        for number, (smaller, larger, consequence) in enumerate(_PAIRS, 1)
        if getattr(settings, smaller) > getattr(settings, larger)
    ]


@register()
def evidence_outlives_late_events(app_configs, **_):
    """An error where evidence could be dropped while its events may still be delivered again."""
    months = settings.EVIDENCE_MONTHS
    if months == 0 or months * 28 >= settings.LATE_EVENT_DAYS:
        return []
    return [
        Error(
            f"EVIDENCE_MONTHS ({months}) is shorter than LATE_EVENT_DAYS "
            f"({settings.LATE_EVENT_DAYS}): an event could be delivered again unnoticed.",
            id="progress.E005",
        )
    ]


@register()
def https_ends_somewhere(app_configs, **_):
    """A warning where requests through a proxy would be redirected to https for ever."""
    if not settings.SECURE_SSL_REDIRECT or settings.PROXY_COUNT:
        return []
    return [
        Warning(
            "PUBLIC_URL begins with https and PROXY_COUNT is 0: X-Forwarded-Proto isn't believed. "
            "Set PROXY_COUNT, unless this server speaks TLS itself.",
            id="progress.W006",
        )
    ]
