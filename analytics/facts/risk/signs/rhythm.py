"""Features of silence, and of how often a learner is active: recently, and in the first weeks."""

import numpy as np

from .feature import feature
from .history import FIRST_WEEKS, Floats
from .view import FORTNIGHT, View, divide

RHYTHM = 4  # fortnights that are counted one by one
NEVER_SEEN = 30.0  # days of silence assumed for a learner who has never been active


@feature(1)
def silence(view: View) -> Floats:
    """Days since the learner was last active."""
    last = np.where(np.isnan(view.last_sign), -NEVER_SEEN, view.last_sign)
    return view.day - last


@feature(1)
def silence_rank(view: View) -> Floats:
    return view.rank_present(silence(view))


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
    return view.rank_present(active_share(view))


@feature(-1, needs_activity=True)
def active_lately_rank(view: View) -> Floats:
    return view.rank_present(active_lately(view))


@feature(-1, needs_activity=True)
def volume_rank(view: View) -> Floats:
    return view.rank_present(view.active(view.day)[1])


@feature(-1, needs_activity=True)
def volume_lately_rank(view: View) -> Floats:
    return view.rank_present(view.fortnight(0)[1])


@feature(-1, needs_activity=True)
def volume_level(view: View) -> Floats:
    """How much was done, against the cohort's median: in powers of two."""
    return view.level(view.active(view.day)[1])


@feature(-1, needs_activity=True)
def volume_lately_level(view: View) -> Floats:
    return view.level(view.fortnight(0)[1])


@feature(-1, needs_activity=True)
def fortnight_before_rank(view: View) -> Floats:
    """Active days in the fortnight before the last one, as a rank of those present."""
    return view.rank_present(view.fortnight(1)[0])


@feature(-1, needs_activity=True)
def fortnight_before_volume_rank(view: View) -> Floats:
    return view.rank_present(view.fortnight(1)[1])


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


# --- the first weeks: still known when later activity wasn't recorded --------------------------
@feature(-1, needs_activity=True)
def first_weeks_share(view: View) -> Floats:
    """Share of the days of the first eight weeks on which the learner was active."""
    return view.first_weeks[0] / FIRST_WEEKS


@feature(-1, needs_activity=True)
def first_weeks_rank(view: View) -> Floats:
    return view.rank_present(view.first_weeks[0])


@feature(-1, needs_activity=True)
def first_weeks_volume_rank(view: View) -> Floats:
    return view.rank_present(view.first_weeks[1])


@feature(-1, needs_activity=True)
def first_weeks_volume_level(view: View) -> Floats:
    return view.level(view.first_weeks[1])


@feature(-1, needs_activity=True)
def first_weeks_end_rank(view: View) -> Floats:
    """Active days in the last fortnight of the first eight weeks, as a rank of those present."""
    return view.rank_present(view.end_of_first_weeks[0])


@feature(-1, needs_activity=True)
def first_weeks_end_level(view: View) -> Floats:
    return view.level(view.end_of_first_weeks[1])
