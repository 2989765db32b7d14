"""Renewals: a certificate that expires is earned again in a new enrolment cycle."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
)
from django.urls import reverse
from django.utils import timezone

from certificates import validity
from certificates.models import Certificate, Validity
from certificates.models.lifecycle import MAX_DAYS
from progress.ingest.enrolling import begin_new_cycle
from progress.jobs import Run
from progress.models import Enrollment, OutsideCompletion, User
from progress.operations.locking import lock_progress, retried

CHUNK = 100
A_DAY = timedelta(days=1)


class NotRenewable(ValueError):
    """It doesn't expire, not soon enough, or its renewal has begun already."""


def with_terms():
    """Returns certificates with the rows that decide whether they may be renewed."""
    found = Certificate.objects.select_related("enrollment", "course__validity", "revocation")
    return found.prefetch_related("replaced_by")


def opens_at(certificate: Certificate) -> datetime | None:
    """Returns when the renewal may begin, by the course's terms of today; None if never."""
    terms = getattr(certificate.course, "validity", None)
    if certificate.expires_at is None or terms is None:
        return None
    zone = timezone.get_default_timezone()
    return validity.opens_at(certificate.expires_at, terms.opens_days, zone)


def may_renew(certificate: Certificate, now: datetime) -> bool:
    """Whether its renewal may begin: it expires soon or has expired, and no newer cycle began."""
    opens = opens_at(certificate)
    return opens is not None and opens <= now and is_latest(certificate)


def is_latest(certificate: Certificate) -> bool:
    """Whether it is the newest one of its learner and course, and the learner is still enrolled."""
    enrollment = certificate.enrollment
    return (
        enrollment.is_current
        and enrollment.unenrolled_at is None
        and certificate.course.retired_at is None
        and not hasattr(certificate, "replaced_by")
        and not hasattr(certificate, "revocation")
    )


@retried
def renew(certificate_id: int, now: datetime) -> Enrollment:
    """Begins the cycle that renews a certificate, due when the old one expires.

    Two calls at once begin one cycle. Raises NotRenewable.
    """
    lock_progress(
        [Certificate.objects.values_list("enrollment_id", flat=True).get(pk=certificate_id)]
    )
    certificate = with_terms().get(pk=certificate_id)
    if not may_renew(certificate, now):
        raise NotRenewable(f"{certificate} can't be renewed now.")
    is_ahead = certificate.expires_at is not None and certificate.expires_at > now
    due_at = certificate.expires_at - timedelta(seconds=1) if is_ahead else None
    return begin_new_cycle(
        certificate.user_id, certificate.course_id, now=now, due_at=due_at
    ).enrollment


def begin_renewals(run: Run, *, chunk: int = CHUNK) -> None:
    """Begins the automatic renewals of certificates whose renewal window is open."""
    due = automatic(run.now).exclude(pk__in=run.rows_set_aside()).order_by("pk")
    ids = list(due.values_list("pk", flat=True))
    for at in range(0, len(ids), chunk):
        run.take(partial(_renew_all, now=run.now), ids[at : at + chunk])


def outlasted(until) -> Exists:
    """Whether the learner of a certificate has completed its course elsewhere, validly beyond
    `until`, an expression over certificates."""
    rows = OutsideCompletion.objects.in_force().order_by()
    beyond = Q(holds_until=None) | Q(holds_until__gt=until)
    return Exists(rows.filter(beyond, user=OuterRef("user"), course=OuterRef("course")))


def automatic(now: datetime):
    """Returns certificates whose automatic renewal is due and hasn't begun.

    It waits while a completion elsewhere is valid, until the same number of days before its end.
    """
    days = ExpressionWrapper(
        F("course__validity__opens_days") * A_DAY, output_field=DurationField()
    )
    window = Certificate.objects.newest().annotate(opens=F("expires_at") - days, ahead=days)
    opens_by = ExpressionWrapper(
        Value(now, DateTimeField()) + OuterRef("ahead"), output_field=DateTimeField()
    )
    return window.filter(
        ~outlasted(opens_by),
        expires_at__lte=now + MAX_DAYS * A_DAY,
        # One day more: the window opens at midnight, which may be before that many times 24 hours.
        opens__lte=now + A_DAY,
        course__validity__renewal=Validity.Renewal.AUTOMATIC,
        course__retired_at=None,
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        user__is_active=True,
        revocation=None,
    )


@retried
def _renew_all(certificate_ids: Sequence[int], *, now: datetime) -> int:
    begun = 0
    # All are locked first, in the documented order; each renewal finds its row locked already.
    held = Certificate.objects.filter(pk__in=certificate_ids)
    lock_progress(held.values_list("enrollment_id", flat=True))
    for certificate_id in certificate_ids:
        try:
            renew(certificate_id, now)
        except NotRenewable:
            continue  # Its window opens at the next midnight, or another renewal was quicker.
        begun += 1
    return begun


def ending(user: User, now: datetime) -> list[Certificate]:
    """Returns a learner's certificates that may be renewed now, by expiry. One query."""
    own = (
        with_terms()
        .filter(
            user=user,
            expires_at__lte=now + MAX_DAYS * A_DAY,
            enrollment__is_current=True,
            enrollment__unenrolled_at=None,
        )
        .order_by("expires_at")
    )
    return [each for each in own if may_renew(each, now)]


def renewal_rows(user: User) -> list[dict]:
    """Returns what the learner's first page shows of certificates to renew."""
    now, zone = timezone.now(), timezone.get_default_timezone()
    return [
        {
            "course_title": each.course_title,
            "last_day": validity.last_day_of(each.expires_at, zone),
            "is_over": each.expires_at <= now,
            "url": reverse("certificate", args=[each.number]),
        }
        for each in ending(user, now)
    ]
