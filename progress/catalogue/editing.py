"""Changing single rows of a course, held to what a course document is held to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from drf_standardized_errors.formatter import flatten_errors

from progress.models import Course

from .document import CourseDocument
from .showing import course_document
from .writing import VERSIONED, tell_restructured


@dataclass(frozen=True, slots=True)
class CourseProblem:
    """Why a course is none, in words; `field` of the document and, if it is of one, the content."""

    sentence: str
    field: str
    detail: str
    content_id: int | None


class CourseRefused(Exception):
    """What was edited makes a course that no document may describe."""

    def __init__(self, found: list[CourseProblem]):
        super().__init__("; ".join(each.sentence for each in found))
        self.found = found

    @property
    def problems(self) -> list[str]:
        return [each.sentence for each in self.found]


@contextmanager
def editing(course_id: int) -> Iterator[None]:
    """Hold the course while rows of it are changed; then look at what that did to its document.

    What counts is different: `structure_version` rises, and `course_restructured` is sent after
    the commit. Otherwise neither. Raises CourseRefused, and undoes the changes, when the document
    would not be accepted. Two edits, or an edit and a document, are taken one after the other.
    """
    with transaction.atomic():
        course = Course.objects.select_for_update(no_key=True).get(pk=course_id)
        before = course_document(course, is_author=True)
        yield
        course.refresh_from_db()
        after = course_document(course, is_author=True)
        if after["modules"] != before["modules"]:
            _refuse_wrong(before, after)
        counts = _what_counts(after) != _what_counts(before)
        if counts:
            tell_restructured(course.pk)
        if counts or any(after[name] != before[name] for name in VERSIONED):
            course.structure_version += 1
            course.save(update_fields=["structure_version"])


@transaction.atomic
def add_course(course: Course) -> None:
    """Write a new course, still without modules."""
    course.save(force_insert=True)
    tell_restructured(course.pk)


def _what_counts(document: dict) -> list[dict]:
    """The modules without the wording of questions and choices, which changes no answer."""
    return [
        module | {"contents": [_without_wording(content) for content in module["contents"]]}
        for module in document["modules"]
    ]


def _without_wording(content: dict) -> dict:
    return content | {
        "questions": [
            (question["id"], [(choice["id"], choice["correct"]) for choice in question["choices"]])
            for question in content.get("questions", [])
        ]
    }


def problems_of(course: Course) -> list[CourseProblem]:
    """What a course document may not say any more, of a course that was stored before."""
    return _problems(course_document(course, is_author=True))


def _refuse_wrong(before: dict, after: dict) -> None:
    """What was wrong before may stay, so that a course can be mended one thing at a time."""
    found = _problems(after)
    if found:
        known = _problems(before)
        found = [each for each in found if each not in known]
    if found:
        raise CourseRefused(found)


def _problems(document: dict) -> list[CourseProblem]:
    shape = CourseDocument(data=document)
    if shape.is_valid():
        return []
    return [
        CourseProblem(
            _sentence(document, error),
            (error.attr or "").rpartition(".")[2],
            str(error.detail),
            _content_id(document, (error.attr or "").split(".")),
        )
        for error in flatten_errors(shape.errors)
    ]


def _content_id(document: dict, path: list[str]) -> int | None:
    """The content whose own field an error names."""
    if len(path) != 5 or path[0] != "modules" or path[2] != "contents":
        return None
    return document["modules"][int(path[1])]["contents"][int(path[3])]["id"]


def _sentence(document: dict, error) -> str:
    """An error with the titles of the items on the way to it: `See › Fire doors › weight: …`."""
    told, place = document, []
    for step in (error.attr or "").split("."):
        if isinstance(told, list) and step.isdecimal() and int(step) < len(told):
            told = told[int(step)]
            place.append(_name(told))
        elif isinstance(told, dict) and isinstance(told.get(step), list):
            told, field = told[step], step
        else:
            place.append(step)
    if isinstance(told, list) and not told:
        place.append(field)
    return f"{' › '.join(place)}: {error.detail}" if place else str(error.detail)


def _name(item) -> str:
    return (item.get("title") or item.get("text") or "") if isinstance(item, dict) else str(item)
