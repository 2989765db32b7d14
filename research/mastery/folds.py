"""Models of mastery measured on answers of learners that nothing was learned from.

Learners are divided into folds. Difficulties, and whatever is fitted, come from the other folds;
each answer is predicted before it is seen. States, fitting and folds are the product's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analytics.facts.mastery import fitting
from analytics.facts.mastery.fitting import Learners, by_rating
from analytics.facts.mastery.states import FEATURES, difficulties, follow
from analytics.facts.risk.signs import measures
from analytics.facts.risk.signs.history import Floats

FOLDS = fitting.FOLDS
FEW_ANSWERS = 4.0  # in a skill: with so many, its rating counts like that over all skills
_COLUMN = {name: at for at, name in enumerate(FEATURES)}


def overall(rows: Floats) -> Floats:
    """The rating over all skills too: it counts the more, the fewer answers the skill has."""
    answers = rows[:, _COLUMN["skill_answers"]]
    share = answers / (answers + FEW_ANSWERS)
    ability = share * rows[:, _COLUMN["skill"]] + (1 - share) * rows[:, _COLUMN["overall"]]
    return 1 / (1 + np.exp(rows[:, _COLUMN["difficulty"]] - ability))


# What the product uses without a fitted model, and another one to compare with.
CHANCES: Mapping[str, Callable[[Floats], Floats]] = {"rating": by_rating, "overall": overall}
FITTED = "fitted trees"  # what the product uses once they are proven better


@dataclass(frozen=True)
class Measured:
    """A model's predictions over all folds."""

    name: str
    answers: int
    auc: float
    log_loss: float
    calibration_error: float


def evaluate(learners: Learners, *, folds: int = FOLDS) -> list[Measured]:
    """Each model on every answer of every learner. Deterministic."""
    parts = fitting.divide(learners, folds)
    predicted: dict[str, list[Floats]] = {name: [] for name in (*CHANCES, FITTED)}
    right: list[Floats] = []
    for number, tested in enumerate(parts):
        others = [part for at, part in enumerate(parts) if at != number]
        known = difficulties([answers for part in others for answers in part])
        rows, truth, _ = follow(tested, known)
        table = np.array(rows, dtype=float).reshape(-1, len(FEATURES))
        right.append(np.array(truth, dtype=float))
        for name, chance in CHANCES.items():
            predicted[name].append(chance(table))
        predicted[FITTED].append(fitting.fit(others).chance(table))
    truth = np.concatenate(right)
    return [_measured(name, truth, np.concatenate(values)) for name, values in predicted.items()]


def _measured(name: str, right: Floats, chance: Floats) -> Measured:
    return Measured(
        name=name,
        answers=len(right),
        auc=measures.auc((right >= 0.5).astype(float), chance),
        log_loss=float(fitting.losses(chance, right).mean()),
        calibration_error=fitting.calibration_error(chance, right),
    )
