"""Courses from a file: a row for each content, and for each question of a quiz.

A file adds and changes; it takes nothing away, unlike a course document, since it may hold a part.
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
from progress.security import rights

from . import teaching
from .fields import (
    YES_OR_NO,
    Field,
    Kind,
    Planned,
    Problem,
    Read,
    Standing,
    Step,
    day_or_moment,
    flag,
    parts,
)

CODE = gettext_lazy("a code of at most 100 characters; rows with the same code belong together.")
SECONDS = gettext_lazy("a number of seconds above 0, at most 604800.")

MAX_COURSES = 500


def _moment(text: str) -> datetime:
    moment = day_or_moment(text)
    if not isinstance(moment, datetime):
        raise ValueError(text)
    return moment


OF_COURSE = {
    "course_title": "title",
    "description": "description",
    "plausibility": "plausibility",
    "path": "path",
}
OF_CONTENT = {
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
    "waives",
    "alternative_group",
    "remedial",
}
FIELDS = [
    Field("course", CODE, is_required=True),
    Field("course_title", gettext_lazy("needed for a new course, at most 300 characters.")),
    Field("description", gettext_lazy("text about the course.")),
    Field("plausibility", gettext_lazy("enforce or observe.")),
    Field("path", gettext_lazy("fixed or adaptive.")),
    Field(
        teaching.COLUMN,
        gettext_lazy("who teaches it, all of them: user names or addresses with ; between them."),
        teaching.names,
    ),
    Field("module", CODE, is_required=True),
    Field("module_title", gettext_lazy("at most 300 characters; the code if there is none.")),
    Field("content", CODE, is_required=True),
    Field("title", gettext_lazy("of the content, at most 300 characters.")),
    Field(
        "content_type",
        format_lazy(
            gettext_lazy("one of {types}; needed for a new content."),
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
    Field("skills", gettext_lazy("skills with | between them."), parts),
    Field("hidden", YES_OR_NO, flag),
    Field("release_at", gettext_lazy("a moment with its offset: 2026-12-31T12:00+01:00."), _moment),
    Field("prerequisites", gettext_lazy("codes of contents with | between them."), parts),
    Field("completion_source", gettext_lazy("measured or reported.")),
    Field("media_version", gettext_lazy("a whole number from 1."), int),
    Field("completes_on", gettext_lazy("download, view, confirmation, or nothing.")),
    Field("view_seconds", gettext_lazy("of an embed: a whole number of seconds from 1."), int),
    Field("pass_percentage", gettext_lazy("a percentage from 0 to 100."), float),
    Field("max_attempts", gettext_lazy("a whole number from 1."), int),
    Field(
        "waives", gettext_lazy("codes that passing this pre-test spares, | between them."), parts
    ),
    Field("alternative_group", gettext_lazy("of contents with the same name, one is enough.")),
    Field("remedial", YES_OR_NO, flag),
    Field("question", gettext_lazy("the code of a question of this quiz; a row for each.")),
    Field("question_text", gettext_lazy("what is asked.")),
    Field("choices", gettext_lazy("two answers or more with | between them."), parts),
    Field(
        "choice_codes",
        gettext_lazy(
            "a code for each of the answers, | between them: then a text can be corrected."
        ),
        parts,
    ),
    Field("correct", gettext_lazy("those of the answers that are right, | between them."), parts),
]


@dataclass
class Draft:
    """A course's document while rows are written into it, and which row said what of it."""

    document: dict
    known: Course | None
    before: dict | None
    rows: list[int] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    # By the place of a list in the document: the number of each item in it, by its code.
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    def item(self, place: str, items: list[dict], code: str) -> tuple[dict, int]:
        """The item with this code in the list at `place`, and its number; a new one at the end."""
        known = self.numbers.get(place)
        if known is None:
            known = {item["code"]: number for number, item in enumerate(items)}
            self.numbers[place] = known
        if code not in known:
            known[code] = len(items)
            items.append({"code": code})
        return items[known[code]], known[code]


def plan(reads: list[Read], by: User | None, now: datetime) -> Planned:
    drafts: dict[str, Draft] = {}
    problems = []
    accounts = teaching.accounts(reads, by)
    for row in reads:
        code = row.values["course"]
        if code not in drafts:
            if len(drafts) == MAX_COURSES:
                wanted = _("At most %(most)s courses in a file.") % {"most": MAX_COURSES}
                return [], [Problem(row.number, "course", code, wanted)]
            drafts[code] = _draft(code)
        problems += _put(row, drafts[code])
        if teaching.COLUMN in row.values:
            problems += _staff(row, drafts[code], accounts)
    steps = []
    bad = {problem.row for problem in problems}
    for draft in drafts.values():
        if bad.isdisjoint(draft.rows):
            wrong = list(_wrong(draft, by))
            problems += wrong
            if not wrong:
                steps.append(Step(tuple(draft.rows), _standing(draft), draft))
    return steps, problems


def _draft(code: str) -> Draft:
    course = Course.objects.filter(code=code).first()
    if course is None:
        return Draft({"code": code, "modules": []}, None, None)
    before = course_document(course, is_author=True)
    return Draft(copy.deepcopy(before), course, before)


