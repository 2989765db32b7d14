"""The learners of a course, a page at a time: all, or those who need attention, are late or
done."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _

from analytics.models import RiskScore
from analytics.query import attention, attention_summary
from analytics.query.activity import live
from analytics.query.attention import Need
from analytics.query.duty import is_overdue, is_owed
from analytics.query.filters import Filters
from analytics.query.people import learner_url, reason_text
from progress.models import CourseProgress, LearningSession, User, fulfilled_outside
from progress.pages.due import Due, due
from progress.pages.words import duration

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """Which learners, from the address: `show`, part of a name `q`, a `page`."""

    show: str
    name: str
    page: str
    reader: User

    @classmethod
    def of(cls, query: QueryDict, reader: User) -> "RosterQuery":
        show = query.get("show", "")
        # PostgreSQL refuses a null character, and no name has one.
        name = query.get("q", "").replace("\0", "").strip()[:200]
        return cls(show if show in kinds() else "all", name, query.get("page", "1"), reader)


def kinds() -> dict[str, str]:
    return {
        "all": _("Everybody"),
        "need": _("Need you"),
        "risk": _("At high risk"),
        "overdue": _("Overdue"),
        "now": _("Active now"),
        "open": _("In progress"),
        "done": _("Complete"),
        "outside": _("Completed elsewhere"),
    }


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    department: str
    url: str
    percent: int
    is_complete: bool
    time: str
    last_seen: datetime | None
    is_outside: bool  # completed elsewhere, validly, and not here
    due: Due | None
    reason: str


@dataclass(frozen=True, slots=True)
class Roster:
    rows: list[Row]
    page: Page
    query: RosterQuery
    kinds: dict[str, str]


def page(filters: Filters, query: RosterQuery, now: datetime) -> Roster:
    """Three statements, however many learners there are."""
    rows = _rows(filters, query, now)
    shown = Paginator(rows, PER_PAGE).get_page(query.page)
    found = list(shown.object_list)
    needs = attention_summary.needs_of(filters, [row.pk for row in found], now)
    page_rows = [_row(row, needs.get(row.pk), now) for row in found]
    return Roster(page_rows, shown, query, kinds())


def _rows(filters: Filters, query: RosterQuery, now: datetime) -> QuerySet[CourseProgress]:
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    rows = filters.apply(rows).filter(_kind(query, filters, now))
    if query.name:
        rows = rows.filter(
            Q(user__full_name__icontains=query.name) | Q(user__username__icontains=query.name)
        )
    sessions = LearningSession.objects.filter(
        enrollment=OuterRef("pk"), user=OuterRef("user")
    ).order_by("-start_time")
    return (
        rows.annotate(
            last_seen=Subquery(sessions.values("last_activity_at")[:1]),
            is_outside=fulfilled_outside(now),
        )
        .select_related("user", "enrollment")
        .defer("active_spans", "elapsed_spans", "module_progress")
        .order_by("user__full_name", "user__username")
    )


def _kind(query: RosterQuery, filters: Filters, now: datetime) -> Q:
    """Risk scores have a permission of their own: without it, nobody is listed as at risk."""
    scores = RiskScore.objects.visible_to(query.reader).filter(band=RiskScore.Band.HIGH)
    return {
        "all": Q(),
        "need": Q(pk__in=attention.rows(filters, now).order_by().values("pk")),
        "risk": Q(pk__in=scores.values("pk"))
        & is_owed(now)
        & (Q(enrollment__due_at=None) | Q(enrollment__due_at__gte=now)),
        "now": Q(pk__in=live(filters, now).values("enrollment")),
        "overdue": is_overdue(now),
        "open": Q(completed_at=None, total_sessions__gt=0),
        "done": Q(completed_at__isnull=False),
        "outside": Q(completed_at=None) & fulfilled_outside(now),
    }[query.show]


def _row(progress: CourseProgress, need: Need | None, now: datetime) -> Row:
    is_complete = progress.completed_at is not None
    return Row(
        name=progress.user.get_full_name(),
        department=progress.user.department,
        url=learner_url(progress.course_id, progress.user_id),
        percent=progress.completion_bp // 100,
        is_complete=is_complete,
        time=duration(progress.time_ms / 1000) if progress.time_ms else "–",
        last_seen=progress.last_seen,
        is_outside=progress.is_outside and not is_complete,
        due=None if is_complete or progress.is_outside else due(progress.enrollment.due_at, now),
        reason=reason_text(need) if need else "",
    )
