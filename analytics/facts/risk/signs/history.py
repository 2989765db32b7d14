"""What is known about learners' enrolments in a course, whatever the source.

Days count from the start of the enrolment and may be fractions; NaN means unknown or never. A
cohort's arrays have one axis for its learners (N) and, if there are two, one for its tasks (T), the
days of its activity (D) or the learners' other enrolments (K).
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FIRST_WEEKS = 56.0  # days
FRESH = 7.0  # days for which a record still says how active a learner is


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
        index = np.clip(np.searchsorted(self.days, day, "right") - 1, 0, len(self.days) - 1)
        since = day - self.days[index]
        known = (since >= 0) & (since <= FRESH)
        rows = np.arange(len(day))
        active, volume = (
            np.where(day <= 0, 0.0, np.where(known, table[rows, index], np.nan))
            for table in (self.active, self.volume)
        )
        return active, volume

    def only(self, chosen: NDArray) -> "Checkpoints":
        return replace(self, active=self.active[chosen], volume=self.volume[chosen])


@dataclass(frozen=True)
class Diary:
    """Activity day by day: `days[n, s]` is when learner n was active for the s-th time, and did
    `volume[n, s]` things; padded with NaN. `worth` [N] is how many days an entry counts."""

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
    """The learners' other enrolments, in days of this one: when each was left or its result became
    known, and whether it was completed (1 or 0)."""

    left: Floats
    known: Floats
    completed: Floats


@dataclass(frozen=True)
class Cohort:
    """Learners who take the same course at the same time, and can be compared.

    A task is anything that must be done: an assessment, a quiz, a content. `due` is explicit or
    follows from an even pace; `score` is between 0 and 1.
    """

    name: str
    course: str
    learners: NDArray[np.int64]
    length: Floats  # [N] days from start to due
    registered: Floats  # [N]
    left: Floats  # [N]
    finished: Floats  # [N]
    attempts_before: Floats  # [N] earlier enrolments in this course
    load: Floats  # [N] how much is studied at the same time
    due: Floats  # [N, T]
    weight: Floats  # [T]
    submitted: Floats  # [N, T]
    score: Floats  # [N, T]
    carried: Floats  # [N, T] 1 where the result was carried over from an earlier enrolment
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
        """The cohort of the `chosen` learners alone (indices or booleans)."""
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
