"""Enrolments from a file: who is to be in which course, until when. Nobody is taken out."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.ingest import enrolling
from progress.models import Enrollment, User
from progress.security import rights

from .fields import Field, Kind, Planned, Problem, Read, Standing, Step, day_or_moment

CHUNK = 1000
FIELDS = [
    Field("username", gettext_lazy("the user name of somebody with an account.")),
    Field("external_id", gettext_lazy("the id in your own system of somebody with an account.")),
    Field("course", gettext_lazy("the code of a course."), is_required=True),
    Field(
        "due_at",
        gettext_lazy(
            "a day such as 2026-12-31, whose end it is for the learner, or a moment with its "
            "offset such as 2026-12-31T12:00+01:00."
        ),
        day_or_moment,
    ),
]
WHO = ("username", "external_id")


def plan(reads: list[Read], by: User | None, now: datetime) -> Planned:
    people = {name: _people(reads, name, by) for name in WHO}
    courses = _courses(by)
    found, problems, named = [], [], {}
    for row in reads:
        try:
            person, course = _person(row, people), _course(row, courses)
            if (first := named.get((person.pk, course))) is not None:
                told = _("Each learner once for a course: row %(row)s has them too.")
                raise _Wrong(WHO[0], told % {"row": first})
        except _Wrong as wrong:
            value = str(row.values.get(wrong.column, ""))
            problems.append(Problem(row.number, wrong.column, value, wrong.wanted))
            continue
        named[person.pk, course] = row.number
        due = enrolling.due_moment(row.values.get("due_at"), person.time_zone)
        found.append((row, enrolling.Wanted(person.pk, course, due)))
    steps, refused = _compared(found, by)
    return steps, problems + refused


class _Wrong(Exception):
    def __init__(self, column: str, wanted: str):
        super().__init__(wanted)
        self.column, self.wanted = column, wanted


def _people(reads: list[Read], name: str, by: User | None) -> dict[str, User]:
    asked = [row.values[name] for row in reads if name in row.values]
    found = {}
    if name == "username":
        for at in range(0, len(asked), CHUNK):
            part = rights.enrollable_people(by).called(asked[at : at + CHUNK])
            found.update({each: people[0] for each, people in part.items() if len(people) == 1})
        return found
    for at in range(0, len(asked), CHUNK):
        rows = rights.enrollable_people(by).filter(**{f"{name}__in": asked[at : at + CHUNK]})
        for person in rows.only("pk", "username", "external_id", "time_zone"):
            found[getattr(person, name)] = person
    return found


def _courses(by: User | None) -> dict[str, int]:
    return dict(rights.enrollable_courses(by).values_list("code", "pk"))


def _person(row: Read, people: dict[str, dict[str, User]]) -> User:
    """Both columns may name the same person. Raises _Wrong."""
    told = [name for name in WHO if name in row.values]
    if not told:
        raise _Wrong(WHO[0], _("A user name or an external_id."))
    found = [people[name].get(row.values[name]) for name in told]
    for name, person in zip(told, found, strict=True):
        if person is None:
            raise _Wrong(name, _("Somebody with an account whom you may enrol."))
    if len({person.pk for person in found}) > 1:
        raise _Wrong(WHO[1], _("The same person as the user name."))
    return found[0]


def _course(row: Read, courses: dict[str, int]) -> int:
    if (pk := courses.get(row.values["course"])) is None:
        raise _Wrong("course", _("The code of a course into which you may enrol people."))
    return pk


def _compared(found: list[tuple[Read, enrolling.Wanted]], by: User | None) -> Planned:
    current = _current(wanted for _row, wanted in found)
    steps, problems = [], []
    for row, wanted in found:
        known = current.get((wanted.user_id, wanted.course_id))
        if refused := _refused(wanted, known, by):
            problems.append(Problem(row.number, "", "", refused))
        else:
            steps.append(Step((row.number,), _standing(wanted, known), wanted))
    return steps, problems


def _current(wanted: Iterable[enrolling.Wanted]) -> dict[tuple[int, int], Enrollment]:
    pairs = sorted({(each.user_id, each.course_id) for each in wanted})
    found = {}
    for at in range(0, len(pairs), CHUNK):
        part = pairs[at : at + CHUNK]
        rows = Enrollment.objects.current().filter(
            user__in={user for user, _course in part}, course__in={course for _user, course in part}
        )
        found.update({(each.user_id, each.course_id): each for each in rows})
    return found


def _standing(wanted: enrolling.Wanted, known: Enrollment | None) -> Standing:
    if known is None:
        return Standing.NEW
    is_same = rights.permission_to_enroll(known, wanted.due_at) is None
    return Standing.UNCHANGED if is_same else Standing.CHANGED


def _refused(wanted: enrolling.Wanted, known: Enrollment | None, by: User | None) -> str:
    needed = rights.permission_to_enroll(known, wanted.due_at)
    if by is None or needed is None or by.has_perm(needed):
        return ""
    if known is None:
        return _("You may not enrol people.")
    return _("You may not change enrolments that are there already.")


def write(steps: list[Step], now: datetime) -> None:
    enrolling.enroll_all([step.what for step in steps], now=now)


ENROLLMENTS = Kind(
    slug="enrollments",
    title=gettext_lazy("Enrolments"),
    about=gettext_lazy(
        "Who is to be in which course, and until when. Who had left is taken up again; who isn’t "
        "in the file stays as they are."
    ),
    fields=FIELDS,
    plan=plan,
    write=write,
    permissions=["progress.add_enrollment", "progress.change_enrollment"],
)
