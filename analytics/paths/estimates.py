"""Whether a test, or practice before another try, is expected to save more time than it takes.

Pure functions. A chance starts from how others did in the course and moves towards what the
learner's own answers indicate, the more of them there are. Learners who pass by luck haven't
learned what they would skip, so only the chance to pass by knowing counts.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

# A prior of ten tries of which seven passed, added to what others did: while few have tried a test,
# it is assumed that most people pass it.
FEW_TRIES, FEW_PASSED = 10.0, 7.0
SPREAD = 0.5  # the variance between the learners of a course, in logits
LIKELY = 0.5


class Record(NamedTuple):
    """How many tries there were, and how many of them passed."""

    tries: int = 0
    passed: int = 0


NO_TRIES = Record()


class SkillEstimate(NamedTuple):
    """A learner's skill: the expected share of right answers, and from how many answers."""

    mastery: float
    answers: int


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz with a pass mark: `needed` right answers of `questions`, each guessed with `guess`.

    `first` is how everyone's first tries went, `again` the second ones after a failed first try.
    `tries` are the learner's own so far; `tries_left` is None without a limit.
    """

    questions: int = 4
    needed: int = 3
    guess: float = 0.25
    first: Record = NO_TRIES
    again: Record = NO_TRIES
    tries: int = 0
    tries_left: int | None = None

    @property
    def luck(self) -> float:
        """The chance to pass by guessing."""
        return at_least(self.needed, self.questions, self.guess)


def at_least(needed: int, questions: int, share: float) -> float:
    """The chance of at least `needed` right answers if each is right with the chance `share`."""
    return math.fsum(
        math.comb(questions, right) * share**right * (1 - share) ** (questions - right)
        for right in range(max(needed, 0), questions + 1)
    )


def rate(record: Record) -> float:
    """The share that passes, drawn towards the prior while few have tried."""
    return (record.passed + FEW_PASSED) / (record.tries + FEW_TRIES)


def advantage(tests: Iterable[tuple[Record, bool]]) -> float:
    """How far, in logits, a learner is above others, from tests: (how others did, was it passed).

    One step of Newton's method from the middle of a normal distribution: passing more than expected
    raises it, more so with more tests.
    """
    surprise = weight = 0.0
    for record, is_passed in tests:
        share = rate(record)
        surprise += is_passed - share
        weight += share * (1 - share)
    return SPREAD * surprise / (1 + SPREAD * weight)


def chance(quiz: Quiz, record: Record, skill: SkillEstimate | None, above: float = 0.0) -> float:
    """The chance to pass, from how others did (`record`), how far the learner is `above` them, and
    the learner's own answers to such questions; others count as much as one own try."""
    share = rate(record)
    others = 1 / (1 + math.exp(-(math.log(share / (1 - share)) + above)))
    if skill is None:
        return others
    own = at_least(quiz.needed, quiz.questions, skill.mastery)
    tries = skill.answers / max(quiz.questions, 1)
    return (others + tries * own) / (1 + tries)


def chance_to_know(quiz: Quiz, passes: float) -> float:
    """The chance to pass by knowing, given the chance `passes`, which includes luck."""
    return max(passes - quiz.luck, 0.0) / max(1 - quiz.luck, 1e-9)


def is_worth_it(quiz: Quiz, passes: float, minutes: float, spared_minutes: float) -> bool:
    """Whether a pre-test of so many minutes should come first: the learner more likely knows its
    subject than not, and is expected to save more time than the test takes."""
    knows = chance_to_know(quiz, passes)
    return knows >= LIKELY and knows * spared_minutes > minutes


def expected_loss(passes: float, minutes: float) -> float:
    """The minutes expected to be spent on failed tries before one passes."""
    return minutes * (1 - passes) / max(passes, 1e-9)
