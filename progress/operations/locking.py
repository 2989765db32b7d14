"""The order in which a learner's rows are locked, and what is done when two meet all the same.

Lock order, everywhere:

1. the enrolment's `CourseProgress` row, FOR UPDATE; several by enrolment id, in ascending order;
2. its `LearningSession` rows, by session id;
3. everything else of the enrolment: the `Enrollment` row itself, contents, attempts, evidence,
   waivers, certificates. A transaction that holds 1 may write these without locking them.

Beginning a cycle, enrolling again, renewing and unenrolling take 1 first like everything else.
Inserting a row that refers to an enrolment takes a share lock on it, so no code may lock the
enrolment first and its progress afterwards: a heartbeat does it the other way round, and both would
wait for ever.

A course that is edited is locked FOR NO KEY UPDATE, which keeps no learner waiting; code that holds
this lock asks for no learner's rows.

An enrolment that doesn't exist yet can't be locked. Two transactions that create the same one meet
in a unique constraint, and the second tries again and finds it (`retried(also_duplicates=True)`).
"""

import random
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec, TypeVar, overload

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from progress.models import CourseProgress, Enrollment
from progress.models.learner_keys import LearnerRow

from .replica import on_primary

ATTEMPTS = 6
FIRST_PAUSE = 0.01  # seconds; doubled with each attempt
SERIALIZATION_FAILURE, DEADLOCK, DUPLICATE = "40001", "40P01", "23505"


P = ParamSpec("P")
T = TypeVar("T")
LearnerOwned = TypeVar("LearnerOwned", bound=LearnerRow)


@overload
def retried(function: Callable[P, T]) -> Callable[P, T]: ...
@overload
def retried(*, also_duplicates: bool) -> Callable[[Callable[P, T]], Callable[P, T]]: ...
def retried(function=None, *, also_duplicates=False):
    """Decorates a function to run in a transaction, which is tried again where that may help.

    That is after a deadlock or a serialization failure; with `also_duplicates` also when another
    transaction has created the same row meanwhile. Within an outer transaction only the latter can
    be tried again here: for the rest the outer one has to. The function must not keep anything of
    an attempt that failed.
    """
    if function is None:
        return lambda inner: _retried(inner, also_duplicates)
    return _retried(function, also_duplicates)


def _retried(function: Callable[P, T], also_duplicates: bool) -> Callable[P, T]:

    @wraps(function)
    def run(*args, **kwargs):
        codes = set() if connection.in_atomic_block else {SERIALIZATION_FAILURE, DEADLOCK}
        codes |= {DUPLICATE} if also_duplicates else set()
        for attempt in range(ATTEMPTS):
            try:
                # Writes are decided by what the primary holds, also within `on_replica`.
                with on_primary(), transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as error:
                if attempt == ATTEMPTS - 1 or code_of(error) not in codes:
                    raise
            # At different moments, or the same two meet again.
            time.sleep(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    return run


def code_of(error: DatabaseError) -> str | None:
    """The database's own code of an error (SQLSTATE)."""
    return getattr(error.__cause__, "pgcode", None)


def lock_rows(rows: QuerySet[LearnerOwned], *, skip_locked: bool = False) -> list[LearnerOwned]:
    """Lock learners' rows, in the order of their keys; within a transaction.

    Where learners are distributed, one statement can lock rows of one learner only. The rows are
    found without a lock there; each is locked, and read again if it still meets the conditions.
    """
    ordered = rows.order_by("pk")
    if not settings.DATABASE_DISTRIBUTED:
        return list(ordered.select_for_update(skip_locked=skip_locked, of=("self",)))
    plain = rows.model._base_manager.select_for_update(skip_locked=skip_locked)
    found: list[LearnerOwned] = []
    for pk, user in list(ordered.values_list("pk", "user_id")):
        if plain.filter(pk=pk, user_id=user).values_list("pk"):
            found += rows.filter(pk=pk, user_id=user)
    return found


def lock_progress(enrollment_ids: Iterable[int]) -> list[CourseProgress]:
    """Lock the progress rows of enrolments, in the documented order; within a transaction."""
    return lock_rows(CourseProgress.objects.filter(pk__in=list(enrollment_ids)))


def lock_one(enrollment: Enrollment) -> CourseProgress:
    """Lock one enrolment's progress row. By learner as well as by key: that names the shard."""
    rows = CourseProgress.objects.select_for_update()
    return rows.get(pk=enrollment.pk, user_id=enrollment.user_id)


def lock_current(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Enrollment]:
    """The current enrolments of `(user id, course id)` pairs, their progress locked.

    While this waits for a lock, a new cycle may begin; it then takes that one.
    """
    wanted, held = set(pairs), set[int]()
    rows = (
        Enrollment.objects.current()
        .filter(user__in={user for user, _ in wanted}, course__in={course for _, course in wanted})
        .order_by("pk")
    )
    while True:
        found = {key: each for each in rows.all() if (key := _pair(each)) in wanted}
        missing = {each.pk for each in found.values()} - held
        if not missing:
            return found
        lock_progress(missing)
        held |= missing


def _pair(enrollment: Enrollment) -> tuple[int, int]:
    return enrollment.user_id, enrollment.course_id
