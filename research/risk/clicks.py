"""The Open University's table of clicks, and which learners it covers.

It lists learners with a single enrolment, from the first recorded day on which they had clicked. It
doesn't say whether a learner who isn't listed was silent or isn't covered, because of another
enrolment, which may not even be in the folder. This is decided at the end of each recorded day from
what was known then, and isn't revised: learners who had submitted something can't have been silent,
so their activity is unknown; everyone else who isn't listed counts as silent. Leaving them out
would leave out people who fail more often than others.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.facts.risk.signs.history import Checkpoints, Floats
from research import parquet

NAME = "vle_cumulative_day14_28_42_56"
KEY = ("code_module", "code_presentation")
COLUMNS = ("id_student", "day", "active_days", "total_clicks")


@dataclass(frozen=True)
class Submissions:
    """What a presentation's learners submitted, in order of their ids: on which day [N, T], without
    results carried over; and who has no other enrolment in the folder [N]."""

    learners: np.ndarray
    day: Floats
    is_only: np.ndarray

    def by(self, day: float) -> np.ndarray:
        """[N] who had submitted something by the end of `day`."""
        return (self.day <= day).any(axis=1)


def read(folder: Path) -> dict[tuple[str, str], dict[str, Floats]]:
    """The table's columns by presentation; empty without such a table. Raises BadFolder."""
    path = folder / f"{NAME}.parquet"
    if not path.exists():
        return {}
    table = parquet.read(path, (*KEY, *COLUMNS), texts=KEY)
    rows = defaultdict(list)
    for row, key in enumerate(zip(*(table[name] for name in KEY), strict=True)):
        rows[tuple(map(str, key))].append(row)
    return {key: {name: table[name][at] for name in COLUMNS} for key, at in rows.items()}


def checkpoints(
    table: Mapping[tuple[str, str], dict[str, Floats]],
    submissions: Mapping[tuple[str, str], Submissions],
) -> dict[tuple[str, str], Checkpoints]:
    """The activity of each presentation that has rows in the table."""
    return {
        key: _Listed(table[key], submissions[key]).checkpoints(submissions[key])
        for key in submissions
        if key in table
    }


class _Listed:
    """A presentation's rows: since when each learner is listed, and what was counted by then."""

    def __init__(self, rows: dict[str, Floats], submissions: Submissions):
        learners = submissions.learners
        self.days = np.unique(rows["day"])
        index = np.clip(np.searchsorted(learners, rows["id_student"]), 0, len(learners) - 1)
        ours = learners[index] == rows["id_student"]
        at = index[ours], np.searchsorted(self.days, rows["day"][ours])
        self.active = np.full((len(learners), len(self.days)), np.nan)
        self.volume = self.active.copy()
        self.active[at] = rows["active_days"][ours]
        self.volume[at] = rows["total_clicks"][ours]

    def by(self, day: float) -> np.ndarray:
        """[N] who is listed by the end of `day`."""
        return (~np.isnan(self.active[:, self.days <= day])).any(axis=1)

    def checkpoints(self, submissions: Submissions) -> Checkpoints:
        is_silent = np.stack([self._is_silent(submissions, day) for day in self.days], axis=1)
        counted = (
            # Once listed, a day without a row adds nothing to what was counted before.
            np.where(np.isnan(table), np.where(is_silent, 0.0, _carried(table)), table)
            for table in (self.active, self.volume)
        )
        return Checkpoints(self.days, *counted)

    def _is_silent(self, submissions: Submissions, day: float) -> np.ndarray:
        return submissions.is_only & ~self.by(day) & ~submissions.by(day)


def _carried(table: Floats) -> Floats:
    """[N, D] the last value known by then; NaN before the first."""
    known = np.maximum.accumulate(np.where(np.isnan(table), -np.inf, table), axis=1)
    return np.where(np.isinf(known), np.nan, known)
