"""The alerts page: alerts of the reader's courses, filtered, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Alert, AlertKind, AlertStep, Outreach
from analytics.query.people import learner_url
from analytics.query.scalars import CountOf
from progress.models import User
from progress.pages.due import Due, due

from . import texts

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Reason:
    """The texts of one alert in a row."""

    pk: int
    kind: str
    why: str
    state: str
    is_closed: bool
    assigned: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner in a course, with all matching alerts about them, newest first.

    `wrote_at` is when the last letter about one of them was written.
    """

    name: str
    department: str
    url: str
    course: str
    reasons: list[Reason]
    percent: int
    due: Due | None
    wrote_at: datetime | None

    @property
    def opened_at(self) -> datetime:
        return self.reasons[0].opened_at

    @property
    def kinds(self) -> str:
        return ", ".join(reason.kind for reason in self.reasons)

    @property
    def open_ids(self) -> str:
        """The ids of the alerts that can be acted on, for the row's checkbox."""
        return " ".join(str(reason.pk) for reason in self.reasons if not reason.is_closed)

    @property
    def states(self) -> list[tuple[str, str]]:
        """Each combination of state and assignee, once."""
        return list(dict.fromkeys((reason.state, reason.assigned) for reason in self.reasons))


@dataclass(frozen=True, slots=True)
class KindCount:
    """The number of learners and courses with a matching alert of a kind."""

    kind: str
    label: str
    count: int


def visible(reader: User, courses: Mapping[int, str]):
    """Returns the alerts of these courses that `reader` may see."""
    return Alert.objects.visible_to(reader).filter(course__in=list(courses))


def tallies(alerts) -> list[KindCount]:
    """Counts the matching alerts by kind, in the order of kinds. One query."""
    counted = dict(
        alerts.order_by().values_list("kind").annotate(count=Count("enrollment", distinct=True))
    )
    return [
        KindCount(kind.value, str(kind.label), counted[kind])
        for kind in AlertKind
        if kind in counted
    ]


def page(alerts, number: str, now: datetime) -> tuple[Page, list[LearnerRow]]:
    """Returns a row for each learner and course, the latest alert first. Three queries."""
    # Many alerts open in one run: those are sorted by due date, as on the overview.
    by_due = F("due_at").asc(nulls_last=True)
    enrollments = (
        alerts.order_by()
        .values("enrollment_id")
        .annotate(latest=Max("opened_at"), due_at=Max("enrollment__due_at"))
        .order_by("-latest", by_due, "enrollment_id")
        .values_list("enrollment_id", flat=True)
    )
    shown = Paginator(enrollments, PER_PAGE).get_page(number)
    shown.object_list = list(shown.object_list)
    found = (
        alerts.filter(enrollment__in=shown.object_list)
        .select_related("user", "course", "assigned_to", "enrollment__course_progress")
        .defer(
            "enrollment__course_progress__active_spans",
            "enrollment__course_progress__elapsed_spans",
            "enrollment__course_progress__module_progress",
        )
        .annotate(wrote_at=Subquery(_letters().values("written_at")[:1]))
        .order_by("-opened_at", "pk")
    )
    own: dict[int, list[Alert]] = {pk: [] for pk in shown.object_list}
    for alert in found:
        own[alert.enrollment_id].append(alert)
    return shown, [_row(some, now) for some in own.values() if some]


def _letters() -> QuerySet[Outreach]:
    """Returns the letters about an alert, latest first, for a subquery."""
    return Outreach.objects.filter(alert=OuterRef("pk"), error="").order_by("-written_at")


def _row(alerts: list[Alert], now: datetime) -> LearnerRow:
    first = alerts[0]
    progress = first.enrollment.course_progress
    return LearnerRow(
        name=first.user.get_full_name(),
        department=first.user.department,
        url=learner_url(first.course_id, first.user_id),
        course=first.course.title,
        reasons=[_reason(alert) for alert in alerts],
        percent=progress.completion_bp // 100,
        due=due(first.enrollment.due_at, now) if progress.completed_at is None else None,
        wrote_at=max((alert.wrote_at for alert in alerts if alert.wrote_at), default=None),
    )


