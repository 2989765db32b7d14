"""Editing single rows of a course, checked by the rules of a course document."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from drf_standardized_errors.formatter import flatten_errors

from progress.models import Course, User

from .document import CourseDocument
from .export import course_document
from .replacing import VERSIONED, send_restructured


@dataclass(frozen=True, slots=True)
class CourseProblem:
    """Why a course is invalid, in words; the document's `field` and its content, if it has one.

    `path`: the steps to the field in the document, such as `modules`, `0`, `title`.
    """

    sentence: str
    field: str
    detail: str
    content_id: int | None
    path: tuple[str, ...] = ()


class CourseRefused(Exception):
    """The edit would make the course invalid as a document."""

    def __init__(self, found: list[CourseProblem]):
        super().__init__("; ".join(each.sentence for each in found))
        self.found = found

    @property
    def problems(self) -> list[str]:
        return [each.sentence for each in self.found]


@contextmanager
def editing(course_id: int) -> Iterator[None]:
    """Lock the course while its rows are changed; then compare its document with the one before.

    If what counts has changed, `structure_version` rises and `course_restructured` is sent after
    the commit. Raises CourseRefused, and undoes the changes, if the document would be invalid. The
    lock puts two edits, or an edit and a document, one after the other.
    """
    with transaction.atomic():
        course = Course.objects.select_for_update(no_key=True).get(pk=course_id)
        before = course_document(course, is_author=True)
        yield
        course.refresh_from_db()
        after = course_document(course, is_author=True)
        if after["modules"] != before["modules"]:
            _refuse_new_problems(before, after)
        counts = _what_counts(after) != _what_counts(before)
        if counts:
            send_restructured(course.pk)
        if counts or any(after[name] != before[name] for name in VERSIONED):
            course.structure_version += 1
            course.save(update_fields=["structure_version"])


@transaction.atomic
def add_course(course: Course, instructors: Iterable[User] = ()) -> None:
    """Write a new course, still without modules."""
    course.save(force_insert=True)
    course.instructors.set(instructors)
    send_restructured(course.pk)


def _what_counts(document: dict) -> list[dict]:
    """The modules without the wording of questions and choices, which changes no result."""
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
    """The problems of a stored course, which may have been valid when it was stored."""
    return document_problems(course_document(course, is_author=True))


def _refuse_new_problems(before: dict, after: dict) -> None:
    """Old problems may stay, so that a course can be mended one thing at a time."""
    problems = document_problems(after)
    if problems:
        old = document_problems(before)
        problems = [each for each in problems if each not in old]
    if problems:
        raise CourseRefused(problems)


def document_problems(document: dict) -> list[CourseProblem]:
    """The problems of a course document."""
    serializer = CourseDocument(data=document)
    if serializer.is_valid():
        return []
    return [_problem(document, error) for error in flatten_errors(serializer.errors)]


def _problem(document: dict, error) -> CourseProblem:
    path = tuple((error.attr or "").split("."))
    content_id = _content_id(document, path)
    return CourseProblem(_sentence(document, error), path[-1], str(error.detail), content_id, path)


def _content_id(document: dict, path: tuple[str, ...]) -> int | None:
    """The id of the content if the error is at one of its own fields; a new one has none yet."""
    if len(path) != 5 or path[0] != "modules" or path[2] != "contents":
        return None
    return document["modules"][int(path[1])]["contents"][int(path[3])].get("id")


def _sentence(document: dict, error) -> str:
    """An error with the titles of the items on its path: `See › Fire doors › weight: …`."""
    value, titles = document, []
    for step in (error.attr or "").split("."):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
            titles.append(_title(value))
        elif isinstance(value, dict) and isinstance(value.get(step), list):
            value, field = value[step], step
        else:
            titles.append(step)
    if isinstance(value, list) and not value:
        titles.append(field)
    return f"{' › '.join(titles)}: {error.detail}" if titles else str(error.detail)


def _title(item) -> str:
    return (item.get("title") or item.get("text") or "") if isinstance(item, dict) else str(item)
