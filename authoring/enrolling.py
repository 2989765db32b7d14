"""Enrolling people in a course that one teaches: found by search, or pasted as a list."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Upper

from progress.ingest.enrolling import Wanted, due_moment, enroll_all
from progress.models import Course, Enrollment, User
from progress.models.marks import may_be_enrolled
from progress.security import rights
from progress.validation.usernames import normalized_address

# What is handled within a request; more come as a file (progress/importing).
MAX_PEOPLE = 2000
# As the index has it; the column's own type would change the case of what is compared.
_UPPER_ADDRESS = Upper("email", output_field=CharField())
_SEPARATORS = re.compile(r"[\n\r,;\t]+")
_ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")


def may_enrol(by: User, course: Course) -> bool:
    can_choose = rights.enrollable_courses(by).filter(pk=course.pk).exists()
    return can_choose and by.has_perm("progress.add_enrollment")


# --- Who -----------------------------------------------------------------------------------------
def found_people(by: User, course: Course, text: str, department: str) -> QuerySet[User]:
    """The active accounts that `by` may enrol in a course, and that a search finds; none for an
    empty one."""
    people = _enrollable(by)
    if course.is_test:
        people = people.filter(is_test=True)
    words = text.split()
    if not words and not department:
        return people.none()
    for word in words:
        people = people.filter(
            Q(full_name__icontains=word)
            | Q(username__icontains=word)
            | Q(email__icontains=word)
            | Q(external_id=word)
        )
    if department:
        people = people.filter(department=department)
    return people.order_by("full_name", "username", "pk")


def departments(by: User) -> list[str]:
    rows = _enrollable(by).exclude(department="").order_by("department")
    return list(rows.values_list("department", flat=True).distinct())


def _enrollable(by: User) -> QuerySet[User]:
    return rights.enrollable_people(by).filter(is_active=True)


def names_in(text: str) -> list[str]:
    """The names of a pasted list, each once: one a line, or with commas, semicolons or tabs between
    them. Of `Lena Fischer <lena@example.org>` the address counts."""
    names = (_ADDRESS.search(part) or part.strip() for part in _SEPARATORS.split(text))
    plain = (each if isinstance(each, str) else each[1] for each in names)
    return list(dict.fromkeys(each for each in plain if each))


@dataclass(frozen=True, slots=True)
class Named:
    """The people of a pasted list, and the names that are unknown or not unique."""

    people: list[User] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)


def named_people(by: User, names: Sequence[str]) -> Named:
    """Three statements. A user name comes before an id of another system, that before an address.

    Names of people that `by` may not enrol are unknown, as if there were no such account.
    """
    people = _enrollable(by)
    by_name = people.called(names)
    by_id: dict[str, list[User]] = {}
    for person in people.filter(external_id__in=names):
        by_id.setdefault(person.external_id, []).append(person)
    addresses = {name: normalized_address(name).upper() for name in names if "@" in name}
    by_address: dict[str, list[User]] = {}
    with_address = people.alias(upper=_UPPER_ADDRESS).filter(upper__in=set(addresses.values()))
    for person in with_address:
        by_address.setdefault(person.email.upper(), []).append(person)
    named, seen = Named(), set()
    for name in names:
        found = by_name.get(name) or by_id.get(name) or by_address.get(addresses.get(name, ""), [])
        if len(found) == 1 and found[0].pk not in seen:
            named.people.append(found[0])
            seen.add(found[0].pk)
        elif len(found) != 1:
            (named.ambiguous if found else named.unknown).append(name)
    return named


# --- Enrolling -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Outcome:
    """How many were enrolled, were given another due date or taken up again, were there already,
    how many of those that `by` may not change, and how many are no test learners and can't be
    enrolled in a test course."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    real: int = 0


def enrol(
    course: Course, by: User, people: Iterable[User], due: date | None, now: datetime
) -> Outcome:
    """Enrol people that `by` may enrol; `due` is a day, which ends in each one's own time zone.

    Without `due` the due date of who is enrolled already stays.
    """
    everybody = list(people)
    fitting = [each for each in everybody if may_be_enrolled(each, course)]
    wanted = [Wanted(each.pk, course.pk, due_moment(due, each.time_zone)) for each in fitting]
    current = _current(course, [each.user_id for each in wanted])
    counts = {"new": 0, "changed": 0, "unchanged": 0, "refused": 0}
    allowed = []
    for each in wanted:
        existing = current.get(each.user_id)
        needed = rights.permission_to_enroll(existing, each.due_at)
        if needed is None:
            counts["unchanged"] += 1
        elif not by.has_perm(needed):
            counts["refused"] += 1
        else:
            counts["changed" if existing else "new"] += 1
            allowed.append(each)
    enroll_all(allowed, now=now)
    return Outcome(**counts, real=len(everybody) - len(fitting))


def _current(course: Course, user_ids: list[int]) -> dict[int, Enrollment]:
    rows = Enrollment.objects.current().filter(course=course, user__in=user_ids)
    return {each.user_id: each for each in rows}


def enrollments_of(course: Course, people: Iterable[User]) -> dict[int, Enrollment]:
    """The enrolments that people have in a course now, by their ids."""
    rows = Enrollment.objects.active().filter(course=course, user__in=[each.pk for each in people])
    return {each.user_id: each for each in rows}
