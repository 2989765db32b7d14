"""Whether a test, or practice before another try, is expected to save more time than it takes.

Values in, values out. A chance starts from how others of the course did and moves towards what the
learner's own answers say, the more of these there are. Whoever passes by luck has learned nothing
that could be left out, so only the share that knows is worth anything.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

# As many tries as this, so many of them passed, are added to what others did: while few have tried,
# a test is taken for one that most pass who take it.
FEW_TRIES, FEW_PASSED = 10.0, 7.0
SPREAD = 0.5  # the variance of learners around one another in a course, in logits
LIKELY = 0.5


class Record(NamedTuple):
    """How many tries there were, and how many of them passed."""

    tries: int = 0
    passed: int = 0


NOBODY = Record()


class Known(NamedTuple):
    """A learner's skill: the share of right answers to expect, and from how many answers."""

    mastery: float
    answers: int


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz with a pass mark: `needed` right answers of `questions`, each guessed with `guess`.

    `first` is how everybody's first tries went, `again` the next after a first that failed.
    `tries` are the learner's own so far, `tries_left` is None without a limit.
    """

    questions: int = 4
    needed: int = 3
    guess: float = 0.25
    first: Record = NOBODY
    again: Record = NOBODY
    tries: int = 0
    tries_left: int | None = None

    @property
    def luck(self) -> float:
        """The chance to pass by guessing."""
        return at_least(self.needed, self.questions, self.guess)


def at_least(needed: int, questions: int, share: float) -> float:
    """The chance of so many right answers when each is right with the chance `share`."""
    return math.fsum(
        math.comb(questions, right) * share**right * (1 - share) ** (questions - right)
        for right in range(max(needed, 0), questions + 1)
    )


def rate(record: Record) -> float:
    """The share that passes, drawn to the usual one while few have tried."""
    return (record.passed + FEW_PASSED) / (record.tries + FEW_TRIES)


def standing(tests: Iterable[tuple[Record, bool]]) -> float:
    """How far, in logits, a learner is above others, by tests: (how others did, was it passed).

    One step of Newton's method from the middle of a normal distribution: more than expected raises
    it, the less the fewer the tests.
    """
    surprise = weight = 0.0
    for record, is_passed in tests:
        share = rate(record)
        surprise += is_passed - share
        weight += share * (1 - share)
    return SPREAD * surprise / (1 + SPREAD * weight)


def chance(quiz: Quiz, record: Record, known: Known | None, above: float = 0.0) -> float:
    """The chance to pass: as others did (`record`), for one so far `above` them, and as the own
    answers to such questions say; others count as much as one try of one's own."""
    share = rate(record)
    others = 1 / (1 + math.exp(-(math.log(share / (1 - share)) + above)))
    if known is None:
        return others
    own = at_least(quiz.needed, quiz.questions, known.mastery)
    tries = known.answers / max(quiz.questions, 1)
    return (others + tries * own) / (1 + tries)


def knows(quiz: Quiz, passes: float) -> float:
    """The chance to pass knowingly, of whoever passes with the chance `passes`, luck included."""
    return max(passes - quiz.luck, 0.0) / max(1 - quiz.luck, 1e-9)


def is_worth_it(quiz: Quiz, passes: float, minutes: float, spared_minutes: float) -> bool:
    """Whether a pre-test of so many minutes should come first: its learner more likely knows it
    than not, and is expected to be spared more than it takes."""
    known = knows(quiz, passes)
    return known >= LIKELY and known * spared_minutes > minutes


def costs(passes: float, minutes: float) -> float:
    """The minutes that tries are expected to be lost in until one passes."""
    return minutes * (1 - passes) / max(passes, 1e-9)
