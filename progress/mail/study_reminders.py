"""Reminders to learn: at the learner's own hour and days, and only while something is left to do.

A learner's day is claimed in the transaction that queues the mail, so two workers never write two;
the mail's key has the day as well. What is left to do is looked at again when the mail is composed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from progress import slots
from progress.jobs import Run, every, job
from progress.models import Enrollment, StudyReminder, User, marks
from progress.rules import reminding

from . import outgoing
from .password_links import can_be_mailed

KIND = "study_reminder"
SOON = timedelta(days=7)  # a course that isn't begun is worth a reminder this long before it is due
MAX_COURSES = 5
CHUNK = 100
_SALT = "progress.study-reminder"


# --- What learners choose ------------------------------------------------------------------------
def choose(user: User, *, hour: int, weekdays: int, now: datetime) -> None:
    """From the next time that this hour comes, on these days."""
    zone = ZoneInfo(user.time_zone)
    today = timezone.localdate(now, zone)
    values: dict[str, object] = {"hour": hour, "weekdays": weekdays}
    if reminding.has_passed(hour, now, zone):
        values["looked_on"] = today
    StudyReminder.objects.update_or_create(user=user, defaults=values)


def turn_off(user_id: int) -> bool:
    """Returns whether there was one."""
    return bool(StudyReminder.objects.filter(user_id=user_id).delete()[0])


def token_of(user: User) -> str:
    """For an address that ends the reminders without a sign-in, and does nothing else."""
    return signing.Signer(salt=_SALT).sign_object(user.pk)


def user_of(token: str) -> User | None:
    """The person whose reminders a token ends; None for one that isn't ours."""
    try:
        pk = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    return User.objects.filter(pk=pk).first()


# --- What is left to do --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Todo:
    """Courses that are begun, or due soon or overdue, and how many skills are to be reviewed."""

    courses: Sequence[Enrollment]
    reviews: int

    def __bool__(self) -> bool:
        return bool(self.courses or self.reviews)


def todo(user_id: int, now: datetime) -> Todo:
    begun = Q(course_progress__resume_updated_at__isnull=False)
    courses = (
        Enrollment.objects.active()
        .filter(user_id=user_id, course__retired_at=None)
        .with_progress("course")
        .filter(course_progress__completed_at=None)
        .filter(begun | Q(due_at__lte=now + SOON))
        .order_by(F("due_at").asc(nulls_last=True), "course__title", "pk")
    )
    reviews = [each for each in slots.reviews(user_id) or [] if each["due_at"] <= now]
    return Todo(list(courses[:MAX_COURSES]), len(reviews))


# --- The job -------------------------------------------------------------------------------------
@job(
    schedule=every("Remind learners at their own hour", minutes=5, expires=True),
    name="progress.tasks.remind_learners",
)
def remind_learners(run: Run) -> None:
    """Queue the reminders whose hour has come; the job for mail sends them."""
    if not can_be_mailed():
        return
    ids = list(
        _due(run.now)
        .exclude(pk__in=run.rows_set_aside())
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for at in range(0, len(ids), CHUNK):
        run.take(partial(_remind, now=run.now), ids[at : at + CHUNK])


def _due(now: datetime):
    """Reminders of people who may be written to, whose hour has come on one of their days.

    Nobody writes to test learners: their addresses may be anybody's.
    """
    people = marks.counted(StudyReminder.objects.filter(user__is_active=True))
    people = people.exclude(user__email="")
    names = people.order_by().values_list("user__time_zone", flat=True).distinct()
    in_zones = [_due_in(name, reminding.moment_in(now, ZoneInfo(name))) for name in names]
    if not in_zones:
        return people.none()
    return people.filter(reduce(or_, in_zones))


def _due_in(zone: str, moment: reminding.Moment) -> Q:
    after, up_to = moment.hours
    days = [each for each in range(1, reminding.EVERY_DAY + 1) if each & moment.bit]
    return Q(user__time_zone=zone, hour__gt=after, hour__lte=up_to, weekdays__in=days) & (
        Q(looked_on=None) | Q(looked_on__lt=moment.day)
    )


@transaction.atomic
def _remind(user_ids: Collection[int], *, now: datetime) -> int:
    """Claims the learners' days, and queues a mail for each who has something to do."""
    rows = _due(now).filter(pk__in=user_ids).select_related("user")
    claimed = list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk"))
    mails = []
    for row in claimed:
        row.looked_on = timezone.localdate(now, ZoneInfo(row.user.time_zone))
        if todo(row.pk, now):
            mails.append((f"{row.pk} {row.looked_on}", {"user_id": row.pk}))
    StudyReminder.objects.bulk_update(claimed, ["looked_on"])
    outgoing.queue(KIND, mails, now)
    return len(mails)


# --- The mail ------------------------------------------------------------------------------------
def compose(payload: dict, now: datetime) -> EmailMessage | str:
    """The mail, or why it isn't sent any more."""
    reminder = StudyReminder.objects.select_related("user").filter(pk=payload["user_id"]).first()
    if reminder is None:
        return "The learner has turned reminders off."
    person = reminder.user
    if person.is_test:
        return "Test learners get no reminders."
    if not person.is_active or not person.email:
        return "The account is no longer active, or has no email address."
    if not (left := todo(person.pk, now)):
        return "There is nothing left to do."
    stop = settings.PUBLIC_URL + reverse("stop-reminders", args=[token_of(person)])
    zone = ZoneInfo(person.time_zone)
    with translation.override(person.mail_language), timezone.override(zone):
        context = {
            "person": person,
            "todo": left,
            "now": now,
            "site": settings.PUBLIC_URL,
            "stop": stop,
        }
        text = render_to_string("registration/study_reminder.txt", context)
    subject, _, body = text.partition("\n")
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[person.email], headers=headers)


outgoing.register(KIND, outgoing.Kind(compose))
