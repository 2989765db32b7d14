"""Coursework read from the tables, in a fixed number of queries whatever the number of courses."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from analytics.facts.risk.histories import DAY, Epoch
from progress.models import (
    ContentProgress,
    Course,
    Enrollment,
    LearningSession,
    Waiver,
    marks,
)
from progress.state.structure import ContentSpec, Structure, structures_of
from progress.state.time_left import whole_seconds

from .coursework import Coursework, Floats

REMEMBERED = timedelta(days=3 * 365)
UNKNOWN_SECONDS = 600  # of a content without a length: as for paths
MILLISECONDS_OF_A_MINUTE = 60_000.0


def read(course_ids: Sequence[int], now: datetime) -> list[Coursework]:
    """The courses' enrolments of the last three years, and all open ones, as known at `now`."""
    rows = marks.counted(Enrollment.objects.all()).filter(course__in=course_ids)
    rows = rows.filter(
        Q(enrolled_at__gt=now - REMEMBERED)
        | Q(is_current=True, unenrolled_at=None, course_progress__completed_at=None)
    )
    table = _records(
        rows.order_by("course_id", "pk").values_list(
            "pk",
            "user_id",
            "course_id",
            "is_current",
            Epoch("enrolled_at"),
            Epoch("due_at"),
            Epoch("unenrolled_at"),
            Epoch("course_progress__completed_at"),
        ),
        width=8,
    )
    within = Q(enrollment__in=rows.order_by().values("pk"))
    done = _records(
        ContentProgress.objects.filter(within, completed_at__isnull=False).values_list(
            "enrollment_id", "content_id", Epoch("completed_at")
        )
    )
    waived = _records(
        Waiver.objects.filter(within, declined_at=None).values_list(
            "enrollment_id", "content_id", Epoch("granted_at")
        )
    )
    diary = _records(
        LearningSession.objects.filter(within)
        .order_by()
        .values("enrollment_id", on=TruncDate("start_time"))
        .annotate(first=Epoch(Min("start_time")), active=Sum("active_ms"))
        .order_by("enrollment_id", "first")
        .values_list("enrollment_id", "first", "active")
    )
    courses = list(Course.objects.filter(pk__in=course_ids))
    structures = structures_of(courses)
    moment = now.timestamp() / DAY
    found = []
    for course_id in course_ids:
        own = table[table[:, 2] == course_id]
        if len(own) and course_id in structures:
            found.append(_coursework(structures[course_id], own, moment, (done, waived), diary))
    return found


def units_of(structure: Structure) -> list[tuple[float, list[int]]]:
    """The seconds of each unit of work and the contents of which one is enough to do it."""
    units, taken = [], set()
    for content in structure.counting():
        if content.id in taken:
            continue
        others = structure.alternatives.get(content.id, ())
        taken |= {content.id, *others}
        units.append((length_of(content), [content.id, *others]))
    return units


def length_of(content: ContentSpec) -> float:
    seconds = whole_seconds(content)
    return float(UNKNOWN_SECONDS if seconds is None else max(seconds, 1))


def _coursework(
    structure: Structure,
    own: Floats,
    moment: float,
    done: Iterable[Floats],
    diary: Floats,
) -> Coursework:
    ids, started = own[:, 0].astype(np.int64), own[:, 4]
    left, finished = own[:, 6] - started, own[:, 7] - started
    units = units_of(structure)
    column = {content: at for at, (_, contents) in enumerate(units) for content in contents}
    when = np.full((len(own), len(units)), np.nan)
    for records in done:
        mine = records[np.isin(records[:, 0], ids)]
        row = np.searchsorted(ids, mine[:, 0])
        for at, content, day in zip(row, mine[:, 1].astype(int), mine[:, 2], strict=True):
            unit = column.get(int(content))
            if unit is not None:
                when[at, unit] = np.fmin(when[at, unit], day - started[at])
    active, minutes = _diary(ids, started, diary)
    return Coursework(
        course_id=structure.course_id,
        now=moment,
        ids=ids,
        users=own[:, 1].astype(np.int64),
        is_open=(own[:, 3] == 1) & np.isnan(left) & np.isnan(finished),
        started=started,
        due=own[:, 5] - started,
        left=left,
        finished=finished,
        seconds=np.array([seconds for seconds, _ in units], dtype=float),
        done=when,
        active=active,
        minutes=minutes,
    )


def _diary(ids: np.ndarray, started: Floats, diary: Floats) -> tuple[Floats, Floats]:
    """[N, S] days of activity, and active minutes on each."""
    mine = diary[np.isin(diary[:, 0], ids)]
    row = np.searchsorted(ids, mine[:, 0])
    _, firsts, counts = np.unique(row, return_index=True, return_counts=True)
    shape = (len(ids), int(counts.max(initial=0)))
    days, minutes = np.full(shape, np.nan), np.full(shape, np.nan)
    column = np.arange(len(row)) - np.repeat(firsts, counts)
    days[row, column] = mine[:, 1] - started[row]
    minutes[row, column] = mine[:, 2] / MILLISECONDS_OF_A_MINUTE
    return days, minutes


def _records(rows: QuerySet, width: int = 3) -> Floats:
    """Rows of numbers as an array, NaN for null."""
    found = np.array(list(rows.iterator(chunk_size=20_000)), dtype=float)
    return found if len(found) else np.zeros((0, width))
