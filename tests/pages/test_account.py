"""People's own accounts: a forgotten password, a new one, and who is signed in where."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django.utils import timezone

from progress.mail import outgoing, password_links
from progress.models import OutgoingMail, User
from progress.security.throttling import PasswordResetThrottle
from tests.factories import a_course, a_learner, a_user, an_instructor

pytestmark = pytest.mark.django_db

OLD, NEW = "an old password of 2026", "a new password of 2026"


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_URL = "https://learn.example.org"


@pytest.fixture
def lena():
    lena = a_learner(username="lena", email="Lena@example.org", full_name="Lena Fischer")
    lena.set_password(OLD)
    lena.save()
    return lena


def forget(client, name):
    return client.post("/password/", {"name": name})


def mails():
    """What leaves now."""
    mail.outbox.clear()
    outgoing.send_due(timezone.now())
    return list(mail.outbox)


def link_in(letter):
    return re.search(r"https://learn\.example\.org(/password/\S+)", letter.body)[1]


def sign_in(client, password, name="lena"):
    return client.post("/login/", {"username": name, "password": password})


def set_password(client, link, password):
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else link
    answer = {"new_password1": password, "new_password2": password}
    return page, client.post(address, answer)


# --- A forgotten password ------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["lena", "LENA", "lena@EXAMPLE.org"])
def test_a_forgotten_password_is_replaced_by_mail(client, lena, name):
    answer = forget(client, name)
    assert (answer.status_code, answer.url) == (302, "/password/sent/")
    (letter,) = mails()
    assert letter.to == ["Lena@example.org"]
    assert "Lena Fischer" in letter.body
    _, answer = set_password(client, link_in(letter), NEW)
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get("/").status_code == 200  # signed in
    assert sign_in(Client(), OLD).status_code == 200  # the form again
    assert sign_in(Client(), NEW).status_code == 302


def test_a_link_works_once(client, lena):
    forget(client, "lena")
    (letter,) = mails()
    set_password(client, link_in(letter), NEW)
    page = Client().get(link_in(letter), follow=True)
    assert "has already been used" in page.content.decode()
    assert 'href="/password/"' in page.content.decode()


def test_nobody_learns_who_has_an_account(client, lena):
    a_user(username="gone", email="gone@example.org", is_active=False)
    a_user(username="silent", email="")
    pages = []
    for name in ("lena", "nobody", "gone", "silent", "nobody@example.org", "\x00", "a' OR 1=1"):
        answer = forget(client, name)
        pages.append((answer.status_code, answer.headers.get("Location")))
    assert set(pages[:5]) == {(302, "/password/sent/")}
    assert all(status < 500 for status, _ in pages)
    assert [letter.to for letter in mails()] == [["Lena@example.org"]]


def test_everyone_who_shares_an_address_gets_a_mail_in_their_own_name(client, lena):
    a_user(username="lukas", email="lena@example.org", full_name="Lukas Fischer")
    forget(client, "lena@example.org")
    letters = mails()
    assert len(letters) == 2
    assert len({link_in(letter) for letter in letters}) == 2
    assert any("lukas" in letter.body for letter in letters)


def test_asking_again_and_again_sends_no_second_mail(client, lena):
    for _ in range(5):
        forget(client, "lena")
    assert OutgoingMail.objects.filter(kind=password_links.KIND).count() <= 2  # a window may end


def test_asking_for_too_many_says_when_to_come_back(client, lena, monkeypatch):
    monkeypatch.setattr(PasswordResetThrottle, "rate", "3/hour")
    answers = [forget(client, f"person-{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "try again" in answers[-1].content.decode()


def test_a_mail_is_not_sent_to_who_was_deactivated_meanwhile(client, lena):
    forget(client, "lena")
    User.objects.filter(pk=lena.pk).update(is_active=False)
    assert mails() == []


def test_the_mail_speaks_the_language_of_the_page(client, lena):
    client.post("/language/", {"language": "ar", "next": "/"})
    forget(client, "lena")
    (letter,) = mails()
    assert letter.subject == "عيّن كلمة مرور جديدة"
    assert "someone asked" not in letter.body


def test_without_an_address_of_its_own_the_site_says_that_it_sends_no_mail(client, lena, settings):
    settings.PUBLIC_URL = ""
    page = client.get("/password/")
    assert "can’t send mail" in page.content.decode()
    assert forget(client, "lena").status_code == 200
    assert OutgoingMail.objects.count() == 0


def test_a_new_password_ends_a_lockout(client, lena):
    for _ in range(12):
        sign_in(client, "wrong")
    assert sign_in(client, OLD).status_code != 302
    forget(client, "lena")
    (letter,) = mails()
    set_password(client, link_in(letter), NEW)
    assert not AccessAttempt.objects.exists()
    assert sign_in(Client(), NEW).status_code == 302


def test_a_new_password_must_be_a_good_one(client, lena):
    forget(client, "lena")
    (letter,) = mails()
    _, answer = set_password(client, link_in(letter), "12345")
    assert answer.status_code == 200
    assert "too short" in answer.content.decode()
    assert sign_in(Client(), OLD).status_code == 302


# --- The account ---------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(lena):
    browser = Client()
    sign_in(browser, OLD)
    return browser


@pytest.fixture
def here(lena):
    browser = Client()
    sign_in(browser, OLD)
    return browser


def is_signed_in(browser):
    return browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/account/", "/account/password/"])
def test_account_pages_require_a_sign_in(client, path):
    assert client.get(path).url == f"/login/?next={path}"


def test_a_changed_password_signs_out_every_other_browser(here, elsewhere):
    change = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert here.post("/account/password/", change).url == "/account/"
    assert "Your password is changed" in here.get("/account/").content.decode()
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_password_is_changed_only_by_who_knows_the_old_one(here):
    change = {"old_password": "a guess", "new_password1": NEW, "new_password2": NEW}
    assert here.post("/account/password/", change).status_code == 200
    assert sign_in(Client(), OLD).status_code == 302


def test_other_browsers_are_signed_out_at_a_word(here, elsewhere):
    assert here.get("/account/sign-out/").status_code == 405
    assert here.post("/account/sign-out/").url == "/account/"
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere, OLD).status_code == 302
    assert is_signed_in(elsewhere)
    assert is_signed_in(here)


def test_the_time_zone_is_the_learners_own_choice(here, lena):
    assert here.post("/account/", {"time_zone": "Pacific/Auckland"}).url == "/account/"
    lena.refresh_from_db()
    assert lena.time_zone == "Pacific/Auckland"
    assert [zone for zone, _ in lena.earlier_zones] == ["UTC"]  # earned days stay
    answer = here.post("/account/", {"time_zone": "Mars/Olympus"})
    assert answer.status_code == 400
    assert "id_time_zone_error" in answer.content.decode()
    lena.refresh_from_db()
    assert lena.time_zone == "Pacific/Auckland"


def test_nothing_else_is_changed_by_the_form(here, lena):
    more = {"full_name": "Boss", "email": "boss@example.org", "is_staff": "on", "username": "boss"}
    here.post("/account/", {"time_zone": "UTC"} | more)
    lena.refresh_from_db()
    assert (lena.full_name, lena.email, lena.is_staff, lena.username) == (
        "Lena Fischer",
        "Lena@example.org",
        False,
        "lena",
    )


# --- Where signing in leads ----------------------------------------------------------------------
def test_an_instructor_lands_in_the_admin_and_a_learner_on_my_learning(client, lena):
    assert sign_in(client, OLD).url == "/"
    boss = an_instructor(a_course(), username="boss")
    boss.set_password(OLD)
    boss.save()
    assert sign_in(Client(), OLD, "boss").url == "/admin/"


def test_an_old_session_goes_on_after_the_upgrade(client, lena):
    """Nobody's hash changes until they ask to be signed out elsewhere."""
    assert lena.session_generation == 0
    assert lena.get_session_auth_hash() == super(User, lena).get_session_auth_hash()


def test_a_link_ends_after_its_time(client, lena, settings):
    forget(client, "lena")
    (letter,) = mails()
    settings.PASSWORD_RESET_TIMEOUT = int(timedelta(seconds=-1).total_seconds())
    page = client.get(link_in(letter), follow=True)
    assert "has expired" in page.content.decode()
