"""Bringing stored progress up to a course's structure, for many learners at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db.models import Q

from progress.jobs import Run
from progress.models import ContentProgress, Course, CourseProgress, OutboxMessage
from progress.operations.locking import lock_rows, retried
from progress.state.structure import structure_of

from . import announcing, course_fold, waiving
from .working_set import WorkingSet

# Learners whose events wait while they are folded; larger ones are hardly faster.
CHUNK = 50
COLUMNS = [
    "completion_bp",
    "completed_at",
    "structure_version",
    "module_progress",
    "waived",
    "waivers_declined",
    "updated_at",
]


def refold_course(
    course_id: int,
    *,
    now: datetime,
    chunk: int = CHUNK,
    run: Run | None = None,
    rest: Callable[[float], None] | None = None,
) -> int:
    """Fold a changed course for its unfinished learners. Returns the number of learners folded.

    Works in transactions of `chunk` learners, so a killed one goes on where it was. Learners whose
    rows are in use are passed over: their next event folds again by itself, or the sweep does.
    After each transaction it calls `rest`, if given, with half the time that took: the
    machine belongs to those who learn just now.
    """
    run = run or Run("refold_course", now)
    course = Course.objects.get(pk=course_id)
    # In the index's order. An old version may stand at any place of it, hence the pair.
    behind = (
        CourseProgress.objects.behind(course.structure_version)
        .filter(course=course)
        .exclude(pk__in=run.rows_set_aside())
        .order_by("structure_version", "pk")
    )
    after = None
    while True:
        rows = behind if after is None else behind.filter(_later_than(*after))
        found = list(rows.values_list("structure_version", "pk")[:chunk])
        if not found:
            return run.rows
        began = time.monotonic()
        run.take(partial(refold, course, now=now), [pk for _, pk in found])
        if rest is not None:
            rest((time.monotonic() - began) / 2)
        after = found[-1]


def _later_than(version: int, enrollment_id: int) -> Q:
    return Q(structure_version__gt=version) | Q(
        structure_version=version, enrollment_id__gt=enrollment_id
    )


@retried
def refold(course: Course, enrollment_ids: Sequence[int], *, now: datetime) -> int:
    """Fold these learners' progress again, if they are behind. Returns how many were."""
    behind = CourseProgress.objects.behind(course.structure_version).filter(
        course=course, pk__in=enrollment_ids
    )
    works = open_working_sets(lock_rows(behind, skip_locked=True), course, now)
    for work in works:
        course_fold.store_fold(work, course_fold.fold(work))
    write(works)
    return len(works)


def open_working_sets(
    rows: Iterable[CourseProgress], course: Course, now: datetime
) -> list[WorkingSet]:
    """A working set for each of `rows`, with all contents, to be folded again."""
    structure = structure_of(course)
    works = {row.pk: WorkingSet.of_course(row, course, structure, now) for row in rows}
    for content in ContentProgress.objects.filter(enrollment_id__in=works):
        works[content.enrollment_id].contents[content.content_id] = content
    return list(works.values())


def write(works: list[WorkingSet]) -> None:
    """Write folded rows that are locked, and announce what became complete."""
    rows = [work.contents[id] for work in works for id in sorted(work.touched)]
    if rows:
        _save_contents(rows)
    waiving.write(works)
    for work in works:
        work.progress.updated_at = work.now
    CourseProgress.objects.bulk_update([work.progress for work in works], COLUMNS, batch_size=500)
    complete = [work for work in works if work.is_first_completion]
    messages = OutboxMessage.objects.bulk_create(
        [course_fold.completion_message(work) for work in complete]
    )
    for work, message in zip(complete, messages, strict=True):
        work.messages.append(message.pk)
    for work in works:
        work.shown.update(work.touched)
        work.payload = course_fold.progress_payload(work)
    announcing.announce_after_commit(works)


_WRITTEN_CONTENT = [
    column.name
    for column in ContentProgress._meta.concrete_fields
    if not column.generated
    and column.name not in {"id", "enrollment", "content", "user", "first_event_at"}
]


def _save_contents(rows: list[ContentProgress]) -> None:
    """Insert or replace rows of locked enrolments, in one statement."""
    for row in rows:
        row.pk = None  # matched by enrolment and content, new and known alike
    ContentProgress.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "enrollment", "content"],
        update_fields=_WRITTEN_CONTENT,
    )
