"""Pages at which something is refused: each says why and what to do, in the reader's language."""

import re
from html import unescape

import pytest
from django.test import Client

from lms_progress import errors
from progress.models import User
from tests.factories import a_course, a_learner, an_instructor

pytestmark = pytest.mark.django_db

ARABIC = {"HTTP_ACCEPT_LANGUAGE": "ar"}
PASSWORD = "correct horse battery"


@pytest.fixture
def lena():
    return a_learner(a_course(), username="lena", email="Lena@example.org", password=PASSWORD)


def text_of(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def sign_in(client, name, password=PASSWORD, **headers):
    return client.post("/login/", {"username": name, "password": password}, **headers)


# --- Signing in ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "lena",
        "LENA",
        " Lena ",
        "ｌｅｎａ",
        "lena@example.org",
        "LENA@EXAMPLE.ORG",
        "ｌｅｎａ@example.org",
    ],
)
def test_a_name_or_address_is_accepted_in_any_case_and_width(client, lena, name):
    assert sign_in(client, name).status_code == 302
    assert int(client.session["_auth_user_id"]) == lena.pk


@pytest.mark.parametrize(
    ("headers", "words"), [({}, "Please wait 15 minutes"), (ARABIC, "انتظر 15 دقيقة")]
)
def test_a_locked_account_says_how_long_and_what_else_to_do(client, lena, settings, headers, words):
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        answer = sign_in(client, "lena", "wrong", **headers)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert words in text_of(answer)
    assert 'href="/password/"' in answer.content.decode()
    # It says the same of an account that doesn't exist.
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        other = sign_in(client, "nobody", "wrong", **headers)
    assert text_of(other) == text_of(answer)


# --- Forms ---------------------------------------------------------------------------------------
def test_a_stale_form_says_so_and_leads_back(lena):
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    answer = sign_in(client, "lena", HTTP_REFERER="http://testserver/login/?next=/account/")
    assert answer.status_code == 403
    assert "This page was out of date" in text_of(answer)
    assert 'href="http://testserver/login/?next=/account/"' in answer.content.decode()
    arabic = sign_in(client, "lena", **ARABIC)
    assert "كانت هذه الصفحة قديمة" in text_of(arabic)


def test_a_browser_without_cookies_is_asked_for_them(lena):
    answer = sign_in(Client(enforce_csrf_checks=True), "lena")
    assert "Please allow cookies" in text_of(answer)


def test_a_stale_form_never_leads_to_another_site(lena):
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    answer = sign_in(client, "lena", HTTP_REFERER="https://evil.example/login/")
    assert "evil.example" not in answer.content.decode()


# --- Areas ---------------------------------------------------------------------------------------
def test_a_learner_at_the_admin_learns_who_it_is_for(client, lena):
    client.force_login(lena)
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "For instructors and administrators" in text_of(answer)
    assert 'name="password"' not in answer.content.decode()


def test_instructors_and_strangers_get_the_admin_and_its_form(client):
    assert 'name="password"' in client.get("/admin/", follow=True).content.decode()
    client.force_login(an_instructor(a_course()))
    assert client.get("/admin/").status_code == 200


# --- The server's own faults ---------------------------------------------------------------------
def test_a_server_error_is_a_page_in_the_readers_language(client, monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setattr(User, "get_full_name", break_down)
    client.force_login(a_learner())
    for headers, words in (({}, "Something went wrong"), (ARABIC, "حدث خطأ ما")):
        answer = client.get("/", **headers)
        assert answer.status_code == 500
        assert words in text_of(answer)


def test_even_a_broken_error_page_has_an_answer(rf, monkeypatch):
    def break_down(request):
        raise ValueError("No such file in the manifest")

    monkeypatch.setattr(errors.defaults, "server_error", break_down)
    answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
