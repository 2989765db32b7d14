"""Limits of a course document's size, checked before its contents.

Counting is cheap and validating isn't, so a document that is far too large costs nearly nothing.
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
    """`path`, of keys and indexes, is where the document is too large; `detail` is the limit."""

    def __init__(self, path: tuple, detail: str):
        super().__init__(detail)
        self.path, self.detail = path, detail


def check(document: Any) -> None:
    """Raises TooLarge. Values of the wrong type are passed over: the serializer refuses them."""
    modules = _list(document, "modules")
    _limit(len(modules), MAX_MODULES, ("modules",), "modules")
    _limit(len(_list(document, "instructors")), MAX_PEOPLE, ("instructors",), "people")
    questions = codes = 0
    for contents, (at, content) in enumerate(_contents(modules), 1):
        questions += len(_list(content, "questions"))
        codes += sum(len(_list(content, name)) for name in LISTS_OF_CODES)
        _limit(contents, MAX_CONTENTS, at, "contents in a course")
        _limit(questions, MAX_QUESTIONS, (*at, "questions"), "questions in a course")
        _limit(codes, MAX_CODES_OF_COURSE, at, "codes named by the contents of a course")
        _check_content(content, at)


def _check_content(content: Any, at: tuple) -> None:
    for name in LISTS_OF_CODES:
        _limit(len(_list(content, name)), MAX_CODES, (*at, name), "codes")
    for index, question in enumerate(_list(content, "questions")):
        choices = (*at, "questions", index, "choices")
        _limit(len(_list(question, "choices")), MAX_CHOICES, choices, "choices")


def _contents(modules: list) -> Iterator[tuple[tuple, Any]]:
    for m, module in enumerate(modules):
        for c, content in enumerate(_list(module, "contents")):
            yield ("modules", m, "contents", c), content


def _list(parent: Any, name: str) -> list:
    found = parent.get(name) if isinstance(parent, dict) else None
    return found if isinstance(found, list) else []


def _limit(number: int, maximum: int, path: tuple, what: str) -> None:
    if number > maximum:
        raise TooLarge(path, f"At most {maximum:,} {what}.")
