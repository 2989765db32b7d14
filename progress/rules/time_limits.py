"""A quiz's time limit: until when answers count, and until when they may still arrive.

Moments are epoch milliseconds by the server's clock (`timing.corrected_moments`).
"""

from dataclasses import dataclass

# An event's moment includes its way to the server.
SLACK_MS = 5_000
DEFAULT_GRACE_SECONDS = 600
NO_EXTRA_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Deadline:
    """An answer counts if it was given by `ends_ms`, and arrives by `closes_ms`."""

    ends_ms: int
    closes_ms: int


def deadline(
    started_ms: int,
    limit_seconds: int,
    grace_seconds: int | None,
    *,
    percent: int,
    late_event_ms: int,
) -> Deadline:
    """`percent` is the learner's share of the limit, from 100; nothing may arrive later than any
    event of an ended session may."""
    grace_ms = 1000 * (DEFAULT_GRACE_SECONDS if grace_seconds is None else grace_seconds)
    ends_ms = started_ms + limit_seconds * 10 * percent
    return Deadline(ends_ms, ends_ms + min(grace_ms, late_event_ms))


def is_late(moment_ms: int, ends_ms: int) -> bool:
    """Whether an answer was given after the time limit."""
    return moment_ms > ends_ms + SLACK_MS


def is_overdue(now_ms: int, closes_ms: int) -> bool:
    """Whether nothing that was given in time can arrive any more."""
    return now_ms > closes_ms + SLACK_MS
