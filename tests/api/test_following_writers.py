"""Following lists while others write: nothing is missed, nothing comes twice."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from progress.api.following import Following
from progress.ingest import enrolling
from progress.models import Enrollment, User
from tests.factories import (
    a_course,
    a_user,
    enrolled,
)
from tests.support.following import ids, whole

pytestmark = pytest.mark.django_db
LEARNERS, ENROLLMENTS, COURSES = "/api/learners/", "/api/enrollments/", "/api/courses/"


@pytest.mark.django_db(transaction=True)
def test_nothing_comes_twice_when_nobody_writes(boss):
    a_user()
    _, position = whole(boss, LEARNERS)
    assert whole(boss, LEARNERS, updated_since=position)[0] == []


@pytest.mark.django_db(transaction=True)
def test_what_was_written_before_and_committed_after_a_reading_is_not_missed(boss):
    """The trap: its time is earlier than that of rows which were read already."""
    early, late = a_user(), a_user()
    _, position = whole(boss, LEARNERS)
    written, may_commit = threading.Event(), threading.Event()

    def writer():
        try:
            with transaction.atomic():
                User.objects.filter(pk=early.pk).update(full_name="Written first")
                written.set()
                may_commit.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=writer)
    thread.start()
    assert written.wait(20)
    User.objects.filter(pk=late.pk).update(full_name="Written second")
    rows, position = whole(boss, LEARNERS, updated_since=position)
    assert ids(rows) == [late.pk]
    may_commit.set()
    thread.join()
    rows, position = whole(boss, LEARNERS, updated_since=position)
    assert [(row["id"], row["full_name"]) for row in rows] == [(early.pk, "Written first")]
    assert whole(boss, LEARNERS, updated_since=position)[0] == []


@pytest.mark.django_db(transaction=True)
def test_a_position_of_a_transaction_covers_what_that_transaction_writes_afterwards(boss):
    """The trap: a later transaction that is over counts as newer than the one that still writes."""
    mine, other = a_user(), a_user()

    def somebody_else():
        try:
            User.objects.filter(pk=other.pk).update(full_name="Another transaction")
        finally:
            connections.close_all()

    with transaction.atomic():
        User.objects.filter(pk=mine.pk).update(full_name="Begun")
        thread = threading.Thread(target=somebody_else)
        thread.start()
        thread.join()
        _, position = whole(boss, LEARNERS)
        User.objects.filter(pk=mine.pk).update(full_name="Ended")
        rows, _ = whole(boss, LEARNERS, updated_since=position)
        assert [(row["id"], row["full_name"]) for row in rows] == [(mine.pk, "Ended")]
    assert ids(whole(boss, LEARNERS, updated_since=position)[0]) == [mine.pk]


@pytest.mark.django_db(transaction=True)
def test_a_follower_of_busy_writers_ends_with_what_the_database_has(boss):
    """Each reading skips and repeats nothing; all together they give the present state."""
    steady = [a_user(department="IT").pk for _ in range(30)]
    stop = threading.Event()
    numbers = itertools.count()

    def writer(own: list[int]):
        made: list[int] = []
        try:
            while not stop.is_set():
                number = next(numbers)
                with transaction.atomic():
                    for pk in own[number % 3 :: 3]:
                        User.objects.filter(pk=pk).update(full_name=f"Name {number}")
                    made.append(a_user().pk)
                if len(made) > 3:
                    User.objects.get(pk=made.pop(0)).delete()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=writer, args=(steady[n::3],)) for n in range(3)]
    copy: dict[int, str] = {}
    position = None
    for thread in threads:
        thread.start()
    try:
        for _ in range(6):
            query = {"updated_since": position} if position else {}
            rows, position = whole(boss, LEARNERS, page_size=7, **query)
            assert len(set(ids(rows))) == len(rows)
            if not copy:
                assert set(steady) <= set(ids(rows))
            take(copy, rows)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    take(copy, whole(boss, LEARNERS, updated_since=position)[0])
    assert copy == dict(User.objects.values_list("pk", "full_name"))


def take(copy: dict[int, str], rows: list[dict]) -> None:
    for row in rows:
        if row.get("deleted"):
            copy.pop(row["id"], None)
        else:
            copy[row["id"]] = row["full_name"]


@pytest.mark.django_db(transaction=True)
def test_a_row_deleted_while_its_page_is_read_comes_once_and_is_removed_in_the_next_round(
    boss, monkeypatch
):
    lena = a_user()
    read_removed = Following._first_ids

    def delete_first(self, rows, size):
        User.objects.filter(pk=lena.pk).delete()
        return read_removed(self, rows, size)

    monkeypatch.setattr(Following, "_first_ids", delete_first)
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    rows, position = whole(boss, LEARNERS, updated_since=since)
    assert [row["email"] for row in rows if row["id"] == lena.pk] == [lena.email]
    rows, _ = whole(boss, LEARNERS, updated_since=position)
    assert rows == [{"id": lena.pk, "deleted": True}]


@pytest.mark.django_db(transaction=True)
def test_an_unenrolled_learner_and_a_new_cycle_are_changes(boss):
    learner, course = a_user(), a_course()
    row = enrolled(learner, course)
    _, position = whole(boss, ENROLLMENTS)
    enrolling.unenroll(Enrollment.objects.get(pk=row.pk), now=timezone.now())
    rows, position = whole(boss, ENROLLMENTS, updated_since=position)
    assert [(each["id"], each["is_active"]) for each in rows] == [(row.pk, False)]
    again = enrolling.begin_new_cycle(learner.pk, course.pk, now=timezone.now()).enrollment
    rows, _ = whole(boss, ENROLLMENTS, updated_since=position)
    assert [(each["id"], each["is_current"]) for each in rows] == [
        (row.pk, False),
        (again.pk, True),
    ]
