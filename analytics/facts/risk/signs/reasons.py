"""The reasons for a score: contributions of features, summed in groups that people understand."""

from dataclasses import dataclass

import numpy as np

from . import features
from .history import Floats

MAX_REASONS = 4
MIN_SHARE = 0.05  # smaller reasons aren't shown

# Every feature belongs to one reason (a test checks it). Those of "course" are the same for all
# learners who are as far in the course: they count, but are never shown as a reason.
OF_REASON = {
    "silence": ("silence", "silence_rank"),
    "activity": (
        "active_share",
        "active_lately",
        "active_against_own",
        "active_rank",
        "active_lately_rank",
        "volume_rank",
        "volume_lately_rank",
        "volume_level",
        "volume_lately_level",
        "fortnight_before_rank",
        "fortnight_before_volume_rank",
        "fortnight_before_level",
        "silent_fortnights",
        "first_weeks_share",
        "first_weeks_rank",
        "first_weeks_volume_rank",
        "first_weeks_volume_level",
        "first_weeks_end_rank",
        "first_weeks_end_level",
    ),
    "pace": (
        "done_share",
        "done_rank",
        "missed_count",
        "missed_share",
        "missed_in_a_row",
        "ahead_count",
        "done_lately",
    ),
    "scores": (
        "score_of_due",
        "score_of_due_rank",
        "score_mean",
        "score_lowest",
        "score_standing",
        "score_standing_cautious",
        "score_standing_lowest",
        "last_score",
        "last_score_but_one",
        "last_score_but_two",
        "last_standing",
        "last_standing_but_one",
        "score_trend",
        "score_spread",
        "standing_trend",
        "needed_of_rest",
    ),
    "timing": (
        "lead_mean",
        "lead_rank",
        "lead_standing",
        "last_lead",
        "last_lead_but_one",
        "last_lead_rank",
        "last_lead_rank_but_one",
        "late_share",
        "longest_gap",
    ),
    "attempts": ("earlier_attempts", "carried_count"),
    "elsewhere": ("left_elsewhere", "failed_elsewhere", "completed_elsewhere"),
    "load": ("load_ratio", "load_rank"),
    "registration": ("registration_day", "registration_rank"),
    "course": (
        "elapsed_share",
        "due_count",
        "due_share",
        "days_since_due",
        "days_to_next",
        "cohort_left",
        "cohort_leaving",
        "cohort_done",
        "cohort_score",
        "cohort_attempts",
    ),
}
NEVER_SHOWN = "course"
NAMES = [name for name in OF_REASON if name != NEVER_SHOWN]
_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}


@dataclass(frozen=True)
class Reason:
    """`share` of all that the learner's behaviour contributed, 0 to 1; whether it raises risk."""

    name: str
    share: float
    raises: bool


def gather(contributions: Floats) -> Floats:
    """[N, reasons of `NAMES`] log-odds, from contributions [N, F + 1]."""
    return np.stack(
        [
            contributions[:, [_COLUMNS[feature] for feature in OF_REASON[name]]].sum(axis=1)
            for name in NAMES
        ],
        axis=1,
    )


def largest(gathered: Floats) -> list[Reason]:
    """The reasons of one learner, the largest first, from a row of `gather`."""
    whole = np.abs(gathered).sum()
    if not whole:
        return []
    order = np.argsort(-np.abs(gathered), kind="stable")[:MAX_REASONS]
    found = [
        Reason(NAMES[at], float(abs(gathered[at]) / whole), bool(gathered[at] > 0)) for at in order
    ]
    return [reason for reason in found if reason.share >= MIN_SHARE]
