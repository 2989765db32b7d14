"""Mails to instructors about media that are probably shorter than their course says: learners who
stand at the end of one can't complete it, and only its author can mend that."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from progress.jobs import Run
from progress.mail import outgoing
from progress.models import Content, LearningSession, User
from progress.state import short_media
from progress.state.structure import MEDIA

KIND = "short_medium"
LATELY = timedelta(hours=26)  # the job runs once a day; its runs overlap a little


def warn_instructors(run: Run) -> None:
    """Queues a mail to each instructor about each such medium, once for each stated length."""
    learned_in = LearningSession.objects.filter(end_time__gte=run.now - LATELY).values("course")
    contents = Content.objects.active().filter(
        content_type__in=MEDIA,
        module__retired_at=None,
        module__course__retired_at=None,
        module__course__in=learned_in,
    )
    for pk in contents.exclude(pk__in=run.rows_set_aside()).values_list("pk", flat=True):
        run.take(partial(_queue, now=run.now), [pk])
    outgoing.send_soon()


@transaction.atomic
def _queue(content_ids: Sequence[int], *, now: datetime) -> int:
    [content] = Content.objects.filter(pk__in=content_ids).select_related("module__course")
    if short_media.find(content) is None:
        return 0
    people = content.module.course.instructors.filter(is_active=True).exclude(email="")
    edition = f"{content.pk} {content.media_version} {content.duration_ms}"
    mails = [
        (f"{edition} {person.pk}", {"content_id": content.pk, "user_id": person.pk})
        for person in people.order_by("pk")
    ]
    outgoing.queue(KIND, mails, now)
    return len(mails)


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    content = Content.objects.select_related("module__course").get(pk=payload["content_id"])
    course = content.module.course
    teachers = course.instructors.filter(is_active=True).exclude(email="")
    person: User | None = teachers.filter(pk=payload["user_id"]).first()
    if person is None:
        return "The person teaches the course no more, or can't be reached by email."
    warning = short_media.warning(content)
    if not warning:
        return "The length has been corrected."
    page = reverse("admin:progress_content_change", args=[content.pk])
    context = {
        "person": person,
        "content": content,
        "course": course,
        "warning": warning,
        "url": settings.PUBLIC_URL + page if settings.PUBLIC_URL else "",
    }
    subject, _, body = render_to_string("dashboards/short_medium.txt", context).partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[person.email])


outgoing.register(KIND, outgoing.Kind(compose))
