"""The named features that risk is told from. Each is a function of a `View` alone.

`direction` is what more of it may do to risk: 1 only raise it, -1 only lower it, 0 either. The
models are trained under that constraint, so "more silence never lowers risk" holds by construction.
No personal attribute is here, nor anything that only one school's courses have.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .history import Cohort, Floats
from .view import FORTNIGHT, View, divide, least, mean

RHYTHM = 4  # fortnights that are looked at one by one
NEVER_SEEN = 30.0  # days of silence that a learner without any sign of life starts with
MISSED = -0.2  # where a score would be: worse than nothing right
UNSCORED = 0.75  # what is done, but has no score, counts as a usual score
MOST_ATTEMPTS = 3.0
FAR = 100.0  # days: before the first due day; three times that after the last


@dataclass(frozen=True)
class Feature:
    name: str
    of: Callable[[View], Floats]
    direction: int = 0
    needs_activity: bool = False


FEATURES: list[Feature] = []


def feature(direction: int = 0, *, needs_activity: bool = False):
    """Adds the decorated function to `FEATURES` under its own name."""

    def add(function: Callable[[View], Floats]) -> Callable[[View], Floats]:
        FEATURES.append(Feature(function.__name__, function, direction, needs_activity))
        return function

    return add


def names(*, with_activity: bool) -> list[str]:
    return [each.name for each in FEATURES if with_activity or not each.needs_activity]


def compute(cohort: Cohort, day: Floats, *, with_activity: bool) -> Floats:
    """[N, F] the features of `names`, as known at the end of each learner's `day`."""
    view = View(cohort, day)
    chosen = [each for each in FEATURES if with_activity or not each.needs_activity]
    return np.stack([each.of(view) for each in chosen], axis=1)


# --- who comes, and with what ------------------------------------------------------------------
@feature()
def elapsed_share(view: View) -> Floats:
    """Share of the time from start to due that is over."""
    return view.elapsed


@feature()
def registration_day(view: View) -> Floats:
    return view.known.registered


@feature()
def registration_rank(view: View) -> Floats:
    return view.among_present(view.known.registered)


@feature(1)
def earlier_attempts(view: View) -> Floats:
    """Earlier passages through the same course."""
    return np.minimum(view.known.attempts_before, MOST_ATTEMPTS)


@feature()
def load_ratio(view: View) -> Floats:
    """How much is studied at the same time, against what is usual in the cohort."""
    load = view.known.load[~np.isnan(view.known.load)]
    usual = np.median(load) if len(load) else np.nan
    return view.known.load / usual if usual > 0 else np.full(len(view.day), np.nan)


@feature()
def load_rank(view: View) -> Floats:
    return view.among_present(view.known.load)


@feature(1)
def left_elsewhere(view: View) -> Floats:
    """Other courses that the learner has left."""
    return (~np.isnan(view.known.elsewhere.left)).sum(axis=1).astype(float)


@feature(1)
def failed_elsewhere(view: View) -> Floats:
    return (view.known.elsewhere.completed == 0).sum(axis=1).astype(float)


@feature(-1)
def completed_elsewhere(view: View) -> Floats:
    return (view.known.elsewhere.completed == 1).sum(axis=1).astype(float)


# --- what was done of what is due --------------------------------------------------------------
@feature(-1)
def done_share(view: View) -> Floats:
    """Share of what is due that was done."""
    return view.share_of_due(view.is_done)


@feature(-1)
def done_rank(view: View) -> Floats:
    return view.among_present(done_share(view))


@feature(1)
def missed_count(view: View) -> Floats:
    return (view.is_due & ~view.is_done).sum(axis=1).astype(float)


@feature(1)
def missed_share(view: View) -> Floats:
    """What was missed as a share of the whole course."""
    missed = (view.weight * (view.is_due & ~view.is_done)).sum(axis=1)
    return missed / view.weight.sum() if view.weight.size else missed


