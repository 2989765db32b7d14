"""How well rankings of contents predict what learners visit next, from a file of visits. Pure.

On every seventh day, each learner's contents that they haven't visited yet are ranked from what was
known then; right are those that they visit for the first time in the seven days after it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research import table_files

from . import arrivals

COLUMNS = ("learner", "course", "content", "day")
TEXTS = ("learner", "course", "content")
WEEK = 7.0
LENGTH = 10  # of the rankings that are measured
DRAWS = 1_000
SEED = 20_211_124


class BadVisits(Exception):
    """The file isn't a table of visits; the message names the line and the column."""


@dataclass(frozen=True)
class CourseVisits:
    """The day of each learner's first visit to each content [N, C]; NaN for never."""

    learners: Sequence[str]
    contents: Sequence[str]
    first: np.ndarray


@dataclass(frozen=True)
class Result:
    """The mean NDCG of a ranking over all that was measured, and how far it is above that of the
    first ranking, and `over` that of the first visits in seven days, with 95 % intervals, drawn by
    learner."""

    name: str
    ndcg: float
    above: float
    low: float
    high: float
    over: float
    over_low: float
    over_high: float


@dataclass(frozen=True)
class Evaluation:
    """How much was measured: days, learners, and learners on a day."""

    days: int
    learners: int
    cases: int
    results: Sequence[Result]


def read(path: Path) -> dict[str, CourseVisits]:
    """By course. Raises BadVisits."""
    first: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for number, row in enumerate(table_files.rows(path, COLUMNS, TEXTS, BadVisits), start=2):
        learner, course, content = (str(row[name] or "") for name in TEXTS)
        if not learner or not content:
            raise BadVisits(f"line {number}: learner and content must not be empty")
        try:
            day = float(row["day"])
        except (TypeError, ValueError):
            raise BadVisits(f"line {number}: day must be a number, not {row['day']!r}") from None
        if not np.isfinite(day):
            raise BadVisits(f"line {number}: day is missing")
        key = (learner, content)
        first[course][key] = min(day, first[course].get(key, np.inf))
    if not first:
        raise BadVisits("no visits")
    return {course: _course(found) for course, found in sorted(first.items())}


def _course(found: Mapping[tuple[str, str], float]) -> CourseVisits:
    learners = sorted({learner for learner, _ in found})
    contents = sorted({content for _, content in found})
    rows, columns = ({name: at for at, name in enumerate(names)} for names in (learners, contents))
    first = np.full((len(learners), len(contents)), np.nan)
    for (learner, content), day in found.items():
        first[rows[learner], columns[content]] = day
    return CourseVisits(learners, contents, first)


# --- Rankings ------------------------------------------------------------------------------------
# Each says from the first visits known on a day [N, C] how much each content is worth to each
# learner [N, C], or to all of them [C].
Ranking = Callable[[np.ndarray, float], np.ndarray]


def popularity(known: np.ndarray, day: float) -> np.ndarray:
    """How many have visited it so far."""
    return (~np.isnan(known)).sum(axis=0).astype(float)


def lately(known: np.ndarray, day: float) -> np.ndarray:
    """How many have visited it for the first time in the last seven days."""
    return (known > day - WEEK).sum(axis=0).astype(float)


def following(known: np.ndarray, day: float) -> np.ndarray:
    """How usual it is to come to it for the first time in the seven days after what the learner
    came to last; where that says nothing, by `lately`."""
    count = known.shape[1]
    visited = ~np.isnan(known)
    after = np.zeros((count, count))
    for content in range(count):
        gap = known - known[:, [content]]
        after[content] = ((gap > 0) & (gap <= WEEK)).sum(axis=0)
    share = after / np.maximum(visited.sum(axis=0), 1)[:, None]
    latest = np.where(visited, known, -np.inf)
    is_latest = visited & (latest == latest.max(axis=1, initial=-np.inf)[:, None])
    own = is_latest @ share / np.maximum(is_latest.sum(axis=1), 1)[:, None]
    usual = lately(known, day)
    return own + usual / (usual.max(initial=0.0) + 1) / (len(known) + 1)


