"""Enrolments as cohorts, read from the tables in a fixed number of queries.

Days are stretched to `STANDARD_LENGTH`. Learners are compared with those of their course who are in
the same tenth of the time between enrolment and due date. Tasks are the required contents, due at
an even pace; a quiz is done when it was first submitted, with that score, anything else when it was
completed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Aggregate, F, FloatField, Func, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from progress.models import (
    Content,
    ContentProgress,
    Enrollment,
    LearningSession,
    QuizAttempt,
    marks,
)

from .signs.history import Cohort, Diary, Elsewhere, Floats
from .signs.pace import STANDARD_LENGTH, even_pace, on_common_scale

MIN_FINISHERS = 10  # needed to estimate how long a course without due dates takes
USUAL_SHARE = 0.9  # of finishers had finished by then
REMEMBERED = timedelta(days=365)  # for how long finished enrolments are compared with open ones
MAX_ELSEWHERE = 4
BANDS = 10
DAY = 86_400.0
WEEK = 7.0
MILLISECONDS_OF_A_MINUTE = 60_000.0


class Epoch(Func):
    """A moment as days since 1970: numbers are faster to read, and can be calculated with."""

    template = "(extract(epoch FROM %(expressions)s) / 86400)::float8"
    output_field = FloatField()


class UsualDays(Aggregate):
    """Days within which `USUAL_SHARE` of the finishers had finished."""

    template = (
        f"(percentile_cont({USUAL_SHARE}) WITHIN GROUP "
        "(ORDER BY extract(epoch FROM %(expressions)s)) / 86400)::float8"
    )
    output_field = FloatField()


@dataclass(frozen=True)
class CourseHistory:
    """A course's enrolments, in order of their ids.

    [N] each: `span` in real days, NaN where no time is set; `started` in epoch days; whether the
    enrolment is `open` (current, not left, not completed) and whether its due date has passed.
    """

    course_id: int
    cohort: Cohort
    users: np.ndarray
    span: Floats
    started: Floats
    has_due: np.ndarray
    is_open: np.ndarray

    def days(self, moment: datetime) -> Floats:
        """[N] each learner's standard day at `moment`; negative before they enrolled."""
        return (_days(moment) - self.started) / self.span * STANDARD_LENGTH

    def weeks(self, moment: datetime) -> Floats:
        """[N] the week, from 1, that each learner's enrolment is in at `moment`."""
        return np.floor((_days(moment) - self.started) / WEEK) + 1

    def bands(self, moment: datetime) -> Iterator[np.ndarray]:
        """Groups (indices) of learners who can be compared at `moment`: enrolled, time not over."""
        band = np.floor(self.days(moment) / STANDARD_LENGTH * BANDS)
        for each in range(BANDS):
            chosen = np.flatnonzero(band == each)
            if len(chosen):
                yield chosen

    def outcome(self, now: datetime) -> Floats:
        """[N] 0 if completed in time, 1 if not, NaN until the learner's time is over.

        Time is over when the due date has passed or, without one, as many days after enrolment as
        such a course usually takes. Learners who completed or left earlier aren't counted earlier:
        others who began with them are still open, and counting only the decided ones would treat
        fast learners as if they were all learners.
        """
        cohort = self.cohort
        done = cohort.finished <= cohort.length
        is_over = self.days(now) >= STANDARD_LENGTH  # never, where no time is set
        return np.where(is_over, np.where(done, 0.0, 1.0), np.nan)


def read(
    course_ids: Sequence[int], now: datetime, *, with_past: bool = False
) -> list[CourseHistory]:
    """The courses' enrolments as known at `now`, in six queries whatever their number.

    Without `with_past` only the open ones, and those that they can be compared with.
    """
    rows = marks.counted(Enrollment.objects.all()).filter(course__in=course_ids)
    if not with_past:
        rows = rows.filter(
            Q(is_current=True, unenrolled_at=None, course_progress__completed_at=None)
            | Q(due_at__gt=now)
            | Q(due_at=None, enrolled_at__gt=now - REMEMBERED)
        )
    enrollments = _Enrollments(rows)
    tasks = _tasks(course_ids)
    usual = _usual_days(course_ids)
    within = Q(enrollment__in=rows.order_by().values("pk"))
    done = _records(
        ContentProgress.objects.filter(within, completed_at__isnull=False)
        .exclude(content__content_type=Content.Type.QUIZ)
        .values_list("enrollment_id", "content_id", Epoch("completed_at"))
    )
    tried = _records(
        QuizAttempt.objects.filter(within, submitted_at__isnull=False)
        .order_by("enrollment_id", "content_id", "number")
        .distinct("enrollment_id", "content_id")
        .values_list("enrollment_id", "content_id", Epoch("submitted_at"), F("score_bp") / 10_000.0)
    )
    diary = _records(
        LearningSession.objects.filter(within)
        .order_by()
        .values("enrollment_id", on=TruncDate("start_time"))
        .annotate(first=Epoch(Min("start_time")), active=Sum("active_ms"))
        .order_by("enrollment_id", "first")
        .values_list("enrollment_id", "first", "active")
    )
    parts = {
        name: enrollments.by_course(table)
        for name, table in (("done", done), ("tried", tried), ("diary", diary))
    }
    nothing = np.zeros((0, 4))
    return [
        _history(
            course_id,
            enrollments.of_course(course_id),
            tasks.get(course_id, np.zeros((0, 3))),
            usual.get(course_id, np.nan),
            **{name: found.get(course_id, nothing) for name, found in parts.items()},
        )
        for course_id in course_ids
        if course_id in enrollments.courses
    ]


