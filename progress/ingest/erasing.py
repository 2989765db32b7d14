"""Erasing test learners and test courses: every row that refers to them, and then they themselves.

Nothing of a real learner is reached: a test learner's rows are their own, and only test learners
have rows in a test course. What refers to what is read from the models, so that a new table is
erased as well. Each transaction deletes a slice, the last rows of a chain first; what breaks off is
gone on with. That it happened stays, in `Erasure`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet, Sum

from progress import signals
from progress.jobs import Run
from progress.models import Course, CourseProgress, Enrollment, Erasure, OutboxMessage, User
from progress.models.mail import OutgoingMail
from progress.operations import outbox

from . import deactivating

SLICE = 1000  # rows that one statement deletes, and the keys that it names
PEOPLE = 50  # learners, or courses, that are erased together
AT_ONCE = 2000  # events and learners that a request erases itself; more are left to the job

# What apps above keep of learners and courses without a relation: (learners, courses) -> rows.
Forget = Callable[[Sequence[int], Sequence[int]], int]
_others: list[Forget] = []


def also(forget: Forget) -> Forget:
    """Has `forget` called with the ids of learners and courses before these are deleted."""
    if forget not in _others:
        _others.append(forget)
    return forget


# --- What is asked for ---------------------------------------------------------------------------
def request_all(by: User | None, now: datetime) -> Erasure:
    """The erasing of all test data: the one that is under way, or a new one."""
    return _request(by, now, None, None)


def request_some(
    by: User | None, now: datetime, *, learners: Sequence[int] = (), courses: Sequence[int] = ()
) -> Erasure:
    """The erasing of these test learners and test courses; real ones among them stay."""
    return _request(by, now, list(learners), list(courses))


@transaction.atomic
def _request(by, now, learners: list[int] | None, courses: list[int] | None) -> Erasure:
    with connection.cursor() as cursor:  # of two at once the second finds the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('progress.erasing', 0))")
    same = {"learner_ids": learners, "course_ids": courses}
    known = Erasure.objects.filter(finished_at=None, **same).first()
    return known or Erasure.objects.create(requested_by=by, requested_at=now, **same)


def learners_of(erasure: Erasure | None = None) -> QuerySet[User]:
    """The test learners that there are, or those that an erasing is about."""
    people = User.objects.filter(is_test=True)
    chosen = erasure and erasure.learner_ids
    return people if chosen is None else people.filter(pk__in=chosen)


def courses_of(erasure: Erasure | None = None) -> QuerySet[Course]:
    courses = Course.objects.filter(is_test=True)
    chosen = erasure and erasure.course_ids
    return courses if chosen is None else courses.filter(pk__in=chosen)


def is_small(erasure: Erasure) -> bool:
    """Whether it is little enough for one request."""
    people, courses = learners_of(erasure), courses_of(erasure)
    of_either = Q(user__in=people.values("pk")) | Q(course__in=courses.values("pk"))
    events = CourseProgress.objects.filter(of_either).aggregate(all=Sum("chain_length", default=0))
    return events["all"] + people.count() + courses.count() <= AT_ONCE


def begin(erasure: Erasure, now: datetime) -> bool:
    """Erases what is little, or has a job do it; returns whether it is done."""
    if is_small(erasure):
        carry_out(erasure, now)
        return True
    transaction.on_commit(lambda: signals.erasure_requested.send_robust(sender=Erasure))
    return False


# --- Doing it ------------------------------------------------------------------------------------
def go_on(run: Run) -> None:
    """Finishes every erasing that was asked for; `run.rows` counts deleted rows."""
    for erasure in Erasure.objects.filter(finished_at=None).order_by("pk"):
        before = erasure.rows
        carry_out(erasure, run.now)
        run.rows += erasure.rows - before


def carry_out(erasure: Erasure, now: datetime) -> None:
    """Erases what is left of it. Safe to repeat, and at the same time elsewhere."""
    for ids in _chunks(learners_of(erasure)):
        erasure.rows += _erase_learners(ids, now)
        erasure.learners += len(ids)
        erasure.save(update_fields=["rows", "learners"])
    for ids in _chunks(courses_of(erasure)):
        erasure.rows += _erase_courses(ids)
        erasure.courses += len(ids)
        erasure.save(update_fields=["rows", "courses"])
    erasure.finished_at = now
    erasure.save(update_fields=["finished_at"])


def _chunks(rows: QuerySet) -> Iterator[list[int]]:
    """The keys of what is there when it begins."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(ids), PEOPLE):
        yield ids[at : at + PEOPLE]


def _erase_learners(ids: list[int], now: datetime) -> int:
    with transaction.atomic():
        outbox.silence_events()
        deactivating.deactivate(ids, now=now)  # nothing more is reported of them
    deleted = _erase(Enrollment, Enrollment.objects.filter(user__in=ids))
    deleted += _forget(ids, [])
    return deleted + _erase(User, User.objects.filter(pk__in=ids))


def _erase_courses(ids: list[int]) -> int:
    deleted = _erase(Enrollment, Enrollment.objects.filter(course__in=ids))
    deleted += _forget([], ids)
    return deleted + _erase(Course, Course.objects.filter(pk__in=ids))


def _forget(learners: list[int], courses: list[int]) -> int:
    deleted = sum(forget(learners, courses) for forget in _others)
    for model in (OutboxMessage, OutgoingMail):
        deleted += delete_all(model.objects.filter(payload__user_id__in=learners))
    return deleted


def delete_all(rows: QuerySet) -> int:
    """Deletes rows that nothing refers to, in slices; returns how many."""
    deleted = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:SLICE]):
        deleted += _delete(rows.model, keys)
    return deleted


def _erase(model: type[models.Model], rows: QuerySet) -> int:
    """Deletes rows with all that refers to them; returns how many rows."""
    deleted = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:SLICE]):
        for other, field in _references(model):
            theirs = other._base_manager.filter(**{f"{field.name}__in": keys})
            if field.null and field.remote_field.on_delete is models.SET_NULL:
                theirs.update(**{field.name: None})
            else:
                deleted += _erase(other, theirs)
        if model is Enrollment:
            mine = OutboxMessage.objects.filter(payload__enrollment_id__in=keys)
            deleted += delete_all(mine)
        deleted += _delete(model, keys)
    return deleted


def _delete(model: type[models.Model], keys: Collection[Any]) -> int:
    rows = model._base_manager.filter(pk__in=keys)
    return rows._raw_delete(rows.db)


def _references(model: type[models.Model]) -> Iterator[tuple[type[models.Model], models.Field]]:
    """The models whose rows refer to those of `model`, and by which field; the evidence first, for
    it refers to sessions as well.

    Other columns without an action of their own are left out: another one of the same row leads to
    the learner as well. That of evidence to its enrolment is the only one with an index.
    """
    found = list(_all_references(model))
    return iter(sorted(found, key=lambda each: _has_action(each[1])))


def _has_action(field: models.Field) -> bool:
    return field.remote_field.on_delete is not models.DO_NOTHING


def _all_references(model: type[models.Model]) -> Iterator[tuple[type[models.Model], models.Field]]:
    for other in apps.get_models(include_auto_created=True):
        for field in other._meta.concrete_fields:
            if not field.is_relation or field.related_model is not model:
                continue
            if _has_action(field) or field.name == "enrollment":
                yield other, field
