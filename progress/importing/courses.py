"""Courses from a file: a row for each content, and for each question of a quiz.

A file may hold a part of a course: it adds and changes, but retires nothing, unlike a document.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import PermissionDenied, ValidationError

from progress.catalogue import CourseDocument, course_document, replace_course
from progress.models import Content, Course, User
from progress.models.marks import makes_tests
from progress.security import rights

from . import instructors
from .course_questions import QUESTION_FIELDS, pool_sizes, question_column, write_question
from .fields import (
    YES_OR_NO,
    Change,
    Field,
    Kind,
    ParsedRow,
    Plan,
    Problem,
    Step,
    day_or_moment,
    flag,
    parts,
)

CODE = gettext_lazy(
    "a code of at most 100 characters; rows with the same code belong to the same course."
)
SECONDS = gettext_lazy("a number of seconds above 0, at most 604800.")

MAX_COURSES = 500


def _moment(text: str) -> datetime:
    moment = day_or_moment(text)
    if not isinstance(moment, datetime):
        raise ValueError(text)
    return moment


COURSE_FIELDS = {
    "course_title": "title",
    "description": "description",
    "plausibility": "plausibility",
    "path": "path",
}
CONTENT_FIELDS = {
    "title",
    "content_type",
    "url",
    "duration_seconds",
    "page_count",
    "reading_seconds",
    "required",
    "weight",
    "complete_at",
    "skills",
    "hidden",
    "release_at",
    "prerequisites",
    "completion_source",
    "media_version",
    "completes_on",
    "view_seconds",
    "pass_percentage",
    "max_attempts",
    "time_limit_minutes",
    "grace_minutes",
    "shuffle_questions",
    "shuffle_choices",
    "pools",
    "waives",
    "alternative_group",
    "remedial",
}
FIELDS = [
    Field("course", CODE, is_required=True),
    Field("course_title", gettext_lazy("required for a new course, at most 300 characters.")),
    Field("description", gettext_lazy("text about the course.")),
    Field("plausibility", gettext_lazy("enforce or observe.")),
    Field("path", gettext_lazy("fixed or adaptive.")),
    Field(
        instructors.COLUMN,
        gettext_lazy("everyone who teaches it: user names or email addresses, separated by ;."),
        instructors.names,
    ),
    Field("module", CODE, is_required=True),
    Field("module_title", gettext_lazy("at most 300 characters; the code if there is none.")),
    Field("content", CODE, is_required=True),
    Field("title", gettext_lazy("of the content, at most 300 characters.")),
    Field(
        "content_type",
        format_lazy(
            gettext_lazy("one of {types}; required for a new content."),
            types=", ".join(Content.Type.values),
        ),
    ),
    Field("url", gettext_lazy("where the content is, at most 1000 characters.")),
    Field("duration_seconds", SECONDS, float),
    Field("page_count", gettext_lazy("a whole number of pages."), int),
    Field("reading_seconds", gettext_lazy("a whole number of seconds."), int),
    Field("required", YES_OR_NO, flag),
    Field("weight", gettext_lazy("a whole number from 1 to 1000."), int),
    Field("complete_at", gettext_lazy("a percentage above 0, at most 100."), float),
    Field("skills", gettext_lazy("skills, separated by |."), parts),
    Field("hidden", YES_OR_NO, flag),
    Field("release_at", gettext_lazy("a moment with its offset: 2026-12-31T12:00+01:00."), _moment),
    Field("prerequisites", gettext_lazy("codes of contents, separated by |."), parts),
    Field("completion_source", gettext_lazy("measured or reported.")),
    Field("media_version", gettext_lazy("a whole number, at least 1."), int),
    Field("completes_on", gettext_lazy("download, view, confirmation, score, or nothing.")),
    Field("view_seconds", gettext_lazy("of an embed: a whole number of seconds, at least 1."), int),
    Field("pass_percentage", gettext_lazy("a percentage from 0 to 100."), float),
    Field("max_attempts", gettext_lazy("a whole number, at least 1."), int),
    Field("time_limit_minutes", gettext_lazy("of a quiz: whole minutes, 1 to 1440."), int),
    Field("grace_minutes", gettext_lazy("of a timed quiz: whole minutes, 0 to 10080."), int),
    Field("shuffle_questions", YES_OR_NO, flag),
    Field("shuffle_choices", YES_OR_NO, flag),
    Field("pools", gettext_lazy("how many are drawn of each: name=3, separated by |."), pool_sizes),
    Field(
        "waives",
        gettext_lazy("codes of the contents that passing this pre-test waives, separated by |."),
        parts,
    ),
    Field("alternative_group", gettext_lazy("of the contents with the same name, one is enough.")),
    Field("remedial", YES_OR_NO, flag),
    *QUESTION_FIELDS,
]


@dataclass
class Draft:
    """A course's document while rows are written into it."""

    document: dict
    stored: Course | None
    before: dict | None
    is_test: bool = False  # a new course
    rows: list[int] = field(default_factory=list)
    # The row that set a value, by its path in the document: {"modules.0.contents.1.title": 3}.
    row_numbers: dict[str, int] = field(default_factory=dict)
    # The index of each item in a list, by the list's path and the item's code.
    indexes: dict[str, dict[str, int]] = field(default_factory=dict)

    def item(self, path: str, items: list[dict], code: str) -> tuple[dict, int]:
        """The item with this code in the list at `path`, and its index; a new one at the end."""
        if path not in self.indexes:
            self.indexes[path] = {item["code"]: index for index, item in enumerate(items)}
        indexes = self.indexes[path]
        if code not in indexes:
            indexes[code] = len(items)
            items.append({"code": code})
        return items[indexes[code]], indexes[code]


