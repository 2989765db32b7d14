"""A cohort as it was known on a day, with intermediate results that several features need."""

from functools import cached_property

import numpy as np

from .history import FIRST_WEEKS, Cohort, Floats

COMPARABLE = 10  # known values needed for a rank
FORTNIGHT = 14.0  # days
LEAD_LIMIT = 60.0  # days; longer leads and delays say nothing more


def rank(values: Floats) -> Floats:
    """The share of known values below each one, ties in the middle: 0 to 1; NaN for too few."""
    ranks = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.sum() >= COMPARABLE:
        ordered = np.sort(values[known])
        below = np.searchsorted(ordered, values[known], "left")
        not_above = np.searchsorted(ordered, values[known], "right")
        ranks[known] = (below + not_above) / (2 * len(ordered))
    return ranks


def row_means(table: Floats) -> Floats:
    """Row means of known values; NaN for a row without any."""
    count = (~np.isnan(table)).sum(axis=1)
    return divide(np.nansum(table, axis=1), count)


def row_minima(table: Floats) -> Floats:
    """Row minima of known values; NaN for a row without any."""
    lowest = np.min(np.where(np.isnan(table), np.inf, table), axis=1, initial=np.inf)
    return np.where(np.isinf(lowest), np.nan, lowest)


def divide(above: Floats, below: Floats) -> Floats:
    """Quotients; NaN where the divisor is 0."""
    return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)


class View:
    """`cohort` as it was known at the end of each learner's `day`; nothing later is in it."""

    def __init__(self, cohort: Cohort, day: Floats):
        self.day = day
        self.cohort = cohort.as_of(day)

    @property
    def elapsed(self) -> Floats:
        return self.day / self.cohort.length

    @cached_property
    def is_here(self) -> np.ndarray:
        """[N] whether the learner hasn't left yet: ranks compare with those only."""
        return np.isnan(self.cohort.left)

    def rank_present(self, values: Floats) -> Floats:
        return rank(np.where(self.is_here, values, np.nan))

    @cached_property
    def is_due(self) -> np.ndarray:
        return self.cohort.due <= self.day[:, None]

    @cached_property
    def is_done(self) -> np.ndarray:
        return ~np.isnan(self.cohort.submitted)

    @cached_property
    def weight(self) -> Floats:
        """[1, T] a task without a weight counts as one."""
        return np.where(self.cohort.weight > 0, self.cohort.weight, 1.0)[None, :]

    @cached_property
    def weight_due(self) -> Floats:
        return (self.weight * self.is_due).sum(axis=1)

    def share_of_due(self, table: np.ndarray) -> Floats:
        """[N] the weighted share that `table` makes of what is due; NaN while nothing is."""
        return divide((self.weight * np.where(self.is_due, table, 0)).sum(axis=1), self.weight_due)

    @cached_property
    def score_due(self) -> Floats:
        """[N, T] scores of due tasks; NaN where there is none."""
        return np.where(self.is_due, self.cohort.score, np.nan)

    @cached_property
    def score_rank(self) -> Floats:
        """[N, T] the rank of each score among those of present learners in the same task."""
        return self._by_task(self.cohort.score)

    @cached_property
    def lead(self) -> Floats:
        """[N, T] days by which a task was done before it was due; NaN when carried over."""
        lead = np.clip(self.cohort.due - self.cohort.submitted, -LEAD_LIMIT / 2, LEAD_LIMIT)
        return np.where(self.cohort.carried > 0, np.nan, lead)

    @cached_property
    def lead_due(self) -> Floats:
        return np.where(self.is_due, self.lead, np.nan)

    @cached_property
    def lead_rank(self) -> Floats:
        return self._by_task(self.lead)

    @cached_property
    def latest_due(self) -> np.ndarray:
        """[N, T] columns of the tasks by due day, the latest due first, what isn't due last."""
        due = np.where(self.is_due, self.cohort.due, -np.inf)
        return np.argsort(due, axis=1, kind="stable")[:, ::-1]

    def of_latest(self, table: np.ndarray, back: int, missed: float, absent: float = np.nan):
        """[N] `table` at the task that was due `back` tasks ago: `missed` if it wasn't done, NaN if
        there is no such task yet, `absent` if it was done and has no value."""
        if back >= table.shape[1]:
            return np.full(len(self.day), np.nan)
        rows, columns = np.arange(len(self.day)), self.latest_due[:, back]
        values = table[rows, columns]
        values = np.where(np.isnan(values), absent, values)
        values = np.where(self.is_done[rows, columns], values, missed)
        return np.where(self.is_due[rows, columns], values, np.nan)

    @cached_property
    def last_sign(self) -> Floats:
        """[N] the day of the last activity of any kind; NaN before the first."""
        own = np.where(self.cohort.carried > 0, np.nan, self.cohort.submitted)
        signs = np.concatenate([own, self.cohort.seen], axis=1)
        latest = np.max(np.where(np.isnan(signs), -np.inf, signs), axis=1, initial=-np.inf)
        return np.where(np.isinf(latest), np.nan, latest)

    def active(self, until: Floats) -> tuple[Floats, Floats]:
        """[N] active days and volume by the end of day `until`; NaN where unrecorded."""
        if self.cohort.activity is None:
            nothing = np.full(len(self.day), np.nan)
            return nothing, nothing
        return self.cohort.activity.until(np.minimum(until, self.day))

    def fortnight(self, back: int) -> tuple[Floats, Floats]:
        """[N] active days and volume in the fortnight that ended `back` fortnights ago."""
        until = self.day - back * FORTNIGHT
        late, early = self.active(until), self.active(until - FORTNIGHT)
        return late[0] - early[0], late[1] - early[1]

    @cached_property
    def first_weeks(self) -> tuple[Floats, Floats]:
        """[N] active days and volume of the first eight weeks; NaN before they are over."""
        active, volume = self.active(np.full(len(self.day), FIRST_WEEKS))
        is_over = self.day >= FIRST_WEEKS
        return np.where(is_over, active, np.nan), np.where(is_over, volume, np.nan)

    @cached_property
    def end_of_first_weeks(self) -> tuple[Floats, Floats]:
        """[N] the same in their last fortnight."""
        before = self.active(np.full(len(self.day), FIRST_WEEKS - FORTNIGHT))
        return self.first_weeks[0] - before[0], self.first_weeks[1] - before[1]

    def level(self, volume: Floats) -> Floats:
        """[N] volume relative to the median of those present, in powers of two."""
        known = volume[self.is_here & ~np.isnan(volume)]
        usual = np.median(known) if len(known) else np.nan
        return np.log2((volume + 1) / (usual + 1))

    def _by_task(self, table: Floats) -> Floats:
        ranks = [self.rank_present(column) for column in table.T]
        return np.stack(ranks, axis=1) if ranks else np.full(table.shape, np.nan)
