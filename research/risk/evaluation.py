"""How well risk is predicted, on presentations that the model wasn't trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
    learner: np.ndarray
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
    predicted: float
    called: float
    false_alarms: float
    missed: float
    auc: float

    @property
    def off(self) -> float:
        """By how much the mean prediction is too high, or too low if negative."""
        return self.predicted - self.failed


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
        chosen = chosen_rows(each, day, recorded_only=recorded_only)
        days = np.full(len(each.cohort), float(day))
        parts.append((each, chosen, predictor.risk(each.cohort, days)[chosen]))
    return join(day, parts)


def chosen_rows(each: Presentation, day: float, *, recorded_only: bool = False) -> np.ndarray:
    """[N] who of a presentation is counted at the end of `day`."""
    days = np.full(len(each.cohort), float(day))
    chosen = present(each.cohort, days) & ~np.isnan(each.outcome)
    return chosen & each.is_only & has_activity(each.cohort, days) if recorded_only else chosen


def join(day: float, parts: Sequence[tuple[Presentation, np.ndarray, Floats]]) -> Predictions:
    """The predictions for several presentations: of each, who is counted and their risk."""
    groups = parts[0][0].groups if parts else {}
    return Predictions(
        float(day),
        _joined([np.full(who.sum(), each.cohort.name, dtype=object) for each, who, _ in parts]),
        _joined([each.cohort.learners[who] for each, who, _ in parts]),
        _joined([each.outcome[who] for each, who, _ in parts]),
        _joined([risk for _, _, risk in parts]),
        {name: _joined([each.groups[name][who] for each, who, _ in parts]) for name in groups},
    )


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0)


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
                    predicted=float(predictions.risk[inside].mean()),
                    called=float(alarm.mean()),
                    false_alarms=_share(alarm, ~failed),
                    missed=_share(~alarm, failed),
                    auc=measures.auc(predictions.outcome[inside], predictions.risk[inside]),
                )
            )
    return rows


def by_part(predictions: Predictions, *, modules: bool = False) -> list[DayMeasures]:
    """The measures of each presentation, or of each module over its presentations; the name is in
    `worst`."""
    names = np.array([str(name) for name in predictions.presentation], dtype=object)
    if modules:
        names = np.array([name.split()[0] for name in names], dtype=object)
    rows = []
    for name in sorted(set(names)):
        found = measure(_only(predictions, names == name))
        if found is not None:
            rows.append(replace(found, worst=str(name), worst_auc=found.auc))
    return rows


def _only(predictions: Predictions, chosen: np.ndarray) -> Predictions:
    return replace(
        predictions,
        **{
            name: getattr(predictions, name)[chosen]
            for name in ("presentation", "learner", "outcome", "risk")
        },
        groups={name: values[chosen] for name, values in predictions.groups.items()},
    )


def _share(hit: np.ndarray, of: np.ndarray) -> float:
    return float(hit[of].mean()) if of.any() else float("nan")
