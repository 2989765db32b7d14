"""Each person's own language: on every page, in every mail, before and after signing in."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from certificates.lifecycle import reminders
from certificates.models import Certificate, Reminder
from progress.importing import inviting
from progress.mail import outgoing
from progress.models import RowChange, User
from tests.factories import a_course_of, a_learner, a_user, an_integrator, enrolled

pytestmark = pytest.mark.django_db

ARABIC, GERMAN, SPANISH = "اللغة", "Sprache", "Idioma"
PASSWORD = "an old password of 2026"


def chosen(client, language):
    return client.post("/account/", {"time_zone": "UTC", "language": language})


def page(client, path="/account/", **headers):
    return client.get(path, **headers).content.decode()


# --- Pages ---------------------------------------------------------------------------------------
def test_a_choice_wins_over_the_cookie_and_the_browser(client, learner):
    client.cookies["django_language"] = "es"
    german = {"HTTP_ACCEPT_LANGUAGE": "de"}
    assert '<html lang="es"' in page(client, **german)
    assert chosen(client, "ar").url == "/account/"
    client.cookies["django_language"] = "es"  # as another program left it
    assert '<html lang="ar" dir="rtl">' in page(client, **german)
    assert chosen(client, "").url == "/account/"
    assert "django_language" not in client.cookies or not client.cookies["django_language"].value
    assert '<html lang="de"' in page(client, **german)


def test_a_choice_holds_on_every_device_and_where_a_page_is_missing(client, learner):
    chosen(client, "de")
    other = Client()
    other.force_login(learner)
    assert '<html lang="de"' in page(other, "/")
    assert '<html lang="de"' in page(other, "/no/such/page/")
    learner.language = "es"
    learner.save()
    assert '<html lang="es"' in page(client, "/")


def test_the_foot_of_a_page_is_the_same_choice(client, learner):
    client.post("/language/", {"language": "ar", "next": "/"})
    learner.refresh_from_db()
    assert learner.language == "ar"
    client.post("/language/", {"language": "tlh", "next": "/"})
    learner.refresh_from_db()
    assert learner.language == "ar"


def test_a_visitor_has_a_cookie_and_nobody_elses_choice(client, db):
    person = a_user(language="ar")
    client.post("/language/", {"language": "de", "next": "/"})
    assert '<html lang="de"' in page(client, "/login/")
    person.refresh_from_db()
    assert person.language == "ar"


def test_the_page_to_sign_in_stays_in_the_language_of_who_signed_in_there(client):
    person = a_learner(username="lena", language="es")
    person.set_password(PASSWORD)
    person.save()
    client.post("/login/", {"username": "lena", "password": PASSWORD})
    client.post("/logout/")
    assert '<html lang="es"' in page(client, "/login/")


def test_an_unknown_language_is_refused_by_name(client, learner):
    answer = chosen(client, "tlh")
    assert answer.status_code == 400
    assert 'id="id_language_error"' in answer.content.decode()
    learner.refresh_from_db()
    assert learner.language == ""


def test_a_language_that_the_site_no_longer_has_is_as_none(client, learner):
    User.objects.filter(pk=learner.pk).update(language="fr")
    assert '<html lang="en"' in page(client, "/")


def test_messages_of_the_api_are_in_the_language_of_who_is_signed_in(client, learner):
    learner.language = "de"
    learner.save()
    answer = client.get("/api/learners/?shoe_size=1")
    assert answer.status_code == 400
    assert answer["Content-Language"] == "de"


def test_a_choice_costs_a_page_no_statement(client, learner, django_assert_num_queries):
    client.get("/account/")  # after which the sign-in is noted
    with CaptureQueriesContext(connection) as before:
        client.get("/account/")
    User.objects.filter(pk=learner.pk).update(language="de")
    with django_assert_num_queries(len(before)):
        client.get("/account/")


def test_what_says_nothing_asks_for_nobody(client, learner, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/service-worker.js")


# --- Mails and the calendar ----------------------------------------------------------------------
def test_a_reset_is_in_the_persons_language_whoever_asked(mailoutbox, settings, client):
    settings.PUBLIC_URL = "https://learn.example.org"
    a_learner(username="lena", email="lena@example.org", language="es")
    client.post("/language/", {"language": "de", "next": "/"})
    client.post("/password/", {"name": "lena"})
    outgoing.send_due(timezone.now())
    assert "contraseña" in mailoutbox[0].subject


def test_an_invitation_is_in_the_persons_language(settings):
    settings.PUBLIC_URL = "https://learn.example.org"
    person = a_user(email="lena@example.org", language="de")
    assert inviting.invitation(person).subject == "Ihr Lernkonto"
    person.language = ""
    assert inviting.invitation(person).subject == "Your learning account"


def test_a_certificates_reminder_is_in_the_learners_language(learner):
    learner.language = "de"
    learner.save()
    certificate = Certificate(
        user=learner,
        learner_name="Lena",
        course_title="Fire safety",
        number="ABC",
        expires_at=timezone.now(),
    )
    assert "gültig" in reminders.message(Reminder(certificate=certificate)).subject


def test_a_calendar_is_in_the_persons_language_also_at_an_older_address(client, learner):
    client.post("/account/calendar/")
    shown = page(client).split('id="calendar-url" readonly dir="ltr" value="http://testserver')[1]
    address = shown.split('"')[0]
    assert b"X-WR-CALNAME:Learning progress" in Client().get(address).content
    chosen(client, "de")
    assert "X-WR-CALNAME:Lernfortschritt" in Client().get(address).content.decode()


# --- Other systems -------------------------------------------------------------------------------
def test_the_api_reads_and_writes_it():
    api = APIClient()
    api.force_authenticate(an_integrator("add_user", "view_user", "change_user"))
    made = api.post("/api/learners/", {"username": "omar", "language": "ar"})
    assert (made.status_code, made.json()["language"]) == (201, "ar")
    url = f"/api/learners/{made.json()['id']}/"
    note = RowChange.objects.filter(table_name="progress_user", row_id=made.json()["id"])
    before = note.get().changed_at
    assert api.patch(url, {"language": "de"}).json()["language"] == "de"
    assert [row["id"] for row in api.get("/api/learners/", {"language": "de"}).json()["results"]]
    assert note.get().changed_at > before  # whoever follows the list learns of it
    wrong = api.patch(url, {"language": "tlh"})
    assert wrong.status_code == 400
    assert {each["attr"] for each in wrong.json()["errors"]} == {"language"}
    assert api.patch(url, {"language": ""}).json()["language"] == ""


# --- Captions ------------------------------------------------------------------------------------
FILM = {"content_type": "video", "url": "/static/demo/fire-doors.mp4", "duration_seconds": 60}


def test_captions_changed_in_the_player_are_kept(client, learner):
    course = a_course_of(FILM)
    enrolled(learner, course)
    content = course.modules.get().contents.get()
    path = f"/courses/{course.pk}/contents/{content.pk}/"
    assert 'data-track-language="en"' in page(client, path)
    sent = {"captions_on": "on", "captions_language": "de"}
    assert client.post("/account/captions/", sent).status_code == 204
    shown = page(client, path)
    assert ' data-captions data-track-language="de"' in shown
    assert client.post("/account/captions/", {"captions_on": ""}).status_code == 204
    learner.refresh_from_db()
    assert (learner.captions_on, learner.captions_language) == (False, "de")
    assert client.get("/account/captions/").status_code == 405
    wrong = client.post("/account/captions/", {"captions_language": "<b>"})
    assert (wrong.status_code, b"captions_language" in wrong.content) == (400, True)


def test_a_transcript_is_in_the_language_of_the_captions(client, learner):
    course = a_course_of(FILM)
    enrolled(learner, course)
    content = course.modules.get().contents.get()
    path = f"/courses/{course.pk}/contents/{content.pk}/"
    english = page(client, path)
    client.post("/account/captions/", {"captions_language": "de"})
    assert page(client, path).split('id="transcript"')[1] != english.split('id="transcript"')[1]
    client.post("/account/captions/", {"captions_language": "ja"})  # the film has none in it
    assert 'data-track-language="en"' in page(client, path)


def test_the_weekly_goal_is_on_the_account_too(client, learner):
    client.post("/account/", {"time_zone": "UTC", "weekly_goal_minutes": "90"})
    learner.refresh_from_db()
    assert learner.weekly_goal_minutes == 90
    wrong = client.post("/account/", {"time_zone": "UTC", "weekly_goal_minutes": "0"})
    assert wrong.status_code == 400
    assert "from 1 to 10080" in wrong.content.decode()
