"""Stored aggregates against a fresh fold of the rows under them."""

import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from progress.models import Course, CourseProgress, LearningSession, PastSpans, Waiver
from progress.operations.locking import lock_progress, retried
from progress.rules.coverage import length, union

from . import averages, course_fold, refold
from .working_set import WorkingSet

CHUNK = 200
_FOLDED = ["completion_bp", "module_progress", "is_complete", "waived"]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stored value that isn't what the rows under it say."""

    enrollment_id: int
    what: str
    stored: object
    fresh: object


def check(
    now: datetime, *, repair: bool = False, enrollments: Collection[int] | None = None
) -> Iterator[Disagreement]:
    """Every disagreement, in the whole database or of `enrollments`; with `repair` it is mended.

    Learners that wait to be folded with a changed course aren't disagreements. Works through
    the learners in chunks. What seems to disagree is compared once more under its lock, since a
    learner may have been at it between two reads.
    """
    courses = Course.objects.order_by("pk")
    if enrollments is not None:
        progress = CourseProgress.objects.filter(pk__in=enrollments)
        courses = courses.filter(pk__in=progress.values("course"))
    for course in courses:
        rows = CourseProgress.objects.filter(
            course=course, structure_version__in=[0, course.structure_version]
        ).order_by("pk")
        if enrollments is not None:
            rows = rows.filter(pk__in=enrollments)
        after = 0
        while chunk := list(rows.filter(pk__gt=after)[:CHUNK]):
            suspects = {
                found.enrollment_id for found in _compare(_working_sets(chunk, course, now))
            }
            if suspects:
                yield from _settle(rows.filter(pk__in=suspects), course, now, repair)
            after = chunk[-1].pk


@retried
def _settle(rows, course: Course, now: datetime, repair: bool) -> list[Disagreement]:
    """Compare under the locks, and mend what still disagrees if asked to."""
    # Some may have been folded anew, or not be behind any more, since they were compared.
    held = {progress.pk for progress in lock_progress(rows.values_list("pk", flat=True))}
    works = _working_sets(list(rows.filter(pk__in=held)), course, now)
    found = list(_compare(works))
    if repair and found:
        ids = {disagreement.enrollment_id for disagreement in found}
        wrong = [work for work in works if work.progress.pk in ids]
        refold.write(wrong)
        averages.mend([work.progress.pk for work in wrong])
        _mend_time([work.progress for work in wrong])
    return found


def _working_sets(rows: list[CourseProgress], course: Course, now: datetime) -> list[WorkingSet]:
    return refold.open_working_sets(rows, course, now)


def _compare(works: list[WorkingSet]) -> Iterator[Disagreement]:
    """Fold each enrolment again, in memory. Yields what differs from what was stored."""
    sessions = {
        row["enrollment_id"]: row
        for row in averages.sums(
            LearningSession.objects.filter(enrollment__in=[work.progress.pk for work in works])
        )
    }
    waived: dict[int, list[int]] = {}
    rows = Waiver.objects.in_force().filter(enrollment__in=[work.progress.pk for work in works])
    for enrollment, content in rows.values_list("enrollment_id", "content_id"):
        waived.setdefault(enrollment, []).append(content)
    for work in works:
        yield from _folds(work, waived.get(work.progress.pk, ()))
        yield from _sessions(work, sessions.get(work.progress.pk, {}))


def _folds(work: WorkingSet, recorded: Collection[int]) -> Iterator[Disagreement]:
    """Fold the rows again and compare with what was stored. `recorded`: the waivers in force."""
    progress = work.progress
    if progress.structure_version == 0:
        return  # enrolled, and never folded yet
    before = _shown(progress)
    progress.waived = sorted(recorded)
    contents = {id: (row.completion_bp, row.completed_at) for id, row in work.contents.items()}
    course_fold.store_fold(work, course_fold.fold(work))
    after = _shown(progress)
    for name in _FOLDED:
        if before[name] != after[name]:
            yield Disagreement(progress.pk, f"course {name}", before[name], after[name])
    for id, (bp, completed_at) in contents.items():
        row = work.contents[id]
        if row.completion_bp != bp:
            yield Disagreement(progress.pk, f"content {id} completion_bp", bp, row.completion_bp)
        if row.completed_at != completed_at:
            yield Disagreement(progress.pk, f"content {id} is_complete", False, True)
    time_ms = _time_ms(progress)
    if progress.time_ms != time_ms:
        yield Disagreement(progress.pk, "course time_ms", progress.time_ms, time_ms)


def _time_ms(progress: CourseProgress) -> int:
    """How long the active spans are, older ones included."""
    past = (
        PastSpans.objects.filter(pk=progress.pk, user=progress.user_id).first()
        if progress.past_active_until is not None
        else None
    )
    return length(union(progress.active_spans, past.active_spans if past else ()))


def _shown(progress: CourseProgress) -> dict:
    return {
        "completion_bp": progress.completion_bp,
        "module_progress": copy.deepcopy(progress.module_progress),
        "is_complete": progress.completed_at is not None,
        "waived": list(progress.waived),
    }


def _sessions(work: WorkingSet, counted: dict) -> Iterator[Disagreement]:
    for name in averages.COLUMNS:
        stored, fresh = getattr(work.progress, name), counted.get(name, 0)
        if stored != fresh:
            yield Disagreement(work.progress.pk, f"course {name}", stored, fresh)


def _mend_time(rows: list[CourseProgress]) -> None:
    for progress in rows:
        progress.time_ms = _time_ms(progress)
    CourseProgress.objects.bulk_update(rows, ["time_ms"], batch_size=500)
