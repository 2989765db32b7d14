"""The one writer of enrolments: enrolling, unenrolling, and beginning another cycle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from progress.ingest import closing
from progress.ingest.evidence import GENESIS
from progress.models import CourseProgress, Enrollment
from progress.operations import outbox
from progress.operations.locking import lock_current, lock_one, retried

CHUNK = 1000


def due_moment(due: date | datetime | None, time_zone: str) -> datetime | None:
    """The moment when something is due; a day is due at its end in the learner's time zone."""
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, time(23, 59, 59), ZoneInfo(time_zone))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment, and whether this call created it."""

    enrollment: Enrollment
    is_new: bool


@retried(also_duplicates=True)
def enroll(
    user_id: int, course_id: int, *, now: datetime, due_at: datetime | None = None
) -> Enrolled:
    """Enrols a learner, or finds the current enrolment; one that was left is taken up again.

    Sets `due_at` where it is given. Two calls at once create one enrolment.
    """
    current = _current(user_id, course_id)
    if current is None:
        return Enrolled(_create(user_id, course_id, 1, now, due_at), is_new=True)
    return Enrolled(_take_up(current, due_at), is_new=False)


def enroll_many(
    wanted: Iterable[tuple[int, int]], *, now: datetime, due_at: datetime | None = None
) -> list[Enrollment]:
    """Creates the first cycles of `(user id, course id)` pairs that have none, for `ingest.bulk`.

    That module writes the progress rows, so both calls belong in one transaction.
    """
    outbox.silence_events()
    rows = [
        Enrollment(user_id=user_id, course_id=course_id, enrolled_at=now, due_at=due_at)
        for user_id, course_id in wanted
    ]
    return Enrollment.objects.bulk_create(rows, batch_size=1000)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A learner who is to be enrolled; without a `due_at` the due date stays as it is."""

    user_id: int
    course_id: int
    due_at: datetime | None = None


@retried(also_duplicates=True)
def enroll_all(wanted: Sequence[Wanted], *, now: datetime) -> None:
    """Does what `enroll` does for many, in a few statements per thousand.

    In the order of learners and courses, so that two imports take their locks in the same order.
    """
    in_order = sorted(wanted, key=lambda each: (each.user_id, each.course_id))
    for at in range(0, len(in_order), CHUNK):
        _enroll_part(in_order[at : at + CHUNK], now)


def _enroll_part(wanted: Sequence[Wanted], now: datetime) -> None:
    current = lock_current((each.user_id, each.course_id) for each in wanted)
    new, again = [], []
    for each in wanted:
        found = current.get((each.user_id, each.course_id))
        if found is None:
            new.append(each)
            continue
        found.unenrolled_at = None
        found.due_at = each.due_at or found.due_at
        again.append(found)
    Enrollment.objects.bulk_update(again, ["unenrolled_at", "due_at"])
    made = Enrollment.objects.bulk_create(
        Enrollment(
            user_id=each.user_id, course_id=each.course_id, enrolled_at=now, due_at=each.due_at
        )
        for each in new
    )
    CourseProgress.objects.bulk_create(_empty_progress(enrollment, now) for enrollment in made)


@retried(also_duplicates=True)
def begin_new_cycle(
    user_id: int, course_id: int, *, now: datetime, due_at: datetime | None = None
) -> Enrolled:
    """Begins a new cycle: a retake or recertification. The old cycle keeps its progress.

    The old cycle's open sessions end, so that later events belong to the new one. Two calls at once
    begin two cycles, one after the other.
    """
    current = _current(user_id, course_id)
    if current is None:
        return Enrolled(_create(user_id, course_id, 1, now, due_at), is_new=True)
    closing.close_all(current.pk, now)
    current.is_current = False
    current.save(update_fields=["is_current"])
    return Enrolled(_create(user_id, course_id, current.cycle + 1, now, due_at), is_new=True)


@retried
def unenroll(enrollment: Enrollment, *, now: datetime) -> None:
    """Unenrols a learner. Progress and evidence stay."""
    lock_one(enrollment)
    rows = Enrollment.objects.filter(pk=enrollment.pk, user=enrollment.user_id)
    rows.filter(unenrolled_at=None).update(unenrolled_at=now)
    enrollment.refresh_from_db(fields=["unenrolled_at"])


@retried
def set_due(enrollment: Enrollment, due_at: datetime | None) -> None:
    lock_one(enrollment)
    enrollment.due_at = due_at
    enrollment.save(update_fields=["due_at"])


def set_missing_due(enrollment_ids: Sequence[int], due_at: datetime) -> int:
    """Gives a due date to those enrolments that have none; returns how many."""
    return _set_due(enrollment_ids, due_at, Enrollment.objects.filter(due_at=None))


def move_due(enrollment_ids: Sequence[int], due_at: datetime | None) -> int:
    """Sets the due date of many enrolments; returns how many."""
    return _set_due(enrollment_ids, due_at, Enrollment.objects.all())


def _set_due(enrollment_ids: Sequence[int], due_at: datetime | None, rows: QuerySet) -> int:
    ids = sorted(enrollment_ids)
    parts = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
    return sum(rows.filter(pk__in=part).update(due_at=due_at) for part in parts)


def _current(user_id: int, course_id: int) -> Enrollment | None:
    """The current enrolment, its progress locked (progress/operations/locking.py)."""
    return lock_current([(user_id, course_id)]).get((user_id, course_id))


def _take_up(enrollment: Enrollment, due_at: datetime | None) -> Enrollment:
    enrollment.unenrolled_at = None
    if due_at is not None:
        enrollment.due_at = due_at
    enrollment.save(update_fields=["unenrolled_at", "due_at"])
    return enrollment


def _create(user_id, course_id, cycle, now, due_at) -> Enrollment:
    enrollment = Enrollment.objects.create(
        user_id=user_id, course_id=course_id, cycle=cycle, enrolled_at=now, due_at=due_at
    )
    _empty_progress(enrollment, now).save(force_insert=True)
    return enrollment


def _empty_progress(enrollment: Enrollment, now: datetime) -> CourseProgress:
    return CourseProgress(
        enrollment=enrollment,
        user_id=enrollment.user_id,
        course_id=enrollment.course_id,
        chain_hash=GENESIS,
        updated_at=now,
    )