def _put(row: Read, draft: Draft) -> Iterator[Problem]:
    """Write a row into the document; what it doesn't say stays as it is."""
    told = row.values
    draft.rows.append(row.number)
    for name, key in OF_COURSE.items():
        if name in told:
            draft.document[key] = told[name]
            draft.places[key] = row.number
    module, number = draft.item("modules", draft.document["modules"], told["module"])
    place = f"modules.{number}"
    draft.places.setdefault(place, row.number)
    if "module_title" in told:
        module["title"] = told["module_title"]
    place = f"{place}.contents"
    content, number = draft.item(place, module.setdefault("contents", []), told["content"])
    place = f"{place}.{number}"
    draft.places.setdefault(place, row.number)
    for name in OF_CONTENT & told.keys():
        content[name] = told[name]
        draft.places[f"{place}.{name}"] = row.number
    if "question" in told:
        yield from _ask(row, content, place, draft)


def _staff(row: Read, draft: Draft, accounts: dict[str, list[str]]) -> Iterator[Problem]:
    """Who teaches the course is said once, or the same in each of its rows."""
    told, wrong = teaching.taught(row, accounts)
    yield from wrong
    first = draft.places.setdefault(teaching.COLUMN, row.number)
    if wrong:
        return
    if first != row.number and draft.document.get(teaching.COLUMN) != told:
        wanted = _("The same as in row %(row)s, or nothing.") % {"row": first}
        yield Problem(row.number, teaching.COLUMN, "; ".join(row.values[teaching.COLUMN]), wanted)
        return
    draft.document[teaching.COLUMN] = told


def _ask(row: Read, content: dict, place: str, draft: Draft) -> Iterator[Problem]:
    told = row.values
    place = f"{place}.questions"
    questions = content.setdefault("questions", [])
    question, number = draft.item(place, questions, told["question"])
    draft.places[f"{place}.{number}"] = row.number
    if "question_text" in told:
        question["text"] = told["question_text"]
    if "choice_codes" in told and len(told["choice_codes"]) != len(told.get("choices", [])):
        codes = " | ".join(told["choice_codes"])
        yield Problem(row.number, "choice_codes", codes, _("One for each of the choices."))
        return
    if "choices" in told:
        question["choices"] = _choices(question.get("choices", []), told)
    texts = {choice["text"] for choice in question.get("choices", [])}
    for text in told.get("correct", []):
        if text not in texts:
            yield Problem(row.number, "correct", text, _("One of the choices, as it stands there."))
    if "correct" in told:
        for choice in question.get("choices", []):
            choice["correct"] = choice["text"] in told["correct"]


def _choices(stored: list[dict], told: dict) -> list[dict]:
    """The choices of a row: those of the same code, else of the same text, are the stored ones."""
    texts = {choice["text"]: choice for choice in stored}
    if "choice_codes" not in told:
        return [texts.get(text) or {"text": text, "correct": False} for text in told["choices"]]
    codes = {choice["code"]: choice for choice in stored if choice.get("code")}
    found = []
    for text, code in zip(told["choices"], told["choice_codes"], strict=True):
        same = texts.get(text, {})
        known = codes.get(code) or (same if not same.get("code") else {})
        found.append({"correct": False, **known, "text": text, "code": code})
    return found


def _wrong(draft: Draft, by: User | None) -> Iterator[Problem]:
    if refused := _refused(draft, by):
        yield Problem(draft.rows[0], "course", draft.document["code"], refused)
        return
    shape = CourseDocument(data=draft.document, context={"by": by, "course": draft.known})
    try:
        shape.is_valid(raise_exception=True)
    except PermissionDenied:
        row = draft.places.get(teaching.COLUMN, draft.rows[0])
        yield Problem(row, teaching.COLUMN, "", _("You may not choose who teaches this course."))
    except ValidationError as wrong:
        for error in flatten_errors(wrong.detail):
            yield _problem(error, draft)


def _problem(error, draft: Draft) -> Problem:
    """An error of the document at the row and in the column that said it."""
    path = error.attr or ""
    place = path
    while place and place not in draft.places:
        place = place.rpartition(".")[0]
    column = path.rpartition(".")[2]
    names = {key: name for name, key in OF_COURSE.items()} if "." not in path else {}
    if ".questions." in path:
        names = {"text": "question_text", "code": "question"}
    column = names.get(column, column)
    known = {each.name for each in FIELDS}
    row = draft.places.get(place, draft.rows[0])
    return Problem(row, column if column in known else "", "", str(error.detail))


def _refused(draft: Draft, by: User | None) -> str:
    if by is None or _standing(draft) is Standing.UNCHANGED:
        return ""
    if draft.known is None:
        return "" if by.has_perm("progress.add_course") else _("You may not add courses.")
    may = rights.may_write_course(by, draft.known)
    return "" if may else _("A course that you may change.")


def _standing(draft: Draft) -> Standing:
    if draft.known is None:
        return Standing.NEW
    is_same = draft.document == draft.before and draft.known.retired_at is None
    return Standing.UNCHANGED if is_same else Standing.CHANGED


def write(steps: list[Step], now: datetime) -> None:
    for step in steps:
        replace_course(step.what.document, course=step.what.known)


COURSES = Kind(
    slug="courses",
    title=gettext_lazy("Courses"),
    about=gettext_lazy(
        "A row for each content, and one for each question of a quiz. A file adds and changes; "
        "what it doesn’t name stays. An empty cell leaves what is there."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    together="course",
    permissions=["progress.add_course", "progress.change_course"],
)
