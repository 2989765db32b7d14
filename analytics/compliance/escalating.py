"""Enrolling whom a requirement concerns, and writing to those it says: rows first, then mail.

Each step is taken once for a person and due day. Somebody who was late before a requirement was
made hears of it once, by the latest step: not of every step that has passed.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import islice
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from analytics.mailing import INTERRUPTED
from analytics.models import Escalation, EscalationStep, Requirement
from progress import enrolling
from progress.jobs import Run

from . import due_dates, reading
from .reading import Obligation
from .standing import State, step_due

logger = logging.getLogger(__name__)
AT_ONCE = 5000
To = EscalationStep.To
ASKED = {State.OVERDUE, State.EXPIRED, State.DUE_SOON, State.NOT_ENROLLED, State.OPEN}


def run(run: Run) -> None:
    """What a requirement asks for today; one that can't be done stops no other."""
    active = Requirement.objects.filter(is_active=True, course__retired_at=None)
    run.rows += due_dates.fill(list(active.select_related("course")), run.now)
    for pk in active.exclude(pk__in=run.rows_set_aside()).values_list("pk", flat=True):
        run.take(partial(_requirement, now=run.now), [pk])
    send(run)


def _requirement(ids: list[int], *, now: datetime) -> int:
    found = list(Requirement.objects.filter(pk__in=ids).select_related("course"))
    asked = (each for each in reading.obligations(found, now) if each.state in ASKED)
    count = 0
    while some := list(islice(asked, AT_ONCE)):
        count += sum(_enrol(each, now) for each in some if each.requirement.enrols)
        count += plan(some, now)
    return count


def _enrol(each: Obligation, now: datetime) -> int:
    """Into a first passage, and only that: doing it again is the certificate's affair. Whoever is
    enrolled stays as they are: their due date may have been put off."""
    if each.open_passage or each.completed_at:
        return 0
    # One that they left keeps the date that it has.
    due_at = None if each.last_due_at else due_dates.end_of(each.required_on)
    made = enrolling.enroll(each.person.user_id, each.requirement.course_id, now=now, due_at=due_at)
    return int(made.is_new)


@transaction.atomic
def plan(asked: Iterable[Obligation], now: datetime) -> int:
    """Write a row for each step whose day has come, the latest of each recipient only."""
    asked = [each for each in asked if each.due_on is not None]
    steps: dict[int, dict[tuple[str, str], dict[int, EscalationStep]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    keys = {each.requirement.pk for each in asked}
    for step in EscalationStep.objects.filter(requirement__in=keys):
        steps[step.requirement_id][step.to, step.address][step.days] = step
    today = timezone.localdate(now, timezone.get_default_timezone())
    rows = []
    for each in asked:
        for by_days in steps[each.requirement.pk].values():
            days = step_due(by_days, each.due_on, today)
            if days is not None:
                rows.append(
                    Escalation(
                        step=by_days[days],
                        user_id=each.person.user_id,
                        due_on=each.due_on,
                        planned_at=now,
                    )
                )
    before = Escalation.objects.count()
    Escalation.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return Escalation.objects.count() - before


# --- By mail -------------------------------------------------------------------------------------
def send(run: Run) -> None:
    """One mail to each address for each step. Raises what the mail server's failure is."""
    waiting = Escalation.objects.filter(sent_at=None, error="")
    for step_id in list(waiting.order_by("step").values_list("step", flat=True).distinct()):
        run.rows += _send(step_id, run.now)


def _send(step_id: int, now: datetime) -> int:
    """Each mail at most once: that it is being sent is written down before it is."""
    rows = (
        Escalation.objects.select_related("user", "step__requirement__course")
        .filter(step=step_id, sent_at=None, error="")
        .order_by("user__full_name", "pk")
    )
    by_address: dict[tuple[str, ...], list[Escalation]] = defaultdict(list)
    for row in rows:
        by_address[_addresses(row)].append(row)
    return sum(_send_to(addresses, some, now) for addresses, some in by_address.items())


def _send_to(addresses: tuple[str, ...], rows: list[Escalation], now: datetime) -> int:
    """Raises what the mail server's failure is: then it is as if it hadn't been tried."""
    mine = _claim(rows)
    if not mine:
        return 0
    keys = Escalation.objects.filter(pk__in=[row.pk for row in mine])
    try:
        error = _mail(addresses, mine)
    except Exception:
        keys.update(error="")
        raise
    keys.update(sent_at=None if error else now, error=error)
    return not error


@transaction.atomic
def _claim(rows: list[Escalation]) -> list[Escalation]:
    """Those of them that nobody else is sending."""
    waiting = Escalation.objects.select_for_update(skip_locked=True).filter(
        pk__in=[row.pk for row in rows], sent_at=None, error=""
    )
    keys = set(waiting.values_list("pk", flat=True))
    Escalation.objects.filter(pk__in=keys).update(error=INTERRUPTED)
    return [row for row in rows if row.pk in keys]


def _addresses(row: Escalation) -> tuple[str, ...]:
    if row.step.to == To.LEARNER:
        return tuple(filter(None, [row.user.email]))
    if row.step.to == To.ADDRESS:
        return (row.step.address,)
    teachers = row.step.requirement.course.instructors.filter(is_active=True).exclude(email="")
    return tuple(teachers.order_by("pk").values_list("email", flat=True))


def _mail(addresses: tuple[str, ...], rows: list[Escalation]) -> str:
    """Answers why it couldn't be sent, or nothing."""
    if not addresses:
        return "Nobody there has a mail address."
    try:
        message(addresses, rows).send()
    except SMTPRecipientsRefused as refused:
        logger.error("escalations %s are refused", [row.pk for row in rows], exc_info=refused)
        return str(refused)[:255]
    return ""


def message(addresses: tuple[str, ...], rows: list[Escalation]) -> EmailMessage:
    requirement = rows[0].step.requirement
    is_own = rows[0].step.to == To.LEARNER
    way = (
        reverse("course", args=[requirement.course_id])
        if is_own
        else reverse("admin:insight-compliance")
    )
    told = {
        "requirement": requirement,
        "course": requirement.course,
        "rows": rows,
        "is_own": is_own,
        "name": rows[0].user.get_full_name(),
        "due_on": rows[0].due_on,
        "is_late": rows[0].step.days > 0,
        "url": f"{settings.PUBLIC_URL}{way}" if settings.PUBLIC_URL else "",
    }
    subject, _, body = render_to_string("dashboards/escalation.txt", told).partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=list(addresses))