def _reason(alert: Alert) -> Reason:
    return Reason(
        pk=alert.pk,
        kind=alert.get_kind_display(),
        why=texts.why(alert),
        state=texts.state(alert),
        is_closed=alert.state == Alert.State.CLOSED,
        assigned=alert.assigned_to.get_full_name() if alert.assigned_to else "",
        opened_at=alert.opened_at,
    )


# --- In a sentence -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class AlertCounts:
    """The number of alerts that wait, of their learners, and of learners with an alert that is
    assigned to the reader."""

    waiting: int = 0
    learners: int = 0
    mine: int = 0


def alert_counts(alerts, reader: User) -> AlertCounts:
    """Counts open alerts, and unclosed ones that are assigned to the reader. One query."""
    return AlertCounts(**alerts.unclosed().aggregate(**_counts(reader)))


def counted_alerts(alerts, reader: User) -> list[CountOf]:
    """The same three counts, to be asked for together with others."""
    rows = alerts.unclosed().order_by()
    is_open, mine = rows.filter(state=Alert.State.OPEN), rows.filter(assigned_to=reader)
    learners = (each.values("user_id").distinct() for each in (is_open, mine))
    return [CountOf(is_open.values("pk")), *map(CountOf, learners)]


def _counts(reader: User) -> dict[str, Count]:
    is_open = Q(state=Alert.State.OPEN)
    return {
        "waiting": Count("pk", filter=is_open),
        "learners": Count("user", distinct=True, filter=is_open),
        "mine": Count("user", distinct=True, filter=Q(assigned_to=reader)),
    }


def sentence(found: AlertCounts) -> str:
    """`9 learners wait for someone, with 12 alerts. 3 learners are assigned to you.`"""
    if not found.waiting:
        text = _("No alerts are waiting.")
    else:
        text = ngettext(
            "%(count)s learner is waiting for help",
            "%(count)s learners are waiting for help",
            found.learners,
        ) % {"count": found.learners}
        text += ngettext(", with %(count)s alert.", ", with %(count)s alerts.", found.waiting) % {
            "count": found.waiting
        }
    if found.mine:
        text += " " + ngettext(
            "%(count)s learner is assigned to you.",
            "%(count)s learners are assigned to you.",
            found.mine,
        ) % {"count": found.mine}
    return text


# --- Of one learner ------------------------------------------------------------------------------
SHOWN_OF_LEARNER = 10


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    written_at: datetime
    by: str
    state: str


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """An alert of a learner with all steps and letters."""

    pk: int
    kind: str
    why: str
    state: str
    assigned: str
    assigned_id: int | None
    may_handle: bool
    opened_at: datetime
    steps: list[str]
    letters: list[Letter]


def of_enrollment(enrollment_id: int, reader: User) -> list[AlertDetails]:
    """Returns the newest alerts of an enrolment with their steps and letters. Three queries."""
    handled = Alert.objects.handled_by(reader)
    alerts = (
        Alert.objects.visible_to(reader)
        .filter(enrollment=enrollment_id)
        .annotate(is_handled=Exists(handled.filter(pk=OuterRef("pk"), user=OuterRef("user"))))
        .select_related("assigned_to")
        .prefetch_related(
            Prefetch("steps", AlertStep.objects.select_related("by", "to")),
            Prefetch("outreach", Outreach.objects.select_related("written_by")),
        )[:SHOWN_OF_LEARNER]
    )
    return [
        AlertDetails(
            pk=alert.pk,
            kind=alert.get_kind_display(),
            why=texts.why(alert),
            state=texts.state(alert),
            assigned=alert.assigned_to.get_full_name() if alert.assigned_to else "",
            assigned_id=alert.assigned_to_id,
            may_handle=alert.is_handled and alert.state != Alert.State.CLOSED,
            opened_at=alert.opened_at,
            steps=[texts.step(step) for step in alert.steps.all()],
            letters=[_letter(outreach) for outreach in alert.outreach.all()],
        )
        for alert in alerts
    ]


def _letter(outreach: Outreach) -> Letter:
    if outreach.error:
        state = _("Not sent: %(why)s") % {"why": outreach.error}
    else:
        state = _("Sent") if outreach.sent_at else _("On its way")
    by = outreach.written_by.get_full_name() if outreach.written_by else _("someone who has left")
    return Letter(outreach.subject, outreach.written_at, by, state)
