"""Adds parts to the rows. The caller holds `store.lock`, so what is read may be written back."""

from collections.abc import Collection, Mapping
from datetime import date

from analytics.facts.store import BATCH, upsert
from analytics.models import (
    ContentCurve,
    ContentDay,
    ContentReach,
    LearnerContent,
    LearnerDay,
    LearnerHabit,
)
from progress.operations.streaming import streamed
from progress.rules.coverage import Spans, gaps, length, union

from . import course_days, days, habits
from .parts import CONTENT_DAY, Coverage, Curve, DayPart, Parts, heights

DayKey = tuple[int, date, date]  # enrolment, day, month of the session
_SUMS = ("idle_ms", "distractions", "covered_ms", "replayed_ms", "withheld_ms", "events")
_DONE = ("contents_completed", "quiz_attempts")
_DAY_COLUMNS = ("active_spans", "active_ms", "hours_ms", "session_ids", "sessions", *_SUMS, *_DONE)
_HABIT_COLUMNS = ("course", "first_day", *habits.Groups._fields)
_CURVE_COLUMNS = ("seen", "seek_in", "seek_out", "pauses", "dwell_ms")


# --- A learner's days ----------------------------------------------------------------------------
class LearnerDays:
    """The days of a chunk of enrolments: `{enrolment id: (user id, course id, zone)}`."""

    def __init__(self, enrollments: Mapping[int, tuple[int, int, str]]):
        self._enrollments = enrollments
        self._rows: dict[DayKey, LearnerDay] = {
            (row.enrollment_id, row.day, row.session_month): row
            for row in LearnerDay.objects.filter(enrollment__in=list(enrollments))
        }
        self._changed: set[DayKey] = set()

    @property
    def learners(self) -> dict[int, int]:
        """The user of each enrolment."""
        return {pk: user for pk, (user, _, _) in self._enrollments.items()}

    def add(self, parts: Mapping[DayKey, DayPart]) -> None:
        for key, part in parts.items():
            self._grow(self._row(key), part)

    def _grow(self, row: LearnerDay, part: DayPart) -> None:
        for name in _SUMS:
            setattr(row, name, getattr(row, name) + getattr(part, name))
        row.session_ids = sorted({*row.session_ids, *part.sessions})
        row.sessions = len(row.session_ids)
        row.active_spans = union(row.active_spans, sorted(part.active))
        row.active_ms = length(row.active_spans)
        zone = self._enrollments[row.enrollment_id][2]
        row.hours_ms = days.by_hour(row.active_spans, row.day, zone)

    def set_done(self, done: Mapping[tuple[int, date], tuple[int, int]]) -> None:
        """`{(enrolment id, day): (contents completed, attempts)}`; all other days have none."""
        wanted = {
            (enrollment, day, day.replace(day=1)): amounts
            for (enrollment, day), amounts in done.items()
        }
        had = {key for key, row in self._rows.items() if row.contents_completed + row.quiz_attempts}
        for key in had | wanted.keys():
            amounts = wanted.get(key, (0, 0))
            row = self._rows.get(key)
            if row is None or (row.contents_completed, row.quiz_attempts) != amounts:
                row = self._row(key)
                row.contents_completed, row.quiz_attempts = amounts

    def write(self) -> None:
        """Five statements at most, and one for rows with nothing left."""
        changed = [self._rows[key] for key in sorted(self._changed)]
        empty = [row.pk for row in changed if row.pk and _is_empty(row)]
        if empty:
            LearnerDay.objects.filter(pk__in=empty).delete()
        kept = [row for row in changed if not _is_empty(row)]
        upsert(kept, ["enrollment", "day", "session_month"], _DAY_COLUMNS)
        course_days.mark({(row.course_id, row.day) for row in changed})
        self._write_habits()

    def _write_habits(self) -> None:
        stored = LearnerHabit.objects.in_bulk(list(self._enrollments))
        days: dict[int, list[habits.ActiveDay]] = {}
        for row in self._rows.values():
            day = habits.ActiveDay(row.day, row.active_ms, row.hours_ms)
            days.setdefault(row.enrollment_id, []).append(day)
        found = {pk: self._habit(pk, own) for pk, own in days.items()}
        gone = [pk for pk in stored if found.get(pk) is None]
        if gone:
            LearnerHabit.objects.filter(pk__in=gone).delete()
        rows = [row for row in found.values() if row and _differs(row, stored.get(row.pk))]
        upsert(rows, ["enrollment"], _HABIT_COLUMNS)

    def _habit(self, pk: int, own: list[habits.ActiveDay]) -> LearnerHabit | None:
        habit = habits.habit_of(own)
        if habit is None:
            return None
        user, course, _ = self._enrollments[pk]
        groups = habit.groups._asdict()
        return LearnerHabit(pk, user, course, first_day=habit.first_day, **groups)

    def _row(self, key: DayKey) -> LearnerDay:
        self._changed.add(key)
        row = self._rows.get(key)
        if row is None:
            enrollment, day, month = key
            user, course, _ = self._enrollments[enrollment]
            row = self._rows[key] = LearnerDay(
                enrollment_id=enrollment,
                user_id=user,
                course_id=course,
                day=day,
                session_month=month,
                hours_ms=[0] * 24,
            )
        return row