class _Enrollments:
    """The enrolments of a chunk as columns of numbers, and the learners' other enrolments."""

    COLUMNS = ("id", "user", "course", "cycle", "is_open", "started", "due", "left", "completed")

    def __init__(self, rows: QuerySet[Enrollment]):
        table = self._read(rows)
        self.table = table[np.lexsort((table[:, 0], table[:, 2]))]
        self.courses = set(self.table[:, 2].astype(int))
        self.ids = np.sort(table[:, 0])
        self.course_of = table[np.argsort(table[:, 0]), 2]
        everywhere = self._read(Enrollment.objects.filter(user__in=rows.order_by().values("user")))
        self.everywhere = everywhere[np.argsort(everywhere[:, 1], kind="stable")]

    def of_course(self, course_id: int) -> "_Columns":
        since, until = (np.searchsorted(self.table[:, 2], course_id, s) for s in ("left", "right"))
        return _Columns(self.table[since:until], self.everywhere)

    def by_course(self, records: Floats) -> dict[int, Floats]:
        """Records, whose first column is an enrolment id, by course, in their order."""
        index = np.clip(np.searchsorted(self.ids, records[:, 0]), 0, max(len(self.ids) - 1, 0))
        course = self.course_of[index] if len(records) else np.zeros(0)
        order = np.argsort(course, kind="stable")
        courses, firsts = np.unique(course[order], return_index=True)
        parts = np.split(records[order], firsts[1:]) if len(courses) else []
        return dict(zip(courses.astype(int).tolist(), parts, strict=True))

    def _read(self, rows: QuerySet[Enrollment]) -> Floats:
        return _records(
            rows.order_by().values_list(
                "pk",
                "user_id",
                "course_id",
                "cycle",
                "is_current",
                Epoch("enrolled_at"),
                Epoch("due_at"),
                Epoch("unenrolled_at"),
                Epoch("course_progress__completed_at"),
            ),
            width=len(self.COLUMNS),
        )


class _Columns:
    """A course's enrolments, column by column."""

    def __init__(self, table: Floats, everywhere: Floats):
        self.ids, self.users = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        self.cycle, self.is_current = table[:, 3], table[:, 4] == 1
        self.started, self.due, self.left, self.completed = table[:, 5:].T
        self._everywhere = everywhere

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_open(self) -> np.ndarray:
        return self.is_current & np.isnan(self.left) & np.isnan(self.completed)

    def elsewhere(self, scale: Floats) -> tuple[Elsewhere, Floats]:
        """The learners' other enrolments in standard days, and how many were under way (this one
        included) when each learner began here."""
        others = self._everywhere
        left, known, completed = (np.full((len(self), MAX_ELSEWHERE), np.nan) for _ in range(3))
        load = np.ones(len(self))
        since = np.searchsorted(others[:, 1], self.users, "left")
        until = np.searchsorted(others[:, 1], self.users, "right")
        for row in np.flatnonzero(until - since > 1):
            mine = others[since[row] : until[row]]
            mine = mine[mine[:, 0] != self.ids[row]]
            due, gone, done = mine[:, 6], mine[:, 7], mine[:, 8]
            ended = np.fmin(gone, done)
            going_on = (mine[:, 5] <= self.started[row]) & ~(ended <= self.started[row])
            load[row] += going_on.sum()
            mine = mine[np.argsort(-mine[:, 5])][:MAX_ELSEWHERE]
            due, gone, done = mine[:, 6], mine[:, 7], mine[:, 8]
            in_time = ~np.isnan(done) & ~(done > due)
            columns = slice(0, len(mine))
            shift, factor = self.started[row], scale[row]
            left[row, columns] = (gone - shift) * factor
            known[row, columns] = (np.where(in_time, done, np.fmin(gone, due)) - shift) * factor
            completed[row, columns] = in_time
        return Elsewhere(left, known, completed), load


