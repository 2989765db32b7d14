"""Completions elsewhere from a file: who completed what, on what basis, and who says so."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.ingest import outside_completions
from progress.ingest.outside_completions import OutsideRecord, Recorder
from progress.models import OutsideCompletion, User
from progress.security import rights

from .fields import Change, Field, Kind, ParsedRow, Plan, Problem, Step, text_of
from .named_people import PERSON_FIELDS, InvalidCell, course_of, named_people, person_of

WHOLE_BP = 10_000


def day(text: str) -> date:
    """Raises ValueError."""
    if (found := parse_date(text)) is None:
        raise ValueError(text)
    return found


def basis(text: str) -> str:
    """`In person` as `in_person`. Raises ValueError."""
    return OutsideCompletion.Basis("_".join(text.casefold().replace("-", " ").split())).value


def score(text: str) -> int:
    """A percentage as hundredths of a percent. Raises ValueError."""
    try:
        hundredths = Decimal(text.removesuffix("%").strip().replace(",", ".")) * 100
        is_score = 0 <= hundredths <= WHOLE_BP and hundredths % 1 == 0
    except InvalidOperation:  # also of comparing with NaN
        raise ValueError(text) from None
    if not is_score:
        raise ValueError(text)
    return int(hundredths)


FIELDS = [
    *PERSON_FIELDS,
    Field("course", gettext_lazy("the code of a course."), is_required=True),
    Field(
        "completed_on",
        gettext_lazy("a day such as 2023-03-14 that has come, in the learner's time zone."),
        day,
        is_required=True,
    ),
    Field(
        "basis",
        gettext_lazy("previous_system, in_person, outside_certificate or other."),
        basis,
        is_required=True,
    ),
    Field(
        "authority",
        gettext_lazy(
            "who says so outside: an institute, a trainer, a system; at most 200 letters."
        ),
        text_of(OutsideCompletion, "authority"),
        is_required=True,
    ),
    Field(
        "details",
        gettext_lazy("a text of at most 500 letters; needed with the basis other."),
        text_of(OutsideCompletion, "details"),
    ),
    Field(
        "reference",
        gettext_lazy("a certificate's or a file's number; at most 120 letters."),
        text_of(OutsideCompletion, "reference"),
    ),
    Field("score", gettext_lazy("a percentage from 0 to 100, such as 92.5."), score),
    Field(
        "valid_until",
        gettext_lazy("the last day of its validity, such as 2026-12-31; empty: for good."),
        day,
    ),
]


def plan(rows: list[ParsedRow], by: User | None, now: datetime, *, key: str = "") -> Plan:
    recorder = Recorder(by, key)
    found, problems = _read(rows, by, now)
    known = outside_completions.recorded(facts for _row, facts in found)
    first: dict[tuple, int] = {}
    steps = []
    for row, facts in found:
        recorded = known.get(facts.key)
        if (number := first.setdefault(facts.key, row.number)) != row.number:
            wanted = _(
                "Each completion only once: row %(row)s has the same learner, course and day."
            )
            problems.append(_problem(row, "completed_on", wanted % {"row": number}))
        elif recorded is None:
            steps.append(Step((row.number,), Change.NEW, (facts, recorder)))
        elif facts.is_recorded_as(recorded):
            steps.append(Step((row.number,), Change.UNCHANGED, (facts, recorder)))
        else:
            wanted = _(
                "A completion on this day is recorded with other facts: withdraw that record first."
            )
            problems.append(_problem(row, "completed_on", wanted))
    return steps, problems


def _read(
    rows: list[ParsedRow], by: User | None, now: datetime
) -> tuple[list[tuple[ParsedRow, OutsideRecord]], list[Problem]]:
    """The facts of the rows that may be recorded, and what is wrong with the others."""
    people = named_people(rows, by)
    choosable = rights.enrollable_courses(by)
    courses = dict(choosable.values_list("code", "pk"))
    of_tests = set(choosable.filter(is_test=True).order_by().values_list("pk", flat=True))
    found, problems = [], []
    for row in rows:
        try:
            person = person_of(row, people)
            if by is not None and person.pk == by.pk:
                name = "username" if "username" in row.values else "external_id"
                raise InvalidCell(name, _("Someone else: nobody records their own completions."))
            facts = _facts(row, person, course_of(row, courses))
            if facts.course_id in of_tests and not person.is_test:
                raise InvalidCell("course", _("A course that isn't only for test learners."))
        except InvalidCell as invalid:
            problems.append(_problem(row, invalid.column, invalid.wanted))
            continue
        wrong = facts.problems(now)
        problems += [_problem(row, name, wanted) for name, wanted in wrong.items()]
        if not wrong:
            found.append((row, facts))
    return found, problems


def _facts(row: ParsedRow, person: User, course: int) -> OutsideRecord:
    values = row.values
    return OutsideRecord(
        person,
        course,
        values["completed_on"],
        values["basis"],
        values["authority"],
        values.get("details", ""),
        values.get("reference", ""),
        values.get("score"),
        values.get("valid_until"),
    )


def _problem(row: ParsedRow, column: str, wanted: str) -> Problem:
    return Problem(row.number, column, str(row.values.get(column, "")), wanted)


def write(steps: list[Step], now: datetime) -> None:
    if steps:
        recorder = steps[0].target[1]
        outside_completions.record([step.target[0] for step in steps], recorder, now=now)


OUTSIDE_COMPLETIONS = Kind(
    slug="outside-completions",
    title=gettext_lazy("Outside completions"),
    about=gettext_lazy(
        "What people completed elsewhere: in a previous system, in person, by an outside "
        "certificate. It fulfils what is required, and changes no percentage and no time."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    permissions=["progress.add_outsidecompletion"],
    takes_key=True,
)
