"""The one writer of certificates: exactly one for each completed enrolment cycle."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from certificates.models import Certificate
from certificates.numbers import new_code, number_of
from progress.jobs import Run
from progress.models import CourseProgress, Enrollment
from progress.reading import CourseReading
from progress.structure import ContentFacts

CHUNK = 100


@transaction.atomic
def issue(enrollment_id: int, now: datetime | None = None) -> Certificate | None:
    """Certify a completed enrolment; None when it isn't complete, or has its certificate.

    The progress row is locked, so that of many at once one issues and the others find it done.
    """
    # Without its relations: they may be null, and an outer join can't be locked.
    locked = CourseProgress.objects.select_for_update().filter(pk=enrollment_id)
    if not locked.exclude(completed_at=None).exists():
        return None
    if Certificate.objects.filter(enrollment_id=enrollment_id).exists():
        return None
    enrollment = Enrollment.objects.select_related("course", "user", "course_progress").get(
        pk=enrollment_id
    )
    return _write(enrollment, now or timezone.now())


def issue_missing(run: Run, *, chunk: int = CHUNK) -> None:
    """Issue what is missing of completed enrolments, in small transactions."""
    missing = Enrollment.objects.completed().filter(certificate=None)
    ids = list(
        missing.exclude(pk__in=run.rows_set_aside()).order_by("pk").values_list("pk", flat=True)
    )
    for at in range(0, len(ids), chunk):
        run.take(_issue_all, ids[at : at + chunk])


@transaction.atomic
def _issue_all(enrollment_ids: Sequence[int]) -> int:
    return sum(issue(enrollment_id) is not None for enrollment_id in enrollment_ids)


def _write(enrollment: Enrollment, now: datetime) -> Certificate:
    reading = CourseReading(enrollment, now)
    counted = _counted(reading)
    progress = reading.progress
    # The worker's clock may be a little behind that of the host that saw the completion.
    issued_at = max(now, progress.completed_at)
    return Certificate.objects.create(
        enrollment=enrollment,
        user=enrollment.user,
        course=enrollment.course,
        number=number_of(issued_at.year, _next_serial()),
        code=new_code(),
        learner_name=enrollment.user.get_full_name(),
        course_code=enrollment.course.code,
        course_title=enrollment.course.title,
        course_version=progress.structure_version,
        time_ms=progress.time_ms,
        score_bp=_score_bp(reading, counted),
        completed_at=progress.completed_at,
        issued_at=issued_at,
        rules={
            "limits": asdict(reading.limits),
            "contents": [_rule(reading, facts) for facts in counted],
        },
    )


def _next_serial() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('certificates_number')")
        return cursor.fetchone()[0]


def _counted(reading: CourseReading) -> list[ContentFacts]:
    """What counted: not what the author added after the completion."""
    added = {facts.id for facts in reading.added_since}
    return [facts for facts in reading.structure.counting() if facts.id not in added]


def _score_bp(reading: CourseReading, counted: Sequence[ContentFacts]) -> int | None:
    """The best scores of the quizzes that counted, by weight, in basis points."""
    scored = [
        (facts.weight, reading.rows[facts.id].best_score_bp)
        for facts in counted
        if facts.is_quiz and facts.id in reading.rows
    ]
    scored = [(weight, score) for weight, score in scored if score is not None]
    whole = sum(weight for weight, _ in scored)
    return round(sum(weight * score for weight, score in scored) / whole) if whole else None


def _rule(reading: CourseReading, facts: ContentFacts) -> dict:
    return {
        "content_id": facts.id,
        "code": facts.code,
        "title": facts.title,
        "content_type": facts.content_type,
        "weight": facts.weight,
        "media_version": facts.media_version,
        "extent": facts.extent,
        "extent_unit": facts.extent_unit,
        "needed_bp": reading.needed_bp(facts),
        "completion_source": "measured" if facts.is_measured else "reported",
    }
