"""Which model predicts answers best: fitted on some learners, measured on others. Pure.

Every answer is predicted before it is seen. Difficulties come from the learners fitted on.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from random import Random
from typing import NamedTuple

from analytics.facts.mastery.tracers import Rating, difficulty, logistic

from .models import Factors, GradedResponse, Knowledge, Tracer

MODELS: Mapping[str, type] = {"Elo": Rating, "PFA": Factors, "BKT": Knowledge}
ROUNDS = 40
_MIN_CHANCE = 1e-6


class Response(NamedTuple):
    """An answer to a question; `right` is 1 or 0, or a share of points."""

    question: str
    right: float


Learners = Sequence[Sequence[Response]]  # each learner's answers within one skill, in order


@dataclass(frozen=True, slots=True)
class ModelResult:
    name: str
    log_loss: float
    parameters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Halves:
    """Learners to fit on, and others to measure on, with the difficulties of their questions."""

    fitting: Sequence[Sequence[GradedResponse]]
    measuring: Sequence[Sequence[GradedResponse]]

    @property
    def answers(self) -> int:
        """How many answers are predicted."""
        return sum(map(len, self.measuring))


def halve(learners: Learners, *, seed: int = 1) -> Halves:
    """Half of the learners to fit on; their first answers determine how hard the questions are."""
    shuffled = list(learners)
    Random(seed).shuffle(shuffled)
    middle = len(shuffled) // 2
    known = _difficulties(shuffled[:middle])
    average = sum(known.values()) / len(known)
    graded = [
        [GradedResponse(known.get(question, average), right) for question, right in answers]
        for answers in shuffled
    ]
    return Halves(graded[:middle], graded[middle:])


def _difficulties(learners: Learners) -> dict[str, float]:
    sums: dict[str, tuple[float, int]] = {}
    for answers in learners:
        # The last entry of a dict wins: the first answer to each question.
        for question, right in dict(reversed(answers)).items():
            so_far, count = sums.get(question, (0.0, 0))
            sums[question] = (so_far + right, count + 1)
    return {question: difficulty(*counts) for question, counts in sums.items()}


def compare(halves: Halves) -> list[ModelResult]:
    """Each model's mean log-loss on unseen learners.

    The baseline predicts each question's share of right answers, the same for every learner;
    `shipped` is what the product uses, without fitting. The `floor` is the log-loss of knowing each
    share of points; 0 where answers are either right or wrong.
    """
    unseen = halves.measuring
    rows = [
        ModelResult("floor", _floor(unseen), ()),
        _measured("baseline", Rating(step=0.0), unseen),
        _measured("shipped", Rating(), unseen),
    ]
    fitted = {name: fit(model(), halves.fitting) for name, model in MODELS.items()}
    return rows + [_measured(name, tracer, unseen) for name, tracer in fitted.items()]


def one_for_all(several: Sequence[Halves]) -> dict[str, list[ModelResult]]:
    """The log-loss of each model with one set of parameters for all data sets, fitted on equally
    many learners of each. That is how a model is shipped, not knowing its learners."""
    smallest = min(len(halves.fitting) for halves in several)
    together = [answers for halves in several for answers in halves.fitting[:smallest]]
    fitted = {name: fit(model(), together) for name, model in MODELS.items()}
    return {
        name: [_measured(name, tracer, halves.measuring) for halves in several]
        for name, tracer in fitted.items()
    }


def _measured(name: str, tracer: Tracer, unseen: Sequence[Sequence[GradedResponse]]) -> ModelResult:
    return ModelResult(name, log_loss(tracer, unseen), astuple(tracer))  # type: ignore[call-overload]


def log_loss(tracer: Tracer, learners: Sequence[Sequence[GradedResponse]]) -> float:
    """The mean over all answers, each predicted from those before it."""
    losses = [loss for answers in learners for loss in _losses(tracer, answers)]
    return sum(losses) / len(losses)


def _losses(tracer: Tracer, answers: Sequence[GradedResponse]) -> Iterator[float]:
    state = tracer.start()
    for hard, right in answers:
        yield _loss(tracer.chance(state, hard), right)
        state = tracer.after(state, hard, right)


def _loss(chance: float, right: float) -> float:
    chance = max(_MIN_CHANCE, min(1 - _MIN_CHANCE, chance))
    return -right * math.log(chance) - (1 - right) * math.log(1 - chance)


def _floor(learners: Sequence[Sequence[GradedResponse]]) -> float:
    losses = [_loss(right, right) for answers in learners for _, right in answers]
    return sum(losses) / len(losses)


def fit(tracer: Tracer, learners: Sequence[Sequence[GradedResponse]]) -> Tracer:
    """The parameters with the lowest log-loss, found by trying a step on each in turn.

    Steps halve when none helps; deterministic.
    """
    model, bounds = type(tracer), tracer.BOUNDS
    best = list(astuple(tracer))  # type: ignore[call-overload]
    lowest = log_loss(tracer, learners)
    steps = [(high - low) / 8 for low, high in bounds]
    for _ in range(ROUNDS):
        is_better = False
        for index, (low, high) in enumerate(bounds):
            for sign in (1, -1):
                tried = list(best)
                tried[index] = max(low, min(high, tried[index] + sign * steps[index]))
                loss = log_loss(model(*tried), learners)
                if loss < lowest - 1e-9:
                    best, lowest, is_better = tried, loss, True
                    break
        if not is_better:
            steps = [step / 2 for step in steps]
    return model(*best)


# --- Simulated learners --------------------------------------------------------------------------
def simulated(world: str, *, learners: int = 300, seed: int = 7) -> list[list[Response]]:
    """Answers by a given law: `known` (that of BKT), `growing` abilities, or constant (`still`).

    Forty questions of spread difficulty; eight to thirty answers of each learner.
    """
    random = Random(f"{world} {seed}")
    hard = [random.gauss(0, 1) for _ in range(40)]
    law = {"known": _of_knowledge, "growing": _of_growth, "still": _of_stillness}[world]
    return [list(law(random, hard, random.randint(8, 30))) for _ in range(learners)]


def _of_knowledge(random: Random, hard: Sequence[float], count: int) -> Iterator[Response]:
    law = Knowledge()
    knows = random.random() < law.known
    for _ in range(count):
        chance = 1 - law.slip if knows else law.guess
        yield Response(str(random.randrange(len(hard))), float(random.random() < chance))
        knows = knows or random.random() < law.learned


def _of_growth(random: Random, hard: Sequence[float], count: int) -> Iterator[Response]:
    ability, speed = random.gauss(-0.5, 1), random.uniform(0, 0.15)
    yield from _of_ability(random, hard, [ability + speed * turn for turn in range(count)])


def _of_stillness(random: Random, hard: Sequence[float], count: int) -> Iterator[Response]:
    yield from _of_ability(random, hard, [random.gauss(0.3, 1)] * count)


def _of_ability(random: Random, hard: Sequence[float], abilities) -> Iterator[Response]:
    for ability in abilities:
        question = random.randrange(len(hard))
        yield Response(str(question), float(random.random() < logistic(ability - hard[question])))