def _differs(row: LearnerHabit, stored: LearnerHabit | None) -> bool:
    return stored is None or any(
        getattr(row, name) != getattr(stored, name) for name in _HABIT_COLUMNS[1:]
    )


def _is_empty(row: LearnerDay) -> bool:
    return not (row.events or row.active_ms or row.contents_completed or row.quiz_attempts)


# --- Contents ------------------------------------------------------------------------------------
def add_content_days(parts: Mapping[tuple[int, date, date], dict[str, int]]) -> None:
    if not parts:
        return
    stored = {
        (row.content_id, row.day, row.session_month): row
        for row in ContentDay.objects.filter(
            content__in={key[0] for key in parts}, day__in={key[1] for key in parts}
        )
    }
    rows = []
    for key, amounts in sorted(parts.items()):
        row = stored.get(key) or ContentDay(content_id=key[0], day=key[1], session_month=key[2])
        for name, amount in amounts.items():
            setattr(row, name, getattr(row, name) + amount)
        rows.append(row)
    upsert(rows, ["content", "day", "session_month"], CONTENT_DAY)


def add_curves(parts: Mapping[tuple[int, date], Curve], sizes: Mapping[int, int]) -> None:
    """`sizes` are the editions' numbers of buckets."""
    if not parts:
        return
    stored = {
        (row.edition_id, row.session_month): row
        for row in ContentCurve.objects.filter(edition__in={key[0] for key in parts})
    }
    rows = []
    for key, part in sorted(parts.items()):
        size = sizes[key[0]]
        row = stored.get(key) or ContentCurve(edition_id=key[0], session_month=key[1])
        row.seen = _sum(row.seen, heights(part.steps, size), size)
        for name in _CURVE_COLUMNS[1:]:
            setattr(row, name, _grown(getattr(row, name), getattr(part, name), size))
        rows.append(row)
    upsert(rows, ["edition", "session_month"], _CURVE_COLUMNS)


def _sum(counts: list[int], more: list[int], size: int) -> list[int]:
    if not counts:
        return more
    return [a + b for a, b in zip(counts, more, strict=True)] if size else []


def _grown(counts: list[int], more: Mapping[int, int], size: int) -> list[int]:
    grown = counts or [0] * size
    for bucket, amount in more.items():
        grown[bucket] += amount
    return grown