@feature(1)
def missed_in_a_row(view: View) -> Floats:
    """How many of the tasks that fell due last were missed without a break."""
    rows = np.arange(len(view.day))[:, None]
    missed = (view.is_due & ~view.is_done)[rows, view.latest_due]
    return np.cumprod(missed, axis=1).sum(axis=1).astype(float)


@feature(-1)
def ahead_count(view: View) -> Floats:
    """Tasks done before they are due, and not due yet."""
    return (view.is_done & ~view.is_due).sum(axis=1).astype(float)


@feature()
def carried_count(view: View) -> Floats:
    """Results brought along from an earlier passage."""
    return (view.known.carried > 0).sum(axis=1).astype(float)


# --- how well ----------------------------------------------------------------------------------
@feature(-1)
def score_of_due(view: View) -> Floats:
    """Mean score of what is due; what is missed counts as nothing."""
    score = np.where(np.isnan(view.known.score), UNSCORED, view.known.score)
    return view.share_of_due(np.where(view.is_done, score, 0.0))


@feature(-1)
def score_of_due_rank(view: View) -> Floats:
    return view.among_present(score_of_due(view))


@feature(-1)
def score_mean(view: View) -> Floats:
    return mean(view.score_due)


@feature()
def score_lowest(view: View) -> Floats:
    return least(view.score_due)


@feature(-1)
def score_standing(view: View) -> Floats:
    """Mean rank among the learners who did the same tasks."""
    return mean(view.score_rank)


@feature(-1)
def score_standing_cautious(view: View) -> Floats:
    """The same, with one middling task added: a single result says little."""
    known = (~np.isnan(view.score_rank)).sum(axis=1)
    return (np.nansum(view.score_rank, axis=1) + 0.5) / (known + 1)


@feature()
def score_standing_lowest(view: View) -> Floats:
    return least(view.score_rank)


@feature(-1)
def last_score(view: View) -> Floats:
    """Score of the task that fell due last."""
    return view.of_latest(view.known.score, 0, MISSED, absent=UNSCORED)


@feature(-1)
def last_score_but_one(view: View) -> Floats:
    return view.of_latest(view.known.score, 1, MISSED, absent=UNSCORED)


@feature(-1)
def last_score_but_two(view: View) -> Floats:
    return view.of_latest(view.known.score, 2, MISSED, absent=UNSCORED)


@feature(-1)
def last_standing(view: View) -> Floats:
    return view.of_latest(view.score_rank, 0, MISSED)


@feature(-1)
def last_standing_but_one(view: View) -> Floats:
    return view.of_latest(view.score_rank, 1, MISSED)


@feature()
def score_trend(view: View) -> Floats:
    """The last score against the mean."""
    return last_score(view) - score_mean(view)


# --- when --------------------------------------------------------------------------------------
@feature()
def lead_mean(view: View) -> Floats:
    """Days by which tasks were done before they were due."""
    return mean(view.lead_due)


@feature()
def lead_rank(view: View) -> Floats:
    return view.among_present(lead_mean(view))


@feature()
def lead_standing(view: View) -> Floats:
    """Mean rank of earliness among the learners who did the same tasks."""
    return mean(view.lead_rank)


@feature()
def last_lead(view: View) -> Floats:
    return view.of_latest(view.lead, 0, np.nan)


@feature()
def last_lead_but_one(view: View) -> Floats:
    return view.of_latest(view.lead, 1, np.nan)


@feature()
def late_share(view: View) -> Floats:
    return mean(np.where(np.isnan(view.lead_due), np.nan, view.lead_due < 0))


@feature(1)
def silence(view: View) -> Floats:
    """Days since the last sign of life."""
    last = np.where(np.isnan(view.last_sign), -NEVER_SEEN, view.last_sign)
    return view.day - last


@feature(1)
def silence_rank(view: View) -> Floats:
    return view.among_present(silence(view))


