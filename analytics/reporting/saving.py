"""Saved reports, and those that are sent by mail. The only writer of `SavedReport`."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.models import SavedReport
from progress.jobs import Run
from progress.mail import outgoing
from progress.models import User, has_team

from . import registry
from .files import FILES, name
from .report import Report, ReportQuery

HOUR = 6  # of the owner's morning
Schedule = SavedReport.Schedule


@dataclass(frozen=True, slots=True)
class Draft:
    """A report to be saved; validated by the form or serializer that made it."""

    name: str
    slug: str
    query: str = ""
    is_shared: bool = False
    schedule: str = Schedule.NEVER
    ending: str = "xlsx"


def save(owner: User, draft: Draft) -> SavedReport:
    """Saves a report; one that the owner saved under the same name before is replaced."""
    report = registry.named(draft.slug)
    assert report, "checked by the form or the serializer"
    saved, _made = SavedReport.objects.update_or_create(
        owner=owner,
        name=draft.name,
        defaults={
            "slug": draft.slug,
            "query": report.filters_in(draft.query),
            "is_shared": draft.is_shared,
            "schedule": draft.schedule,
            "ending": draft.ending,
            "sent_on": None,
            "error": "",
        },
    )
    return saved


# --- By mail -------------------------------------------------------------------------------------
def send_due(run: Run) -> None:
    """Mails the reports that are due to owners where it is morning.

    Raises the mail server's error if nothing could be sent; it is tried again later.
    """
    leads = Exists(User.objects.filter(manager=OuterRef("owner")))
    waiting = SavedReport.objects.exclude(schedule=Schedule.NEVER).filter(
        Q(owner__is_staff=True) | leads, owner__is_active=True
    )
    ids = waiting.exclude(pk__in=run.rows_set_aside()).order_by("pk").values_list("pk", flat=True)
    for pk in list(ids):
        _queue(pk, run.now)
    run.rows += outgoing.send_due(run.now)


def is_due(saved: SavedReport, today: date, hour: int) -> bool:
    """By the day and hour in the owner's time zone; once on that day, from the morning on.

    A report that was due before and missed, because nothing ran on its day, is sent late. A new one
    waits for its first day.
    """
    day = last_day(saved.schedule, today)
    if day == today:
        return hour >= HOUR and (saved.sent_on is None or saved.sent_on < today)
    return day is not None and saved.sent_on is not None and saved.sent_on < day


def last_day(schedule: str, today: date) -> date | None:
    """The last day on which it was due, including today."""
    if schedule == Schedule.WEEKLY:
        return today - timedelta(days=(today.weekday() - calendar.MONDAY) % 7)
    if schedule == Schedule.MONTHLY:
        return today.replace(day=1)
    return today if schedule == Schedule.DAILY else None


def span(schedule: str, today: date) -> tuple[date, date]:
    """The days that a mail covers, up to the day before it was due: a day, a week or a month.
    The same if it is sent late."""
    today = last_day(schedule, today) or today
    yesterday = today - timedelta(days=1)
    if schedule == Schedule.DAILY:
        return yesterday, yesterday
    if schedule == Schedule.WEEKLY:
        return today - timedelta(days=7), yesterday
    return yesterday.replace(day=1), yesterday


def _queue(saved_id: int, now: datetime) -> None:
    """At most once a day: the day is stored in the transaction that queues the mail."""
    saved = SavedReport.objects.select_related("owner").filter(pk=saved_id).first()
    if saved is None:
        return
    local = now.astimezone(ZoneInfo(saved.owner.time_zone))
    if not is_due(saved, local.date(), local.hour):
        return
    day = local.date().isoformat()
    with transaction.atomic():
        unchanged = SavedReport.objects.filter(pk=saved.pk, sent_on=saved.sent_on)
        if unchanged.update(sent_on=local.date(), error=""):
            payload = {"id": saved_id, "day": day}
            outgoing.queue("saved_report", [(f"{saved_id} {day}", payload)], now)


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    """The mail, with the rights that its owner has now; or the reason why there is none."""
    saved = SavedReport.objects.select_related("owner").filter(pk=payload["id"]).first()
    if saved is None:
        return "It is gone."
    owner, day = saved.owner, date.fromisoformat(payload["day"])
    if not (owner.email and owner.is_active and (owner.is_staff or has_team(owner))):
        return "You have no email address."
    with timezone.override(ZoneInfo(owner.time_zone)):
        try:
            report, query = request_of(saved, owner, now, span(saved.schedule, day))
        except PermissionDenied as denied:
            return str(denied)
        return message(saved, report, query)


def note(payload: dict, sent_at: datetime | None, error: str) -> None:
    """Stores the result, unless the report has been sent for a later day since."""
    saved = SavedReport.objects.filter(pk=payload["id"], sent_on=payload["day"])
    saved.update(error=error)


def request_of(
    saved: SavedReport, reader: User, now: datetime, days: tuple[date, date] | None = None
) -> tuple[Report, ReportQuery]:
    """The saved report and its query for `reader`. Raises PermissionDenied for what they may not
    see (any more)."""
    report = registry.find(saved.slug, reader)
    if report is None:
        raise PermissionDenied("You may not open this report any more.")
    query = QueryDict(saved.query, mutable=True)
    if days:
        query["since"], query["until"] = (day.isoformat() for day in days)
    with report.in_its_zone(reader):
        filters = report.filters_from(query, report.courses_of(reader))
    if not filters.form.is_valid():
        raise PermissionDenied(
            "Its filters name something that no longer exists, or that you may no longer see."
        )
    return report, ReportQuery(reader, filters, now)


def message(saved: SavedReport, report: Report, query: ReportQuery) -> EmailMessage:
    """With the file, unless it is too large for a mail."""
    address = reverse("admin:insight-report", args=[saved.slug])
    period = query.filters.period
    page_query = QueryDict(saved.query, mutable=True)
    page_query["since"], page_query["until"] = period.since.isoformat(), period.until.isoformat()
    lines = [str(report.description)]
    if settings.PUBLIC_URL:
        filters = report.filters_in(page_query.urlencode())  # the page refuses unknown filters
        lines.append(f"{settings.PUBLIC_URL}{address}?{filters}")
    with report.in_its_zone(query.reader):
        file = _file(saved, report, query)
        file_name = name(report, query, saved.ending)
    if file is not None:
        mail = EmailMessage(saved.name, "\n\n".join(lines), to=[saved.owner.email])
        kind = FILES[saved.ending].content_type.partition(";")[0]
        mail.attach(file_name, file, kind)
        if not outgoing.is_too_large(mail):
            return mail
    lines.append(_("It is too large for an email; you can download it there."))
    return EmailMessage(saved.name, "\n\n".join(lines), to=[saved.owner.email])


def _file(saved: SavedReport, report: Report, query: ReportQuery) -> bytes | None:
    """None as soon as it is too large for a mail."""
    whole = bytearray()
    for part in FILES[saved.ending].parts(report, query):
        whole += part
        if outgoing.encoded_bytes(len(whole)) > outgoing.MAX_BYTES:
            return None
    return bytes(whole)
