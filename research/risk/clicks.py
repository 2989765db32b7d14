"""The Open University's table of clicks, and of whom it tells.

It lists learners with one passage, from the first day on which they had clicked, as it stood on a
few days. So it doesn't say whether somebody who isn't listed was silent, or isn't told of: because
of another passage, which may even be in no presentation of the folder. By the end of a recorded
day that is decided from what was known then, and never looked at again: whoever handed something in
can't have been silent. Of the others, whoever missed something that was due was; and where nothing
was due, whoever isn't listed, if in the folder hardly anybody handed in without being listed.
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
MOST_UNLISTED = 0.01  # of those who handed in: with more, not being listed says nothing
FEWEST = 50  # who handed in; of fewer no share is told


@dataclass(frozen=True)
class Handed:
    """What a presentation's learners, in order of their ids, handed in: on which day [N, T], what
    was brought along from before left out; when each task is due [T]; and who has no other passage
    in the folder [N]."""

    learners: np.ndarray
    day: Floats
    due: Floats
    is_only: np.ndarray

    def by(self, day: float) -> np.ndarray:
        """[N] who had handed something in by the end of `day`."""
        return (self.day <= day).any(axis=1)


def read(folder: Path) -> dict[tuple[str, str], dict[str, Floats]]:
    """The table's columns by presentation; nothing where there is no table. Raises BadFolder."""
    path = folder / f"{NAME}.parquet"
    if not path.exists():
        return {}
    table = parquet.read(path, (*KEY, *COLUMNS), texts=KEY)
    rows = defaultdict(list)
    for row, key in enumerate(zip(*(table[name] for name in KEY), strict=True)):
        rows[tuple(map(str, key))].append(row)
    return {key: {name: table[name][at] for name in COLUMNS} for key, at in rows.items()}


def checkpoints(
    table: Mapping[tuple[str, str], dict[str, Floats]], handed: Mapping[tuple[str, str], Handed]
) -> dict[tuple[str, str], Checkpoints]:
    """The activity of each presentation that the table has rows of."""
    listed = {key: _Listed(table[key], handed[key]) for key in handed if key in table}
    is_whole = {
        day: _is_whole(listed, handed, day) for each in listed.values() for day in each.days
    }
    return {key: each.checkpoints(handed[key], is_whole) for key, each in listed.items()}


class _Listed:
    """A presentation's rows: since when each learner is listed, and what was counted by then."""

    def __init__(self, rows: dict[str, Floats], handed: Handed):
        learners = handed.learners
        self.days = np.unique(rows["day"])
        place = np.clip(np.searchsorted(learners, rows["id_student"]), 0, len(learners) - 1)
        ours = learners[place] == rows["id_student"]
        at = place[ours], np.searchsorted(self.days, rows["day"][ours])
        self.active = np.full((len(learners), len(self.days)), np.nan)
        self.volume = self.active.copy()
        self.active[at] = rows["active_days"][ours]
        self.volume[at] = rows["total_clicks"][ours]

    def by(self, day: float) -> np.ndarray:
        """[N] who is listed by the end of `day`."""
        return (~np.isnan(self.active[:, self.days <= day])).any(axis=1)

    def checkpoints(self, handed: Handed, is_whole: Mapping[float, bool]) -> Checkpoints:
        is_silent = np.stack(
            [self._is_silent(handed, day, is_whole[day]) for day in self.days], axis=1
        )
        counted = (
            # Once listed, a day without a row adds nothing to what was counted before.
            np.where(np.isnan(table), np.where(is_silent, 0.0, _carried(table)), table)
            for table in (self.active, self.volume)
        )
        return Checkpoints(self.days, *counted)

    def _is_silent(self, handed: Handed, day: float, is_whole: bool) -> np.ndarray:
        absent = handed.is_only & ~self.by(day) & ~handed.by(day)
        return absent if is_whole or (handed.due <= day).any() else np.zeros_like(absent)


def _carried(table: Floats) -> Floats:
    """[N, D] the last value known by then; NaN before the first."""
    known = np.maximum.accumulate(np.where(np.isnan(table), -np.inf, table), axis=1)
    return np.where(np.isinf(known), np.nan, known)


def _is_whole(
    listed: Mapping[tuple[str, str], _Listed], handed: Mapping[tuple[str, str], Handed], day: float
) -> bool:
    """Whether whoever has one passage and handed in by then is listed, all but a few."""
    there = [handed[key].is_only & handed[key].by(day) for key in listed]
    unlisted = [who & ~each.by(day) for who, each in zip(there, listed.values(), strict=True)]
    count = sum(who.sum() for who in there)
    return bool(count >= FEWEST and sum(w.sum() for w in unlisted) <= MOST_UNLISTED * count)