# --- how often ---------------------------------------------------------------------------------
@feature(-1, needs_activity=True)
def active_share(view: View) -> Floats:
    """Share of the days so far on which the learner was active."""
    return divide(view.active(view.day)[0], view.day)


@feature(-1, needs_activity=True)
def active_lately(view: View) -> Floats:
    """The same for the last fortnight."""
    return view.fortnight(0)[0] / FORTNIGHT


@feature(-1, needs_activity=True)
def active_against_own(view: View) -> Floats:
    """The last fortnight against the learner's own rhythm before it."""
    before = view.day - FORTNIGHT
    return active_lately(view) - divide(view.active(before)[0], before)


@feature(-1, needs_activity=True)
def active_rank(view: View) -> Floats:
    return view.among_present(active_share(view))


@feature(-1, needs_activity=True)
def active_lately_rank(view: View) -> Floats:
    return view.among_present(active_lately(view))


@feature(-1, needs_activity=True)
def volume_rank(view: View) -> Floats:
    return view.among_present(view.active(view.day)[1])


@feature(-1, needs_activity=True)
def volume_lately_rank(view: View) -> Floats:
    return view.among_present(view.fortnight(0)[1])


@feature(-1, needs_activity=True)
def volume_level(view: View) -> Floats:
    """How much was done, against the cohort's median: in powers of two."""
    return view.level(view.active(view.day)[1])


@feature(-1, needs_activity=True)
def volume_lately_level(view: View) -> Floats:
    return view.level(view.fortnight(0)[1])


@feature(-1, needs_activity=True)
def fortnight_before_rank(view: View) -> Floats:
    """Active days in the fortnight before the last one, among those present."""
    return view.among_present(view.fortnight(1)[0])


@feature(-1, needs_activity=True)
def fortnight_before_volume_rank(view: View) -> Floats:
    return view.among_present(view.fortnight(1)[1])


@feature(-1, needs_activity=True)
def fortnight_before_level(view: View) -> Floats:
    return view.level(view.fortnight(1)[1])


@feature(1, needs_activity=True)
def silent_fortnights(view: View) -> Floats:
    """How many of the last four fortnights passed without any activity; 0 where unrecorded."""
    found = [
        (view.fortnight(back)[0] == 0) & (view.day > back * FORTNIGHT) for back in range(RHYTHM)
    ]
    return np.sum(found, axis=0).astype(float)


# --- where the course stands -------------------------------------------------------------------
@feature()
def due_count(view: View) -> Floats:
    return view.is_due.sum(axis=1).astype(float)


@feature()
def due_share(view: View) -> Floats:
    """Share of the course's weight that is due."""
    return view.weight_due / view.weight.sum() if view.weight.size else view.weight_due


@feature()
def days_since_due(view: View) -> Floats:
    """Days since something fell due last; many before the first."""
    due = np.where(view.is_due, view.known.due, -FAR)
    return view.day - np.max(due, axis=1, initial=-FAR)


@feature()
def days_to_next(view: View) -> Floats:
    """Days until the next task is due; many after the last."""
    due = np.where(view.is_due, FAR * 3, view.known.due)
    return np.min(due, axis=1, initial=FAR * 3) - view.day


@feature()
def cohort_left(view: View) -> Floats:
    """Share of the cohort that has left."""
    here = view.is_here
    return np.full(len(here), 1 - here.mean() if len(here) else np.nan)


@feature()
def cohort_done(view: View) -> Floats:
    """Mean share done of what is due, over the learners still here."""
    return _over_present(view, done_share(view))


@feature()
def cohort_score(view: View) -> Floats:
    return _over_present(view, score_of_due(view))


@feature()
def cohort_attempts(view: View) -> Floats:
    return _over_present(view, earlier_attempts(view))


def _over_present(view: View, values: Floats) -> Floats:
    kept = values[view.is_here & ~np.isnan(values)]
    return np.full(len(values), kept.mean() if len(kept) else np.nan)
