"""Everybody's obligations, for all requirements together: five statements and a slot."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from analytics import slots
from analytics.dashboards.filters import Chosen
from analytics.models import Exemption, Requirement
from progress.models import CourseProgress, User

from .standing import Cycle, State, due_day, state


class Person(NamedTuple):
    user_id: int
    name: str
    username: str
    email: str
    department: str
    joined_on: date


class Obligation(NamedTuple):
    """A requirement that concerns a person, and how they stand with it as of now."""

    requirement: Requirement
    person: Person
    state: State
    due_on: date | None
    completed_at: datetime | None
    expires_at: datetime | None
    completion_bp: int
    has_passage: bool


def requirements(chosen: Chosen) -> list[Requirement]:
    """The active ones of the chosen courses."""
    found = Requirement.objects.filter(is_active=True, course__in=list(chosen.courses))
    return list(found.select_related("course"))


def obligations(
    found: list[Requirement], now: datetime, department: str = ""
) -> Iterator[Obligation]:
    """By requirement, then by name. Days are those of the organisation."""
    if not found:
        return
    today = timezone.localdate(now, timezone.get_default_timezone())
    people = _people(found, department)
    cycles = cycles_of({each.course_id for each in found}, now)
    exempt = _exempt(found, today)
    for each in found:
        passages, untouched = cycles[each.course_id], exempt[each.pk]
        for person in people:
            if not each.departments or person.department in each.departments:
                yield _obligation(
                    each,
                    person,
                    passages.get(person.user_id, ()),
                    is_exempt=person.user_id in untouched,
                    today=today,
                    now=now,
                )


def _people(found: list[Requirement], department: str) -> list[Person]:
    """Everybody whom any of them may concern: who has left or only administers, it doesn't."""
    rows = User.objects.filter(is_active=True, is_staff=False)
    if all(each.departments for each in found):
        rows = rows.filter(department__in={name for each in found for name in each.departments})
    if department:
        rows = rows.filter(department=department)
    columns = ("pk", "full_name", "username", "email", "department", "date_joined")
    zone = timezone.get_default_timezone()
    return [
        Person(pk, name or username, username, email, own, joined.astimezone(zone).date())
        for pk, name, username, email, own, joined in rows.order_by(
            "full_name", "username"
        ).values_list(*columns)
    ]


def cycles_of(course_ids: Iterable[int], moment: datetime) -> dict[int, dict[int, list[Cycle]]]:
    """By course and person: their passages, with what was certified by `moment`."""
    certified = slots.certified(list(course_ids), moment) or {}
    columns = (
        "pk",
        "user_id",
        "course_id",
        "completed_at",
        "completion_bp",
        "enrollment__is_current",
        "enrollment__unenrolled_at",
    )
    rows = CourseProgress.objects.filter(course__in=list(course_ids)).order_by("pk")
    found: dict[int, dict[int, list[Cycle]]] = {pk: {} for pk in course_ids}
    nothing = (None, None)
    for pk, user, course, completed_at, bp, is_current, left_at in rows.values_list(*columns):
        is_open = is_current and left_at is None
        cycle = Cycle(completed_at, is_open, bp, *certified.get(pk, nothing))
        found[course].setdefault(user, []).append(cycle)
    return found


def _exempt(found: list[Requirement], today: date) -> dict[int, set[int]]:
    """By requirement: the people who are exempt from it today."""
    holds = Q(until=None) | Q(until__gte=today)
    rows = Exemption.objects.filter(holds, requirement__in=found, since__lte=today)
    exempt = defaultdict(set)
    for requirement, user in rows.values_list("requirement_id", "user_id"):
        exempt[requirement].add(user)
    return exempt


def _obligation(
    each: Requirement,
    person: Person,
    own: Sequence[Cycle],
    *,
    is_exempt: bool,
    today: date,
    now: datetime,
) -> Obligation:
    due_on = due_day(each.due_on, each.due_days, each.starts_on, person.joined_on)
    last, bp = None, 0
    for cycle in own:
        if cycle.completed_at and (last is None or cycle.completed_at > last.completed_at):
            last = cycle
        if cycle.is_open:
            bp = max(bp, cycle.completion_bp)
    return Obligation(
        each,
        person,
        state(own, due_on=due_on, today=today, now=now, is_exempt=is_exempt),
        due_on if last is None else _again_on(last),
        last.completed_at if last else None,
        last.expires_at if last else None,
        bp,
        bool(own),
    )


def _again_on(last: Cycle) -> date | None:
    """The last day on which what was completed holds."""
    ends = [moment for moment in (last.expires_at, last.revoked_at) if moment]
    if not ends:
        return None
    return timezone.localdate(
        min(ends) - timedelta(microseconds=1), timezone.get_default_timezone()
    )