def _history(
    course_id: int,
    rows: _Columns,
    tasks: Floats,
    usual_days: float,
    *,
    done: Floats,
    tried: Floats,
    diary: Floats,
) -> CourseHistory:
    span = np.where(np.isnan(rows.due), usual_days, rows.due - rows.started)
    span = np.where(span > 0, span, np.nan)
    scale = STANDARD_LENGTH / span
    elsewhere, load = rows.elsewhere(scale)
    days, volume = _diary(rows, diary, scale)
    cohort = Cohort(
        name=f"course {course_id}",
        course=str(course_id),
        learners=rows.ids,
        length=np.full(len(rows), STANDARD_LENGTH),
        registered=np.full(len(rows), np.nan),
        left=(rows.left - rows.started) * scale,
        finished=(rows.completed - rows.started) * scale,
        attempts_before=rows.cycle - 1,
        load=load,
        seen=days,
        elsewhere=elsewhere,
        activity=Diary(days, volume, scale),
        **_work(rows, tasks, done, tried, scale),
    )
    return CourseHistory(
        course_id, cohort, rows.users, span, rows.started, ~np.isnan(rows.due), rows.is_open
    )


def _work(
    rows: _Columns, tasks: Floats, done: Floats, tried: Floats, scale: Floats
) -> dict[str, Floats]:
    """The fields of `Cohort` about tasks. `tasks` [T, 3]: content, weight, pass mark."""
    shape = (len(rows), len(tasks))
    submitted, score = np.full(shape, np.nan), np.full(shape, np.nan)
    order = np.argsort(tasks[:, 0])
    for records in (done, tried):
        row = np.searchsorted(rows.ids, records[:, 0])
        index = np.clip(np.searchsorted(tasks[order, 0], records[:, 1]), 0, max(shape[1] - 1, 0))
        counts = np.zeros(len(records), dtype=bool)
        if shape[1]:
            counts = tasks[order[index], 0] == records[:, 1]
        row, column = row[counts], order[index[counts]] if shape[1] else index[counts]
        submitted[row, column] = (records[counts, 2] - rows.started[row]) * scale[row]
        if records is tried:
            score[row, column] = on_common_scale(records[counts, 3], tasks[column, 2])
    return {
        "due": np.broadcast_to(even_pace(tasks[:, 1]), shape),
        "weight": tasks[:, 1],
        "submitted": submitted,
        "score": score,
        "carried": np.zeros(shape),
    }


def _diary(rows: _Columns, diary: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """[N, S] standard days of activity, and active minutes on each."""
    row = np.searchsorted(rows.ids, diary[:, 0])
    _, firsts, counts = np.unique(row, return_index=True, return_counts=True)
    width = int(counts.max(initial=0))
    days, volume = np.full((len(rows), width), np.nan), np.full((len(rows), width), np.nan)
    column = np.arange(len(row)) - np.repeat(firsts, counts)
    days[row, column] = (diary[:, 1] - rows.started[row]) * scale[row]
    volume[row, column] = diary[:, 2] / MILLISECONDS_OF_A_MINUTE
    return days, volume


def _tasks(course_ids: Iterable[int]) -> dict[int, Floats]:
    """[T, 3] content, weight and pass mark (NaN without one) of each course, in its order."""
    found: dict[int, list] = {}
    contents = (
        Content.objects.active()
        .filter(module__course__in=course_ids, required=True, hidden=False, module__retired_at=None)
        .order_by("module__position", "module_id", "position", "pk")
        .values_list("module__course_id", "pk", "weight", "pass_bp")
    )
    for course_id, content_id, weight, pass_bp in contents:
        mark = np.nan if pass_bp is None else pass_bp / 10_000
        found.setdefault(course_id, []).append((content_id, weight, mark))
    return {course_id: np.array(rows, dtype=float) for course_id, rows in found.items()}


def _usual_days(course_ids: Iterable[int]) -> dict[int, float]:
    """How long courses usually take, where enough learners have finished."""
    finished = (
        marks.counted(Enrollment.objects.all())
        .filter(course__in=course_ids, due_at=None, course_progress__completed_at__isnull=False)
        .order_by()
        .values("course_id")
        .annotate(
            usual=UsualDays(F("course_progress__completed_at") - F("enrolled_at")),
            finishers=Sum(1),
        )
        .filter(finishers__gte=MIN_FINISHERS)
    )
    return {row["course_id"]: row["usual"] for row in finished}


def _records(rows: QuerySet, width: int = 4) -> Floats:
    """Rows of numbers as an array, NaN for null; `width` columns if there are no rows."""
    found = np.array(list(rows.iterator(chunk_size=20_000)), dtype=float)
    return found if len(found) else np.zeros((0, width))


def _days(moment: datetime) -> float:
    return moment.timestamp() / DAY
