"""Replays a course's past week by week: what would have been forecast from what was known then,
calibrated and shown by the product's own rules, compared with what happened and with plain rules.

The last known structure of the course is used throughout, and what had been begun counts as not
done: how far a content was at an earlier moment isn't known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from analytics.facts.forecast import intervals
from analytics.facts.forecast.coursework import USUAL, Coursework, Floats, pace_of
from analytics.facts.forecast.futures import HORIZON, Course, Task
from analytics.facts.forecast.gate import (
    MIN_ENROLLMENTS,
    PARTS,
    Settled,
    Verdict,
    part_of,
    validate,
)
from analytics.facts.forecast.intervals import COVERAGE

STEP = 7.0
MIN_DAYS, MIN_SHARE = 1.0, 0.03
MISSED = 2 / (1 - COVERAGE)  # how much a day outside costs: Gneiting and Raftery (2007), (43)
METHODS = ("forecast", "linear", "median")
DRAWS = 1_000


@dataclass
class Made:
    """Forecasts of one method or more, in the order in which they were made: a list for each."""

    enrollment: list[int] = field(default_factory=list)
    week: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    settles: list[float] = field(default_factory=list)
    quantiles: list[Floats] = field(default_factory=list)
    horizon: list[float] = field(default_factory=list)
    outcome: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    is_calibrated: list[bool] = field(default_factory=list)
    is_shown: list[bool] = field(default_factory=list)
    is_late_shown: list[bool] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    was_late: list[float] = field(default_factory=list)
    points: dict[str, list[float]] = field(default_factory=lambda: {m: [] for m in METHODS})
    spans: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: {m: [] for m in METHODS}
    )


def replay(work: Coursework) -> Made:
    """All forecasts of the past whose horizon is over by now."""
    made = Made()
    begin = float(work.started.min())
    for moment in np.arange(begin + STEP / 2, work.now, STEP):
        _week(work, float(moment), made)
    return made


def _week(work: Coursework, moment: float, made: Made) -> None:
    known = work.as_of(moment)
    course = Course(known, pace_of(known, USUAL))
    past = _Past(made, moment)
    finishers = known.finished[~np.isnan(known.finished)]
    row_of = {int(pk): at for at, pk in enumerate(work.ids)}
    for index, share in _due(known):
        whole = row_of[int(known.ids[index])]
        horizon = course.horizon(index)
        if moment + horizon > work.now:
            continue
        at = np.array([index])
        age = float(known.observed[index])
        left = known.whole - float(known.at(at, known.observed[at]).done[0])
        found = course.distribution(Task(index, left))
        part = part_of(share)
        said = past.of(part)
        quantiles = found.quantiles()
        finish = float(work.finished[whole]) - age
        outcome = finish if finish <= horizon else np.inf
        days = (np.nan, np.nan)
        if intervals.names_days(quantiles[None])[0]:
            days = tuple(float(each[0]) for each in intervals.interval(quantiles[None], said.level))
        due = float(known.due[index]) - age
        made.enrollment.append(int(known.ids[index]))
        made.week.append(int(age // STEP) + 1)
        made.part.append(part)
        made.settles.append(moment + horizon)
        made.quantiles.append(quantiles)
        made.horizon.append(horizon)
        made.outcome.append(outcome)
        made.first.append(days[0])
        made.last.append(days[1])
        made.is_calibrated.append(said.is_calibrated)
        made.is_shown.append(said.verdict is Verdict.VALID and not np.isnan(days[0]))
        made.is_late_shown.append(said.verdict is Verdict.VALID and said.is_late_valid and due > 0)
        made.late.append(1 - found.by(due) if due > 0 else np.nan)
        made.was_late.append(float(not finish <= due) if due > 0 else np.nan)
        _plain(made, past, part, horizon, known.whole, left, age, quantiles, finishers)


def _due(known: Coursework) -> Iterator[tuple[int, float]]:
    """The open enrolments that a forecast is made for, with the share of their time."""
    for index in np.flatnonzero(known.is_open & ~np.isnan(known.span)):
        age, span = float(known.observed[index]), float(known.span[index])
        # Who is still open long after the due date would be counted each week for ever.
        if max(MIN_DAYS, MIN_SHARE * span) <= age <= span + HORIZON:
            yield int(index), age / span


def _plain(
    made: Made,
    past: "_Past",
    part: int,
    horizon: float,
    whole: float,
    left: float,
    age: float,
    quantiles: Floats,
    finishers: Floats,
) -> None:
    """The middle of each method, and the interval that its own past errors suggest."""
    speed = (whole - left) / age
    usual = float(np.median(finishers)) - age if len(finishers) else np.inf
    points = {
        "forecast": float(quantiles[len(quantiles) // 2]),
        "linear": left / speed if speed > 0 else np.inf,
        "median": max(usual, 0.0),
    }
    for method, point in points.items():
        point = min(point, horizon)
        made.points[method].append(point)
        errors = past.errors(method, part)
        if method == "forecast":
            first, last = made.first[-1], made.last[-1]
            low, high = (0.0, horizon) if np.isnan(first) else (first, min(last, horizon))
            # Where no day is named, it says: not by the horizon.
            low = horizon if np.isnan(first) else low
        elif len(errors) >= MIN_ENROLLMENTS:
            low, high = point + np.quantile(errors, [0.1, 0.9])
        else:
            low, high = 0.5 * point, 2.0 * point
        span = float(np.clip(low, 0, horizon)), float(np.clip(high, 0, horizon))
        made.spans[method].append(span)


class _Past:
    """What was known of earlier forecasts at a moment: only those whose horizon was over."""

    def __init__(self, made: Made, moment: float):
        self._made = made
        settled = np.array(made.settles) <= moment
        self._rows = np.flatnonzero(settled)
        self._parts = np.array(made.part)[self._rows] if len(self._rows) else np.zeros(0)
        self._cache: dict = {}

    def of(self, part: int):
        if part not in self._cache:
            rows = self._rows[self._parts == part]
            self._cache[part] = validate(settled_of(self._made, rows))
        return self._cache[part]

    def errors(self, method: str, part: int) -> Floats:
        key = (method, part)
        if key not in self._cache:
            rows = self._rows[self._parts == part]
            truth = truncated(self._made, rows)
            self._cache[key] = truth - np.array(self._made.points[method])[rows]
        return self._cache[key]


def settled_of(made: Made, rows: np.ndarray) -> Settled:
    def column(name: str, kind=float) -> np.ndarray:
        values = getattr(made, name)
        return np.array([values[row] for row in rows], dtype=kind)

    quantiles = (
        np.stack([made.quantiles[row] for row in rows])
        if len(rows)
        else np.zeros((0, intervals.QUANTILES))
    )
    outcome, first, last = column("outcome"), column("first"), column("last")
    return Settled(
        enrollment=column("enrollment", int),
        is_named=~np.isnan(first),
        inside=(first <= outcome) & (outcome <= last),
        by_level=intervals.inside_by_level(quantiles, outcome),
        is_calibrated=column("is_calibrated", bool),
        width=last - first,
        late=column("late"),
        was_late=column("was_late"),
    )


def truncated(made: Made, rows: np.ndarray) -> Floats:
    """The days until completion, at most up to the horizon."""
    return np.minimum(np.array(made.outcome)[rows], np.array(made.horizon)[rows])


def interval_scores(made: Made, rows: np.ndarray) -> dict[str, Floats]:
    """[n] of each method: the width of the interval and, for an outcome outside, how far outside,
    times ten. Lower is better; nothing is gained by stating an interval one doesn't believe in."""
    truth = truncated(made, rows)
    found = {}
    for method in METHODS:
        low, high = np.array(made.spans[method])[rows].T
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        found[method] = high - low + MISSED * outside
    return found


