"""Features of the tasks that are due: what was done, how well and when."""

import numpy as np

from .feature import feature
from .history import Floats
from .pace import PASS
from .view import View, divide, row_means, row_minima

MISSED = -0.2  # stands for the score of a missed task: worse than 0
UNSCORED = 0.75  # a task that is done but has no score counts as an average one
LATELY = 3  # tasks
SAFE, HOPELESS = -2.0, 3.0  # bounds for the share needed of what is left


# --- what was done of what is due --------------------------------------------------------------
@feature(-1)
def done_share(view: View) -> Floats:
    """Share of what is due that was done."""
    return view.share_of_due(view.is_done)


@feature(-1)
def done_rank(view: View) -> Floats:
    return view.rank_present(done_share(view))


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
    """How many tasks in a row, up to the latest one due, were missed."""
    rows = np.arange(len(view.day))[:, None]
    missed = (view.is_due & ~view.is_done)[rows, view.latest_due]
    return np.cumprod(missed, axis=1).sum(axis=1).astype(float)


@feature(-1)
def ahead_count(view: View) -> Floats:
    """Tasks that are done and not due yet."""
    return (view.is_done & ~view.is_due).sum(axis=1).astype(float)


@feature()
def carried_count(view: View) -> Floats:
    """Results carried over from an earlier enrolment."""
    return (view.cohort.carried > 0).sum(axis=1).astype(float)


@feature(-1)
def done_lately(view: View) -> Floats:
    """Share done of the three tasks that were due last."""
    done = view.is_done.astype(float)
    return row_means(np.stack([view.of_latest(done, back, 0.0) for back in range(LATELY)], axis=1))


# --- how well ----------------------------------------------------------------------------------
@feature(-1)
def score_of_due(view: View) -> Floats:
    """Mean score of what is due; a missed task counts as 0."""
    score = np.where(np.isnan(view.cohort.score), UNSCORED, view.cohort.score)
    return view.share_of_due(np.where(view.is_done, score, 0.0))


@feature(-1)
def score_of_due_rank(view: View) -> Floats:
    return view.rank_present(score_of_due(view))


@feature(-1)
def score_mean(view: View) -> Floats:
    return row_means(view.score_due)


@feature()
def score_lowest(view: View) -> Floats:
    return row_minima(view.score_due)


@feature(-1)
def score_standing(view: View) -> Floats:
    """Mean rank within the learners who did the same tasks."""
    return row_means(view.score_rank)


@feature(-1)
def score_standing_cautious(view: View) -> Floats:
    """The same, with one average task added, as a single result says little."""
    known = (~np.isnan(view.score_rank)).sum(axis=1)
    return (np.nansum(view.score_rank, axis=1) + 0.5) / (known + 1)


@feature()
def score_standing_lowest(view: View) -> Floats:
    return row_minima(view.score_rank)


@feature(-1)
def last_score(view: View) -> Floats:
    """Score of the task that was due last."""
    return view.of_latest(view.cohort.score, 0, MISSED, absent=UNSCORED)


@feature(-1)
def last_score_but_one(view: View) -> Floats:
    return view.of_latest(view.cohort.score, 1, MISSED, absent=UNSCORED)


@feature(-1)
def last_score_but_two(view: View) -> Floats:
    return view.of_latest(view.cohort.score, 2, MISSED, absent=UNSCORED)


@feature(-1)
def last_standing(view: View) -> Floats:
    return view.of_latest(view.score_rank, 0, MISSED)


@feature(-1)
def last_standing_but_one(view: View) -> Floats:
    return view.of_latest(view.score_rank, 1, MISSED)


@feature()
def score_trend(view: View) -> Floats:
    """The last score minus the mean."""
    return last_score(view) - score_mean(view)


@feature()
def score_spread(view: View) -> Floats:
    """Standard deviation of the scores so far."""
    away = view.score_due - row_means(view.score_due)[:, None]
    return np.sqrt(row_means(away**2))


@feature()
def standing_trend(view: View) -> Floats:
    """The last rank within those who did the same task, minus the mean rank."""
    of_due = np.where(view.is_due, view.score_rank, np.nan)
    return view.of_latest(view.score_rank, 0, np.nan) - row_means(of_due)


@feature(1)
def needed_of_rest(view: View) -> Floats:
    """Mean score needed in the rest to pass: below 0 the pass is safe, above 1 out of reach."""
    score = np.where(np.isnan(view.cohort.score), UNSCORED, view.cohort.score)
    earned = (view.weight * np.where(view.is_done, score, 0.0)).sum(axis=1)
    left = (view.weight * ~(view.is_due | view.is_done)).sum(axis=1)
    missing = PASS * view.weight.sum() - earned
    needed = np.where(left > 0, divide(missing, left), np.where(missing > 0, HOPELESS, SAFE))
    return np.clip(needed, SAFE, HOPELESS)


# --- when --------------------------------------------------------------------------------------
@feature()
def lead_mean(view: View) -> Floats:
    """Days by which tasks were done before they were due."""
    return row_means(view.lead_due)


@feature()
def lead_rank(view: View) -> Floats:
    return view.rank_present(lead_mean(view))


@feature()
def lead_standing(view: View) -> Floats:
    """Mean rank of earliness within the learners who did the same tasks."""
    return row_means(view.lead_rank)


@feature()
def last_lead(view: View) -> Floats:
    return view.of_latest(view.lead, 0, np.nan)


@feature()
def last_lead_but_one(view: View) -> Floats:
    return view.of_latest(view.lead, 1, np.nan)


@feature()
def last_lead_rank(view: View) -> Floats:
    """How early the last task was done, as a rank of those who did it."""
    return view.of_latest(view.lead_rank, 0, np.nan)


@feature()
def last_lead_rank_but_one(view: View) -> Floats:
    return view.of_latest(view.lead_rank, 1, np.nan)


@feature()
def late_share(view: View) -> Floats:
    return row_means(np.where(np.isnan(view.lead_due), np.nan, view.lead_due < 0))


@feature()
def longest_gap(view: View) -> Floats:
    """Longest gap in days between two consecutive tasks; unknown before the second."""
    days = np.sort(view.cohort.submitted, axis=1)  # what wasn't done comes last
    gaps = np.diff(days, axis=1)
    longest = np.max(np.where(np.isnan(gaps), -np.inf, gaps), axis=1, initial=-np.inf)
    return np.where(np.isinf(longest), np.nan, longest)
