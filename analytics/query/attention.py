"""Which learners need attention now, and why: never started, stalled, or failing the same quiz
again.

All reasons are given: a learner may have several, in one course or in more, and counts under each
of them, and once in the total. Learners who have completed the course, here or elsewhere, or were
enrolled a moment ago, need nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from progress.models import Content, ContentProgress, CourseProgress, LearningSession, QuizAttempt

from .duty import is_owed
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


def needs(filters: Filters, now: datetime) -> list[Need]:
    """Everyone who needs attention, the most urgent first: by due date, then by how long. Two
    statements."""
    failing = _titles(_failing(filters))
    rows = _unfinished(filters, now).filter(_in_need(list(failing), now)).values_list(*COLUMNS)
    found = [_need(row, failing, now) for row in rows]
    return sorted(found, key=lambda need: (need.due_at is None, need.due_at or now, need.since))


def rows(filters: Filters, now: datetime) -> QuerySet[CourseProgress]:
    """The same as a query; `from_rows` turns its rows, which begin with `COLUMNS`, into needs."""
    failing = _failing(filters).values("enrollment_id")
    since = Coalesce("last_seen", "enrollment__enrolled_at")
    found = _unfinished(filters, now).filter(_in_need(failing, now))
    return found.order_by(F("enrollment__due_at").asc(nulls_last=True), since, "pk")


def from_rows(filters: Filters, found: Iterable[tuple], now: datetime) -> list[Need]:
    """The needs of rows whose first values are `COLUMNS`. One statement."""
    found = list(found)
    failing = _failing(filters).filter(enrollment__in=[row[0] for row in found])
    titles = _titles(failing)
    return [_need(row[: len(COLUMNS)], titles, now) for row in found]


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
    sessions = LearningSession.objects.filter(
        enrollment=OuterRef("pk"), user=OuterRef("user")
    ).order_by("-start_time")
    contents = ContentProgress.objects.filter(user=OuterRef("user"), enrollment=OuterRef("pk"))
    # A join would be made for all contents of a learner, before the latest is chosen.
    title = Content.objects.filter(pk=OuterRef("content_id")).order_by().values("title")
    last_content = JSONObject(pk="content_id", title=Subquery(title))
    latest = contents.order_by("-last_event_at").values(last_content=last_content)[:1]
    rows = CourseProgress.objects.filter(
        is_owed(now), enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    # Most who need attention have never begun, and have no last content.
    was_at = Case(When(total_sessions__gt=0, then=Subquery(latest)))
    return filters.apply(rows).annotate(
        last_seen=Subquery(sessions.values("last_activity_at")[:1]), last_content=was_at
    )


def _in_need(failing: Sequence[int] | QuerySet, now: datetime) -> Q:
    never = Q(total_sessions=0, enrollment__enrolled_at__lt=now - STARTS_WITHIN)
    stalled = Q(total_sessions__gt=0, last_seen__lt=now - STALLS_AFTER)
    return never | stalled | Q(pk__in=failing)


def _failing(filters: Filters) -> QuerySet:
    """Enrolments with the quiz that they submitted at least twice and never passed."""
    attempts = QuizAttempt.objects.filter(
        submitted_at__isnull=False,
        content__retired_at=None,
        enrollment__course_progress__completed_at=None,  # the others need no attention
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
    )
    attempts = filters.apply(attempts, course="enrollment__course").order_by()
    counted = attempts.values("enrollment_id", "content_id").annotate(
        count=Count("pk"), passed_once=BoolOr("passed"), title=Max("content__title")
    )
    # A quiz without a pass mark is neither passed nor failed.
    return counted.filter(count__gte=FAILS, passed_once=False)


def _titles(failing: QuerySet) -> dict[int, ContentTitle]:
    """For each enrolment the quiz that was failed most often."""
    rows = failing.order_by("count").values_list("enrollment_id", "content_id", "title")
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


# --- In words ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sentence:
    """The first line of a page, with the numbers in it."""

    text: str
    in_need: int
    learners: int


def sentence(found: Iterable[Need], learners: int) -> Sentence:
    """`12 of 240 learners need you: 5 never started, …`; a learner with two reasons counts under
    both."""
    found = list(found)
    count = len({need.user_id for need in found})
    if not learners:
        return Sentence(_("No one is enrolled yet."), 0, 0)
    if not count:
        text = ngettext(
            "Your learner needs no help now.", "None of %(all)s learners needs you now.", learners
        )
        return Sentence(text % {"all": learners}, 0, learners)
    text = ngettext(
        "%(count)s of %(all)s learners needs you: %(why)s.",
        "%(count)s of %(all)s learners need you: %(why)s.",
        count,
    )
    by_reason = _by_reason(found)
    why = _(", ").join(_why(by_reason))
    text = text % {"count": count, "all": learners, "why": why}
    if sum(map(len, by_reason.values())) > count:
        text += " " + _("A learner with several of these reasons is counted under each.")
    return Sentence(text, count, learners)


# For one reason: each learner's needs, one for each of their courses.
ByLearner = dict[int, list[Need]]


def _by_reason(found: Iterable[Need]) -> dict[Reason, ByLearner]:
    by_reason: dict[Reason, ByLearner] = {reason: {} for reason in Reason}
    for need in found:
        for reason in need.reasons:
            by_reason[reason].setdefault(need.user_id, []).append(need)
    return by_reason


def _why(by_reason: dict[Reason, ByLearner]) -> Iterable[str]:
    if started := by_reason[Reason.NEVER_STARTED]:
        yield _("%(count)s never started") % {"count": len(started)}
    if stalled := by_reason[Reason.STALLED]:
        yield _stalled(stalled)
    if failing := by_reason[Reason.FAILING]:
        yield _keep_failing(failing)


def _stalled(found: ByLearner) -> str:
    title, learners = _commonest([{need.last_content for need in own} for own in found.values()])
    if learners == len(found) and title:
        return _("%(count)s stalled at ‘%(title)s’") % {"count": learners, "title": title}
    text = _("%(count)s stalled") % {"count": len(found)}
    if learners > 1:
        text += _(" (%(count)s at ‘%(title)s’)") % {"count": learners, "title": title}
    return text


def _keep_failing(found: ByLearner) -> str:
    title, learners = _commonest([{need.quiz for need in own} for own in found.values()])
    if learners == len(found) and title:
        text = ngettext(
            "%(count)s keeps failing ‘%(title)s’", "%(count)s keep failing ‘%(title)s’", learners
        )
        return text % {"count": learners, "title": title}
    text = ngettext("%(count)s keeps failing a quiz", "%(count)s keep failing a quiz", len(found))
    return text % {"count": len(found)}


def _commonest(contents: Iterable[set[ContentTitle | None]]) -> tuple[str, int]:
    """The title of the most frequent content, and how many learners have it; `contents` has a
    set for each learner."""
    counted = Counter(content for own in contents for content in own if content)
    if not counted:
        return "", 0
    (content, count) = counted.most_common(1)[0]
    return content.title, count
