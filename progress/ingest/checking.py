"""Stored aggregates against a fresh fold of the rows under them."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from progress.models import Course, CourseProgress, LearningSession
from progress.rules.coverage import length

from . import aftermath, averages, refold
from .desk import Desk

CHUNK = 200
_FOLDED = ["completion_bp", "module_progress", "is_complete"]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stored value that isn't what the rows under it say."""

    enrollment_id: int
    what: str
    stored: object
    fresh: object


def check(now: datetime, *, repair: bool = False) -> Iterator[Disagreement]:
    """Every disagreement in the database; with `repair` it is mended as it is found.

    Learners that wait to be folded with a changed course aren't disagreements. Works through
    the learners in chunks, each in one transaction.
    """
    for course in Course.objects.order_by("pk"):
        after = 0
        while True:
            with transaction.atomic():
                last, found = _check_some(course, after, now, repair)
            yield from found
            if last is None:
                break
            after = last


def _check_some(course: Course, after: int, now: datetime, repair: bool):
    rows = CourseProgress.objects.filter(
        course=course, structure_version__in=[0, course.structure_version], pk__gt=after
    ).order_by("pk")
    if repair:
        rows = rows.select_for_update()
    rows = list(rows[:CHUNK])
    if not rows:
        return None, []
    desks = refold.open_desks(rows, course, now)
    sessions = {
        row["enrollment_id"]: row
        for row in averages.sums(
            LearningSession.objects.filter(enrollment__in=[p.pk for p in rows])
        )
    }
    found, wrong = [], []
    for desk in desks:
        differing = [*_folds(desk), *_sessions(desk, sessions.get(desk.progress.pk, {}))]
        if differing:
            found += differing
            wrong.append(desk)
    if repair and wrong:
        refold.write(wrong)
        averages.mend([desk.progress.pk for desk in wrong])
        _mend_time([desk.progress for desk in wrong])
    return rows[-1].pk, found


def _folds(desk: Desk) -> Iterator[Disagreement]:
    """Fold the desk afresh and compare with what was stored."""
    progress = desk.progress
    if progress.structure_version == 0:
        return  # enrolled, and never folded yet
    before = _shown(progress)
    contents = {id: (row.completion_bp, row.completed_at) for id, row in desk.contents.items()}
    aftermath.store_fold(desk, aftermath.fold(desk))
    after = _shown(progress)
    for name in _FOLDED:
        if before[name] != after[name]:
            yield Disagreement(progress.pk, f"course {name}", before[name], after[name])
    for id, (bp, completed_at) in contents.items():
        row = desk.contents[id]
        if row.completion_bp != bp:
            yield Disagreement(progress.pk, f"content {id} completion_bp", bp, row.completion_bp)
        if row.completed_at != completed_at:
            yield Disagreement(progress.pk, f"content {id} is_complete", False, True)
    if progress.time_ms != length(progress.active_spans):
        yield Disagreement(
            progress.pk, "course time_ms", progress.time_ms, length(progress.active_spans)
        )


def _shown(progress: CourseProgress) -> dict:
    return {
        "completion_bp": progress.completion_bp,
        "module_progress": copy.deepcopy(progress.module_progress),
        "is_complete": progress.completed_at is not None,
    }


def _sessions(desk: Desk, counted: dict) -> Iterator[Disagreement]:
    for name in averages.COLUMNS:
        stored, fresh = getattr(desk.progress, name), counted.get(name, 0)
        if stored != fresh:
            yield Disagreement(desk.progress.pk, f"course {name}", stored, fresh)


def _mend_time(rows: list[CourseProgress]) -> None:
    for progress in rows:
        progress.time_ms = length(progress.active_spans)
    CourseProgress.objects.bulk_update(rows, ["time_ms"], batch_size=500)
