"""The model of one learner's skill: it predicts the next answer, then learns from it. Pure.

Difficulties are in logits, 0 being a question that half answer right. `right` is 1 or 0, or a share
of points. Why this model: docs/mastery.md, where it is compared with others (`research/mastery`).
"""

import math
from dataclasses import dataclass
from typing import ClassVar

_FEW_ANSWERS = 4.0  # a prior, half of it right, added to each question's own answers


def difficulty(right: float, answers: int) -> float:
    """A question's difficulty from first answers, drawn towards 0 while they are few."""
    share = (right + _FEW_ANSWERS / 2) / (answers + _FEW_ANSWERS)
    return math.log((1 - share) / share)


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@dataclass(frozen=True, slots=True)
class Rating:
    """Elo: each answer moves the ability by how surprising it was, later answers less.

    Pelánek (2016), Applications of the Elo rating system in adaptive educational systems. The
    state is (ability in logits, answers so far).
    """

    prior: float = 0.0
    step: float = 0.8
    fading: float = 0.02

    BOUNDS: ClassVar = ((-3.0, 4.0), (0.0, 3.0), (0.0, 1.0))

    def start(self):
        return (self.prior, 0.0)

    def chance(self, state, difficulty):
        return logistic(state[0] - difficulty)

    def after(self, state, difficulty, right):
        ability, answers = state
        step = self.step / (1 + self.fading * answers)
        return (ability + step * (right - self.chance(state, difficulty)), answers + 1)
