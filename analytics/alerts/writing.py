"""Letters to learners of alerts: filled for each of them, written down, then sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.models import Alert, AlertStep, Outreach
from analytics.models.placeholders import fill
from progress.mail import outgoing
from progress.models import LearningSession, User

WIDEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Letter:
    alert: Alert
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Written:
    """How many letters are on their way, and how many learners can't be written to now."""

    letters: int
    without_address: int
    on_its_way: int


def readable(alerts):
    """Alerts with what letters name, in one statement."""
    sessions = LearningSession.objects.filter(enrollment=OuterRef("enrollment"))
    latest = sessions.order_by("-start_time").values("last_activity_at")[:1]
    found = alerts.select_related("user", "course", "enrollment__course_progress")
    return found.annotate(heard_of=Subquery(latest)).defer(
        "enrollment__course_progress__active_spans", "enrollment__course_progress__elapsed_spans"
    )


def letters(alerts: Iterable[Alert], subject: str, body: str, by: User) -> list[Letter]:
    """The text for each learner, of alerts as `readable` has them."""
    return [_letter(alert, subject, body, by) for alert in alerts]


def _letter(alert: Alert, subject: str, body: str, by: User) -> Letter:
    told = _told(alert, by)
    # A name may be anything; a subject is one line.
    line = " ".join(fill(subject, told).splitlines()).strip()
    return Letter(alert, line[:WIDEST_SUBJECT], fill(body, told))


def _told(alert: Alert, by: User) -> dict[str, str]:
    zone = ZoneInfo(alert.user.time_zone)

    def day(moment: datetime | None, otherwise: str) -> str:
        if moment is None:
            return otherwise
        return date_format(timezone.localtime(moment, zone), "j F Y")

    progress = alert.enrollment.course_progress
    return {
        "name": alert.user.get_full_name(),
        "course": alert.course.title,
        "percent": f"{progress.completion_bp // 100}\N{NO-BREAK SPACE}%",
        "due": day(alert.enrollment.due_at, _("no fixed day")),
        "last_seen": day(alert.heard_of, _("not yet")),
        "link": _link(alert),
        "sender": by.get_full_name(),
    }


def _link(alert: Alert) -> str:
    """The course's address, or words where no address of this site is known."""
    if not settings.PUBLIC_URL:
        return _("on your page “My learning”")
    return settings.PUBLIC_URL + reverse("course", args=[alert.course_id])


def one_each(alerts: Iterable[Alert]) -> list[Alert]:
    """The first alert of each enrolment: who has several is written to once."""
    first: dict[int, Alert] = {}
    for alert in alerts:
        first.setdefault(alert.enrollment_id, alert)
    return list(first.values())


@transaction.atomic
def write(alerts, subject: str, body: str, *, by: User, now: datetime) -> Written:
    """A letter to each learner of an unclosed alert who has none on its way about the course.

    Whoever writes takes care of all the alerts.
    """
    locked = alerts.unclosed().select_for_update(of=("self",)).order_by("pk")
    chosen = list(readable(locked))
    waiting = _waiting({alert.enrollment_id for alert in chosen})
    learners = one_each(chosen)
    able = [alert for alert in learners if alert.user.email and alert.user.is_active]
    fresh = [alert for alert in able if alert.enrollment_id not in waiting]
    rows = [
        Outreach(
            alert=each.alert,
            subject=each.subject,
            body=each.body,
            written_at=now,
            written_by=by,
        )
        for each in letters(fresh, subject, body, by)
    ]
    Outreach.objects.bulk_create(rows)
    told = {alert.enrollment_id for alert in fresh}
    _take_care([alert for alert in chosen if alert.enrollment_id in told], by, now)
    if rows:
        outgoing.queue("outreach", [(str(row.pk), {"id": row.pk}) for row in rows], now)
        outgoing.send_soon()
    return Written(len(rows), len(learners) - len(able), len(able) - len(fresh))


def _waiting(enrollment_ids: set[int]) -> set[int]:
    """The enrolments of these about which a letter is on its way."""
    letters = Outreach.objects.filter(alert__enrollment__in=enrollment_ids, sent_at=None, error="")
    return set(letters.values_list("alert__enrollment_id", flat=True))


def _take_care(alerts: list[Alert], by: User, now: datetime) -> None:
    ids = [alert.pk for alert in alerts]
    Alert.objects.filter(pk__in=ids).update(state=Alert.State.ACKNOWLEDGED, snoozed_until=None)
    AlertStep.objects.bulk_create(
        AlertStep(alert_id=pk, at=now, by=by, what=AlertStep.What.WRITTEN) for pk in ids
    )
