"""Why a shown score is as it is: what each reason is worth, compared with others of the course.

Learners are compared with those of their course in the same tenth of the time or, where these are
few, with everybody in the course whose score can be predicted. Where even they are few, or nothing
sets a learner apart from them, reasons are what the path through the model says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.models import RiskScore

from .signs import attribution
from .signs.attribution import Groups
from .signs.history import Floats
from .signs.model import Predictor
from .signs.view import COMPARABLE
from .sources import Sources

MAX_OTHERS = 100  # of a group: evenly spaced, so the same each time
MIN_WORTH = 0.1  # log-odds, all reasons together: 2.5 points of a score at most


@dataclass(frozen=True)
class Part:
    """Learners of a course who are as far in it: the rows from `start` until before `stop`. The
    parts of a course follow each other."""

    course_id: int
    start: int
    stop: int


def worths(
    predictor: Predictor,
    rows: Floats,
    elapsed: Floats,
    parts: Sequence[Part],
    shown: Sequence[str | None],
    predicting: Sources,
) -> Floats:
    """[N, reasons] log-odds of the learners whose score is `shown` (the source, or None); NaN for
    the others, and for those who can't be compared."""
    found = np.full((len(rows), attribution.REASONS), np.nan)
    spans = _spans(parts)
    chosen, group, others, weights = [], [], [], []
    for part in parts:
        compared = _others(part, spans[part.course_id])
        numbers: dict[str, int] = {}
        for at in range(part.start, part.stop) if len(compared) else ():
            source = shown[at]
            if source is None:
                continue
            if source not in numbers:
                numbers[source] = len(others)
                others.append(compared)
                weights.append(predicting.of_course(part.course_id)[source].weights)
            chosen.append(at)
            group.append(numbers[source])
    if chosen:
        sizes = [len(each) for each in others]
        groups = Groups(
            np.array(group),
            rows[np.concatenate(others)],
            np.repeat(np.arange(len(others)), sizes),
            np.array(weights),
        )
        is_active = np.ones(len(chosen), dtype=bool)  # sessions are always recorded
        found[chosen] = attribution.worths(
            predictor, rows[chosen], elapsed[chosen], is_active, groups
        )
    return found


def chosen(worth: Floats, by_path: Floats) -> tuple[Floats, RiskScore.ComparedWith]:
    """[reasons] what is shown of a learner: what reasons are worth compared with others or, where
    that is unknown or next to nothing, what the path through the model says; and which it is."""
    if np.isnan(worth).any():
        return by_path, RiskScore.ComparedWith.FEW
    if np.abs(worth).sum() < MIN_WORTH:
        return by_path, RiskScore.ComparedWith.ALIKE
    return worth, RiskScore.ComparedWith.OTHERS


def _spans(parts: Sequence[Part]) -> dict[int, tuple[int, int]]:
    """The rows of each course, over all its parts."""
    spans: dict[int, tuple[int, int]] = {}
    for part in parts:
        start, _ = spans.get(part.course_id, (part.start, 0))
        spans[part.course_id] = (start, part.stop)
    return spans


def _others(part: Part, of_course: tuple[int, int]) -> np.ndarray:
    """The rows that learners of `part` are compared with, evenly spaced; none if there are few."""
    for start, stop in ((part.start, part.stop), of_course):
        if stop - start >= COMPARABLE:
            number = min(stop - start, MAX_OTHERS)
            return np.linspace(start, stop - 1, number).round().astype(int)
    return np.zeros(0, dtype=int)
