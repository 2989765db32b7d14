"""The days that an enrolment may still take, from how similar ones went on and from the person's
own pace. Pure, and the same for the same values.

Each future says how much work is done by which day, whatever is left to do; the day of completion
is the first on which it reaches what is left. So less work never means a later day. Futures of
others are those of enrolments that were at the same share of their time with about as much done,
as active lately, and as silent; whoever is still open counts until now only (Kaplan and Meier,
1958, weighted). The person's own futures repeat the own days, drawn towards those of the course
and the organisation.
"""

from dataclasses import dataclass

import numpy as np

from .coursework import HALF_LIFE, MAX_EFFORT, Coursework, Floats, Pace, Situation

HORIZON = 28.0  # days after the due date, or after now if that is later, up to which is forecast
MAX_SIMILAR = 400  # enrolments compared with, the newest
NEAR = 15  # of the most similar ones set how similar the others must be
OWN = 40  # futures by the person's own pace,
OWN_WEIGHT = 4.0  # which together count as much as so many similar enrolments
# Differences of one unit: a tenth of the work, of the last days, and some days of silence.
UNITS = np.array([0.1, 0.15, 5.0, 0.5])
QUANTILES = 40  # of a distribution are kept
LEVELS = (np.arange(QUANTILES) + 0.5) / QUANTILES
EPSILON = 1e-6
CLOSE = 0.25  # squared units: the smallest distance that counts
WEEK = 7.0
OWN_DAYS, OWN_ACTIVE_DAYS = 7.0, 3.0  # how much the course's pace counts beside the own


@dataclass(frozen=True)
class Plan:
    """That so many hours of learning are spent in the coming week."""

    hours: float


@dataclass(frozen=True)
class Task:
    """What is left for an enrolment of a coursework: `index` in it, `left` seconds of work, and
    the first day from now on which everything is released."""

    index: int
    left: float
    opens: float = 0.0


@dataclass(frozen=True)
class Distribution:
    """Days from now, in order, each with its probability; what is missing to 1 is later than
    `horizon`, or never. `similar` is from how many enrolments, counted by their weight."""

    days: Floats
    weights: Floats
    horizon: float
    similar: float

    def by(self, day: float) -> float:
        """The chance to be completed by then."""
        return float(min(self.weights[self.days <= day].sum(), 1.0))

    def quantiles(self) -> Floats:
        """[QUANTILES] days at `LEVELS`; infinite beyond the horizon."""
        total = np.cumsum(self.weights)
        at = np.searchsorted(total, LEVELS - EPSILON)
        return np.append(self.days, np.inf)[at]


