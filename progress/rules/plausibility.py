"""Claims against the server's clock: what is credited, what is withheld, and why."""

from typing import NamedTuple

from .limits import Limits

RATE = "rate"
CLOCK = "clock"
EVENT_LIMIT = "event_limit"
OBSERVED = "observed"


class Credit(NamedTuple):
    """Granted and withheld amounts; the reason is empty when nothing is withheld.

    Under observation the whole claim is granted, and `withheld` is what would have been withheld.
    """

    granted: int
    withheld: int
    reason: str = ""


def split_claim(
    claimed: int, allowed: int, event_limit: int, over: str, *, observe: bool
) -> Credit:
    """Split `claimed` into what fits the event's limit and what is `allowed`, and the rest.

    `over` names the reason when `allowed` is what binds.
    """
    if claimed <= allowed and claimed <= event_limit:
        return Credit(claimed, 0)
    allowed = max(allowed, 0)
    fits = min(claimed, allowed, event_limit)
    withheld = claimed - fits
    if not withheld:
        return Credit(claimed, 0)
    if observe:
        return Credit(claimed, withheld, OBSERVED)
    return Credit(fits, withheld, EVENT_LIMIT if event_limit <= allowed else over)


def active_time(
    claimed_ms: int, elapsed_ms: int, credited_before_ms: int, limits: Limits, *, observe: bool
) -> Credit:
    """Active time is bounded by the server's time since the session started."""
    return split_claim(
        claimed_ms,
        elapsed_ms - credited_before_ms,
        limits.max_event_ms,
        CLOCK,
        observe=observe,
    )


def idle_time(claimed_ms: int, elapsed_ms: int, accounted_ms: int, *, observe: bool) -> int:
    """Idle time, within what active and earlier idle time leave of the session's clock."""
    return claimed_ms if observe else min(claimed_ms, max(elapsed_ms - accounted_ms, 0))


def coverage_budget(elapsed_ms: int, spent_ms: int, limits: Limits) -> int:
    """How much new coverage an enrolment's elapsed time still buys, ≥ 0."""
    bought = limits.max_rate_milli * elapsed_ms // 1000
    return max(bought + limits.coverage_allowance_ms - spent_ms, 0)


def media_coverage(claimed_ms: int, budget_ms: int, limits: Limits, *, observe: bool) -> Credit:
    """How much of `claimed_ms` new coverage one event may have."""
    return split_claim(claimed_ms, budget_ms, limits.max_event_coverage_ms, RATE, observe=observe)
