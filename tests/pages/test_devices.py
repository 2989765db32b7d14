"""Where a person is signed in, and what ends when they sign out there."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from progress.live.access import may_follow
from progress.models import LearningSession, SignIn
from progress.operations import retention
from progress.security import sign_ins, tokens
from tests.factories import a_course_of, a_learner, a_session, enrolled

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "an old password of 2026", "a new password of 2026"
CHANGE = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
OFFICE = "Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.fixture
def lena():
    lena = a_learner(username="lena", full_name="Lena Fischer")
    lena.set_password(PASSWORD)
    lena.save()
    return lena


def signed_in(user_agent, name="lena"):
    browser = Client(headers={"user-agent": user_agent})
    answer = browser.post("/login/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


@pytest.fixture
def office(lena):
    return signed_in(OFFICE)


@pytest.fixture
def phone(lena):
    return signed_in(PHONE)


def is_signed_in(browser):
    return browser.get("/").status_code == 200


def shown(browser):
    return browser.get("/account/").content.decode()


def id_of(browser):
    return SignIn.objects.get(session_key=browser.session.session_key).pk


def sign_out(browser, sign_in_id):
    return browser.post(f"/account/devices/{sign_in_id}/sign-out/")


def test_each_browser_is_named_and_this_one_marked(office, phone):
    page = shown(office)
    assert page.index("Firefox on Windows") < page.index("Safari on iPhone")
    assert page.count("(this device)") == 1
    assert page.count("Sign out there") == 1
    assert shown(phone).index("Safari on iPhone") < shown(phone).index("Firefox on Windows")
    assert "Sign out everywhere else" in page


def test_one_browser_alone_offers_nothing_to_sign_out(office):
    page = shown(office)
    assert "Sign out there" not in page
    assert "Sign out everywhere else" not in page


def test_one_is_signed_out_at_once_and_the_others_stay(lena, office, phone):
    third = signed_in("curl/8.5.0")
    assert "A browser that doesn&#x27;t say what it is" in shown(office)
    assert sign_out(office, id_of(phone)).url == "/account/"
    assert not is_signed_in(phone)
    assert is_signed_in(office) and is_signed_in(third)
    assert "iPhone" not in shown(office)


def test_another_persons_browser_is_out_of_reach(office, phone):
    other = a_learner(username="omar")
    other.set_password(PASSWORD)
    other.save()
    theirs = signed_in(PHONE, "omar")
    assert sign_out(office, id_of(theirs)).status_code == 404
    assert is_signed_in(theirs)
    assert shown(office).count("iPhone") == 1
    assert sign_out(office, id_of(office)).status_code == 404  # that is what "Sign out" is for
    assert office.get(f"/account/devices/{id_of(phone)}/sign-out/").status_code == 405
    assert Client().post(f"/account/devices/{id_of(phone)}/sign-out/").status_code == 302
    assert is_signed_in(phone)


def test_streams_and_learning_sessions_of_before_end(lena, office, phone):
    course = a_course_of({"content_type": "video", "duration_seconds": 60})
    enrolled(lena, course)
    session = a_session(course, lena, now=timezone.now() - timedelta(minutes=1))
    token = tokens.issue_stream_token(tokens.StreamClaims(lena.pk, lena.pk, course.pk))
    claims = tokens.read_stream_token(token)
    assert may_follow([claims]) == {claims: True}
    sign_out(office, id_of(phone))
    assert may_follow([claims]) == {claims: False}
    fresh = tokens.read_stream_token(
        tokens.issue_stream_token(tokens.StreamClaims(lena.pk, lena.pk, course.pk))
    )
    assert may_follow([fresh]) == {fresh: True}  # the browser that stays asks for another
    assert LearningSession.objects.get(pk=session.session_id).end_reason == "ended"


def test_a_changed_password_and_everywhere_else_leave_one(office, phone):
    assert office.post("/account/sign-out/").url == "/account/"
    assert not is_signed_in(phone)
    assert shown(office).count("Signed in on") == 1
    again = signed_in(PHONE)
    assert again.post("/account/password/", CHANGE).url == "/account/"
    assert not is_signed_in(office)
    assert shown(again).count("Signed in on") == 1


def test_a_session_whose_key_was_changed_by_a_new_password_can_be_signed_out(lena, office):
    phone = signed_in(PHONE)
    phone.post("/account/password/", CHANGE)
    office = Client(headers={"user-agent": OFFICE})
    office.post("/login/", {"username": "lena", "password": NEW})
    assert "Safari on iPhone" in shown(office)
    sign_out(office, id_of(phone))
    assert not is_signed_in(phone)


def test_what_is_not_valid_any_more_is_not_listed(lena, office, phone):
    phone.post("/logout/")
    assert "iPhone" not in shown(office)
    other = signed_in(PHONE)
    Session.objects.filter(session_key=other.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    assert "iPhone" not in shown(office)
    lena.set_password("set by an administrator")
    lena.save()
    office.force_login(lena)
    assert shown(office).count("Signed in on") == 1


def test_a_sign_in_of_before_the_list_appears_with_its_next_page(client, lena):
    client.force_login(lena)
    SignIn.objects.all().delete()
    sign_ins._noted.clear()
    assert "this device" in shown(client)


def test_the_same_browser_is_noted_once_in_five_minutes(office):
    office.get("/account/")
    before = SignIn.objects.get().seen_at
    office.get("/account/")
    assert SignIn.objects.get().seen_at == before
    sign_ins._noted.clear()  # as after five minutes
    office.get("/")
    assert SignIn.objects.get().seen_at > before
    assert SignIn.objects.get().signed_in_at <= before


def test_the_night_forgets_sign_ins_that_are_over(office, phone):
    phone.post("/logout/")
    assert SignIn.objects.count() == 2
    retention.prune(timezone.now())
    assert SignIn.objects.get().browser == "Firefox"


def test_more_sign_ins_cost_as_many_statements_as_one(office, django_assert_max_num_queries):
    office.get("/account/")
    with CaptureQueriesContext(connection) as one:
        office.get("/account/")
    statements = len(one)
    for _ in range(5):
        signed_in(PHONE)
    with django_assert_max_num_queries(statements):
        office.get("/account/")