def add_coverages(
    parts: Mapping[tuple[int, int], Coverage], sizes: Mapping[int, int], learners: Mapping[int, int]
) -> None:
    """Widen what learners have seen, and move their contribution to their editions' reach.

    `learners` are the enrolments' users.
    """
    if not parts:
        return
    enrollments, editions = {key[0] for key in parts}, {key[1] for key in parts}
    stored = {
        (row.enrollment_id, row.edition_id): row
        for row in LearnerContent.objects.filter(enrollment__in=enrollments, edition__in=editions)
    }
    reaches = {row.edition_id: row for row in ContentReach.objects.filter(edition__in=editions)}
    rows = []
    for (enrollment, edition), part in sorted(parts.items()):
        size = sizes[edition]
        row = stored.get((enrollment, edition))
        reach = reaches.setdefault(edition, _no_reach(edition, size))
        reach.replayers = reach.replayers or [0] * size  # a row from before the column existed
        before = coverage_of(row) if row else None
        row = row or LearnerContent(
            enrollment_id=enrollment, user_id=learners[enrollment], edition_id=edition
        )
        after = coverage_of(row)
        after.join(part)
        move(reach, size, before, after)
        _store(row, after)
        rows.append(row)
    upsert(
        rows,
        ["edition", "enrollment"],
        ["seen", "again", "last_bucket", "last_moment_ms", "last_index"],
    )
    columns = ["learners", "finished", "viewers", "replayers", "drop_offs"]
    upsert(reaches.values(), ["edition"], columns)


def _no_reach(edition: int, size: int) -> ContentReach:
    nobody = {name: [0] * size for name in ("viewers", "replayers", "drop_offs")}
    return ContentReach(edition_id=edition, **nobody)


def coverage_of(row: LearnerContent) -> Coverage:
    if row.last_bucket is None:
        return Coverage(row.seen, row.again)
    last = (row.last_moment_ms, row.last_index, row.last_bucket)
    return Coverage(row.seen, row.again, last)


def _store(row: LearnerContent, coverage: Coverage) -> None:
    row.seen, row.again = coverage.seen, coverage.again
    if coverage.last is not None:
        row.last_moment_ms, row.last_index, row.last_bucket = coverage.last


def move(reach: ContentReach, size: int, before: Coverage | None, after: Coverage) -> None:
    """Change an edition's reach by how one learner's coverage changed; None: the learner is new."""
    earlier = before or Coverage()
    _widen(reach.viewers, earlier.seen, after.seen)
    _widen(reach.replayers, earlier.again, after.again)
    if before is None:
        reach.learners += 1
    else:
        _leave(reach, size, before, -1)
    _leave(reach, size, after, 1)


def _widen(counts: list[int], before: Spans, after: Spans) -> None:
    """Add one to each bucket that was outside and is now inside."""
    for start, end in after:
        for first, beyond in gaps(before, start, end):
            for bucket in range(first, beyond):
                counts[bucket] += 1


def _leave(reach: ContentReach, size: int, coverage: Coverage, by: int) -> None:
    if coverage.is_finished(size):
        reach.finished += by
    elif coverage.last is not None:
        reach.drop_offs[coverage.last[2]] += by


def reset_reach(editions: Mapping[int, int]) -> None:
    """Compute editions' reach again, from what their learners have seen. `{edition id: buckets}`"""
    reaches = {edition: _no_reach(edition, size) for edition, size in editions.items()}
    rows = LearnerContent.objects.filter(edition__in=list(editions))
    for row in streamed(rows, chunk_size=BATCH):
        move(reaches[row.edition_id], editions[row.edition_id], None, coverage_of(row))
    ContentReach.objects.filter(edition__in=list(editions)).delete()
    ContentReach.objects.bulk_create(reach for reach in reaches.values() if reach.learners)


def write(parts: Parts, learner_days: LearnerDays, sizes: Mapping[int, int]) -> None:
    """Add everything that `parts` gathered."""
    learner_days.add(parts.learner_days)
    learner_days.write()
    add_content_days(parts.content_days)
    add_curves(parts.curves, sizes)
    add_coverages(parts.coverages, sizes, learner_days.learners)


def forget_days(enrollments: Collection[int], kept_months: Collection[date]) -> None:
    """Delete these enrolments' days, except in months whose evidence is gone."""
    rows = LearnerDay.objects.filter(enrollment__in=list(enrollments))
    rows = rows.exclude(session_month__in=list(kept_months))
    course_days.mark(set(rows.values_list("course_id", "day")))
    rows.delete()
