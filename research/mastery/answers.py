"""Answers from a file of anybody's: CSV or parquet with the columns learner, item, skill, correct
and order."""

import csv
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from analytics.facts.mastery.states import SkillAnswer
from research import parquet
from research.parquet import BadFolder

COLUMNS = ("learner", "item", "skill", "correct", "order")
TEXTS = ("learner", "item", "skill")
MIN_LEARNERS = 20


class BadAnswers(Exception):
    """The file isn't a table of answers; the message names the line and the column."""


def read(path: Path) -> list[list[SkillAnswer]]:
    """Each learner's answers in their order; learners in order of their names. Raises
    BadAnswers."""
    found: dict[str, list[tuple[float, int, SkillAnswer]]] = {}
    for number, row in enumerate(_rows(path), start=2):
        if not row["learner"] or not row["item"]:
            raise BadAnswers(f"line {number}: learner and item must not be empty")
        right, order = (_number(row[name], name, number) for name in ("correct", "order"))
        if not 0 <= right <= 1:
            raise BadAnswers(f"line {number}: correct must be from 0 to 1")
        answer = SkillAnswer(str(row["item"]), (str(row["skill"] or ""),), right)
        found.setdefault(str(row["learner"]), []).append((order, number, answer))
    if len(found) < MIN_LEARNERS:
        raise BadAnswers(f"{len(found)} learners; at least {MIN_LEARNERS} are needed")
    # What has the same order stays in that of the file.
    return [
        [answer for _, _, answer in sorted(found[learner], key=lambda each: each[:2])]
        for learner in sorted(found)
    ]


def _rows(path: Path) -> Iterator[dict]:
    if path.suffix == ".parquet":
        try:
            table = parquet.read(path, COLUMNS, TEXTS)
        except BadFolder as error:
            raise BadAnswers(str(error)) from None
        for values in zip(*(table[name].tolist() for name in COLUMNS), strict=True):
            yield dict(zip(COLUMNS, values, strict=True))
        return
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadAnswers(f"no column {', '.join(missing)}")
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadAnswers(str(error)) from None


def _number(value, name: str, line: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadAnswers(f"line {line}: {name} must be a number, not {value!r}") from None
    if not isfinite(number):
        raise BadAnswers(f"line {line}: {name} is missing")
    return number
