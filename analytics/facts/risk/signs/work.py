"""Features of what was done of what is due, how well, and when."""

import numpy as np

from .feature import feature
from .history import Floats
from .pace import PASS
from .view import View, divide, least, mean

MISSED = -0.2  # where a score would be: worse than nothing right
UNSCORED = 0.75  # what is done, but has no score, counts as a usual score
LATELY = 3  # tasks
SAFE, HOPELESS = -2.0, 3.0  # shares of what is left: less or more of it says nothing new


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


@feature(-1)
def done_lately(view: View) -> Floats:
    """Share done of the three tasks that fell due last."""
    done = view.is_done.astype(float)
    return mean(np.stack([view.of_latest(done, back, 0.0) for back in range(LATELY)], axis=1))


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


@feature()
def score_spread(view: View) -> Floats:
    """Standard deviation of the scores so far."""
    away = view.score_due - mean(view.score_due)[:, None]
    return np.sqrt(mean(away**2))


@feature()
def standing_trend(view: View) -> Floats:
    """The last rank among those who did the same task, against the mean rank."""
    of_due = np.where(view.is_due, view.score_rank, np.nan)
    return view.of_latest(view.score_rank, 0, np.nan) - mean(of_due)


@feature(1)
def needed_of_rest(view: View) -> Floats:
    """Mean score that a pass asks of what is left: below 0 it is safe, above 1 out of reach."""
    score = np.where(np.isnan(view.known.score), UNSCORED, view.known.score)
    earned = (view.weight * np.where(view.is_done, score, 0.0)).sum(axis=1)
    left = (view.weight * ~(view.is_due | view.is_done)).sum(axis=1)
    missing = PASS * view.weight.sum() - earned
    needed = np.where(left > 0, divide(missing, left), np.where(missing > 0, HOPELESS, SAFE))
    return np.clip(needed, SAFE, HOPELESS)


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
def last_lead_rank(view: View) -> Floats:
    """How early the last task was done, among those who did it."""
    return view.of_latest(view.lead_rank, 0, np.nan)


@feature()
def last_lead_rank_but_one(view: View) -> Floats:
    return view.of_latest(view.lead_rank, 1, np.nan)


@feature()
def late_share(view: View) -> Floats:
    return mean(np.where(np.isnan(view.lead_due), np.nan, view.lead_due < 0))


@feature()
def longest_gap(view: View) -> Floats:
    """Most days between two tasks that were done one after the other; unknown before the second."""
    days = np.sort(view.known.submitted, axis=1)  # what wasn't done comes last
    gaps = np.diff(days, axis=1)
    longest = np.max(np.where(np.isnan(gaps), -np.inf, gaps), axis=1, initial=-np.inf)
    return np.where(np.isinf(longest), np.nan, longest)
