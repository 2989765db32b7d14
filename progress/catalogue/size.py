"""How large a course document may be, asked before anything in it is looked at.

Checking costs more than counting: what is refused here costs nearly nothing, however long it is.
"""

from collections.abc import Iterator
from typing import Any

MAX_MODULES = 500
MAX_CONTENTS = 2_000
MAX_QUESTIONS = 10_000
MAX_CHOICES = 100
MAX_CODES = 50
MAX_CODES_OF_COURSE = 10_000
MAX_PEOPLE = 500
LISTS_OF_CODES = ("prerequisites", "waives", "skills")


class TooLarge(Exception):
    """Carries where in the document, as a path of keys and indexes, and what is allowed."""

    def __init__(self, path: tuple, detail: str):
        super().__init__(detail)
        self.path, self.detail = path, detail


def check(document: Any) -> None:
    """Raises TooLarge. What isn't a list or an object here is somebody else's to refuse."""
    modules = _list(document, "modules")
    _refuse(len(modules), MAX_MODULES, ("modules",), "modules")
    _refuse(len(_list(document, "instructors")), MAX_PEOPLE, ("instructors",), "people")
    questions = codes = 0
    for contents, (at, content) in enumerate(_contents(modules), 1):
        questions += len(_list(content, "questions"))
        codes += sum(len(_list(content, name)) for name in LISTS_OF_CODES)
        _refuse(contents, MAX_CONTENTS, at, "contents in a course")
        _refuse(questions, MAX_QUESTIONS, (*at, "questions"), "questions in a course")
        _refuse(codes, MAX_CODES_OF_COURSE, at, "codes named by the contents of a course")
        _check_content(content, at)


def _check_content(content: Any, at: tuple) -> None:
    for name in LISTS_OF_CODES:
        _refuse(len(_list(content, name)), MAX_CODES, (*at, name), "codes")
    for index, question in enumerate(_list(content, "questions")):
        choices = (*at, "questions", index, "choices")
        _refuse(len(_list(question, "choices")), MAX_CHOICES, choices, "choices")


def _contents(modules: list) -> Iterator[tuple[tuple, Any]]:
    for m, module in enumerate(modules):
        for c, content in enumerate(_list(module, "contents")):
            yield ("modules", m, "contents", c), content


def _list(parent: Any, name: str) -> list:
    found = parent.get(name) if isinstance(parent, dict) else None
    return found if isinstance(found, list) else []


def _refuse(number: int, most: int, path: tuple, what: str) -> None:
    if number > most:
        raise TooLarge(path, f"At most {most:,} {what}.")
