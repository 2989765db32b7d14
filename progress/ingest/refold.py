"""Bringing stored progress up to a course's structure, for many learners at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db.models import Q

from progress.jobs import Run
from progress.models import ContentProgress, Course, CourseProgress, OutboxMessage
from progress.operations.locking import retried
from progress.state.structure import structure_of

from . import aftermath, announcing, waiving
from .desk import Desk

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
    """Fold a changed course for its unfinished learners; answers for how many.

    Works in transactions of `chunk` learners, so a killed one goes on where it was. Learners whose
    rows are in use are passed over: their next event folds afresh by itself, or the sweep does.
    After each transaction it `rest`s, if it is told how, for half as long as that took: the
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
    """Fold these learners' progress afresh, those that are behind; answers for how many."""
    behind = (
        CourseProgress.objects.behind(course.structure_version)
        .filter(course=course, pk__in=enrollment_ids)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("pk")
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
        _save_contents(rows)
    waiving.write(desks)
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
        desk.payload = aftermath.standing(desk)
    announcing.announce_after_commit(desks)


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
