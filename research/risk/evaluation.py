"""How well risk is told ahead, on presentations that weren't learned from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.facts.risk.signs import measures
from analytics.facts.risk.signs.history import Floats
from analytics.facts.risk.signs.model import Predictor, has_activity
from analytics.facts.risk.training import present

from .oulad import Presentation

LEAST_OF_GROUP = 50  # learners; an error rate of fewer says nothing


@dataclass(frozen=True)
class Told:
    """What was told at the end of a day, and what became of it. One entry for each learner."""

    day: float
    presentation: np.ndarray
    outcome: Floats
    risk: Floats
    groups: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True)
class Line:
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
class GroupLine:
    """Error rates of a group when everybody at or above the threshold is called."""

    attribute: str
    group: str
    learners: int
    failed: float
    called: float
    false_alarms: float
    missed: float
    auc: float


def tell(
    model: Predictor,
    presentations: Iterable[Presentation],
    day: float,
    *,
    with_activity: bool = True,
    recorded_only: bool = False,
) -> Told:
    """Risk at the end of `day` of whoever was registered then and has a known outcome.

    Without activity, from registration and assessments alone. Recorded only: no learners but those
    of whom activity is known that day, and who are in no other cohort.
    """
    asked = model if with_activity else without_activity(model)
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
                asked.risk(cohort, days)[chosen],
                {name: values[chosen] for name, values in each.groups.items()},
            )
        )
    names, outcomes, risks, groups = zip(*parts, strict=True)
    return Told(
        float(day),
        np.concatenate(names),
        np.concatenate(outcomes),
        np.concatenate(risks),
        {name: np.concatenate([part[name] for part in groups]) for name in groups[0]},
    )


def without_activity(model: Predictor) -> Predictor:
    """The same model for learners of whom only tasks are known."""
    return Predictor(model.version, model.trained_on, model.plain)


def measure(told: Told) -> Line | None:
    """None when nobody is left to measure by."""
    if not len(told):
        return None
    by_presentation = {
        name: measures.auc(told.outcome[inside], told.risk[inside])
        for name in np.unique(told.presentation)
        for inside in [told.presentation == name]
    }
    comparable = {name: value for name, value in by_presentation.items() if not np.isnan(value)}
    worst = min(comparable, key=comparable.get) if comparable else ""
    return Line(
        day=told.day,
        learners=len(told),
        failed=float(told.outcome.mean()),
        auc=measures.auc(told.outcome, told.risk),
        average_precision=measures.average_precision(told.outcome, told.risk),
        brier=measures.brier(told.outcome, told.risk),
        calibration_error=measures.calibration_error(told.outcome, told.risk),
        worst=worst,
        worst_auc=comparable.get(worst, float("nan")),
    )


def fairness(told: Told, threshold: float) -> Sequence[GroupLine]:
    """Each group of at least `LEAST_OF_GROUP` learners."""
    called = told.risk >= threshold
    lines = []
    for attribute, values in told.groups.items():
        for group in sorted({str(value) for value in values}):
            inside = values == group
            if inside.sum() < LEAST_OF_GROUP:
                continue
            failed, alarm = told.outcome[inside] == 1, called[inside]
            lines.append(
                GroupLine(
                    attribute=attribute,
                    group=group or "unknown",
                    learners=int(inside.sum()),
                    failed=float(failed.mean()),
                    called=float(alarm.mean()),
                    false_alarms=_share(alarm, ~failed),
                    missed=_share(~alarm, failed),
                    auc=measures.auc(told.outcome[inside], told.risk[inside]),
                )
            )
    return lines


def _share(hit: np.ndarray, of: np.ndarray) -> float:
    return float(hit[of].mean()) if of.any() else float("nan")
