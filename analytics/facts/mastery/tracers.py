"""Models of one learner's skill: each predicts the next answer, then learns from it. Pure.

Difficulties are in logits, 0 being a question that half answer right. `right` is 1 or 0, or a share
of points.
Which one is used is measured: see `comparing.py` and docs/mastery.md.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

_FEW_ANSWERS = 4.0  # as many as this, half of them right, are added to each question's own


class Answer(NamedTuple):
    difficulty: float
    right: float


class Tracer(Protocol):
    """A model with its parameters as fields. States are values; `after` answers a new one."""

    BOUNDS: ClassVar[Sequence[tuple[float, float]]]

    def start(self) -> tuple[float, ...]: ...

    def chance(self, state: tuple[float, ...], difficulty: float) -> float: ...

    def after(
        self, state: tuple[float, ...], difficulty: float, right: float
    ) -> tuple[float, ...]: ...


def follow(tracer: Tracer, answers: Iterable[Answer]) -> tuple[float, ...]:
    """The state after these answers, in their order."""
    state = tracer.start()
    for difficulty, right in answers:
        state = tracer.after(state, difficulty, right)
    return state


def difficulty(right: float, answers: int) -> float:
    """A question's difficulty from first answers, drawn towards 0 while they are few."""
    share = (right + _FEW_ANSWERS / 2) / (answers + _FEW_ANSWERS)
    return math.log((1 - share) / share)


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@dataclass(frozen=True, slots=True)
class Rating:
    """Elo: an ability that each answer moves by what was surprising in it, less and less.

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


@dataclass(frozen=True, slots=True)
class Factors:
    """Performance factors: a logistic model of how often it was right and wrong before.

    Pavlik, Cen, Koedinger (2009), Performance Factors Analysis; with logarithms of the counts.
    The state is (right, wrong).
    """

    prior: float = 0.0
    success: float = 0.5
    failure: float = -0.3
    weight: float = 1.0

    BOUNDS: ClassVar = ((-3.0, 4.0), (-1.0, 3.0), (-3.0, 2.0), (0.0, 2.0))

    def start(self):
        return (0.0, 0.0)

    def chance(self, state, difficulty):
        right, wrong = state
        return logistic(
            self.prior
            + self.success * math.log1p(right)
            + self.failure * math.log1p(wrong)
            - self.weight * difficulty
        )

    def after(self, state, difficulty, right):
        return (state[0] + right, state[1] + 1 - right)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Bayesian knowledge tracing: known or not, with slips, guesses and a chance to learn.

    Corbett and Anderson (1994), Knowledge tracing. The state is (chance that it is known,);
    difficulty plays no part in it.
    """

    known: float = 0.4
    learned: float = 0.1
    slip: float = 0.1
    guess: float = 0.25

    BOUNDS: ClassVar = ((0.01, 0.99), (0.0, 0.6), (0.01, 0.45), (0.01, 0.5))

    def start(self):
        return (self.known,)

    def chance(self, state, difficulty):
        return state[0] * (1 - self.slip) + (1 - state[0]) * self.guess

    def after(self, state, difficulty, right):
        known = state[0]
        if_right = known * (1 - self.slip) / self.chance(state, difficulty)
        if_wrong = known * self.slip / (1 - self.chance(state, difficulty))
        seen = right * if_right + (1 - right) * if_wrong
        return (seen + (1 - seen) * self.learned,)
