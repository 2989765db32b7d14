"""Letters beside comparable silences without one: pairs, and whether each learner came back.

Values in, values out. Compared is one with one: an alert with a letter, and an alert of the same
course and kind without one, that had stood for as long and whose learner had been silent for about
as long. Each alert is in one pair at most, so that the two sides can be counted.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RESUMED_WITHIN = timedelta(days=7)
# Silences are similar within a quarter of the longer one, or two days.
SIMILAR_SHARE = 0.25
SIMILAR_LEAST = timedelta(days=2)
ASKED_AROUND = 100  # on either side, in the order of opening


@dataclass(frozen=True, slots=True)
class Watched:
    """An alert, whenever it was about: `sessions` are its learner's in the course, in order."""

    course_id: int
    kind: str
    user_id: int
    enrolled_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    written_at: datetime | None  # when the first letter was sent
    sessions: Sequence[datetime]

    def silence(self, moment: datetime) -> timedelta:
        """For how long nothing had begun at `moment`."""
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


def pairs(alerts: Iterable[Watched], now: datetime) -> list[Pair]:
    """Every letter whose seven days are over, with the nearest alert that is comparable."""
    strata: dict[tuple[int, str], list[Watched]] = {}
    for alert in alerts:
        strata.setdefault((alert.course_id, alert.kind), []).append(alert)
    return [pair for stratum in strata.values() for pair in _pairs(stratum, now)]


def _pairs(stratum: list[Watched], now: datetime) -> Iterable[Pair]:
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


def _around(alert: Watched, free: list[Watched], taken: set[int]) -> list[Watched]:
    """Of those in order of opening, the ones that opened at about the same time: what a letter
    costs doesn't grow with how many there are."""
    place = bisect_right(free, alert.opened_at, key=lambda each: each.opened_at)
    near = free[max(place - ASKED_AROUND, 0) : place + ASKED_AROUND]
    return [other for other in near if other.user_id not in taken]


def _nearest(
    alert: Watched, moment: datetime, others: list[Watched], now: datetime
) -> Watched | None:
    """Of those that still stood after as long, and could be watched as long, the most similar."""
    delay, silence = moment - alert.opened_at, alert.silence(moment)
    able = []
    for other in others:
        same = other.opened_at + delay
        stood = other.closed_at is None or other.closed_at > same
        if stood and same + RESUMED_WITHIN <= now:
            quiet = other.silence(same)
            apart = abs(quiet - silence)
            if apart <= max(SIMILAR_LEAST, SIMILAR_SHARE * max(quiet, silence)):
                able.append((apart, other.opened_at, other.user_id, other))
    return min(able, key=lambda each: each[:3])[3] if able else None
