"""Letters to the learners of alerts: filled in for each, stored, then sent."""

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
from progress.operations.locking import lock_rows

MAX_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Letter:
    alert: Alert
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """How many letters are queued, and how many learners can't be written to now."""

    letters: int
    without_address: int
    on_its_way: int


def with_letter_data(alerts):
    """Adds to alerts what letters name. One query."""
    sessions = LearningSession.objects.filter(
        enrollment=OuterRef("enrollment"), user=OuterRef("user")
    )
    latest = sessions.order_by("-start_time").values("last_activity_at")[:1]
    found = alerts.select_related("user", "course", "enrollment__course_progress")
    return found.annotate(last_seen_at=Subquery(latest)).defer(
        "enrollment__course_progress__active_spans", "enrollment__course_progress__elapsed_spans"
    )


def compose_letters(alerts: Iterable[Alert], subject: str, body: str, by: User) -> list[Letter]:
    """Returns the text for each learner, of alerts as `with_letter_data` gives them."""
    return [_letter(alert, subject, body, by) for alert in alerts]


def _letter(alert: Alert, subject: str, body: str, by: User) -> Letter:
    values = _placeholder_values(alert, by)
    # A name may contain line breaks; a subject is one line.
    line = " ".join(fill(subject, values).splitlines()).strip()
    return Letter(alert, line[:MAX_SUBJECT], fill(body, values))


def _placeholder_values(alert: Alert, by: User) -> dict[str, str]:
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
        "last_seen": day(alert.last_seen_at, _("not yet")),
        "link": _link(alert),
        "sender": by.get_full_name(),
    }


def _link(alert: Alert) -> str:
    """Returns the course's URL, or a text if this site's address isn't set."""
    if not settings.PUBLIC_URL:
        return _("on your page “My learning”")
    return settings.PUBLIC_URL + reverse("course", args=[alert.course_id])


def one_each(alerts: Iterable[Alert]) -> list[Alert]:
    """Returns the first alert of each enrolment: a learner with several gets one letter."""
    first: dict[int, Alert] = {}
    for alert in alerts:
        first.setdefault(alert.enrollment_id, alert)
    return list(first.values())


@transaction.atomic
def write(alerts, subject: str, body: str, *, by: User, now: datetime) -> WriteResult:
    """Writes to each learner of an unclosed alert who has no letter queued about the course.

    The alerts are acknowledged.
    """
    chosen = lock_rows(with_letter_data(alerts.unclosed()))
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
        for each in compose_letters(fresh, subject, body, by)
    ]
    Outreach.objects.bulk_create(rows)
    written = {alert.enrollment_id for alert in fresh}
    _acknowledge([alert for alert in chosen if alert.enrollment_id in written], by, now)
    if rows:
        outgoing.queue("outreach", [(str(row.pk), {"id": row.pk}) for row in rows], now)
        outgoing.send_soon()
    return WriteResult(len(rows), len(learners) - len(able), len(able) - len(fresh))


def _waiting(enrollment_ids: set[int]) -> set[int]:
    """Returns those of the enrolments that have a letter queued."""
    letters = Outreach.objects.filter(alert__enrollment__in=enrollment_ids, sent_at=None, error="")
    return set(letters.values_list("alert__enrollment_id", flat=True))


def _acknowledge(alerts: list[Alert], by: User, now: datetime) -> None:
    ids = [alert.pk for alert in alerts]
    Alert.objects.filter(pk__in=ids).update(state=Alert.State.ACKNOWLEDGED, snoozed_until=None)
    AlertStep.objects.bulk_create(
        AlertStep(alert_id=pk, at=now, by=by, what=AlertStep.What.WRITTEN) for pk in ids
    )
