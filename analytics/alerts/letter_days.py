"""Compares learners who got a letter with similar ones who didn't: how many days until they learned
again, and until they completed.

Values in, values out. A letter is matched with a learner of the same course who, after as many days
of enrolment, had done about as much and had been silent about as long, and never got a letter.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

import numpy as np

FOLLOWED = timedelta(days=28)  # what takes longer counts as that long
MIN_PAIRS = 20
# Times without activity are similar within a quarter of the longer one, or two days.
SIMILAR_SHARE = 0.25
MIN_SIMILAR = timedelta(days=2)
SIMILAR_DONE = 0.1  # of the required contents
MAX_CANDIDATES = 200  # on either side, by the day of enrolment
DRAWS, SEED = 2_000, 1
LEVEL = 0.95
SECONDS_OF_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class LearnerHistory:
    """An enrolment. `sessions` and `done` are the starts of its sessions and the completions of its
    required contents, in order; `done` is out of `contents`. `written_at` is its first letter."""

    course_id: int
    user_id: int
    enrolled_at: datetime
    left_at: datetime | None
    completed_at: datetime | None
    contents: int
    sessions: Sequence[datetime]
    done: Sequence[datetime]
    written_at: datetime | None = None

    def silence(self, moment: datetime) -> timedelta:
        """Returns the time since the last session began before `moment`."""
        before = bisect_right(self.sessions, moment)
        return moment - (self.sessions[before - 1] if before else self.enrolled_at)

    def share(self, moment: datetime) -> float:
        """Returns the share of the contents that was done by then."""
        return bisect_right(self.done, moment) / max(self.contents, 1)

    def is_open(self, moment: datetime) -> bool:
        ends = [each for each in (self.left_at, self.completed_at) if each is not None]
        return not ends or moment < min(ends)

    def days_to_activity(self, moment: datetime) -> float:
        after = bisect_right(self.sessions, moment)
        return _days(moment, self.sessions[after] if after < len(self.sessions) else None)

    def days_to_completion(self, moment: datetime) -> float:
        return _days(moment, self.completed_at)


@dataclass(frozen=True, slots=True)
class DayPair:
    """Days after the letter, and after the same age of the compared enrolment."""

    course_id: int
    written_to: int  # the learner
    compared_with: int
    activity: float
    compared_activity: float
    completion: float
    compared_completion: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean days with a letter and without one, and the 95 % interval of the difference (with, less
    without): below zero, it was sooner after a letter."""

    written: float
    compared: float
    low: float
    high: float


def pairs(learners: Iterable[LearnerHistory], now: datetime) -> list[DayPair]:
    """Returns each letter whose four weeks are over, with the most similar learner without one."""
    courses: dict[int, list[LearnerHistory]] = {}
    for each in learners:
        courses.setdefault(each.course_id, []).append(each)
    return [pair for course in courses.values() for pair in _pairs(course, now)]


def _pairs(course: list[LearnerHistory], now: datetime) -> Iterable[DayPair]:
    written = [each for each in course if each.written_at is not None]
    taken = {each.user_id for each in written}  # a learner is not compared with themselves
    free = sorted(
        (each for each in course if each.written_at is None and each.user_id not in taken),
        key=attrgetter("enrolled_at", "user_id"),
    )
    for each in sorted(written, key=attrgetter("written_at", "user_id")):
        moment = each.written_at
        if moment is None or moment + FOLLOWED > now or not each.is_open(moment):
            continue
        found = _nearest(each, moment, _around(each, free, taken), now)
        if found is not None:
            taken.add(found.user_id)
            same = found.enrolled_at + (moment - each.enrolled_at)
            yield DayPair(
                each.course_id,
                each.user_id,
                found.user_id,
                each.days_to_activity(moment),
                found.days_to_activity(same),
                each.days_to_completion(moment),
                found.days_to_completion(same),
            )


def _around(
    each: LearnerHistory, free: list[LearnerHistory], taken: set[int]
) -> list[LearnerHistory]:
    """Returns those who enrolled at about the same time, so that a letter's cost doesn't grow with
    the course."""
    at = bisect_right(free, each.enrolled_at, key=attrgetter("enrolled_at"))
    near = free[max(at - MAX_CANDIDATES, 0) : at + MAX_CANDIDATES]
    return [other for other in near if other.user_id not in taken]


def _nearest(
    each: LearnerHistory, moment: datetime, others: list[LearnerHistory], now: datetime
) -> LearnerHistory | None:
    """Returns the most similar learner who was as far at the same age and could be followed."""
    age, silence, share = moment - each.enrolled_at, each.silence(moment), each.share(moment)
    able = []
    for other in others:
        same = other.enrolled_at + age
        if same + FOLLOWED > now or not other.is_open(same):
            continue
        quiet, apart = other.silence(same), abs(other.share(same) - share)
        difference = abs(quiet - silence)
        limit = max(MIN_SIMILAR, SIMILAR_SHARE * max(quiet, silence))
        if difference <= limit and apart <= SIMILAR_DONE + 1e-9:
            distance = difference / limit + apart / SIMILAR_DONE
            able.append((distance, other.enrolled_at, other.user_id, other))
    return min(able, key=lambda found: found[:3])[3] if able else None


def difference(written: Sequence[float], compared: Sequence[float]) -> Difference | None:
    """Returns the difference of the means with its bootstrap interval: pairs are drawn whole, since
    both sides of a pair are alike. None for fewer than `MIN_PAIRS`."""
    if len(written) < MIN_PAIRS:
        return None
    apart = np.array(written) - np.array(compared)
    drawn = np.random.default_rng(SEED).integers(0, len(apart), (DRAWS, len(apart)))
    low, high = np.quantile(apart[drawn].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Difference(float(np.mean(written)), float(np.mean(compared)), float(low), float(high))


def _days(moment: datetime, until: datetime | None) -> float:
    longest = FOLLOWED.total_seconds() / SECONDS_OF_A_DAY
    if until is None:
        return longest
    return min((until - moment).total_seconds() / SECONDS_OF_A_DAY, longest)
