"""Enrols the people that a requirement applies to, and mails reminders: rows first, then mail.

Each step is taken once for a person and due day. A person who was late before the requirement was
made gets one mail, for the latest step, and none for the steps before it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import islice

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import Escalation, EscalationStep, Requirement
from progress.ingest import enrolling
from progress.jobs import Run
from progress.mail import outgoing
from progress.models import OutgoingMail

from . import due_dates, queries
from .obligation_state import ObligationState, step_due
from .queries import Obligation

AT_ONCE = 5000
To = EscalationStep.To
REMINDED = {
    ObligationState.OVERDUE,
    ObligationState.EXPIRED,
    ObligationState.DUE_SOON,
    ObligationState.NOT_ENROLLED,
    ObligationState.OPEN,
}


def run(run: Run) -> None:
    """Takes today's steps of each requirement; a failing one doesn't stop the others."""
    active = Requirement.objects.filter(is_active=True, course__retired_at=None)
    run.rows += due_dates.fill(list(active.select_related("course")), run.now)
    for pk in active.exclude(pk__in=run.rows_set_aside()).values_list("pk", flat=True):
        run.take(partial(_requirement, now=run.now), [pk])
    send(run)


def _requirement(ids: list[int], *, now: datetime) -> int:
    found = list(Requirement.objects.filter(pk__in=ids).select_related("course"))
    late = (each for each in queries.obligations(found, now) if each.state in REMINDED)
    count = 0
    while some := list(islice(late, AT_ONCE)):
        count += sum(_enrol(each, now) for each in some if each.requirement.enrols)
        count += plan(some, now)
    return count


def _enrol(each: Obligation, now: datetime) -> int:
    """Enrols a person for the first time only: renewals follow from certificates. Existing
    enrolments stay as they are: their due date may have been postponed. A completion elsewhere
    that has expired is followed by the first enrolment."""
    if each.open_passage or each.was_completed_here:
        return 0
    # An enrolment that the person left keeps its due date.
    due_at = None if each.last_due_at else due_dates.end_of(each.required_on)
    made = enrolling.enroll(each.person.user_id, each.requirement.course_id, now=now, due_at=due_at)
    return int(made.is_new)


@transaction.atomic
def plan(obligations: Iterable[Obligation], now: datetime) -> int:
    """Writes a row for each step whose day has come, only for the latest of each recipient."""
    dated = [each for each in obligations if each.due_on is not None]
    steps: dict[int, dict[tuple[str, str], dict[int, EscalationStep]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    keys = {each.requirement.pk for each in dated}
    for step in EscalationStep.objects.filter(requirement__in=keys):
        steps[step.requirement_id][step.to, step.address][step.days] = step
    today = timezone.localdate(now, timezone.get_default_timezone())
    rows = []
    for each in dated:
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
    """Queues one mail to each recipient of each step, and sends what is due.

    Raises the mail server's error if nothing could be sent; it is tried again later.
    """
    waiting = Escalation.objects.filter(sent_at=None, error="").exclude(pk__in=_queued())
    for step_id in list(waiting.order_by("step").values_list("step", flat=True).distinct()):
        _queue(waiting, step_id, run.now)
    run.rows += outgoing.send_due(run.now)


def _queued() -> set[int]:
    """Returns the ids of escalations whose mail is queued."""
    on_its_way = OutgoingMail.objects.filter(
        kind="escalation", state__in=[OutgoingMail.State.WAITING, OutgoingMail.State.SENDING]
    )
    payloads = on_its_way.values_list("payload", flat=True)
    return {pk for payload in payloads for pk in payload["escalation_ids"]}


def _queue(waiting, step_id: int, now: datetime) -> None:
    """Queues one mail to each learner about themselves, and one to others about all learners."""
    step = EscalationStep.objects.select_related("requirement__course").get(pk=step_id)
    ids = list(waiting.filter(step=step_id).order_by("pk").values_list("pk", flat=True))
    if step.to == To.LEARNER:
        groups = [("learner", None, [pk]) for pk in ids]
    elif step.to == To.ADDRESS:
        groups = [("address", None, ids)]
    else:
        groups = [(f"teacher {pk}", pk, ids) for pk in _teachers(step)]
    if not groups:
        Escalation.objects.filter(pk__in=ids).update(error="Nobody there has an email address.")
    outgoing.queue(
        "escalation",
        [
            (f"{step_id} {to} {some[0]}", {"escalation_ids": some, "teacher_id": teacher})
            for to, teacher, some in groups
        ],
        now,
    )


def _teachers(step: EscalationStep) -> list[int]:
    teachers = step.requirement.course.instructors.filter(is_active=True).exclude(email="")
    return list(teachers.order_by("pk").values_list("pk", flat=True))


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    rows = list(
        Escalation.objects.select_related("user", "step__requirement__course")
        .filter(pk__in=payload["escalation_ids"])
        .order_by("user__full_name", "pk")
    )
    if not rows:
        return "The step or the people no longer exist."
    address = _address(rows[0], payload["teacher_id"])
    return message(address, rows) if address else "Nobody there has an email address."


def _address(row: Escalation, teacher_id: int | None) -> str:
    if teacher_id is not None:
        teacher = row.step.requirement.course.instructors.filter(pk=teacher_id, is_active=True)
        return teacher.values_list("email", flat=True).first() or ""
    return row.user.email if row.step.to == To.LEARNER else row.step.address


def note(payload: dict, sent_at: datetime | None, error: str) -> None:
    """Records the result; one of several recipients is enough."""
    rows = Escalation.objects.filter(pk__in=payload["escalation_ids"])
    if sent_at:
        rows.update(sent_at=sent_at, error="")
    else:
        rows.filter(sent_at=None).update(error=error)


def message(address: str, rows: list[Escalation]) -> EmailMessage:
    requirement = rows[0].step.requirement
    is_own = rows[0].step.to == To.LEARNER
    path = (
        reverse("course", args=[requirement.course_id])
        if is_own
        else reverse("admin:insight-compliance")
    )
    context = {
        "requirement": requirement,
        "course": requirement.course,
        "rows": rows,
        "is_own": is_own,
        "name": rows[0].user.get_full_name(),
        "due_on": rows[0].due_on,
        "is_late": rows[0].step.days > 0,
        "url": f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else "",
    }
    # Those who look after others get it as their dashboards are: in the site's language.
    language = rows[0].user.mail_language if is_own else settings.LANGUAGE_CODE
    with translation.override(language):
        text = render_to_string("dashboards/escalation.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[address])
