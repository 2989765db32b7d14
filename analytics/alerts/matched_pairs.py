"""Compares learners who got a letter with similar ones who didn't: did they come back?

Values in, values out. An alert with a letter is matched with one without, of the same course and
kind, that had been open as long and whose learner had been inactive about as long. Each alert is in
one pair at most, so that the two sides can be counted.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RESUMED_WITHIN = timedelta(days=7)
# Times without activity are similar within a quarter of the longer one, or two days.
SIMILAR_SHARE = 0.25
MIN_SIMILAR = timedelta(days=2)
MAX_CANDIDATES = 100  # on either side, by the time of opening


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """An alert, open or closed; `sessions` are the starts of its learner's sessions, in order."""

    course_id: int
    kind: str
    user_id: int
    enrolled_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    written_at: datetime | None  # when the first letter was sent
    sessions: Sequence[datetime]

    def silence(self, moment: datetime) -> timedelta:
        """Returns the time since the last session began before `moment`."""
        before = bisect_right(self.sessions, moment)
        return moment - (self.sessions[before - 1] if before else self.enrolled_at)

    def resumed(self, moment: datetime) -> bool:
        """Whether a session began within seven days after `moment`."""
        after = bisect_right(self.sessions, moment)
        return after < len(self.sessions) and self.sessions[after] <= moment + RESUMED_WITHIN


@dataclass(frozen=True, slots=True)
class Pair:
    course_id: int
    kind: str
    written_to: int  # the learner
    compared_with: int
    resumed: bool
    compared_resumed: bool


def pairs(alerts: Iterable[AlertHistory], now: datetime) -> list[Pair]:
    """Returns each letter whose seven days are over, with the most similar alert without one."""
    strata: dict[tuple[int, str], list[AlertHistory]] = {}
    for alert in alerts:
        strata.setdefault((alert.course_id, alert.kind), []).append(alert)
    return [pair for stratum in strata.values() for pair in _pairs(stratum, now)]


def _pairs(stratum: list[AlertHistory], now: datetime) -> Iterable[Pair]:
    written = [alert for alert in stratum if alert.written_at is not None]
    taken = {alert.user_id for alert in written}  # nobody is compared with themselves
    free = sorted(
        (alert for alert in stratum if alert.written_at is None),
        key=lambda each: (each.opened_at, each.user_id),
    )
    for alert in sorted(written, key=lambda each: (each.written_at, each.user_id)):
        moment = alert.written_at
        if moment is None or moment + RESUMED_WITHIN > now:
            continue
        found = _nearest(alert, moment, _around(alert, free, taken), now)
        if found is not None:
            taken.add(found.user_id)
            free.remove(found)
            same = found.opened_at + (moment - alert.opened_at)
            yield Pair(
                alert.course_id,
                alert.kind,
                alert.user_id,
                found.user_id,
                alert.resumed(moment),
                found.resumed(same),
            )


def _around(alert: AlertHistory, free: list[AlertHistory], taken: set[int]) -> list[AlertHistory]:
    """Returns the alerts that opened at about the same time, of `free` in that order: the cost of a
    letter doesn't grow with the number of alerts."""
    position = bisect_right(free, alert.opened_at, key=lambda each: each.opened_at)
    near = free[max(position - MAX_CANDIDATES, 0) : position + MAX_CANDIDATES]
    return [other for other in near if other.user_id not in taken]


def _nearest(
    alert: AlertHistory, moment: datetime, others: list[AlertHistory], now: datetime
) -> AlertHistory | None:
    """Returns the most similar alert that was still open after as long and could be followed."""
    delay, silence = moment - alert.opened_at, alert.silence(moment)
    able = []
    for other in others:
        same = other.opened_at + delay
        was_open = other.closed_at is None or other.closed_at > same
        if was_open and same + RESUMED_WITHIN <= now:
            quiet = other.silence(same)
            difference = abs(quiet - silence)
            if difference <= max(MIN_SIMILAR, SIMILAR_SHARE * max(quiet, silence)):
                able.append((difference, other.opened_at, other.user_id, other))
    return min(able, key=lambda each: each[:3])[3] if able else None
