"""Reminders to learn: asked for, at the learner's own hour, once a day, and easily ended."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from progress.ingest import enrolling
from progress.ingest.deactivating import deactivate
from progress.mail import outgoing, study_reminders
from progress.models import CourseProgress, OutgoingMail, StudyReminder, User
from tests.factories import a_course_of, a_learner, a_session, content, enrolled, report

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}
MONDAY = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)  # 13:00 in Berlin
EVENING = MONDAY.replace(hour=16)  # 17:00 in Berlin


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = "https://learn.example.org"


@pytest.fixture
def lena(learner):
    User.objects.filter(pk=learner.pk).update(email="lena@example.org")
    learner.refresh_from_db()
    return learner


@pytest.fixture
def course(lena):
    """Due in three days, not begun."""
    course = a_course_of(VIDEO, title="Fire safety")
    enrolling.set_due(enrolled(lena, course), MONDAY + timedelta(days=3))
    return course


def ask(client, at=MONDAY, **changes):
    form = {"reminder-is_on": "on", "reminder-hour": "17", "reminder-weekdays": list(range(7))}
    with time_machine.travel(at, tick=False):
        return client.post("/account/", form | changes)


def run(mailoutbox, at):
    """What leaves when the jobs run at this moment."""
    before = len(mailoutbox)
    with time_machine.travel(at, tick=False):
        study_reminders.remind_learners()
        outgoing.send_due(at)
    return mailoutbox[before:]


# --- When ----------------------------------------------------------------------------------------
def test_nobody_is_reminded_who_has_not_asked(course, mailoutbox):
    assert run(mailoutbox, EVENING) == []


def test_a_learner_is_reminded_at_their_own_hour_once_a_day(client, course, mailoutbox):
    assert ask(client).url == "/account/"
    assert run(mailoutbox, EVENING - timedelta(seconds=1)) == []
    (letter,) = run(mailoutbox, EVENING)
    assert letter.to == ["lena@example.org"]
    assert letter.subject == "Time to learn: Fire safety"
    assert "It is due on Dec. 3, 2026." in letter.body
    assert f"https://learn.example.org/courses/{course.pk}/" in letter.body
    assert run(mailoutbox, EVENING + timedelta(hours=1)) == []
    assert len(run(mailoutbox, EVENING + timedelta(days=1))) == 1


def test_a_missed_hour_is_made_up_for_within_hours_or_dropped(client, course, mailoutbox):
    ask(client)
    assert run(mailoutbox, EVENING + timedelta(hours=4)) == []
    ask(client, at=EVENING + timedelta(hours=12))
    late = EVENING + timedelta(days=1, hours=3, minutes=59)
    assert len(run(mailoutbox, late)) == 1


def test_only_on_the_chosen_days(client, course, mailoutbox):
    ask(client, **{"reminder-weekdays": ["1", "2"]})
    days = [len(run(mailoutbox, EVENING + timedelta(days=day))) for day in range(7)]
    assert days == [0, 1, 1, 0, 0, 0, 0]


def test_an_hour_that_has_passed_is_tomorrows(client, course, mailoutbox):
    ask(client, at=EVENING + timedelta(minutes=10))
    assert run(mailoutbox, EVENING + timedelta(minutes=15)) == []
    assert len(run(mailoutbox, EVENING + timedelta(days=1))) == 1


def test_the_day_and_hour_are_those_of_the_time_zone_of_now(client, course, lena, mailoutbox):
    ask(client)
    lena.time_zone = "America/Los_Angeles"
    lena.save()
    assert run(mailoutbox, EVENING) == []
    assert len(run(mailoutbox, EVENING + timedelta(hours=9))) == 1


# --- Who, and about what --------------------------------------------------------------------------
def test_a_finished_learner_is_left_alone(client, course, lena, mailoutbox):
    ask(client)
    session = a_session(course, lena, now=MONDAY)
    watched = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 60]],
        "duration_seconds": 60,
        "video_position": 60,
    }
    report(session, watched, now=MONDAY + timedelta(minutes=2))
    assert CourseProgress.objects.get(user=lena).completed_at is not None
    assert run(mailoutbox, EVENING) == []
    assert OutgoingMail.objects.count() == 0


def test_what_is_neither_begun_nor_due_soon_is_no_reason(client, lena, mailoutbox):
    course = a_course_of(VIDEO)
    enrollment = enrolled(lena, course)
    ask(client)
    assert run(mailoutbox, EVENING) == []
    enrolling.set_due(enrollment, EVENING + timedelta(days=9))
    assert run(mailoutbox, EVENING + timedelta(days=1)) == []
    assert len(run(mailoutbox, EVENING + timedelta(days=2))) == 1


def test_a_deactivated_or_unreachable_learner_gets_nothing(client, course, lena, mailoutbox):
    ask(client)
    User.objects.filter(pk=lena.pk).update(email="")
    assert run(mailoutbox, EVENING) == []
    User.objects.filter(pk=lena.pk).update(email="lena@example.org")
    deactivate([lena.pk], now=MONDAY)
    assert run(mailoutbox, EVENING + timedelta(days=1)) == []


def test_who_leaves_between_the_hour_and_the_mail_gets_nothing(client, course, lena, mailoutbox):
    ask(client)
    with time_machine.travel(EVENING, tick=False):
        study_reminders.remind_learners()
        study_reminders.turn_off(lena.pk)
        outgoing.send_due(EVENING)
    assert mailoutbox == []


def test_a_review_alone_is_a_reason(client, lena, mailoutbox, monkeypatch):
    rows = [{"id": 1, "skill": "doors", "due_at": MONDAY}]
    monkeypatch.setattr(study_reminders.slots, "reviews", lambda user_id: rows)
    ask(client)
    (letter,) = run(mailoutbox, EVENING)
    assert letter.subject == "Time to review what you have learned"
    assert "1 skill is due for review" in letter.body


@pytest.mark.parametrize(
    ("language", "subject", "day"),
    [
        ("de", "Zeit zum Lernen: Fire safety", "3. Dezember 2026"),
        ("es", "Es hora de aprender: Fire safety", "3 de diciembre de 2026"),
        ("ar", "حان وقت التعلّم: Fire safety", "2026"),
    ],
)
def test_it_is_in_the_learners_language(client, course, lena, mailoutbox, language, subject, day):
    User.objects.filter(pk=lena.pk).update(language=language)
    ask(client)
    (letter,) = run(mailoutbox, EVENING)
    assert letter.subject == subject
    assert day in letter.body


def test_two_workers_write_one_letter(client, course, lena, mailoutbox):
    """Also where the second one has read who is due before the first was done."""
    ask(client)
    study_reminders._remind([lena.pk], now=EVENING)
    StudyReminder.objects.update(looked_on=None)
    study_reminders._remind([lena.pk], now=EVENING)
    assert OutgoingMail.objects.filter(kind=study_reminders.KIND).count() == 1
    study_reminders._remind([lena.pk], now=EVENING)
    assert outgoing.send_due(EVENING) == 1


def test_many_who_are_not_due_cost_two_statements():
    people = [a_learner(email="x@example.org", time_zone="Asia/Tokyo") for _ in range(3)]
    for person in people:
        study_reminders.choose(person, hour=3, weekdays=127, now=MONDAY)
    with CaptureQueriesContext(connection) as queries:
        assert not study_reminders._due(EVENING).exists()
    assert len(queries) == 2


# --- Choosing and ending -------------------------------------------------------------------------
def test_what_was_chosen_is_shown_again(client, lena):
    page = client.get("/account/").content.decode()
    assert "Remind me by mail" in page
    ask(client, **{"reminder-hour": "6", "reminder-weekdays": ["0"]})
    page = client.get("/account/").content.decode()
    assert re.search(r'<option value="6" selected>', page)
    assert len(re.findall(r'name="reminder-weekdays" value="\d"[^>]* checked', page)) == 1
    client.post("/account/", {"reminder-hour": "6"})
    assert not StudyReminder.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reminder-hour": "24"}, "hour"),
        ({"reminder-weekdays": ["7"]}, "weekdays"),
        ({"reminder-weekdays": []}, "weekdays"),
    ],
)
def test_what_cannot_be_is_refused_by_name(client, lena, wrong, field):
    answer = ask(client, **wrong)
    assert answer.status_code == 400
    assert f'id="id_reminder-{field}_error"' in answer.content.decode()
    assert not StudyReminder.objects.exists()


def test_the_week_begins_as_it_does_where_the_learner_lives(client, lena):
    def first_day(language):
        User.objects.filter(pk=lena.pk).update(language=language)
        page = client.get("/account/").content.decode()
        return re.search(r'name="reminder-weekdays" value="(\d)"', page)[1]

    assert [first_day(code) for code in ("en", "de", "es", "ar")] == ["6", "0", "0", "5"]


def test_without_mail_nothing_is_offered(client, lena, settings):
    settings.PUBLIC_URL = ""
    assert "Remind me by mail" not in client.get("/account/").content.decode()


def test_a_letter_is_ended_by_one_click_without_a_sign_in(client, course, lena, mailoutbox):
    ask(client)
    (letter,) = run(mailoutbox, EVENING)
    headers = letter.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(r"<https://learn\.example\.org(/\S+)>", headers["List-Unsubscribe"])[1]
    assert f"https://learn.example.org{link}" in letter.body
    stranger = Client(enforce_csrf_checks=True)
    assert "Stop the reminders" in stranger.get(link).content.decode()
    assert StudyReminder.objects.exists()  # whoever only looks ends nothing
    done = stranger.post(link, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert not StudyReminder.objects.exists()
    assert stranger.post(link).status_code == 200
    assert run(mailoutbox, EVENING + timedelta(days=1)) == []


def test_a_forged_link_ends_nothing(client, course):
    ask(client)
    assert Client().post("/reminders/bm9ib2R5:abc/stop/").status_code == 404
    assert StudyReminder.objects.exists()
