"""Features of the learner's other enrolments, and of the state of the course and its cohort."""

import numpy as np

from .feature import feature
from .history import Floats
from .view import View
from .work import done_share, score_of_due

MAX_ATTEMPTS = 3.0
FAR = 100.0  # days: before the first due day; three times that after the last
LATELY = 30.0  # days


# --- the learner -------------------------------------------------------------------------------
@feature()
def elapsed_share(view: View) -> Floats:
    """Share of the time from start to due that is over."""
    return view.elapsed


@feature()
def registration_day(view: View) -> Floats:
    return view.cohort.registered


@feature()
def registration_rank(view: View) -> Floats:
    return view.rank_present(view.cohort.registered)


@feature(1)
def earlier_attempts(view: View) -> Floats:
    """Earlier enrolments in the same course."""
    return np.minimum(view.cohort.attempts_before, MAX_ATTEMPTS)


@feature()
def load_ratio(view: View) -> Floats:
    """How much is studied at the same time, relative to the median of the cohort."""
    load = view.cohort.load[~np.isnan(view.cohort.load)]
    usual = np.median(load) if len(load) else np.nan
    return view.cohort.load / usual if usual > 0 else np.full(len(view.day), np.nan)


@feature()
def load_rank(view: View) -> Floats:
    return view.rank_present(view.cohort.load)


@feature(1)
def left_elsewhere(view: View) -> Floats:
    """Other courses that the learner has left."""
    return (~np.isnan(view.cohort.elsewhere.left)).sum(axis=1).astype(float)


@feature(1)
def failed_elsewhere(view: View) -> Floats:
    return (view.cohort.elsewhere.completed == 0).sum(axis=1).astype(float)


@feature(-1)
def completed_elsewhere(view: View) -> Floats:
    return (view.cohort.elsewhere.completed == 1).sum(axis=1).astype(float)


# --- the course and its cohort -----------------------------------------------------------------
@feature()
def due_count(view: View) -> Floats:
    return view.is_due.sum(axis=1).astype(float)


@feature()
def due_share(view: View) -> Floats:
    """Share of the course's weight that is due."""
    return view.weight_due / view.weight.sum() if view.weight.size else view.weight_due


@feature()
def days_since_due(view: View) -> Floats:
    """Days since a task was last due; a large number before the first."""
    due = np.where(view.is_due, view.cohort.due, -FAR)
    return view.day - np.max(due, axis=1, initial=-FAR)


@feature()
def days_to_next(view: View) -> Floats:
    """Days until the next task is due; a large number after the last."""
    due = np.where(view.is_due, FAR * 3, view.cohort.due)
    return np.min(due, axis=1, initial=FAR * 3) - view.day


@feature()
def cohort_left(view: View) -> Floats:
    """Share of the cohort that has left."""
    here = view.is_here
    return np.full(len(here), 1 - here.mean() if len(here) else np.nan)


@feature()
def cohort_leaving(view: View) -> Floats:
    """Share of those present a month ago who have left since."""
    lately = (view.cohort.left > view.day - LATELY).sum()
    there = view.is_here.sum() + lately
    return np.full(len(view.day), lately / there if there else np.nan)


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
