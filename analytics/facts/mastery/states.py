"""What is known of a learner before an answer, over all skills and in each. Pure.

It is the same where a model is fitted, where it is measured (`research/mastery`), and where the
product uses it (`tracing`).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import NamedTuple

from .tracers import Rating, difficulty

RATING = Rating()
LATELY = 5  # answers
NEWEST_SKILLS = 10  # answers of which the skills are remembered


class SkillAnswer(NamedTuple):
    """An answer to a question (`item`) on some skills; `right` is 1, 0 or a share of points."""

    item: Hashable
    skills: Sequence[str]
    right: float


class Question(NamedTuple):
    """How hard a question is, how hard those of its skill are, and how many first answers say the
    former."""

    difficulty: float
    of_skill: float
    answers: float


@dataclass(frozen=True)
class Difficulties:
    """How hard questions are, in logits, and how hard those of a skill are; `answers` counts the
    first answers that the former come from."""

    items: Mapping[Hashable, float]
    skills: Mapping[str, float]
    answers: Mapping[Hashable, int]

    def of(self, item: Hashable, skill: str) -> float:
        """Of a question without answers, the mean of its skill; without that, average."""
        return self.items.get(item, self.skills.get(skill, 0.0))

    def question(self, item: Hashable, skill: str) -> Question:
        of_skill = self.skills.get(skill, 0.0)
        return Question(self.of(item, skill), of_skill, self.answers.get(item, 0))


def difficulties(learners: Iterable[Sequence[SkillAnswer]]) -> Difficulties:
    """From each learner's first answer to each question."""
    items: dict[Hashable, list[float]] = {}
    skills: dict[str, list[float]] = {}
    for answers in learners:
        # The last entry of a dict wins: the first answer to each question.
        for answer in {each.item: each for each in reversed(answers)}.values():
            items.setdefault(answer.item, []).append(answer.right)
            for skill in answer.skills:
                skills.setdefault(skill, []).append(answer.right)
    return Difficulties(
        {name: difficulty(sum(right), len(right)) for name, right in items.items()},
        {name: difficulty(sum(right), len(right)) for name, right in skills.items()},
        {name: len(right) for name, right in items.items()},
    )


@dataclass(slots=True)
class Recent:
    """A rating of the answers so far, and the newest of them."""

    rating: tuple[float, ...] = field(default_factory=RATING.start)
    newest: list[float] = field(default_factory=list)
    last_number: float = nan  # of the newest one, among all answers of the learner

    def add(self, hard: float, right: float) -> None:
        self.rating = RATING.after(self.rating, hard, right)
        self.newest = [*self.newest[1 - LATELY :], right]

    @property
    def answers(self) -> float:
        return self.rating[1]

    @property
    def mean(self) -> float:
        return sum(self.newest) / len(self.newest) if self.newest else nan


# Names of what a row holds, each with its direction: 1 where more of it never lowers the chance of
# a right answer, -1 where it never raises it, 0 where either is possible.
FEATURES = {
    "overall": 1,
    "overall_answers": 0,
    "overall_lately": 1,
    "skill": 1,
    "skill_answers": 0,
    "skill_last": 1,
    "skill_lately": 1,
    "question_last": 1,
    "difficulty": -1,
    "skill_difficulty": -1,
    "question_answers": 0,
    "skills": 0,
    "answers_since_skill": 0,
    "skill_among_newest": 0,
    "last_difficulty": 0,
}


@dataclass(slots=True)
class State:
    """A learner after some answers."""

    overall: Recent = field(default_factory=Recent)
    by_skill: dict[str, Recent] = field(default_factory=dict)
    by_item: dict[Hashable, float] = field(default_factory=dict)
    newest_skills: list[Sequence[str]] = field(default_factory=list)
    last_difficulty: float = nan

    def add(self, answer: SkillAnswer, known: Difficulties) -> None:
        for skill in answer.skills:
            hard = known.of(answer.item, skill)
            self.by_skill.setdefault(skill, Recent()).add(hard, answer.right)
        first = answer.skills[0] if answer.skills else ""
        self.last_difficulty = known.of(answer.item, first)
        self.overall.add(self.last_difficulty, answer.right)
        for skill in answer.skills:
            self.by_skill[skill].last_number = self.overall.answers
        self.newest_skills = [*self.newest_skills[1 - NEWEST_SKILLS :], answer.skills]
        self.by_item[answer.item] = answer.right

    def row(self, skill: str, question: Question, item: Hashable = None) -> list[float]:
        """The values of `FEATURES` before an answer to such a question; NaN where nothing is known.
        Without `item`, before one that the learner hasn't answered yet."""
        own = self.by_skill.get(skill) or Recent()
        return [
            *self.overall.rating,
            self.overall.mean,
            *own.rating,
            own.newest[-1] if own.newest else nan,
            own.mean,
            self.by_item.get(item, nan),
            question.difficulty,
            question.of_skill,
            question.answers,
            len(self.by_skill),
            self.overall.answers - own.last_number,
            sum(skill in skills for skills in self.newest_skills),
            self.last_difficulty,
        ]


def follow(
    learners: Iterable[Sequence[SkillAnswer]], known: Difficulties
) -> tuple[list[list[float]], list[float], list[int]]:
    """A row before each answer in each of its skills, how right the answer was, and the number of
    the learner."""
    rows, right, who = [], [], []
    for number, answers in enumerate(learners):
        state = State()
        for answer in answers:
            for skill in answer.skills:
                rows.append(state.row(skill, known.question(answer.item, skill), answer.item))
                right.append(answer.right)
                who.append(number)
            state.add(answer, known)
    return rows, right, who
