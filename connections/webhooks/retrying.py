"""When to try again, and when to give up. Pure: numbers and times in, times out."""

from datetime import datetime, timedelta

GIVEN_UP_AFTER = timedelta(days=3)
# After the first try, the second, …; the last one from then on.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
MAX_ASKED = timedelta(hours=1)
# An endpoint that fails so often in a row gets one try at a time, at growing intervals.
FAILURES_BEFORE_PAUSE = 3
FIRST_PAUSE = timedelta(minutes=1)
MAX_PAUSE = timedelta(hours=1)


def next_try(
    attempts: int, first_try_at: datetime, now: datetime, asked_seconds: int | None = None
) -> datetime | None:
    """When to try again after so many tries; None: three days have passed, it is given up.

    The last try is made at the end of the three days. `asked_seconds` is the answer's Retry-After.
    """
    ends = first_try_at + GIVEN_UP_AFTER
    if now >= ends:
        return None
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    if asked_seconds is not None:
        wait = max(wait, min(timedelta(seconds=asked_seconds), MAX_ASKED))
    return min(now + wait, ends)


def pause(failures_in_a_row: int) -> timedelta | None:
    """How long an endpoint that keeps failing is left alone; None: it may be tried again."""
    beyond = failures_in_a_row - FAILURES_BEFORE_PAUSE
    if beyond < 0:
        return None
    return min(FIRST_PAUSE * 2 ** min(beyond, 10), MAX_PAUSE)
