"""Learners in a list: who, why, since when, and a link to their page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from progress.models import User
from progress.pages.due import Due, due

from .attention import Need, Reason


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    department: str
    course: str
    reason: str
    since: datetime
    due: Due | None
    percent: int
    url: str


def learner_url(course_id: int, user_id: int) -> str:
    return reverse("admin:insight-learner", args=[course_id, user_id])


def listed(found: Iterable[Need], courses: dict[int, str], now: datetime) -> list[Person]:
    """The needs with names, in the order given; `courses` are titles. One statement."""
    found = list(found)
    columns = ("username", "full_name", "department")
    users = User.objects.only(*columns).in_bulk({need.user_id for need in found})
    return [
        Person(
            name=users[need.user_id].get_full_name(),
            department=users[need.user_id].department,
            course=courses[need.course_id],
            reason=reason_text(need),
            since=need.since,
            due=due(need.due_at, now),
            percent=need.completion_bp // 100,
            url=learner_url(need.course_id, need.user_id),
        )
        for need in found
    ]


def reason_text(need: Need) -> str:
    """All reasons: `Keeps failing ‘What to do’ · Stalled at ‘Ladders’`."""
    return " · ".join(_reason(need, reason) for reason in need.reasons)


def _reason(need: Need, reason: Reason) -> str:
    if reason is Reason.NEVER_STARTED:
        return _("Never started")
    if reason is Reason.FAILING and need.quiz:
        return _("Keeps failing ‘%(title)s’") % {"title": need.quiz.title}
    if need.last_content:
        return _("Stalled at ‘%(title)s’") % {"title": need.last_content.title}
    return _("Stalled")
