"""Reads all obligations of all requirements together, some thousand people at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Value
from django.utils import timezone

from analytics import slots
from analytics.models import Exemption, Requirement
from analytics.query.filters import Titles, is_limited
from progress.files.downloads import tuples_in_chunks
from progress.models import CourseProgress, OutsideCompletion, User, possible_learners, team_of

from . import outside
from .obligation_state import Cycle, ObligationState, due_day, last_day, own_due, state

PEOPLE_AT_ONCE = 10_000


class Person(NamedTuple):
    user_id: int
    name: str
    username: str
    email: str
    department: str
    joined_on: date
    is_of_team: bool = False  # of the reader's, where only that is seen


class Obligation(NamedTuple):
    """A requirement that applies to a person, and its current state."""

    requirement: Requirement
    person: Person
    state: ObligationState
    due_on: date | None
    completed_at: datetime | None
    expires_at: datetime | None
    completion_bp: int
    has_passage: bool
    open_passage: Cycle | None  # the enrolment that is open and not completed
    last_due_at: datetime | None  # of the latest enrolment, left or not
    was_completed_here: bool  # in any cycle
    elsewhere: str  # of a completion elsewhere: its basis; empty for one tracked here

    @property
    def is_fulfilled_outside(self) -> bool:
        """Whether it is complete by a completion elsewhere alone."""
        return self.state == ObligationState.COMPLETE and bool(self.elsewhere)

    @property
    def basis(self) -> str:
        """Of the completion; empty without one. Written when it is asked for: of some thousand
        obligations a page shows few."""
        if self.completed_at is None:
            return ""
        return self.elsewhere or str(outside.TRACKED)

    @property
    def required_on(self) -> date | None:
        """The day that the requirement sets, regardless of the enrolment."""
        each = self.requirement
        return due_day(each.due_on, each.due_days, each.starts_on, self.person.joined_on)


def requirements(courses: Iterable[int]) -> list[Requirement]:
    """Returns the active requirements of these courses."""
    found = Requirement.objects.filter(is_active=True, course__in=list(courses))
    return list(found.select_related("course"))


def obligations(
    found: list[Requirement], now: datetime, department: str = "", seen: Titles | None = None
) -> Iterator[Obligation]:
    """Yields obligations by person id, then by requirement. Days are in the organisation's zone.

    At most `PEOPLE_AT_ONCE` people are in memory at once; five queries for each such group. `seen`
    are the courses whose learners the reader sees: all of them, or a team's only.
    """
    if not found:
        return
    today = timezone.localdate(now, timezone.get_default_timezone())
    courses = {each.course_id for each in found}
    whole = _whole(found, seen)
    for people in _people(found, department, seen):
        span = people[0].user_id, people[-1].user_id
        cycles, exempt = cycles_of(courses, now, span), _exempt(found, today, span)
        elsewhere = _outside(courses, now, span)
        for person in people:
            for each in found:
                is_seen = person.is_of_team or each.course_id in whole
                if is_seen and concerns(each, person.department):
                    yield _obligation(
                        each,
                        person,
                        cycles.get((each.course_id, person.user_id), ()),
                        elsewhere.get((each.course_id, person.user_id), ()),
                        is_exempt=(each.pk, person.user_id) in exempt,
                        today=today,
                        now=now,
                    )


def concerns(requirement: Requirement, department: str) -> bool:
    return not requirement.departments or department in requirement.departments


def count(found: list[Requirement], department: str = "", seen: Titles | None = None) -> int:
    """Returns the number of obligations. One query."""
    whole = _whole(found, seen)
    people = _people_concerned(found, department, seen).order_by()
    sizes = people.values_list("department", "is_of_team").annotate(count=Count("pk"))
    return sum(
        size
        for name, is_of_team, size in sizes
        for each in found
        if (is_of_team or each.course_id in whole) and concerns(each, name)
    )


def _whole(found: list[Requirement], seen: Titles | None) -> Collection[int]:
    """The courses all of whose learners are meant."""
    return seen.whole if is_limited(seen) else {each.course_id for each in found}


def _people_concerned(
    found: list[Requirement], department: str, seen: Titles | None
) -> QuerySet[User]:
    """Returns the people that any of the requirements may apply to: active learners only
    (`possible_learners`). They have `is_of_team`."""
    rows = possible_learners()
    if is_limited(seen):
        is_of_team = Q(pk__in=team_of(seen.reader))
        if not any(each.course_id in seen.whole for each in found):
            rows = rows.filter(is_of_team)
        rows = rows.annotate(is_of_team=ExpressionWrapper(is_of_team, BooleanField()))
    else:
        rows = rows.annotate(is_of_team=Value(False))
    if all(each.departments for each in found):
        rows = rows.filter(department__in={name for each in found for name in each.departments})
    return rows.filter(department=department) if department else rows


def _people(
    found: list[Requirement], department: str, seen: Titles | None
) -> Iterator[list[Person]]:
    """Yields those people in groups, by id."""
    columns = ("pk", "full_name", "username", "email", "department", "date_joined", "is_of_team")
    zone = timezone.get_default_timezone()
    rows = tuples_in_chunks(
        _people_concerned(found, department, seen).values_list(*columns), chunk=PEOPLE_AT_ONCE
    )
    while part := list(islice(rows, PEOPLE_AT_ONCE)):
        yield [
            Person(pk, name or username, username, email, own, joined.astimezone(zone).date(), team)
            for pk, name, username, email, own, joined, team in part
        ]


def cycles_of(
    course_ids: Collection[int], moment: datetime, span: tuple[int, int]
) -> dict[tuple[int, int], list[Cycle]]:
    """Returns enrolment cycles by course and person, with their certificates as of `moment`.

    `span` is the first and the last id of the people to look up.
    """
    rows = CourseProgress.objects.filter(_of(span), course__in=list(course_ids))
    completed = rows.filter(completed_at__isnull=False).values("pk")
    certified = slots.certified(completed, moment) or {}
    columns = (
        "pk",
        "course_id",
        "user_id",
        "completed_at",
        "completion_bp",
        "enrollment__is_current",
        "enrollment__unenrolled_at",
        "enrollment__due_at",
    )
    found: dict[tuple[int, int], list[Cycle]] = defaultdict(list)
    no_certificate = (None, None)
    for row in rows.order_by("pk").values_list(*columns):
        pk, course, user, completed_at, bp, is_current, left_at, due_at = row
        is_open = is_current and left_at is None
        cycle = Cycle(completed_at, is_open, bp, *certified.get(pk, no_certificate), due_at, pk)
        found[course, user].append(cycle)
    return found


def _outside(
    course_ids: Collection[int], moment: datetime, span: tuple[int, int]
) -> dict[tuple[int, int], list[Cycle]]:
    """Returns completions elsewhere by course and person, without those withdrawn by `moment`."""
    rows = OutsideCompletion.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment),
        _of(span),
        course__in=list(course_ids),
        holds_from__lte=moment,
    )
    columns = ("course_id", "user_id", "completed_on", "holds_until", "basis", "authority")
    found: dict[tuple[int, int], list[Cycle]] = defaultdict(list)
    for course, user, day, ends, basis, authority in rows.order_by("pk").values_list(*columns):
        text = outside.basis_text(basis, authority)
        found[course, user].append(
            Cycle(outside.day_moment(day), False, expires_at=ends, outside=text)
        )
    return found


def _exempt(found: list[Requirement], today: date, span: tuple[int, int]) -> set[tuple[int, int]]:
    """Returns (requirement id, user id) of those who are exempt today."""
    holds = Q(until=None) | Q(until__gte=today)
    rows = Exemption.objects.filter(holds, _of(span), requirement__in=found, since__lte=today)
    return set(rows.values_list("requirement_id", "user_id"))


def _of(span: tuple[int, int]) -> Q:
    return Q(user__gte=span[0], user__lte=span[1])


def _obligation(
    each: Requirement,
    person: Person,
    own: Sequence[Cycle],
    elsewhere: Sequence[Cycle],
    *,
    is_exempt: bool,
    today: date,
    now: datetime,
) -> Obligation:
    due_on = _due_on(each, person, own)
    both = [*own, *elsewhere]
    completed = [cycle for cycle in both if cycle.completed_at]
    # The latest of those that are valid, or else of all.
    last = max(completed, key=lambda c: (c.is_valid_at(now), c.completed_at), default=None)
    bp = max((cycle.completion_bp for cycle in own if cycle.is_open), default=0)
    return Obligation(
        each,
        person,
        state(both, due_on=due_on, today=today, now=now, is_exempt=is_exempt),
        due_on if last is None else _last_valid_day(last),
        last.completed_at if last else None,
        last.expires_at if last else None,
        bp,
        bool(own),
        next((cycle for cycle in own if cycle.is_open and cycle.completed_at is None), None),
        own[-1].due_at if own else None,
        any(cycle.completed_at for cycle in own),
        last.outside if last else "",
    )


def _due_on(each: Requirement, person: Person, own: Sequence[Cycle]) -> date | None:
    """Returns the last day of the enrolment's due date, or else the requirement's day."""
    if moment := own_due(own):
        return last_day(moment, timezone.get_default_timezone())
    return due_day(each.due_on, each.due_days, each.starts_on, person.joined_on)


def _last_valid_day(last: Cycle) -> date | None:
    """Returns the last day on which the completion is valid."""
    ends = [moment for moment in (last.expires_at, last.revoked_at) if moment]
    if not ends:
        return None
    return timezone.localdate(
        min(ends) - timedelta(microseconds=1), timezone.get_default_timezone()
    )
