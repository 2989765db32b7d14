"""The one writer of certificates: exactly one for each completed enrolment cycle."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from certificates import validity
from certificates.documents import styles
from certificates.lifecycle import reviews, scores
from certificates.models import Certificate, Review, Validity
from certificates.numbers import new_code, number_of
from progress.jobs import Run
from progress.models import Enrollment, User
from progress.models.marks import counted
from progress.operations.locking import lock_progress, retried
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec
from progress.state.waivers import waiver_payloads

CHUNK = 100
# Fields that a re-issued certificate doesn't copy from the one that it replaces.
_NOT_COPIED = {
    "id",
    "ordinal",
    "replaces",
    "reissue_reason",
    "issued_by",
    "number",
    "code",
    "learner_name",
    "score_bp",
    "issued_at",
}


class AlreadyReplaced(ValueError):
    """The certificate was replaced before: only the newest one can be issued anew."""


@retried
def issue(enrollment_id: int, now: datetime | None = None) -> Certificate | None:
    """Certifies a completed enrolment; returns None if it isn't complete or has its certificate,
    and for a test learner: what was tried out is no proof of anything.

    The progress row is locked: of many calls at once, one issues and the others find it done.
    """
    if not any(progress.completed_at for progress in lock_progress([enrollment_id])):
        return None
    if Certificate.objects.filter(enrollment_id=enrollment_id).exists():
        return None
    enrollment = Enrollment.objects.select_related("course", "user", "course_progress").get(
        pk=enrollment_id
    )
    if enrollment.user.is_test:
        return None
    return _write(enrollment, now or timezone.now())


def issue_missing(run: Run, *, chunk: int = CHUNK) -> None:
    """Issues the missing certificates of completed enrolments, in small transactions."""
    missing = counted(Enrollment.objects.completed().filter(certificates=None))
    ids = list(
        missing.exclude(pk__in=run.rows_set_aside()).order_by("pk").values_list("pk", flat=True)
    )
    for at in range(0, len(ids), chunk):
        run.take(_issue_all, ids[at : at + chunk])


@retried
def _issue_all(enrollment_ids: Sequence[int]) -> int:
    lock_progress(enrollment_ids)
    return sum(issue(enrollment_id) is not None for enrollment_id in enrollment_ids)


@retried
def reissue(
    certificate_id: int, *, reason: str, by: User | None, now: datetime | None = None
) -> Certificate:
    """Issues a certificate anew with the name and the scores of today; all else is copied.

    The old one can still be looked up, as superseded or revoked. Raises AlreadyReplaced.
    """
    now = now or timezone.now()
    lock_progress(
        [Certificate.objects.values_list("enrollment_id", flat=True).get(pk=certificate_id)]
    )
    old = Certificate.objects.select_related("replaced_by").get(pk=certificate_id)
    if hasattr(old, "replaced_by"):
        raise AlreadyReplaced(f"{old} was replaced by {old.replaced_by} already.")
    made = _anew(old, reason, by, max(now, old.issued_at))
    reviews.close_open(old, Review.Outcome.REISSUED, by=by, note=str(made), now=now)
    return made


def _write(enrollment: Enrollment, now: datetime) -> Certificate:
    state = CourseState(enrollment, now)
    counted = _counted(state)
    progress = state.progress
    # The worker's clock may be a little behind that of the host that saw the completion.
    issued_at = max(now, progress.completed_at)
    waivers = {waiver["content_id"]: waiver for waiver in waiver_payloads(state)}
    rules = [_rule(state, content) | _waived(state, waivers.get(content.id)) for content in counted]
    style = styles.design_style(styles.course_design(enrollment.course_id))
    return Certificate.objects.create(
        enrollment=enrollment,
        user=enrollment.user,
        course=enrollment.course,
        number=number_of(issued_at.year, _next_serial()),
        code=new_code(),
        learner_name=enrollment.user.get_full_name(),
        issuer=style.issuer,
        signatory=style.signatory,
        signatory_title=style.signatory_title,
        course_code=enrollment.course.code,
        course_title=enrollment.course.title,
        course_version=progress.structure_version,
        time_ms=progress.time_ms,
        score_bp=scores.score_bp(rules, enrollment.pk),
        completed_at=progress.completed_at,
        issued_at=issued_at,
        expires_at=_expires_at(enrollment, progress.completed_at),
        chain_length=progress.chain_length,
        chain_hash=bytes(progress.chain_hash).hex(),
        rules={"limits": asdict(state.limits), "contents": rules},
    )


def _anew(old: Certificate, reason: str, by: User | None, now: datetime) -> Certificate:
    copied = {
        field.attname: getattr(old, field.attname)
        for field in Certificate._meta.concrete_fields
        if field.name not in _NOT_COPIED
    }
    return Certificate.objects.create(
        **copied,
        ordinal=old.ordinal + 1,
        replaces=old,
        reissue_reason=reason,
        issued_by=by,
        number=number_of(now.year, _next_serial()),
        code=new_code(),
        learner_name=old.user.get_full_name(),
        score_bp=scores.score_bp(old.rules["contents"], old.enrollment_id),
        issued_at=now,
    )


def _expires_at(enrollment: Enrollment, completed_at: datetime) -> datetime | None:
    """Returns the expiry by the course's terms of today; None if they don't expire."""
    terms = Validity.objects.filter(course=enrollment.course_id).first()
    if terms is None:
        return None
    previous = (
        Certificate.objects.newest()
        .filter(
            user=enrollment.user_id,
            course=enrollment.course_id,
            enrollment__cycle__lt=enrollment.cycle,
            revocation=None,
        )
        .aggregate(last=Max("expires_at"))
    )
    return validity.expires_at(
        terms.terms, completed_at, timezone.get_default_timezone(), previous["last"]
    )


def _next_serial() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('certificates_number')")
        return cursor.fetchone()[0]


def _counted(state: CourseState) -> list[ContentSpec]:
    """Returns the contents that counted, without those added after the completion."""
    added = {content.id for content in state.added_since}
    return [content for content in state.structure.counting() if content.id not in added]


def _waived(state: CourseState, waiver: dict | None) -> dict:
    """Returns why a content was waived, with the rule of what was done instead."""
    if waiver is None:
        return {}
    granted_at, score = waiver["granted_at"], waiver["score"]
    return {
        "waived": {
            "reason": waiver["reason"],
            "score_bp": None if score is None else round(score * 100),
            "granted_at": granted_at and granted_at.isoformat(),
            "by": _rule(state, state.structure.contents[waiver["because_content_id"]]),
        }
    }


def _own_rule(content: ContentSpec) -> dict:
    """Returns the author's own rule for an embed, if it has one."""
    if content.view_seconds:
        return {"view_seconds": content.view_seconds}
    if content.completes_on_score:
        return {"completes_on": "score"}
    return {"completes_on": "confirmation"} if content.completes_on_confirmation else {}


def _rule(state: CourseState, content: ContentSpec) -> dict:
    return {
        "content_id": content.id,
        "code": content.code,
        "title": content.title,
        "content_type": content.content_type,
        "weight": content.weight,
        "media_version": content.media_version,
        "extent": content.extent,
        "extent_unit": content.extent_unit,
        # A quiz without a pass mark is complete when it is submitted.
        "needed_bp": 0 if content.is_quiz and content.pass_bp is None else state.needed_bp(content),
        "completion_source": "measured" if content.is_measured else "reported",
        **_own_rule(content),
    }