class Course:
    """A coursework prepared for forecasts."""

    def __init__(self, work: Coursework, pace: Pace):
        self.work, self.pace = work, pace
        finished = np.where(np.isnan(work.finished), np.inf, work.finished)[:, None]
        # Done after the end counts for nothing; at the end, everything is done.
        done = np.where(np.isnan(work.done) | (work.done > finished), np.inf, work.done)
        order = np.argsort(done, axis=1, kind="stable")
        times = np.take_along_axis(done, order, axis=1)
        reached = np.cumsum(work.seconds[order], axis=1)
        self._times = np.concatenate([times, finished], axis=1)
        self._reached = np.concatenate([reached, np.full((len(work), 1), work.whole)], axis=1)
        newest = np.argsort(-work.started, kind="stable")
        self._newest = newest[~np.isnan(work.span[newest])]

    def horizon(self, index: int) -> float:
        work = self.work
        return max(float(work.span[index] - work.observed[index]), 0.0) + HORIZON

    def distribution(self, task: Task, plan: Plan | None = None) -> Distribution:
        """When the task will be done; with `plan`, if that is what happens in the coming week."""
        horizon = self.horizon(task.index)
        own = self._own_situation(task.index)
        week = None if plan is None else plan.hours * 3600 / self._effort(task.index, own)
        days, weights, similar = self._of_others(task, own, horizon, week)
        share = OWN_WEIGHT / (similar + OWN_WEIGHT)
        own_days = self._own(task, own, horizon, week)
        found = np.concatenate([days, own_days])
        found = np.maximum(found, task.opens)
        mass = np.concatenate([weights * (1 - share), np.full(OWN, share / OWN)])
        within = found <= horizon
        found, mass = found[within], mass[within]
        order = np.argsort(found, kind="stable")
        return Distribution(found[order], mass[order], horizon, similar)

    # --- Futures of similar enrolments -----------------------------------------------------------
    def _of_others(
        self, task: Task, own: Situation, horizon: float, week: float | None
    ) -> tuple[Floats, Floats, float]:
        """Days with their weights, which add up to 1 less what is beyond, and how many count."""
        work, index = self.work, task.index
        share = work.observed[index] / work.span[index]
        others = self._newest[self._newest != index]
        day = share * work.span[others]
        ahead = 0.5 * horizon / work.span[index] * work.span[others]
        there = (
            (work.observed[others] >= day + ahead)
            & ~(work.finished[others] <= day)
            & ~(work.left[others] <= day)
        )
        others, day = others[there][:MAX_SIMILAR], day[there][:MAX_SIMILAR]
        if not len(others):
            return np.zeros(0), np.zeros(0), 0.0
        then = work.at(others, day)
        weights = _similarity(own, then)
        scale = work.span[index] / work.span[others]
        # As shares of what is left: whoever had a little more left worked towards the same day.
        own_rest = max(work.whole - float(own.done[0]), EPSILON)
        part = None if week is None else week / own_rest
        days = self._reaches(others, day, then.done, task.left / own_rest, scale, part)
        followed = (work.observed[others] - day) * scale
        followed = np.where(np.isnan(work.left[others]), followed, np.inf)
        counted = float(weights.sum() ** 2 / (weights**2).sum())
        return *_survival(days, followed, weights), counted

    def _reaches(
        self,
        others: np.ndarray,
        day: Floats,
        done: Floats,
        left: float,
        scale: Floats,
        week: float | None,
    ) -> Floats:
        """[n] in how many days these had done the share `left` of what they had left then; infinite
        for never. With `week`, such a share is done in the first week, instead of what they did.
        """
        rest = self.work.whole - done
        times, reached = self._times[others], self._reached[others]
        opening, needed = np.zeros(len(others)), np.full(len(others), left)
        if week is not None:
            if week >= left - EPSILON:
                return np.full(len(others), WEEK * left / max(week, EPSILON))
            # What they did in that week doesn't count.
            opening = WEEK / scale
            in_week = np.where(times <= (day + opening)[:, None], reached, 0.0).max(axis=1)
            needed = left - week + np.fmax(in_week - done, 0.0) / rest
        goal = (done + needed * rest - EPSILON)[:, None]
        first = np.where(reached >= goal, times, np.inf).min(axis=1)
        # Who has more to do than these had goes on for longer.
        whole_time = (times[:, -1] - day) * np.fmax(needed, 1.0)
        return np.fmax(np.where(needed > 1 + EPSILON, whole_time, first - day), opening) * scale

    # --- Futures by the own pace -----------------------------------------------------------------
    def _own_situation(self, index: int) -> Situation:
        return self.work.at(np.array([index]), self.work.observed[[index]])

    def _effort(self, index: int, own: Situation) -> float:
        """Seconds of learning for a second of work."""
        spent, done = 60 * float(np.nansum(self.work.minutes[index])), float(own.done[0])
        usual = 3 * self.pace.seconds
        effort = (spent + usual * self.pace.effort) / (done + usual)
        return float(np.clip(effort, 1 / MAX_EFFORT, MAX_EFFORT))

    def _own(self, task: Task, own: Situation, horizon: float, week: float | None) -> Floats:
        """[OWN] days until the work is done; infinite for beyond the horizon."""
        work, pace, index = self.work, self.pace, task.index
        chance = np.random.default_rng([int(work.ids[index]), 1])
        steps = int(horizon) + 1
        days = chance.uniform(size=(OWN, steps))
        amount = chance.lognormal(-0.125, 0.5, (OWN, 1)) * chance.lognormal(-0.08, 0.4, days.shape)
        often = chance.lognormal(-0.125, 0.5, (OWN, 1))
        until, begins, has_stopped = (chance.uniform(size=OWN) for _ in range(3))
        active = work.active[index][~np.isnan(work.active[index])]
        age = max(float(work.observed[index]), 0.0)
        seen = float((0.5 ** ((age - active) / HALF_LIFE)).sum())
        could = HALF_LIFE / np.log(2) * (1 - 0.5 ** (age / HALF_LIFE))
        rate = (seen + OWN_DAYS * pace.active) / (could + OWN_DAYS)
        a_day = (float(own.done[0]) + OWN_ACTIVE_DAYS * pace.seconds) / (
            len(active) + OWN_ACTIVE_DAYS
        )
        first = np.zeros(OWN)
        if own.is_begun[0]:
            odds = pace.stops / (pace.stops + rate)
            quiet = (1 - min(rate, 0.95)) ** float(own.silence[0])
            stopped = has_stopped < odds / (odds + (1 - odds) * quiet)
        else:
            rate, stopped = pace.active, np.zeros(OWN, dtype=bool)
            first = np.log1p(-begins) / np.log1p(-min(max(pace.begins, 1e-4), 0.9))
        last = first + np.log1p(-until) / np.log1p(-min(max(pace.stops, 1e-4), 0.9))
        number = np.arange(steps)
        goes_on = (number >= first[:, None]) & (number < last[:, None]) & ~stopped[:, None]
        done = np.where(goes_on & (days < np.clip(rate * often, 0, 0.95)), a_day * amount, 0.0)
        if week is not None:
            done[:, : int(WEEK)] = week / WEEK
        total = np.cumsum(done, axis=1)
        reached = total >= task.left - EPSILON
        return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, np.inf)


def _similarity(own: Situation, others: Situation) -> Floats:
    """[n] weights, near 1 for who was in the same situation."""

    def table(each: Situation) -> Floats:
        return np.stack([each.share, each.recent, each.silence, each.is_begun], axis=1)

    distance = (((table(others) - table(own)) / UNITS) ** 2).sum(axis=1)
    near = np.partition(distance, min(NEAR, len(distance)) - 1)[min(NEAR, len(distance)) - 1]
    return np.exp(-distance / (2 * max(float(near), CLOSE)))


def _survival(days: Floats, followed: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The days that were reached with their probabilities, if each enrolment was followed for so
    long. Whoever wasn't followed long enough counts like those who were followed for longer."""
    is_done = days <= followed
    end = np.where(is_done, days, followed)
    order = np.lexsort((~is_done, end))
    weights, is_done, end = weights[order], is_done[order], end[order]
    at_risk = np.cumsum(weights[::-1])[::-1]
    leaves = np.where(is_done, weights / np.fmax(at_risk, 1e-300), 0.0)
    stays = np.concatenate([[1.0], np.cumprod(1 - leaves)[:-1]])
    return end[is_done], (stays * leaves)[is_done]
