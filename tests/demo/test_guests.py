"""The demo page for people without an account: guests, who leave nothing behind that matters."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lms_progress.demo import guests, seeding
from progress.models import Course, Enrollment, User
from tests.factories import a_course, a_learner

pytestmark = pytest.mark.django_db

PAGE = "/realtime_progress_demo.html"


@pytest.fixture
def course():
    return seeding.replace_guest_course()


@pytest.fixture
def guest(client, course):
    assert client.post("/demo/try/").url == PAGE
    return User.objects.get(username__startswith=guests.PREFIX)


def test_anyone_begins_with_one_button(client, course, guest):
    page = client.get(PAGE).content.decode()
    assert 'data-do="start"' in page
    assert "You are here as a guest" in page
    assert Enrollment.objects.get().user == guest
    assert not guest.has_usable_password()


def test_looking_at_the_page_creates_nobody(client, course):
    assert 'action="/demo/try/"' in client.get(PAGE).content.decode()
    assert client.get("/demo/try/").status_code == 405
    assert not User.objects.exists()


def test_each_guest_is_another_learner(client, course, guest):
    other = Client()
    other.post("/demo/try/")
    assert User.objects.count() == 2
    assert other.get(f"/api/employee/realtime_progress/{guest.pk}/{course.pk}").status_code == 404


def test_a_guest_goes_through_a_session_of_the_real_api(client, course, guest):
    answer = client.post(
        "/api/employee/start_session",
        {"user_id": guest.pk, "course_id": course.pk, "module_id": course.modules.first().pk},
        "application/json",
    )
    assert answer.status_code in {200, 201}
    assert client.post("/demo/join/", {"again": "1"}).url == PAGE
    assert Enrollment.objects.filter(user=guest).count() == 2


def test_guests_are_in_a_course_of_their_own(client, course, guest):
    assert Course.objects.get(code=seeding.GUESTS).instructors.count() == 0
    assert not Enrollment.objects.exclude(course=course).exists()


def test_whoever_is_signed_in_stays_who_they_are(client, course):
    learner = a_learner(a_course())
    client.force_login(learner)
    assert client.post("/demo/try/").url == PAGE
    assert list(User.objects.all()) == [learner]


def test_after_two_hours_the_account_is_closed(client, course, guest):
    learner = a_learner()
    now = timezone.now()
    assert guests.expire(now + timedelta(hours=1)) == 0
    assert guests.expire(now + timedelta(hours=2, seconds=5)) == 1
    guest.refresh_from_db()
    learner.refresh_from_db()
    assert (guest.is_active, learner.is_active) == (False, True)
    assert not Enrollment.objects.active().exists()
    assert 'action="/demo/try/"' in client.get(PAGE).content.decode()
    assert guests.expire(now + timedelta(hours=3)) == 0


def test_one_network_creates_a_bounded_number(client, course, monkeypatch):
    monkeypatch.setattr(guests.GuestThrottle, "rate", "3/hour")
    answers = [Client().post("/demo/try/").status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]
    assert User.objects.count() == 3


def test_without_the_course_the_page_says_how_to_set_it_up(client):
    assert "python manage.py seed_demo" in client.get(PAGE).content.decode()
    assert client.post("/demo/try/").status_code == 404
