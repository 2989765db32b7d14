"""Enrolments from a file: who is to learn which course, until when. Nobody is unenrolled."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.ingest import enrolling
from progress.models import Enrollment, User
from progress.security import rights

from .fields import Change, Field, Kind, ParsedRow, Plan, Problem, Step, day_or_moment
from .named_people import (
    CHUNK_SIZE,
    PERSON_COLUMNS,
    PERSON_FIELDS,
    InvalidCell,
    course_of,
    named_people,
    person_of,
)

FIELDS = [
    *PERSON_FIELDS,
    Field("course", gettext_lazy("the code of a course."), is_required=True),
    Field(
        "due_at",
        gettext_lazy(
            "a day such as 2026-12-31 (until its end in the learner's time zone), or a "
            "moment with its offset such as 2026-12-31T12:00+01:00."
        ),
        day_or_moment,
    ),
]


def plan(rows: list[ParsedRow], by: User | None, now: datetime) -> Plan:
    people = named_people(rows, by)
    courses = dict(rights.enrollable_courses(by).values_list("code", "pk"))
    of_tests = set(
        rights.enrollable_courses(by).filter(is_test=True).order_by().values_list("pk", flat=True)
    )
    found, problems = [], []
    row_numbers: dict[tuple[int, int], int] = {}
    for row in rows:
        try:
            person, course = person_of(row, people), course_of(row, courses)
            if course in of_tests and not person.is_test:
                raise InvalidCell("course", _("A course that isn't only for test learners."))
            if (first := row_numbers.get((person.pk, course))) is not None:
                wanted = _("Each learner only once per course: row %(row)s has the same learner.")
                raise InvalidCell(PERSON_COLUMNS[0], wanted % {"row": first})
        except InvalidCell as invalid:
            value = str(row.values.get(invalid.column, ""))
            problems.append(Problem(row.number, invalid.column, value, invalid.wanted))
            continue
        row_numbers[person.pk, course] = row.number
        due = enrolling.due_moment(row.values.get("due_at"), person.time_zone)
        found.append((row, enrolling.Wanted(person.pk, course, due)))
    steps, refusals = _compare(found, by)
    return steps, problems + refusals


def _compare(found: list[tuple[ParsedRow, enrolling.Wanted]], by: User | None) -> Plan:
    current = _current(wanted for _row, wanted in found)
    steps, problems = [], []
    for row, wanted in found:
        existing = current.get((wanted.user_id, wanted.course_id))
        if refusal := _refusal(wanted, existing, by):
            problems.append(Problem(row.number, "", "", refusal))
        else:
            steps.append(Step((row.number,), _change(wanted, existing), wanted))
    return steps, problems


def _current(wanted: Iterable[enrolling.Wanted]) -> dict[tuple[int, int], Enrollment]:
    pairs = sorted({(each.user_id, each.course_id) for each in wanted})
    found = {}
    for at in range(0, len(pairs), CHUNK_SIZE):
        part = pairs[at : at + CHUNK_SIZE]
        rows = Enrollment.objects.current().filter(
            user__in={user for user, _course in part}, course__in={course for _user, course in part}
        )
        found.update({(each.user_id, each.course_id): each for each in rows})
    return found


def _change(wanted: enrolling.Wanted, existing: Enrollment | None) -> Change:
    if existing is None:
        return Change.NEW
    is_same = rights.permission_to_enroll(existing, wanted.due_at) is None
    return Change.UNCHANGED if is_same else Change.CHANGED


def _refusal(wanted: enrolling.Wanted, existing: Enrollment | None, by: User | None) -> str:
    """Why `by` may not enrol them or change the enrolment, or ''."""
    needed = rights.permission_to_enroll(existing, wanted.due_at)
    if by is None or needed is None or by.has_perm(needed):
        return ""
    if existing is None:
        return _("You may not enrol people.")
    return _("You may not change enrolments that are there already.")


def write(steps: list[Step], now: datetime) -> None:
    enrolling.enroll_all([step.target for step in steps], now=now)


ENROLLMENTS = Kind(
    slug="enrollments",
    title=gettext_lazy("Enrolments"),
    about=gettext_lazy(
        "Who takes which course, and by when. People who had left are enrolled again; people who "
        "aren’t in the file stay as they are."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    permissions=["progress.add_enrollment", "progress.change_enrollment"],
)
