"""When an answer to a question is right: all of it, or it is wrong.

The key of a question says its type. An answer is a list, as it was sent: of choice ids, of pairs of
them (matching), or of one text (numeric, short text).
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Pair = Sequence[int]  # a prompt and what it is matched with, by their choice ids
Answer = Sequence[int | str | Pair]
AnswerPart = int | str | list[int]  # as stored and shown

MAX_NUMBER_CHARACTERS = 40
_NUMBER = re.compile(r"[+-]?\d{1,18}([.,]\d{1,18})?")
_SIGNS = str.maketrans({"−": "-", "٫": "."})


@dataclass(frozen=True, slots=True)
class Order:
    """An ordering question: its choices from first to last."""

    choices: tuple[int, ...]

    def accepts(self, answer: Answer) -> bool:
        return tuple(answer) == self.choices


@dataclass(frozen=True, slots=True)
class Matches:
    """A matching question: each prompt with what belongs to it."""

    pairs: frozenset[tuple[int, int]]

    def accepts(self, answer: Answer) -> bool:
        given = [tuple(pair) for pair in answer if not isinstance(pair, int | str)]
        return len(given) == len(answer) and frozenset(given) == self.pairs


@dataclass(frozen=True, slots=True)
class Numbers:
    """A numeric question: the numbers that are right, each give or take the tolerance."""

    texts: tuple[str, ...]
    tolerance: str = "0"

    def accepts(self, answer: Answer) -> bool:
        given = number(answer[0]) if len(answer) == 1 else None
        around = number(self.tolerance) or Fraction(0)
        wanted = (number(text) for text in self.texts)
        return given is not None and any(
            each is not None and abs(given - each) <= around for each in wanted
        )


@dataclass(frozen=True, slots=True)
class Texts:
    """A short text: the accepted answers, whatever their case and spaces."""

    texts: tuple[str, ...]

    def accepts(self, answer: Answer) -> bool:
        if len(answer) != 1 or not isinstance(answer[0], str):
            return False
        given = normalized(answer[0])
        return bool(given) and given in {normalized(text) for text in self.texts}


# A set of choices is the key of the types that are answered by choosing.
Key = frozenset[int] | Order | Matches | Numbers | Texts


def is_right(key: Key, answer: Answer) -> bool:
    if isinstance(key, frozenset):
        return all(isinstance(each, int) for each in answer) and frozenset(answer) == key
    return key.accepts(answer)


def correct_answer(key: Key) -> list[AnswerPart]:
    """What to show as the correct answer, in the form of an answer; of typed ones all accepted."""
    match key:
        case Order():
            return list(key.choices)
        case Matches():
            return [list(pair) for pair in sorted(key.pairs)]
        case Numbers() | Texts():
            return list(key.texts)
    return sorted(key)


def number(value: object) -> Fraction | None:
    """The exact value of a number as people write it: 3.5, 3,5, −2, ٣٫٥. None for anything else."""
    text = unicodedata.normalize("NFKC", str(value)).translate(_SIGNS).strip()
    if not _NUMBER.fullmatch(text):
        return None
    return Fraction(Decimal(text.replace(",", ".")))


def normalized(text: str) -> str:
    """A text without differences in case, spaces and forms of the same characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def shuffled(choices: Sequence[int]) -> list[int]:
    """The choices in an order that says nothing, the same on every device.

    Never the order they came in, where there is another: an ordering question would be solved.
    """
    mixed = sorted(choices, key=lambda pk: hashlib.sha256(str(pk).encode()).digest())
    if mixed == list(choices):
        mixed = mixed[1:] + mixed[:1]
    return mixed
