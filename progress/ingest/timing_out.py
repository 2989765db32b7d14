"""Submits attempts whose time is over and whose tracker never came back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from progress.jobs import Run
from progress.models import (
    ContentInteraction,
    Course,
    CourseProgress,
    LearningSession,
    QuizAttempt,
)
from progress.operations.locking import lock_rows, retried
from progress.rules.time_limits import SLACK_MS

from . import course_fold, evidence, quiz_events, refold
from .events import epoch_ms
from .rows import EvidenceRow
from .working_set import WorkingSet

CHUNK = 50
_COLUMNS = EvidenceRow.__struct_fields__
_SCORED = [
    "submitted_at",
    "right_questions",
    "correct_count",
    "question_count",
    "score_bp",
    "passed",
]


def submit_overdue(now: datetime, *, run: Run | None = None, chunk: int = CHUNK) -> int:
    """Submit open attempts as they are, once no answer that counts can arrive any more.

    Returns the number submitted. In transactions of `chunk` learners; idempotent, and safe twice
    at once. Learners whose rows are in use are passed over: their event does the same.
    """
    run = run or Run("submit_overdue", now)
    overdue = _overdue(now).exclude(enrollment__in=run.rows_set_aside()).order_by("enrollment")
    after = 0
    while True:
        rows = overdue.filter(enrollment__gt=after).values_list("enrollment_id", flat=True)
        ids = list(rows.distinct()[:chunk])
        if not ids:
            return run.rows
        run.take(partial(_submit, now=now), ids)
        after = ids[-1]


def _overdue(now: datetime):
    limit = now - timedelta(milliseconds=SLACK_MS)
    return QuizAttempt.objects.filter(submitted_at=None, closes_at__lt=limit)


@retried
def _submit(enrollment_ids: Sequence[int], *, now: datetime) -> int:
    rows = CourseProgress.objects.filter(pk__in=enrollment_ids)
    held = lock_rows(rows, skip_locked=True)
    courses = Course.objects.in_bulk({progress.course_id for progress in held})
    done = 0
    for course in courses.values():
        own = [progress for progress in held if progress.course_id == course.pk]
        done += _submit_in(course, own, now)
    return done


def _submit_in(course: Course, rows: Sequence[CourseProgress], now: datetime) -> int:
    works = {work.progress.pk: work for work in refold.open_working_sets(rows, course, now)}
    attempts = list(_overdue(now).filter(enrollment__in=works).order_by("pk"))
    attempts = [each for each in attempts if quiz_events.is_overdue(each, epoch_ms(now))]
    for attempt in attempts:
        work = works[attempt.enrollment_id]
        content = work.structure.contents[attempt.content_id]
        quiz_events.close(content, attempt, attempt.closes_at)
        quiz_events.keep_best(work.content(content), attempt)
    QuizAttempt.objects.bulk_update(attempts, _SCORED)
    touched = [works[pk] for pk in sorted({attempt.enrollment_id for attempt in attempts})]
    _add_evidence(touched, attempts)
    for work in touched:
        course_fold.store_fold(work, course_fold.fold(work))
    refold.write(touched)
    return len(attempts)


def _add_evidence(works: Sequence[WorkingSet], attempts: Sequence[QuizAttempt]) -> None:
    """Chain each submission to its learner's events, in their latest session."""
    latest = (
        LearningSession.objects.filter(enrollment__in=[work.progress.pk for work in works])
        .order_by("enrollment_id", "-start_time", "pk")
        .distinct("enrollment_id")
    )
    sessions = {session.enrollment_id: session for session in latest}
    rows: list[EvidenceRow] = []
    for work in works:
        own = [each for each in attempts if each.enrollment_id == work.progress.pk]
        rows += evidence.chain(
            work.progress,
            sessions[work.progress.pk],
            [quiz_events.submitted_by_server(attempt) for attempt in own],
            work.now,
            work.structure.contents,
        )
    ContentInteraction.objects.bulk_create(
        [ContentInteraction(**{name: getattr(row, name) for name in _COLUMNS}) for row in rows]
    )
    CourseProgress.objects.bulk_update(
        [work.progress for work in works], ["chain_length", "chain_hash"]
    )
