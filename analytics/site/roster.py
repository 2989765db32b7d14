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


def page(filters: Filters, query: RosterQuery, now: datetime, learners: int) -> Roster:
    """Four statements, however many learners there are; three for all `learners`."""
    # Rows with all columns would be sorted for a page of them.
    chosen = Paginator(_chosen(filters, query, now), PER_PAGE)
    if query.show == "all" and not query.name:
        chosen.count = learners
    shown = chosen.get_page(query.page)
    ids = list(shown.object_list)
    found = {row.pk: row for row in _rows(ids, now)}
    needs = attention_summary.needs_of(filters, ids, now)
    page_rows = [_row(found[pk], needs.get(pk), now) for pk in ids if pk in found]
    return Roster(page_rows, shown, query, kinds())


def _chosen(filters: Filters, query: RosterQuery, now: datetime) -> QuerySet:
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    rows = filters.apply(rows).filter(_kind(query, filters, now))
    if query.name:
        rows = rows.filter(
            Q(user__full_name__icontains=query.name) | Q(user__username__icontains=query.name)
        )
    return rows.order_by("user__full_name", "user__username").values_list("pk", flat=True)


def _rows(ids: list[int], now: datetime) -> QuerySet[CourseProgress]:
    sessions = LearningSession.objects.filter(
        enrollment=OuterRef("pk"), user=OuterRef("user")
    ).order_by("-start_time")
    return (
        CourseProgress.objects.filter(pk__in=ids)
        .annotate(
            last_seen=Subquery(sessions.values("last_activity_at")[:1]),
            is_outside=fulfilled_outside(now),
        )
        .select_related("user", "enrollment")
        .defer("active_spans", "elapsed_spans", "module_progress")
    )


def _kind(query: RosterQuery, filters: Filters, now: datetime) -> Q:
    """Risk scores have a permission of their own: without it, nobody is listed as at risk."""
    match query.show:
        case "need":
            return Q(pk__in=attention.rows(filters, now).order_by().values("pk"))
        case "risk":
            scores = RiskScore.objects.visible_to(query.reader).filter(band=RiskScore.Band.HIGH)
            can_be_in_time = Q(enrollment__due_at=None) | Q(enrollment__due_at__gte=now)
            return Q(pk__in=scores.values("pk")) & is_owed(now) & can_be_in_time
        case "now":
            return Q(pk__in=live(filters, now).values("enrollment"))
        case "overdue":
            return is_overdue(now)
        case "open":
            return Q(completed_at=None, total_sessions__gt=0)
        case "done":
            return Q(completed_at__isnull=False)
        case "outside":
            return Q(completed_at=None) & fulfilled_outside(now)
    return Q()


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