@dataclass(frozen=True)
class Measure:
    """Of some forecasts: how many, of how many enrolments; the share that named days, and of these
    the share inside with its 95 % bootstrap interval and the median days (infinite: no end); the
    mean interval score of each method, and how much lower ours is than the others'."""

    forecasts: int
    enrollments: int
    named: float
    coverage: float
    low: float
    high: float
    width: float
    scores: dict[str, float]
    gains: dict[str, tuple[float, float, float]]
    late_error: float


def measure(made: Made, rows: np.ndarray, *, seed: int = 1, draws: int = DRAWS) -> Measure:
    """Bootstrap intervals are drawn by enrolment: an enrolment's weeks resemble each other."""
    found = settled_of(made, rows)
    scores = interval_scores(made, rows)
    _, person = np.unique(found.enrollment, return_inverse=True)
    people = int(person.max(initial=-1)) + 1
    chance = np.random.default_rng(seed)
    weights = chance.multinomial(people, np.full(people, 1 / people), draws) if people else None

    def drawn(values: Floats, counted: np.ndarray) -> tuple[float, float, float]:
        """The mean over the counted, with the 2.5th and 97.5th percentile of its draws."""
        if weights is None or not counted.any():
            return (np.nan,) * 3
        total = np.bincount(person, np.where(counted, values, 0.0), people)
        number = np.bincount(person, counted.astype(float), people)
        means = (weights @ total) / np.maximum(weights @ number, 1e-9)
        return float(total.sum() / number.sum()), *np.quantile(means, [0.025, 0.975]).tolist()

    everything = np.ones(len(rows), dtype=bool)
    coverage, low, high = drawn(found.inside.astype(float), found.is_named)
    known = ~np.isnan(found.late)
    # Of all that is asked for, whatever the gate would count.
    every = replace(found.only(known), is_calibrated=np.ones(known.sum(), dtype=bool))
    late = validate(every).late_error if known.any() else np.nan
    return Measure(
        forecasts=len(rows),
        enrollments=people,
        named=float(found.is_named.mean()) if len(rows) else np.nan,
        coverage=coverage,
        low=low,
        high=high,
        width=float(np.median(found.width[found.is_named])) if found.is_named.any() else np.nan,
        scores={name: float(values.mean()) for name, values in scores.items()},
        gains={name: drawn(scores[name] - scores["forecast"], everything) for name in METHODS[1:]},
        late_error=late,
    )


ALL_PARTS = range(1, PARTS + 2)