RANKINGS: Mapping[str, Ranking] = {
    "popularity": popularity,
    "first visits in seven days": lately,
    "visited next by others": following,
    "likely to come next": arrivals.likely,
}
BASE, LATELY = "popularity", "first visits in seven days"


# --- Measuring -----------------------------------------------------------------------------------
def evaluate(courses: Mapping[str, CourseVisits], draws: int = DRAWS) -> Evaluation:
    """Each ranking on the same learners and days."""
    gains: dict[str, list[np.ndarray]] = {name: [] for name in RANKINGS}
    who: list[np.ndarray] = []
    days = learners = 0
    for visits in courses.values():
        known_days = visits.first[~np.isnan(visits.first)]
        for day in np.arange(known_days.min() + WEEK, known_days.max(), WEEK):
            chosen, by_ranking = _on(visits, float(day))
            if len(chosen):
                days += 1
                who.append(chosen + learners)
                for name, values in by_ranking.items():
                    gains[name].append(values)
        learners += len(visits.learners)
    nothing = np.zeros(0)
    number = np.concatenate([nothing.astype(int), *who])
    table = {name: np.concatenate([nothing, *values]) for name, values in gains.items()}
    return Evaluation(days, len(np.unique(number)), len(number), _results(table, number, draws))


def _on(visits: CourseVisits, day: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Who is measured on a day, those who had come and came to something new, and the NDCG of each
    ranking for them."""
    known = np.where(visits.first <= day, visits.first, np.nan)
    is_right = (visits.first > day) & (visits.first <= day + WEEK)
    seen = ~np.isnan(known)
    chosen = np.flatnonzero(seen.any(axis=1) & is_right.any(axis=1))
    offered = seen.any(axis=0)  # what nobody had visited can't be known
    found = {}
    for name, ranking in RANKINGS.items():
        worth = np.broadcast_to(ranking(known, day), known.shape)[chosen]
        worth = np.where(offered & ~seen[chosen], worth, -np.inf)
        found[name] = ndcg(worth, is_right[chosen])
    return chosen, found


def ndcg(worth: np.ndarray, is_right: np.ndarray, length: int = LENGTH) -> np.ndarray:
    """[N] by rows: Järvelin and Kekäläinen (2002), Cumulated gain-based evaluation of IR
    techniques. What is worth minus infinity isn't offered."""
    order = np.argsort(-worth, axis=1, kind="stable")[:, :length]
    rows = np.arange(len(worth))[:, None]
    hit = is_right[rows, order] & np.isfinite(worth[rows, order])
    discount = 1 / np.log2(np.arange(2, length + 2))
    best = np.concatenate([[0.0], np.cumsum(discount)])
    ideal = best[np.minimum(is_right.sum(axis=1), length)]
    return (hit * discount[: hit.shape[1]]).sum(axis=1) / np.where(ideal > 0, ideal, 1.0)


def _results(table: Mapping[str, np.ndarray], who: np.ndarray, draws: int) -> Sequence[Result]:
    if not len(who):
        return []
    _, number = np.unique(who, return_inverse=True)
    count = np.bincount(number)
    chance = np.random.default_rng(SEED)
    drawn = [chance.integers(0, len(count), size=len(count)) for _ in range(draws)]

    def above(values: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
        summed = np.bincount(number, weights=values - other)
        means = [summed[each].sum() / count[each].sum() for each in drawn]
        low, high = np.quantile(means, [0.025, 0.975])
        return float((values - other).mean()), float(low), float(high)

    return [
        Result(
            name,
            float(values.mean()),
            *above(values, table[BASE]),
            *above(values, table[LATELY]),
        )
        for name, values in table.items()
    ]
