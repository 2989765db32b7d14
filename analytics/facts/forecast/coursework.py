"""What is known about how learners worked through a course: values only.

Days count from the start of each enrolment and may be fractions; NaN means unknown or never. [N]
are the enrolments, [U] the units of work: a required content, or alternatives of which one is
enough. [S] are the days of activity.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_FINISHERS = 10  # needed to know how long a course without due dates takes
USUAL_SHARE = 0.9  # of finishers had finished by then
RECENT = 14.0  # days of which the share with activity is compared
LONG_SILENCE = 28.0  # days; whoever is silent for longer is as silent as that
HALF_LIFE = 14.0  # days after which activity counts half for a person's own pace
# Whoever did nothing for this long, and isn't finished, counts as having stopped.
STOPPED = 21.0


@dataclass(frozen=True)
class Coursework:
    """The enrolments of a course as known at `now` (in days since 1970).

    `due` [N] is the day of the due date, NaN without one. `seconds` [U] is how long each unit
    takes; `done` [N, U] the day on which it was done. `active` [N, S] are days with activity, in
    order, and `minutes` [N, S] how much.
    """

    course_id: int
    now: float
    ids: NDArray[np.int64]
    users: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    started: Floats
    due: Floats
    left: Floats
    finished: Floats
    seconds: Floats
    done: Floats
    active: Floats
    minutes: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def observed(self) -> Floats:
        """[N] for how many days each enrolment has been followed; negative before its start."""
        return self.now - self.started

    @cached_property
    def span(self) -> Floats:
        """[N] the days until the due date or, without one, as many as the course usually takes.

        Nine of ten who finished had done so by then; NaN while too few have finished to know.
        """
        took = self.finished[np.isnan(self.due) & ~np.isnan(self.finished)]
        usual = np.quantile(took, USUAL_SHARE) if len(took) >= MIN_FINISHERS else np.nan
        span = np.where(np.isnan(self.due), usual, self.due)
        return np.where(span > 0, span, np.nan)

    @property
    def whole(self) -> float:
        """The seconds of all units."""
        return float(self.seconds.sum())

    def as_of(self, now: float) -> "Coursework":
        """The same as it was known at an earlier moment; who enrolled later isn't there."""
        there = self.started <= now
        day = (now - self.started)[there]
        cut = replace(self, now=now, **{name: getattr(self, name)[there] for name in _OF_LEARNERS})

        def known(values: Floats) -> Floats:
            limit = day if values.ndim == 1 else day[:, None]
            return np.where(values <= limit, values, np.nan)

        left, finished, active = known(cut.left), known(cut.finished), known(cut.active)
        return replace(
            cut,
            left=left,
            finished=finished,
            is_open=np.isnan(left) & np.isnan(finished),
            done=known(cut.done),
            active=active,
            minutes=np.where(np.isnan(active), np.nan, cut.minutes),
        )

    def at(self, index: NDArray, day: Floats) -> "Situation":
        """Where the enrolments `index` were at the end of their `day`, from what was known then."""
        done = np.where(self.done[index] <= day[:, None], self.seconds, 0.0).sum(axis=1)
        was_active = self.active[index] <= day[:, None]
        last = np.where(was_active, self.active[index], 0.0).max(axis=1, initial=0.0)
        recent = was_active & (self.active[index] > (day - RECENT)[:, None])
        return Situation(
            done=done,
            share=done / self.whole if self.whole else done,
            recent=recent.sum(axis=1) / np.clip(day, 1.0, RECENT),
            silence=np.clip(day - last, 0.0, LONG_SILENCE),
            is_begun=was_active.any(axis=1) | (done > 0),
        )


_OF_LEARNERS = [
    field.name for field in fields(Coursework) if field.name not in ("course_id", "now", "seconds")
]


@dataclass(frozen=True)
class Situation:
    """[n] seconds and share of the work that is done, the share of the last days with activity, the
    days of silence, and whether anything was begun."""

    done: Floats
    share: Floats
    recent: Floats
    silence: Floats
    is_begun: NDArray[np.bool_]


@dataclass(frozen=True)
class Pace:
    """How people work on average: the share of days with activity while they are learning, seconds
    of work on such a day, minutes it takes for a minute of work, and the chance per day to begin
    at last, or to stop for good."""

    active: float
    seconds: float
    effort: float
    begins: float
    stops: float


# Before anything is known: three days a week, a quarter of an hour each.
USUAL = Pace(active=0.4, seconds=900.0, effort=1.3, begins=0.05, stops=0.01)
# How much `pace_of` believes in what is above, in learners' days.
BELIEVED_DAYS = 200.0
MAX_EFFORT = 4.0


def pace_of(work: Coursework, above: Pace) -> Pace:
    """The pace of a course (or of all courses), drawn towards that of what is above it."""
    known = work.observed > 0
    if not known.any():
        return above
    rows = np.flatnonzero(known)
    now = work.at(rows, work.observed[rows])
    end = np.fmin(np.fmin(work.finished[rows], work.left[rows]), work.observed[rows])
    first = np.where(now.is_begun, _first(work.active[rows], end), end)
    last = np.where(now.is_begun, np.fmax(_last(work.active[rows]), first), end)
    is_over = ~np.isnan(work.finished[rows])
    learning = np.where(now.is_begun, np.where(is_over, end, last) - first + 1, 0.0).sum()
    days = float((~np.isnan(work.active[rows])).sum())
    done, minutes = float(now.done.sum()), float(np.nansum(work.minutes[rows]))
    stopped = now.is_begun & ~is_over & ((end - last > STOPPED) | ~np.isnan(work.left[rows]))

    def drawn(part: float, whole: float, usual: float, weight: float) -> float:
        return (part + weight * usual) / (whole + weight)

    return Pace(
        active=min(drawn(days, learning, above.active, BELIEVED_DAYS), 1.0),
        seconds=drawn(done, days, above.seconds, BELIEVED_DAYS / 4),
        effort=float(
            np.clip(
                drawn(60 * minutes, done, above.effort, BELIEVED_DAYS / 4 * above.seconds),
                1 / MAX_EFFORT,
                MAX_EFFORT,
            )
        ),
        begins=drawn(float(now.is_begun.sum()), float(first.sum()), above.begins, BELIEVED_DAYS),
        stops=drawn(float(stopped.sum()), float(learning), above.stops, BELIEVED_DAYS),
    )


def _first(active: Floats, otherwise: Floats) -> Floats:
    first = np.fmin.reduce(active, axis=1, initial=np.inf)
    return np.where(np.isinf(first), otherwise, first)


def _last(active: Floats) -> Floats:
    return np.fmax.reduce(active, axis=1, initial=0.0)
