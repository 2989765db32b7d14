"""How well risk is predicted, on presentations that the model wasn't trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.facts.risk.signs import measures
from analytics.facts.risk.signs.history import Floats
from analytics.facts.risk.signs.model import Predictor, has_activity
from analytics.facts.risk.training import present

from .oulad import Presentation

MIN_GROUP = 50  # learners; smaller groups have no meaningful error rate


@dataclass(frozen=True)
class Predictions:
    """Predictions at the end of a day, and the actual outcomes. One entry for each learner."""

    day: float
    presentation: np.ndarray
    outcome: Floats
    risk: Floats
    groups: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True)
class DayMeasures:
    """One day's measures; `worst` is the presentation with the lowest AUC."""

    day: float
    learners: int
    failed: float
    auc: float
    average_precision: float
    brier: float
    calibration_error: float
    worst: str
    worst_auc: float


@dataclass(frozen=True)
class GroupErrors:
    """Error rates of a group when every learner at or above the threshold is called."""

    attribute: str
    group: str
    learners: int
    failed: float
    called: float
    false_alarms: float
    missed: float
    auc: float


def predict(
    model: Predictor,
    presentations: Iterable[Presentation],
    day: float,
    *,
    with_activity: bool = True,
    recorded_only: bool = False,
) -> Predictions:
    """Risk at the end of `day` for learners who were registered then and have a known outcome.

    Without activity, from registration and assessments alone. `recorded_only`: only learners whose
    activity is known that day, and who are in no other cohort.
    """
    predictor = model if with_activity else without_activity(model)
    parts = []
    for each in presentations:
        cohort = each.cohort
        days = np.full(len(cohort), float(day))
        chosen = present(cohort, days) & ~np.isnan(each.outcome)
        if recorded_only:
            chosen &= each.is_only & has_activity(cohort, days)
        parts.append(
            (
                np.full(chosen.sum(), cohort.name, dtype=object),
                each.outcome[chosen],
                predictor.risk(cohort, days)[chosen],
                {name: values[chosen] for name, values in each.groups.items()},
            )
        )
    names, outcomes, risks, groups = zip(*parts, strict=True)
    return Predictions(
        float(day),
        np.concatenate(names),
        np.concatenate(outcomes),
        np.concatenate(risks),
        {name: np.concatenate([part[name] for part in groups]) for name in groups[0]},
    )


def without_activity(model: Predictor) -> Predictor:
    """The same model without activity."""
    return Predictor(model.version, model.trained_on, model.plain)


def measure(predictions: Predictions) -> DayMeasures | None:
    """The measures of a day; None without any learner."""
    if not len(predictions):
        return None
    by_presentation = {
        name: measures.auc(predictions.outcome[inside], predictions.risk[inside])
        for name in np.unique(predictions.presentation)
        for inside in [predictions.presentation == name]
    }
    comparable = {name: value for name, value in by_presentation.items() if not np.isnan(value)}
    worst = min(comparable, key=comparable.get) if comparable else ""
    return DayMeasures(
        day=predictions.day,
        learners=len(predictions),
        failed=float(predictions.outcome.mean()),
        auc=measures.auc(predictions.outcome, predictions.risk),
        average_precision=measures.average_precision(predictions.outcome, predictions.risk),
        brier=measures.brier(predictions.outcome, predictions.risk),
        calibration_error=measures.calibration_error(predictions.outcome, predictions.risk),
        worst=worst,
        worst_auc=comparable.get(worst, float("nan")),
    )


def fairness(predictions: Predictions, threshold: float) -> Sequence[GroupErrors]:
    """Each group of at least `MIN_GROUP` learners."""
    called = predictions.risk >= threshold
    rows = []
    for attribute, values in predictions.groups.items():
        for group in sorted({str(value) for value in values}):
            inside = values == group
            if inside.sum() < MIN_GROUP:
                continue
            failed, alarm = predictions.outcome[inside] == 1, called[inside]
            rows.append(
                GroupErrors(
                    attribute=attribute,
                    group=group or "unknown",
                    learners=int(inside.sum()),
                    failed=float(failed.mean()),
                    called=float(alarm.mean()),
                    false_alarms=_share(alarm, ~failed),
                    missed=_share(~alarm, failed),
                    auc=measures.auc(predictions.outcome[inside], predictions.risk[inside]),
                )
            )
    return rows


def _share(hit: np.ndarray, of: np.ndarray) -> float:
    return float(hit[of].mean()) if of.any() else float("nan")
