"""Models of mastery measured on answers of learners that nothing was learned from.

Learners are divided into folds. Difficulties, and whatever is fitted, come from the other folds;
each answer is predicted before it is seen. What is fitted on learners uses difficulties without
their own answers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from analytics.facts.mastery.tracers import Rating, difficulty, logistic
from analytics.facts.risk.signs import measures
from analytics.facts.risk.signs.history import Floats

from .answers import RecordedAnswer

FOLDS = 5
SEED = 11
SHIPPED = Rating()
Learners = Sequence[Sequence[RecordedAnswer]]


@dataclass(frozen=True)
class Difficulties:
    """How hard items are, from first answers; `skills` for items without answers.

    `known` counts the learners who have answered an item.
    """

    items: Mapping[str, float]
    skills: Mapping[str, float]
    known: Mapping[str, int]

    def of(self, answer: RecordedAnswer, *, by_skill: bool) -> float:
        """Of an unseen item, the mean of its skill, or 0 as in the product."""
        unseen = self.skills.get(answer.skill, 0.0) if by_skill else 0.0
        return self.items.get(answer.item, unseen)


def difficulties(learners: Learners) -> Difficulties:
    items: dict[str, list[float]] = {}
    skills: dict[str, list[float]] = {}
    for answers in learners:
        # The last entry of a dict wins: the first answer to each item.
        for answer in {each.item: each for each in reversed(answers)}.values():
            items.setdefault(answer.item, []).append(answer.right)
            skills.setdefault(answer.skill, []).append(answer.right)
    return Difficulties(
        {name: difficulty(sum(right), len(right)) for name, right in items.items()},
        {name: difficulty(sum(right), len(right)) for name, right in skills.items()},
        {name: len(right) for name, right in items.items()},
    )


@dataclass
class State:
    """What is known of a learner before an answer: a rating over all skills, and one for each."""

    overall: tuple[float, ...] = field(default_factory=SHIPPED.start)
    by_skill: dict[str, tuple[float, ...]] = field(default_factory=dict)
    recent: dict[str, list[float]] = field(default_factory=dict)

    def of_skill(self, skill: str) -> tuple[float, ...]:
        return self.by_skill.get(skill, SHIPPED.start())

    def add(self, answer: RecordedAnswer, hard: float) -> None:
        self.overall = SHIPPED.after(self.overall, hard, answer.right)
        self.by_skill[answer.skill] = SHIPPED.after(self.of_skill(answer.skill), hard, answer.right)
        self.recent.setdefault(answer.skill, []).append(answer.right)


Chance = Callable[[State, RecordedAnswer, Difficulties], float]


def shipped(state: State, answer: RecordedAnswer, known: Difficulties) -> float:
    """As the product predicts: the rating in the skill against the item's difficulty."""
    return logistic(state.of_skill(answer.skill)[0] - known.of(answer, by_skill=False))


def skill_mean(state: State, answer: RecordedAnswer, known: Difficulties) -> float:
    """The same, where unseen items are as hard as their skill usually is."""
    return logistic(state.of_skill(answer.skill)[0] - known.of(answer, by_skill=True))


def overall(state: State, answer: RecordedAnswer, known: Difficulties) -> float:
    """The rating over all skills too: it counts the more, the fewer answers the skill has."""
    ability, answers = state.of_skill(answer.skill)
    share = answers / (answers + 4)
    mixed = share * ability + (1 - share) * state.overall[0]
    return logistic(mixed - known.of(answer, by_skill=True))


CHANCES: Mapping[str, Chance] = {"shipped": shipped, "skill mean": skill_mean, "overall": overall}
BOOSTED = "boosted trees"


@dataclass(frozen=True)
class Measured:
    """A model's predictions over all folds."""

    name: str
    answers: int
    auc: float
    log_loss: float
    calibration_error: float


def evaluate(learners: Learners, *, folds: int = FOLDS, boosted: bool = True) -> list[Measured]:
    """Each model on every answer of every learner. Deterministic."""
    parts = divide(learners, folds)
    predicted: dict[str, list[Floats]] = {}
    right: list[Floats] = []
    for number, tested in enumerate(parts):
        others = [part for at, part in enumerate(parts) if at != number]
        known = difficulties([answers for part in others for answers in part])
        rows, truth, chances = _followed(tested, known)
        right.append(truth)
        for name, values in chances.items():
            predicted.setdefault(name, []).append(values)
        if boosted:
            predicted.setdefault(BOOSTED, []).append(_boosted(others, rows))
    truth = np.concatenate(right)
    return [_measured(name, truth, np.concatenate(values)) for name, values in predicted.items()]


def divide(learners: Learners, folds: int) -> list[list[Sequence[RecordedAnswer]]]:
    """The learners in so many parts of about the same size, at random; the same each time."""
    shuffled = list(learners)
    Random(SEED).shuffle(shuffled)
    return [shuffled[number::folds] for number in range(folds)]


def _followed(learners: Learners, known: Difficulties) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Of each answer what was known before it [A, F], how right it was [A], and what each model
    predicted [A]."""
    rows, truth = [], []
    chances: dict[str, list[float]] = {name: [] for name in CHANCES}
    for answers in learners:
        state = State()
        for answer in answers:
            rows.append(list(_row(state, answer, known)))
            truth.append(answer.right)
            for name, chance in CHANCES.items():
                chances[name].append(chance(state, answer, known))
            state.add(answer, known.of(answer, by_skill=True))
    return (
        np.array(rows, dtype=float),
        np.array(truth, dtype=float),
        {name: np.array(values, dtype=float) for name, values in chances.items()},
    )


def _row(state: State, answer: RecordedAnswer, known: Difficulties) -> Iterator[float]:
    ability, answers = state.of_skill(answer.skill)
    recent = state.recent.get(answer.skill, [])
    yield state.overall[0]
    yield state.overall[1]
    yield ability
    yield answers
    yield known.of(answer, by_skill=True)
    yield known.skills.get(answer.skill, 0.0)
    yield known.known.get(answer.item, 0)
    yield recent[-1] if recent else np.nan
    yield float(np.mean(recent[-5:])) if recent else np.nan


def _boosted(parts: Sequence[Learners], rows: Floats) -> Floats:
    """Predictions for `rows` by trees fitted on the answers of `parts`, whose difficulties come
    from the other parts each: an answer never tells how hard its own item is."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    found = []
    for number, part in enumerate(parts):
        rest = [answers for at, other in enumerate(parts) if at != number for answers in other]
        found.append(_followed(part, difficulties(rest))[:2])
    values = np.concatenate([each for each, _ in found])
    truth = np.concatenate([each for _, each in found])
    model = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=150, max_leaf_nodes=15, min_samples_leaf=40, random_state=SEED
    )
    # A share of points counts as partly right and partly wrong.
    both = np.concatenate([values, values])
    outcome = np.repeat([1, 0], len(truth))
    # One thread: sums in the same order each time.
    with threadpool_limits(1):
        model.fit(both, outcome, sample_weight=np.concatenate([truth, 1 - truth]))
    return model.predict_proba(rows)[:, 1]


def _measured(name: str, truth: Floats, chance: Floats) -> Measured:
    near = np.clip(chance, 1e-6, 1 - 1e-6)
    losses = -truth * np.log(near) - (1 - truth) * np.log(1 - near)
    is_right = (truth >= 0.5).astype(float)
    return Measured(
        name=name,
        answers=len(truth),
        auc=measures.auc(is_right, chance),
        log_loss=float(losses.mean()),
        calibration_error=measures.calibration_error(truth, chance),
    )
