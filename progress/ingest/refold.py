"""Bringing stored progress up to a course's structure, for many learners at once."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from progress.models import ContentProgress, Course, CourseProgress, OutboxMessage
from progress.structure import structure_of

from . import aftermath
from .desk import Desk, save_contents

COLUMNS = ["completion_bp", "completed_at", "structure_version", "module_progress", "updated_at"]


def refold_course(course_id: int, *, now: datetime, chunk: int = 500) -> int:
    """Fold a changed course for its unfinished learners; answers for how many.

    Works in transactions of `chunk` learners, so a killed one goes on where it was. Learners whose
    rows are in use are passed over: their next event folds afresh by itself, or the sweep does.
    """
    course = Course.objects.get(pk=course_id)
    folded = 0
    while count := _refold_some(course, now, chunk):
        folded += count
    return folded


@transaction.atomic
def _refold_some(course: Course, now: datetime, limit: int) -> int:
    behind = (
        CourseProgress.objects.behind(course.structure_version)
        .filter(course=course)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("pk")[:limit]
    )
    desks = open_desks(behind, course, now)
    for desk in desks:
        aftermath.store_fold(desk, aftermath.fold(desk))
    write(desks)
    return len(desks)


def open_desks(rows: Iterable[CourseProgress], course: Course, now: datetime) -> list[Desk]:
    """A desk for each of the course's `rows`, with all contents, to be folded afresh."""
    structure = structure_of(course)
    desks = {row.pk: Desk.of_course(row, course, structure, now) for row in rows}
    for content in ContentProgress.objects.filter(enrollment_id__in=desks):
        desks[content.enrollment_id].contents[content.content_id] = content
    return list(desks.values())


def write(desks: list[Desk]) -> None:
    """Write back folded desks whose rows are locked, and tell of what became complete."""
    rows = [desk.contents[id] for desk in desks for id in sorted(desk.touched)]
    if rows:
        save_contents(rows)
    for desk in desks:
        desk.progress.updated_at = desk.now
    CourseProgress.objects.bulk_update([desk.progress for desk in desks], COLUMNS, batch_size=500)
    complete = [desk for desk in desks if desk.is_first_completion]
    messages = OutboxMessage.objects.bulk_create(
        [aftermath.completion_message(desk) for desk in complete]
    )
    for desk, message in zip(complete, messages, strict=True):
        desk.messages.append(message.pk)
    for desk in desks:
        desk.shown.update(desk.touched)
        aftermath.follow(desk, aftermath.standing(desk))
