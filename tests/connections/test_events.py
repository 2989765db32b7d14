"""What happens to learners becomes an event in the transaction that makes it true."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from analytics.alerts import actions
from analytics.models import Alert
from certificates.lifecycle import issuing, revocations
from certificates.models import Certificate, Validity
from connections.events import due_dates, publishing
from connections.models import Event
from progress.ingest import closing, enrolling
from progress.models import Enrollment, LearningSession
from tests.factories import NOON, a_course_of, a_learner, a_session, a_user, content, report
from tests.support.alerts import an_alert
from tests.support.certificates import LATER, completed
from tests.support.races import watched

pytestmark = pytest.mark.django_db
VIDEO = {"content_type": "video", "duration_seconds": 10}


def published(*types: str) -> list[Event]:
    """Publishes what is new; the events of these types, in order."""
    publishing.publish_all(timezone.now())
    events = Event.objects.published()
    return list(events.filter(type__in=types) if types else events)


def names() -> list[str]:
    return [event.type for event in published()]


def test_a_course_that_is_completed_names_its_causes_first():
    enrollment = completed()
    assert names() == [
        "learner.created",
        "enrollment.created",
        "content.completed",
        "module.completed",
        "course.completed",
    ]
    [course] = published("course.completed")
    assert course.data["enrollment_id"] == enrollment.pk
    assert course.data["learner"]["username"] == enrollment.user.username
    assert course.data["course"]["title"] == "Fire safety"
    assert course.data["time_spent_seconds"] == 10
    [first] = published("content.completed")
    assert first.data["content"]["code"] == "c1"
    assert first.data["completed_at"].startswith("2026-05-04T12:28:20")


def test_what_is_rolled_back_has_not_happened():
    course, learner = a_course_of(VIDEO), a_user()
    Event.objects.all().delete()
    with transaction.atomic():
        enrolling.enroll(learner.pk, course.pk, now=NOON)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_completing_twice_is_one_event():
    enrollment = completed()
    session = a_session(enrollment.course, enrollment.user, now=LATER)
    report(session, watched(content(enrollment.course, "c1")), now=LATER + timedelta(seconds=20))
    assert names().count("course.completed") == 1
    assert names().count("content.completed") == 1


@pytest.mark.parametrize("how", ["learner", "sweep"])
def test_a_session_that_ends_is_an_event(how):
    course = a_course_of(VIDEO)
    session = a_session(course)
    if how == "learner":
        from progress.ingest import sessions

        everybody = LearningSession.objects.all()
        after = NOON + timedelta(seconds=60)
        sessions.end(everybody, session.pk, [], sent_ms=None, now=after)
    else:
        closing.expire_silent(NOON + timedelta(hours=2))
    [event] = published("session.ended")
    assert event.data["session_id"] == str(session.pk)
    assert event.data["end_reason"] == ("ended" if how == "learner" else "expired")
    assert event.data["duration_seconds"] == (60 if how == "learner" else 0)


def test_certificates_that_are_issued_and_revoked_are_events():
    certificate = issuing.issue(completed().pk, LATER)
    revocations.revoke(certificate, reason="A mistake", by=None, now=timezone.now())
    issued, revoked = published("certificate.issued", "certificate.revoked")
    assert issued.data["certificate_number"] == revoked.data["certificate_number"]
    assert revoked.data["certificate_number"] == str(certificate)
    assert revoked.data["revoked_reason"] == "A mistake"
    assert revoked.data["status"] == "revoked"


def test_alerts_that_open_and_close_are_events():
    course = a_course_of(VIDEO)
    alert = an_alert(course)
    actions.close(Alert.objects.all(), by=None, now=timezone.now())
    opened, closed = published("alert.opened", "alert.closed")
    assert opened.data["alert_id"] == closed.data["alert_id"] == alert.pk
    assert closed.data["kind"] == "never_started"
    assert closed.data["closing"] == "by_hand"


def test_accounts_of_learners_are_events_and_those_of_staff_are_not():
    learner = a_learner(full_name="Lena")
    a_user(is_staff=True)
    learner.is_active = False
    learner.save()
    learner.save()
    created, deactivated = published()
    assert (created.type, deactivated.type) == ("learner.created", "learner.deactivated")
    assert deactivated.data["learner"]["is_active"] is False
    assert created.user_id == deactivated.user_id == learner.pk


def test_what_is_due_and_overdue_is_said_once_for_each_date():
    now = timezone.now()
    course = a_course_of(VIDEO)
    soon, late, far, done = (a_learner() for _ in range(4))
    for learner, days in ((soon, 3), (late, -1), (far, 90), (done, -1)):
        due = now + timedelta(days=days)
        enrolling.enroll(learner.pk, course.pk, now=now, due_at=due)
    completed(done, course)
    assert due_dates.write(now) == 2
    assert due_dates.write(now + timedelta(minutes=15)) == 0
    due, overdue = published("enrollment.due", "enrollment.overdue")
    assert (due.type, due.user_id) == ("enrollment.due", soon.pk)
    assert (overdue.type, overdue.user_id) == ("enrollment.overdue", late.pk)
    enrolling.set_due(Enrollment.objects.get(user=soon), now + timedelta(days=5))
    assert due_dates.write(now) == 1


def test_a_certificate_about_to_expire_is_said_once(settings):
    course = a_course_of(VIDEO)
    Validity.objects.create(course=course, months=12)
    certificate = issuing.issue(completed(None, course).pk, LATER)
    before = certificate.expires_at - timedelta(days=settings.WEBHOOK_EXPIRING_DAYS + 1)
    assert due_dates.write(before) == 0
    assert due_dates.write(before + timedelta(days=2)) == 1
    assert due_dates.write(before + timedelta(days=3)) == 0
    [event] = published("certificate.expiring")
    assert event.data["certificate_number"] == Certificate.objects.get().number


def test_an_import_of_the_past_makes_no_events():
    from progress.operations import outbox

    learner, course = a_user(), a_course_of(VIDEO)
    Event.objects.all().delete()
    with transaction.atomic():
        outbox.silence_events()
        enrolling.enroll(learner.pk, course.pk, now=NOON)
    assert not Event.objects.exists()
    with connection.cursor() as cursor:
        # It ended with its transaction; in a test that is a savepoint, so it is undone by hand.
        cursor.execute("SELECT set_config('progress.bulk', '', true)")
    a_learner(course)
    assert Event.objects.exists()


# --- Progress ------------------------------------------------------------------------------------
def test_progress_makes_no_event_that_nobody_wants():
    session = a_session(a_course_of(VIDEO | {"duration_seconds": 100}))
    course = session.course
    report(session, watched(content(course, "c1")), now=NOON + timedelta(seconds=20))
    publishing.publish_all(timezone.now() + timedelta(days=1))
    assert "progress.updated" not in names()


def test_progress_is_at_most_one_event_for_each_learner_and_course_in_a_time(
    endpoint_for, receiver, settings
):
    settings.WEBHOOK_PROGRESS_SECONDS = 60
    endpoint_for(receiver, "progress.updated")
    course = a_course_of(VIDEO | {"duration_seconds": 100})
    session = a_session(course)
    for number in range(4):
        played = {"segments": [[number * 10, number * 10 + 10]], "duration_seconds": 10}
        moment = NOON + timedelta(seconds=20 * number + 20)
        report(session, watched(content(course, "c1"), **played), now=moment)
    assert "progress.updated" not in names()
    for _ in range(2):
        publishing.publish_all(timezone.now() + timedelta(seconds=61))
    [event] = published("progress.updated")
    assert event.data["completion_percentage"] == 40
    assert event.data["time_spent_seconds"] == 40
    report(session, watched(content(course, "c1"), segments=[[40, 50]]), now=moment)
    publishing.publish_all(timezone.now() + timedelta(seconds=61))
    assert len(published("progress.updated")) == 2
