"""Answers from a file of anybody's: CSV or parquet with the columns learner, item, skill, correct
and order."""

from math import isfinite
from pathlib import Path

from analytics.facts.mastery.states import SkillAnswer
from research import table_files

COLUMNS = ("learner", "item", "skill", "correct", "order")
TEXTS = ("learner", "item", "skill")
MIN_LEARNERS = 20


class BadAnswers(Exception):
    """The file isn't a table of answers; the message names the line and the column."""


def read(path: Path) -> list[list[SkillAnswer]]:
    """Each learner's answers in their order; learners in order of their names. Raises
    BadAnswers."""
    found: dict[str, list[tuple[float, int, SkillAnswer]]] = {}
    for number, row in enumerate(table_files.rows(path, COLUMNS, TEXTS, BadAnswers), start=2):
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


def _number(value, name: str, line: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadAnswers(f"line {line}: {name} must be a number, not {value!r}") from None
    if not isfinite(number):
        raise BadAnswers(f"line {line}: {name} is missing")
    return number
