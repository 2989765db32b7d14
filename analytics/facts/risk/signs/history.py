"""What is known of learners' passages through a course, wherever it was read from.

Days count from a passage's own start, may be fractions, and NaN means unknown or never. A
cohort's arrays run along its learners (N) and, where there are two axes, its tasks (T), the days of
its activity (D) or the learners' other passages (K).
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FIRST_WEEKS = 56.0  # days
FRESH = 7.0  # days that a record stays good for: it still tells how active somebody is


@dataclass(frozen=True)
class Checkpoints:
    """Activity as it stood on a few days: by the end of `days[d]`, learner n had been active on
    `active[n, d]` days and done `volume[n, d]` things. NaN where it wasn't recorded."""

    days: Floats
    active: Floats
    volume: Floats

    def until(self, day: Floats) -> tuple[Floats, Floats]:
        """[N] active days and volume by the last recorded day up to each learner's `day`; nothing
        before the start. NaN where that is more than a week ago."""
        place = np.clip(np.searchsorted(self.days, day, "right") - 1, 0, len(self.days) - 1)
        since = day - self.days[place]
        known = (since >= 0) & (since <= FRESH)
        rows = np.arange(len(day))
        active, volume = (
            np.where(day <= 0, 0.0, np.where(known, table[rows, place], np.nan))
            for table in (self.active, self.volume)
        )
        return active, volume

    def only(self, chosen: NDArray) -> "Checkpoints":
        return replace(self, active=self.active[chosen], volume=self.volume[chosen])


@dataclass(frozen=True)
class Diary:
    """Activity day by day: `days[n, s]` is when learner n was active for the s-th time, and did
    `volume[n, s]` things; NaN fills up. `worth` [N] is how many days such a time stands for."""

    days: Floats
    volume: Floats
    worth: Floats

    def until(self, day: Floats) -> tuple[Floats, Floats]:
        """[N] active days and volume by the end of each learner's `day`."""
        there = self.days <= day[:, None]
        return there.sum(axis=1) * self.worth, np.where(there, self.volume, 0.0).sum(axis=1)

    def only(self, chosen: NDArray) -> "Diary":
        return Diary(self.days[chosen], self.volume[chosen], self.worth[chosen])


@dataclass(frozen=True)
class Elsewhere:
    """The learners' other passages, in days of this one: when each was left or its result became
    known, and whether it was completed then (1 or 0)."""

    left: Floats
    known: Floats
    completed: Floats


@dataclass(frozen=True)
class Cohort:
    """Learners who go through the same course at the same time, and can be compared.

    A task is whatever must be done: an assessment, a quiz, a content. `due` is explicit or
    what an even pace would make it; `score` runs from 0 to 1.
    """

    name: str
    course: str
    learners: NDArray[np.int64]
    length: Floats  # [N] days from start to due
    registered: Floats  # [N]
    left: Floats  # [N]
    finished: Floats  # [N]
    attempts_before: Floats  # [N] earlier passages through this course
    load: Floats  # [N] how much is studied at the same time
    due: Floats  # [N, T]
    weight: Floats  # [T]
    submitted: Floats  # [N, T]
    score: Floats  # [N, T]
    carried: Floats  # [N, T] 1 where the result was brought along from an earlier passage
    seen: Floats  # [N, S] days of other signs of life
    elsewhere: Elsewhere
    activity: Checkpoints | Diary | None = None

    def __len__(self) -> int:
        return len(self.learners)

    def as_of(self, day: Floats) -> "Cohort":
        """The same cohort as it was known at the end of each learner's `day`."""
        seen = self.submitted <= day[:, None]
        there = self.elsewhere
        return replace(
            self,
            left=np.where(self.left <= day, self.left, np.nan),
            finished=np.where(self.finished <= day, self.finished, np.nan),
            registered=np.where(self.registered <= day, self.registered, np.nan),
            submitted=np.where(seen, self.submitted, np.nan),
            score=np.where(seen, self.score, np.nan),
            carried=np.where(seen, self.carried, 0.0),
            seen=np.where(self.seen <= day[:, None], self.seen, np.nan),
            elsewhere=Elsewhere(
                left=np.where(there.left <= day[:, None], there.left, np.nan),
                known=np.where(there.known <= day[:, None], there.known, np.nan),
                completed=np.where(there.known <= day[:, None], there.completed, np.nan),
            ),
        )

    def only(self, chosen: NDArray) -> "Cohort":
        """The cohort without the learners that aren't `chosen` (indices or booleans)."""
        along_learners = [
            field.name
            for field in fields(self)
            if field.name not in ("name", "course", "weight", "elsewhere", "activity")
        ]
        there = self.elsewhere
        return replace(
            self,
            **{name: getattr(self, name)[chosen] for name in along_learners},
            elsewhere=Elsewhere(there.left[chosen], there.known[chosen], there.completed[chosen]),
            activity=self.activity.only(chosen) if self.activity else None,
        )
