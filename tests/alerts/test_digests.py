"""Digests to instructors: as often as they chose, of own courses, when there is something."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.alerts import actions, alert_mail, digests
from analytics.models import Alert, Digest, DigestChoice
from analytics.tasks import write_digests
from progress.jobs import Run
from tests.factories import a_course_of
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.alerts import DAY, an_alert, watch
from tests.support.learners import an_instructor_of

pytestmark = pytest.mark.django_db


def a_reader(*courses, rhythm="", **changes):
    person = an_instructor_of(*courses)
    for name, value in ({"email": "ines@example.org"} | changes).items():
        setattr(person, name, value)
    person.save()
    if rhythm:
        DigestChoice.objects.create(user=person, rhythm=rhythm)
    return person


def coming(weekday: int) -> datetime:
    """Six in the morning of the next such day (Monday is 0)."""
    tomorrow = timezone.now().astimezone(UTC).replace(hour=6, minute=0) + DAY
    return tomorrow + ((weekday - tomorrow.weekday()) % 7) * DAY


def write(now: datetime) -> int:
    run = Run("digests", now)
    digests.write(run)
    return run.rows


@pytest.mark.parametrize(
    ("rhythm", "weekday", "count"),
    [
        ("daily", 1, 1),
        ("daily", 0, 1),
        ("weekly", 0, 1),
        ("weekly", 1, 0),
        ("", 0, 1),  # weekly by default
        ("", 1, 0),
        ("off", 0, 0),
    ],
)
def test_digests_come_as_often_as_chosen(rhythm, weekday, count, course):
    a_reader(course, rhythm=rhythm)
    an_alert(course)
    now = coming(weekday)
    Alert.objects.update(opened_at=now - DAY / 2)
    assert write(now) == count
    assert write(now) == 0
    assert Digest.objects.count() == count


def test_a_digest_counts_own_courses_and_names_nobody(course, mailoutbox):
    other = a_course_of(VIDEO, title="Not yours")
    reader = a_reader(course, rhythm="daily")
    now = coming(1)
    for where in (course, course, other):
        an_alert(where, full_name="Lena Fischer")
    old = Alert.objects.filter(course=course).earliest("pk")
    Alert.objects.update(opened_at=now - DAY / 2)
    Alert.objects.filter(pk=old.pk).update(opened_at=now - 3 * DAY)
    assert write(now) == 1
    run = Run("send", now)
    alert_mail.send(run)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([reader.email], "1 new alert about your learners")
    assert "Never started: 2 (1 new)" in mail.body and "Fire safety" in mail.body
    assert "Lena" not in mail.body and "Not yours" not in mail.body
    alert_mail.send(run)
    assert len(mailoutbox) == 1


def test_a_retired_course_is_no_news(course):
    a_reader(course, rhythm="daily")
    an_alert(course)
    Alert.objects.update(opened_at=coming(1) - DAY / 2)
    type(course).objects.filter(pk=course.pk).update(retired_at=timezone.now())
    assert write(coming(1)) == 0


def test_without_news_there_is_no_digest(course):
    a_reader(course, rhythm="daily")
    assert write(coming(1)) == 0
    alert = an_alert(course)
    now = coming(1)
    Alert.objects.update(opened_at=now - DAY / 2)
    assert write(now) == 1
    # Nothing new since; what wakes from a snooze is.
    assert write(now + DAY) == 0
    actions.snooze(Alert.objects.all(), now + 1.5 * DAY, by=alert.user, now=now)
    watch(now + 1.6 * DAY)
    assert write(now + 2 * DAY) == 1


@pytest.mark.parametrize("changes", [{"email": ""}, {"is_active": False}, {"is_staff": False}])
def test_no_digest_without_permission_or_address(changes, course):
    a_reader(course, rhythm="daily", **changes)
    blind = a_staff_member("view_course", teaches=[course])
    type(blind).objects.filter(pk=blind.pk).update(email="blind@example.org")
    an_alert(course)
    Alert.objects.update(opened_at=coming(0) - DAY / 2)
    assert write(coming(0)) == 0


def test_it_is_chosen_on_the_board(course, sign_in):
    reader = a_reader(course)
    window = sign_in(reader)
    address = "/admin/insight/alerts/digest/"
    assert "Saved." in text_of(window.post(address, {"rhythm": "off"}, follow=True))
    assert DigestChoice.objects.get().rhythm == "off"
    page = window.post(address, {"rhythm": "hourly"}, follow=True)
    assert "hourly is not one of the available choices" in text_of(page)
    assert window.get(address).status_code == 405


def test_fifty_readers_cost_as_many_statements_as_one(course):
    now = coming(1)
    an_alert(course)
    Alert.objects.update(opened_at=now - DAY / 2)

    def statements(moment) -> int:
        with CaptureQueriesContext(connection) as captured:
            write(moment)
        return len(captured)

    a_reader(course, rhythm="daily")
    one = statements(now)
    for _ in range(20):
        a_reader(course, rhythm="daily")
    Digest.objects.all().delete()
    assert statements(now + timedelta(hours=1)) == one
    assert Digest.objects.count() == 21


def test_the_task_writes(course):
    write_digests()
    assert not Digest.objects.exists()
