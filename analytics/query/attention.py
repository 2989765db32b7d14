"""Which learners need attention now, and why: never started, stalled, or failing the same quiz
again.

All reasons are given: a learner may have several, in one course or in more, and counts under each
of them, and once in the total. Learners who have completed the course, here or elsewhere, or were
enrolled a moment ago, need nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, JSONObject

from progress.models import Content, ContentProgress, CourseProgress, LearningSession, QuizAttempt

from .duty import is_at_high_risk, is_owed
from .filters import Filters

STARTS_WITHIN = timedelta(days=7)
STALLS_AFTER = timedelta(days=14)
FAILS = 2


class Reason(IntEnum):
    """In the order in which they are listed for one learner."""

    FAILING = 1
    NEVER_STARTED = 2
    STALLED = 3


class ContentTitle(NamedTuple):
    """A content, by its number and title."""

    content_id: int
    title: str


class Need(NamedTuple):
    """An enrolment whose learner needs attention, for each of `reasons`.

    `quiz` is the quiz that they fail, `last_content` the content they were at last.
    """

    enrollment_id: int
    user_id: int
    course_id: int
    reasons: tuple[Reason, ...]
    quiz: "ContentTitle | None"
    last_content: "ContentTitle | None"
    since: datetime
    due_at: datetime | None
    completion_bp: int


def rows(filters: Filters, now: datetime) -> QuerySet[CourseProgress]:
    """Everyone who needs attention, the most urgent first: by due date, then by how long.

    `from_rows` turns rows that begin with `COLUMNS` into needs.
    """
    failing = _failing(filters).values("enrollment_id")
    since = Coalesce("last_seen", "enrollment__enrolled_at")
    found = _with_last_content(_unfinished(filters, now)).filter(_in_need(failing, now))
    return found.order_by(F("enrollment__due_at").asc(nulls_last=True), since, "pk")


def from_rows(filters: Filters, found: Iterable[tuple], now: datetime) -> list[Need]:
    """The needs of rows whose first values are `COLUMNS`. One statement."""
    found = list(found)
    failing = _failing(filters).filter(enrollment__in=[row[0] for row in found])
    titles = _titles(failing)
    return [_need(row[: len(COLUMNS)], titles, now) for row in found]


def unfinished(filters: Filters, now: datetime) -> QuerySet:
    """Enrolments that are owed and not left, whether or not they need attention: `UNFINISHED`,
    with when their learners were last there, and the quiz that they fail."""
    has_begun = Q(total_sessions__gt=0)
    return (
        _unfinished(filters, now)
        .annotate(
            last_seen=Case(When(has_begun, then=_last_seen())),
            quiz_id=Case(When(has_begun, then=Subquery(_failing_quiz()))),
            is_overdue=_flag(Q(enrollment__due_at__lt=now)),
            is_at_risk=_flag(is_at_high_risk(now)),
        )
        .order_by()
        .values_list(*UNFINISHED)
    )


def _flag(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, BooleanField())


UNFINISHED = (
    "enrollment_id",
    "user_id",
    "course_id",
    "total_sessions",
    "completion_bp",
    "enrollment__enrolled_at",
    "enrollment__due_at",
    "last_seen",
    "quiz_id",
    "is_overdue",
    "is_at_risk",
)
COLUMNS = (
    "enrollment_id",
    "user_id",
    "course_id",
    "total_sessions",
    "last_content",
    "last_seen",
    "enrollment__enrolled_at",
    "enrollment__due_at",
    "completion_bp",
)


def _unfinished(filters: Filters, now: datetime) -> QuerySet[CourseProgress]:
    rows = CourseProgress.objects.filter(
        is_owed(now), enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    return filters.apply(rows)


@cache
def _last_seen() -> Subquery:
    sessions = LearningSession.objects.filter(enrollment=OuterRef("pk"), user=OuterRef("user"))
    return Subquery(sessions.order_by("-start_time").values("last_activity_at")[:1])


def _with_last_content(rows: QuerySet[CourseProgress]) -> QuerySet[CourseProgress]:
    # A join would be made for all contents of a learner, before the latest is chosen.
    title = Content.objects.filter(pk=OuterRef("content_id")).order_by().values("title")
    last_content = JSONObject(pk="content_id", title=Subquery(title))
    contents = ContentProgress.objects.filter(user=OuterRef("user"), enrollment=OuterRef("pk"))
    latest = contents.order_by("-last_event_at").values(last_content=last_content)[:1]
    # Most who need attention have never begun, and have no last content.
    was_at = Case(When(total_sessions__gt=0, then=Subquery(latest)))
    return rows.annotate(last_seen=_last_seen(), last_content=was_at)


def _in_need(failing: QuerySet, now: datetime) -> Q:
    never = Q(total_sessions=0, enrollment__enrolled_at__lt=now - STARTS_WITHIN)
    stalled = Q(total_sessions__gt=0, last_seen__lt=now - STALLS_AFTER)
    return never | stalled | Q(pk__in=failing)


def _failing(filters: Filters) -> QuerySet:
    """Enrolments with each quiz that they fail."""
    attempts = QuizAttempt.objects.filter(
        enrollment__course_progress__completed_at=None,  # the others need no attention
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
    )
    attempts = filters.apply(attempts, course="enrollment__course").order_by()
    return _failed(attempts, "enrollment_id", "content_id").annotate(title=Max("content__title"))


@cache
def _failing_quiz() -> QuerySet:
    """For an enrolment's row: the quiz that was failed most often.

    Made once, as `_last_seen`: who uses it takes a copy.
    """
    own = QuizAttempt.objects.filter(user=OuterRef("user"), enrollment=OuterRef("pk")).order_by()
    return _failed(own, "content_id").order_by("-count", "content_id").values("content_id")[:1]


def _failed(attempts: QuerySet, *key: str) -> QuerySet:
    """By `key`: what was submitted at least twice and never passed."""
    # Not by a join, which would be made again for each enrolment.
    retired = Content.objects.filter(retired_at__isnull=False).order_by().values("pk")
    submitted = attempts.filter(~Q(content_id__in=retired), submitted_at__isnull=False)
    counted = submitted.values(*key).annotate(count=Count("pk"), passed_once=BoolOr("passed"))
    # A quiz without a pass mark is neither passed nor failed.
    return counted.filter(count__gte=FAILS, passed_once=False)


def _titles(failing: QuerySet) -> dict[int, ContentTitle]:
    """For each enrolment the quiz that was failed most often."""
    rows = failing.order_by("count", "-content_id").values_list(
        "enrollment_id", "content_id", "title"
    )
    return {enrollment: ContentTitle(content, title) for enrollment, content, title in rows}


def _need(row: tuple, failing: dict[int, ContentTitle], now: datetime) -> Need:
    pk, user, course, sessions, last_content, last_seen, enrolled_at, due_at, bp = row
    reasons = []
    if pk in failing:
        reasons.append(Reason.FAILING)
    if not sessions:
        reasons.append(Reason.NEVER_STARTED)
    elif last_seen < now - STALLS_AFTER:
        reasons.append(Reason.STALLED)
    at = ContentTitle(last_content["pk"], last_content["title"]) if last_content else None
    since = last_seen or enrolled_at
    return Need(pk, user, course, tuple(reasons), failing.get(pk), at, since, due_at, bp)
