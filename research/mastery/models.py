"""Models of one learner's skill, to be compared with the one that the product uses. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from analytics.facts.mastery.tracers import logistic


class GradedResponse(NamedTuple):
    difficulty: float
    right: float


class Tracer(Protocol):
    """A model with its parameters as fields. States are values; `after` returns a new one."""

    BOUNDS: ClassVar[Sequence[tuple[float, float]]]

    def start(self) -> tuple[float, ...]: ...

    def chance(self, state: tuple[float, ...], difficulty: float) -> float: ...

    def after(
        self, state: tuple[float, ...], difficulty: float, right: float
    ) -> tuple[float, ...]: ...


def follow(tracer: Tracer, answers: Iterable[GradedResponse]) -> tuple[float, ...]:
    """The state after these answers, in their order."""
    state = tracer.start()
    for difficulty, right in answers:
        state = tracer.after(state, difficulty, right)
    return state


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