def plan(rows: list[ParsedRow], by: User | None, now: datetime) -> Plan:
    drafts: dict[str, Draft] = {}
    problems: list[Problem] = []
    accounts = instructors.accounts(rows, by)
    for row in rows:
        code = row.values["course"]
        if code not in drafts:
            if len(drafts) == MAX_COURSES:
                wanted = _("At most %(most)s courses in a file.") % {"most": MAX_COURSES}
                return [], [Problem(row.number, "course", code, wanted)]
            drafts[code] = _draft(code)
        problems += _add_row(row, drafts[code])
        if instructors.COLUMN in row.values:
            problems += _add_instructors(row, drafts[code], accounts)
    steps = []
    bad = {problem.row for problem in problems}
    for draft in drafts.values():
        if bad.isdisjoint(draft.rows):
            draft_problems = list(_draft_problems(draft, by))
            problems += draft_problems
            if not draft_problems:
                draft.is_test = makes_tests(by)
                steps.append(Step(tuple(draft.rows), _change(draft), draft))
    return steps, problems


def _draft(code: str) -> Draft:
    course = Course.objects.filter(code=code).first()
    if course is None:
        return Draft({"code": code, "modules": []}, None, None)
    before = course_document(course, is_author=True)
    return Draft(copy.deepcopy(before), course, before)


def _add_row(row: ParsedRow, draft: Draft) -> Iterator[Problem]:
    """Write a row into the document. Whatever its cells leave out stays as it is."""
    values = row.values
    draft.rows.append(row.number)
    for name, key in COURSE_FIELDS.items():
        if name in values:
            draft.document[key] = values[name]
            draft.row_numbers[key] = row.number
    module, index = draft.item("modules", draft.document["modules"], values["module"])
    path = f"modules.{index}"
    draft.row_numbers.setdefault(path, row.number)
    if "module_title" in values:
        module["title"] = values["module_title"]
    path = f"{path}.contents"
    content, index = draft.item(path, module.setdefault("contents", []), values["content"])
    path = f"{path}.{index}"
    draft.row_numbers.setdefault(path, row.number)
    for name in CONTENT_FIELDS & values.keys():
        content[name] = values[name]
        draft.row_numbers[f"{path}.{name}"] = row.number
    if "question" in values:
        questions = content.setdefault("questions", [])
        question, index = draft.item(f"{path}.questions", questions, values["question"])
        draft.row_numbers[f"{path}.questions.{index}"] = row.number
        yield from write_question(row, question)


def _add_instructors(
    row: ParsedRow, draft: Draft, accounts: dict[str, list[str]]
) -> Iterator[Problem]:
    """Set the instructors; they stand in one row of the course, or equally in several."""
    usernames, problems = instructors.usernames(row, accounts)
    yield from problems
    first = draft.row_numbers.setdefault(instructors.COLUMN, row.number)
    if problems:
        return
    if first != row.number and draft.document.get(instructors.COLUMN) != usernames:
        wanted = _("The same as in row %(row)s, or empty.") % {"row": first}
        cell = "; ".join(row.values[instructors.COLUMN])
        yield Problem(row.number, instructors.COLUMN, cell, wanted)
        return
    draft.document[instructors.COLUMN] = usernames


def _draft_problems(draft: Draft, by: User | None) -> Iterator[Problem]:
    if refusal := _refusal(draft, by):
        yield Problem(draft.rows[0], "course", draft.document["code"], refusal)
        return
    serializer = CourseDocument(data=draft.document, context={"by": by, "course": draft.stored})
    try:
        serializer.is_valid(raise_exception=True)
    except PermissionDenied:
        row = draft.row_numbers.get(instructors.COLUMN, draft.rows[0])
        yield Problem(row, instructors.COLUMN, "", _("You may not choose who teaches this course."))
    except ValidationError as exc:
        for error in flatten_errors(exc.detail):
            yield _problem(error, draft)


def _problem(error, draft: Draft) -> Problem:
    """An error of the document, at the row and column that set the value."""
    path = error.attr or ""
    set_at = path
    while set_at and set_at not in draft.row_numbers:
        set_at = set_at.rpartition(".")[0]
    column = path.rpartition(".")[2]
    names = {key: name for name, key in COURSE_FIELDS.items()} if "." not in path else {}
    column = question_column(path) or names.get(column, column)
    is_column = column in {each.name for each in FIELDS}
    row = draft.row_numbers.get(set_at, draft.rows[0])
    return Problem(row, column if is_column else "", "", str(error.detail))


def _refusal(draft: Draft, by: User | None) -> str:
    """Why `by` may not write the course, or ''."""
    if by is None or _change(draft) is Change.UNCHANGED:
        return ""
    if draft.stored is None:
        return "" if by.has_perm("progress.add_course") else _("You may not add courses.")
    may = rights.may_write_course(by, draft.stored)
    return "" if may else _("A course that you may change.")


def _change(draft: Draft) -> Change:
    if draft.stored is None:
        return Change.NEW
    is_same = draft.document == draft.before and draft.stored.retired_at is None
    return Change.UNCHANGED if is_same else Change.CHANGED


def write(steps: list[Step], now: datetime) -> None:
    for step in steps:
        draft = step.target
        replace_course(draft.document, course=draft.stored, is_test=draft.is_test)


COURSES = Kind(
    slug="courses",
    title=gettext_lazy("Courses"),
    about=gettext_lazy(
        "One row for each content, and one for each question of a quiz. A file adds and changes; "
        "what it doesn’t name stays. An empty cell leaves the value as it is."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    group_column="course",
    permissions=["progress.add_course", "progress.change_course"],
)
