"""How well a model would have predicted enrolments whose outcome is known by now, as JSON for a
page: overall, by week of the course, by threshold and by predicted risk."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from .histories import CourseHistory
from .signs import features, measures
from .signs.forest import probability
from .signs.history import Floats
from .signs.model import Predictor
from .training import present

STEP = timedelta(days=7)
MAX_WEEKS = 26
MAX_MOMENTS = 40
WEEKS_APART = 1_000.0  # of two courses, when a number stands for a course and a week
THRESHOLDS = range(10, 100, 10)
RANKS = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100)  # of a hundred learners, the first so many


def run(
    model: Predictor,
    histories: Sequence[CourseHistory],
    outcomes: Sequence[Floats],
    now: datetime,
) -> dict:
    """Predict each week, from what was known then, for every learner who was still active.

    An outcome of NaN leaves the learner out. `auc` compares learners of the same course in the same
    week only: the week alone would tell many of them apart. It is 0.5 where there is nothing to
    measure.
    """
    parts = [
        _predictions(model, history, outcome, moment)
        for history, outcome in zip(histories, outcomes, strict=True)
        for moment in moments(history, now)
    ]
    course, week, truth, risk = (
        np.concatenate([*(p[at] for p in parts), np.zeros(0)]) for at in range(4)
    )
    return {
        "at": now.isoformat(),
        "passages": int(sum((~np.isnan(outcome)).sum() for outcome in outcomes)),
        "auc": _number(measures.auc_within(truth, risk, course * WEEKS_APART + week), 0.5),
        "weeks": [
            _week(int(number), *(each[week == number] for each in (course, truth, risk)))
            for number in np.unique(week)
        ],
    }


def moments(history: CourseHistory, now: datetime) -> list[datetime]:
    """The moments at which predictions are made: weekly, less often for a long-running course."""
    first = datetime.fromtimestamp(history.started.min() * 86_400, tz=now.tzinfo)
    count = int((now - first) / STEP)
    every = max(1, -(-count // MAX_MOMENTS))
    return [first + STEP * number for number in range(1, count + 1, every)]


def _predictions(
    model: Predictor, history: CourseHistory, outcome: Floats, moment: datetime
) -> tuple[Floats, Floats, Floats, Floats]:
    """Course, its week, outcome and risk of each learner who was active at `moment`."""
    found = [(np.zeros(0), np.zeros(0), np.zeros(0))]
    days = history.days(moment)
    for chosen in history.bands(moment):
        cohort = history.cohort.only(chosen)
        counted = present(cohort, days[chosen]) & ~np.isnan(outcome[chosen])
        if counted.any():
            rows = features.compute(cohort, days[chosen], with_activity=True)[counted]
            share = (days[chosen] / cohort.length)[counted]
            contributions = model.contributions(rows, share, np.ones(len(rows), dtype=bool))
            real = (moment.timestamp() / 86_400 - history.started[chosen][counted]) / 7
            weeks = np.minimum(np.floor(real) + 1, MAX_WEEKS)
            found.append((weeks, outcome[chosen][counted], probability(contributions)))
    weeks, truth, risk = (np.concatenate([part[at] for part in found]) for at in range(3))
    return np.full(len(weeks), float(history.course_id)), weeks, truth, risk


def _week(number: int, course: Floats, truth: Floats, risk: Floats) -> dict:
    return {
        "week": number,
        "learners": len(truth),
        "failed": round(float(truth.mean()), 4),
        "auc": _number(measures.auc_within(truth, risk, course)),
        "calibration_error": _number(measures.calibration_error(truth, risk)),
        "reliability": [
            {"learners": n, "predicted": round(predicted, 4), "seen": round(observed, 4)}
            for n, predicted, observed in measures.reliability(truth, risk)
        ],
        "thresholds": [_threshold(percent, truth, risk) for percent in THRESHOLDS],
        "ranks": [_rank(percent, truth, risk) for percent in RANKS],
    }


def _threshold(percent: int, truth: Floats, risk: Floats) -> dict:
    called = risk >= percent / 100
    precision, recall = measures.precision_recall(truth, called)
    return {
        "from": percent,
        "called": int(called.sum()),
        "precision": _number(precision),
        "recall": _number(recall),
    }


def _rank(percent: int, truth: Floats, risk: Floats) -> dict:
    """What calling the `percent` of a hundred with the highest risk would have reached: at least
    one learner."""
    called = np.zeros(len(truth), dtype=bool)
    called[np.argsort(-risk, kind="stable")[: max(1, len(truth) * percent // 100)]] = True
    precision, recall = measures.precision_recall(truth, called)
    return {
        "first": percent,
        "called": int(called.sum()),
        "precision": _number(precision),
        "recall": _number(recall),
    }


def _number(value: float, otherwise: float | None = None) -> float | None:
    """Rounded, and None for NaN, which JSON doesn't have."""
    return otherwise if np.isnan(value) else round(float(value), 4)
