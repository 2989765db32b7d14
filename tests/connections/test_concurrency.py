"""Transactions that commit late: nothing is skipped, and no position appears behind another."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from connections.events import publishing
from connections.models import ChangedProgress, Event
from progress.ingest import enrolling
from tests.factories import NOON, a_course_of, a_session, a_user, content, report
from tests.support.races import watched

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 30
VIDEO = {"content_type": "video", "duration_seconds": 100}


class Held:
    """Work in a transaction of another connection, which commits when it is released."""

    def __init__(self, work):
        self._work = work
        self._is_written, self._may_commit = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        assert self._is_written.wait(SECONDS)
        return self

    def __exit__(self, *error):
        self.release()

    def release(self):
        self._may_commit.set()
        self._thread.join(SECONDS)

    def _run(self):
        try:
            with transaction.atomic():
                self._work()
                self._is_written.set()
                assert self._may_commit.wait(SECONDS)
        finally:
            connection.close()


def enrolled_in(course):
    user = a_user()
    return user, lambda: enrolling.enroll(user.pk, course.pk, now=NOON)


def polled(after: int) -> list[Event]:
    kind = Event.objects.published().filter(type="enrollment.created", position__gt=after)
    return list(kind)


def test_who_polls_misses_nothing_that_was_written_before_and_committed_after():
    course = a_course_of(VIDEO)
    late, enroll_late = enrolled_in(course)
    early, enroll_early = enrolled_in(course)
    with Held(enroll_late) as held:
        enroll_early()
        publishing.publish_all(timezone.now())
        [first] = polled(0)
        assert first.user_id == early.pk
        held.release()
    publishing.publish_all(timezone.now())
    [second] = polled(first.position)
    assert second.user_id == late.pk
    assert second.pk < first.pk  # it was written first


def test_progress_that_is_not_committed_yet_is_not_left_out(endpoint_for, receiver, settings):
    settings.WEBHOOK_PROGRESS_SECONDS = 1
    endpoint_for(receiver, "progress.updated")
    course = a_course_of(VIDEO)
    session = a_session(course)

    def play(start: int, seconds: int):
        played = watched(content(course, "c1"), segments=[[start, start + 10]], duration_seconds=10)
        report(session, played, now=NOON.replace(minute=1, second=seconds))

    play(0, 20)
    assert ChangedProgress.objects.count() == 1
    later = timezone.now() + timedelta(seconds=5)
    with Held(lambda: play(10, 40)) as held:
        # It holds the mark that is there already: taking it away now would lose the change.
        publishing.publish_all(later)
        assert not Event.objects.filter(type="progress.updated").exists()
        held.release()
    publishing.publish_all(later)
    [event] = Event.objects.filter(type="progress.updated")
    assert event.data["completion_percentage"] == 20
