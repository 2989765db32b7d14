"""Organisations whose learners study at different rhythms, simulated week by week.

A cohort of a course lasts ten weeks and has ten contents. Only what has happened by a moment is in
the tables at that moment, as in real life.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import numpy as np

from progress.ingest.evidence import GENESIS
from progress.models import (
    Content,
    ContentProgress,
    Course,
    CourseProgress,
    Enrollment,
    LearningSession,
    User,
)
from tests.factories import a_course_of

DAYS, CONTENTS = 70, 10
WEEKLY = np.arange(1, CONTENTS + 1) * 7.0 - 1  # a day before an even pace needs it
NEVER = np.nan
_numbers = count()


@dataclass(frozen=True)
class Behaviour:
    """[N, DAYS] whether each learner is active on a day, [N, CONTENTS] the day on which each
    content is done, NaN for never."""

    active: np.ndarray
    done: np.ndarray

    @property
    def completed(self) -> np.ndarray:
        """[N] the day on which the last content is done; NaN if any isn't."""
        return np.max(self.done, axis=1)


Rhythm = Callable[[np.random.Generator, int], Behaviour]


def semester(chance: np.random.Generator, learners: int) -> Behaviour:
    """A content each week; four in ten fall silent some time and never return."""
    stop = np.where(chance.uniform(size=learners) < 0.4, chance.uniform(8, 60, learners), np.inf)
    return _until(chance, stop, WEEKLY + chance.normal(0, 2, (learners, CONTENTS)), 0.4)


def mooc(chance: np.random.Generator, learners: int) -> Behaviour:
    """Seven in ten leave, most of them early."""
    stays = chance.uniform(size=learners) < 0.3
    stop = np.where(stays, np.inf, 4 + chance.exponential(18, learners))
    return _until(chance, stop, WEEKLY + chance.normal(0, 3, (learners, CONTENTS)), 0.3)


def cramming(chance: np.random.Generator, learners: int) -> Behaviour:
    """Nobody does anything for eight weeks; then six in ten do it all before the deadline."""
    will = chance.uniform(size=learners) < 0.6
    begin = chance.uniform(58, 66, (learners, 1))
    done = np.where(will[:, None], begin + np.linspace(0, 3, CONTENTS), NEVER)
    day = np.arange(DAYS)
    return Behaviour(will[:, None] & (day >= begin) & (day < begin + 3), done)


def slow_but_steady(chance: np.random.Generator, learners: int) -> Behaviour:
    """Everybody is active each week and behind; those who complete do so in the last days."""
    will = chance.uniform(size=learners) < 0.6
    rate = np.where(
        will, chance.uniform(0.145, 0.152, learners), chance.uniform(0.08, 0.13, learners)
    )
    done = np.arange(1, CONTENTS + 1) / rate[:, None]
    done = np.where(done < DAYS - 0.5, done, NEVER)
    return Behaviour(chance.uniform(size=(learners, DAYS)) < 0.35, done)


def inverted(chance: np.random.Generator, learners: int) -> Behaviour:
    """The busy ones look at everything but the last content; the silent ones do it all at last."""
    busy = chance.uniform(size=learners) < 0.5
    early = np.append(WEEKLY[:-1], NEVER) + np.zeros((learners, 1))
    late = chance.uniform(67.5, 69, (learners, 1)) + np.zeros(CONTENTS)
    day = np.arange(DAYS)
    active = np.where(busy[:, None], chance.uniform(size=(learners, DAYS)) < 0.6, day >= 67)
    return Behaviour(active, np.where(busy[:, None], early, late))


def _until(
    chance: np.random.Generator, stop: np.ndarray, done: np.ndarray, share: float
) -> Behaviour:
    """Active on a share of the days, and working, until the day of `stop`."""
    stop = stop[:, None]
    done = np.sort(np.clip(done, 0.5, DAYS - 0.5), axis=1)
    active = (chance.uniform(size=(len(done), DAYS)) < share) & (np.arange(DAYS) < stop)
    return Behaviour(active, np.where(done < stop, done, NEVER))


def a_course_of_ten() -> Course:
    return a_course_of(*({"content_type": "text"} for _ in range(CONTENTS)))


class CohortOfLearners:
    """Learners who begin a course on the same day; `live_until` brings the tables up to a day."""

    def __init__(self, course: Course, behaviour: Behaviour, start: datetime):
        self.course, self.behaviour, self.start = course, behaviour, start
        self.contents = list(
            Content.objects.filter(module__course=course).order_by("position", "pk")
        )
        self.day = 0.0
        users = User.objects.bulk_create(
            User(username=f"rhythm-{next(_numbers)}", password="!")
            for _ in range(len(behaviour.done))
        )
        self.enrollments = Enrollment.objects.bulk_create(
            Enrollment(user=user, course=course, enrolled_at=start, due_at=self.moment(DAYS))
            for user in users
        )
        CourseProgress.objects.bulk_create(
            CourseProgress(
                enrollment=each,
                user=each.user,
                course=course,
                chain_hash=GENESIS,
                completion_bp=0,
            )
            for each in self.enrollments
        )

    def moment(self, day: float) -> datetime:
        return self.start + timedelta(days=float(day))

    def failed(self) -> dict[int, bool]:
        """By enrolment, whether it isn't completed in time."""
        completed = self.behaviour.completed
        return {
            each.pk: bool(np.isnan(day))
            for each, day in zip(self.enrollments, completed, strict=True)
        }

    def live_until(self, day: float) -> datetime:
        """Write what happens up to then; returns the moment."""
        self._sessions(day)
        self._contents(day)
        completed = self.behaviour.completed
        for index in np.flatnonzero((completed > self.day) & (completed <= day)):
            CourseProgress.objects.filter(pk=self.enrollments[index].pk).update(
                completion_bp=10_000, completed_at=self.moment(completed[index])
            )
        self.day = day
        return self.moment(day)

    def _sessions(self, until: float) -> None:
        rows = []
        for index, on in np.argwhere(self.behaviour.active):
            if self.day <= on + 0.1 < until:
                each, at = self.enrollments[index], self.moment(on + 0.1)
                rows.append(
                    LearningSession(
                        enrollment=each,
                        user=each.user,
                        course=self.course,
                        start_time=at,
                        last_activity_at=at,
                        active_ms=900_000,
                    )
                )
        LearningSession.objects.bulk_create(rows)
        active = {row.enrollment_id for row in rows}
        CourseProgress.objects.filter(pk__in=active).update(total_sessions=1)

    def _contents(self, until: float) -> None:
        done = self.behaviour.done
        rows = []
        for index, column in np.argwhere((done > self.day) & (done <= until)):
            each, at = self.enrollments[index], self.moment(done[index, column])
            rows.append(
                ContentProgress(
                    enrollment=each,
                    content=self.contents[column],
                    user=each.user,
                    completion_bp=10_000,
                    completed_at=at,
                    first_event_at=at,
                    last_event_at=at,
                )
            )
        ContentProgress.objects.bulk_create(rows)
