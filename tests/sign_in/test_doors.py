"""The pages around signing in by a provider: buttons, passwords, signing out, addresses."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import get_resolver

from lms_progress.sign_in.providers import from_environment
from progress.mail import password_links
from progress.models import User
from tests.factories import a_course, a_learner, a_user
from tests.permissions.routes import routes
from tests.support import oidc

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def lena():
    return a_learner(a_course(), username="lena", email="lena@example.org", password=PASSWORD)


@pytest.fixture
def only(school, settings):
    settings.SIGN_IN_ONLY_BY_PROVIDER = True


def sign_in(window, name, address="/login/"):
    return window.post(address, {"username": name, "password": PASSWORD})


def text(answer):
    return answer.content.decode()


# --- Nothing configured --------------------------------------------------------------------------
def test_without_a_provider_the_page_is_as_it_was(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = text(client.get("/login/"))
    assert 'name="password"' in page
    assert "sign-in/" not in page
    assert "autofocus" in page
    assert "Or with a password" not in page


@pytest.mark.parametrize("address", ["", "callback/", "acs/", "acs/finish/", "metadata/"])
def test_without_a_provider_its_addresses_are_not_there(client, address):
    assert client.get(f"/sign-in/school/{address}").status_code == 404
    assert client.post(f"/sign-in/school/{address}").status_code == 404


def test_allauths_own_pages_are_not_reachable():
    """No sign-up, no addresses, no password reset, no provider that is written in its tables."""
    ours = {"sign-in", "sign-in-callback", "emergency-sign-in", "login", "signed-out"}
    found = [
        route
        for route in routes("")
        if re.match(r"account_|socialaccount_|openid|saml", route.name or "")
    ]
    assert found == []
    assert ours <= {route.name for route in routes("")}
    modules = {
        pattern.callback.__module__
        for pattern in _patterns(get_resolver().url_patterns)
        if hasattr(pattern.callback, "__module__")
    }
    assert not [name for name in modules if name.startswith("allauth")]
    admin = [route.name for route in routes("admin/") if route.name]
    for model in ("socialapp", "socialtoken", "emailaddress", "emailconfirmation"):
        assert not [name for name in admin if model in name]


def _patterns(patterns):
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from _patterns(each.url_patterns)
        else:
            yield each


# --- The page ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Sign in with Hill School"),
        ("de", "Mit Hill School anmelden"),
        ("es", "Iniciar sesión con Hill School"),
        ("ar", "تسجيل الدخول عبر Hill School"),
    ],
)
def test_a_button_for_each_provider_keeps_the_page_that_was_wanted(school, language, words):
    page = text(Client(HTTP_ACCEPT_LANGUAGE=language).get("/login/?next=/account/"))
    assert words in page
    assert 'href="/sign-in/school/?next=%2Faccount%2F"' in page
    assert "autofocus" not in page
    assert 'name="password"' in page


def test_another_site_is_not_passed_on(school, client):
    assert "evil" not in text(client.get("/login/?next=https://evil.example/")).split("<form")[0]


def test_several_providers_have_a_button_each(client, settings):
    variables = oidc.settings_of("https://one.example") | {"SIGN_IN_PROVIDERS": "school,firm"}
    variables |= {
        name.replace("SCHOOL", "FIRM"): value
        for name, value in variables.items()
        if "SCHOOL" in name
    }
    variables["SIGN_IN_FIRM_LABEL"] = "Firm <& Sons>"
    settings.SIGN_IN_PROVIDERS = from_environment(variables)
    page = text(client.get("/login/"))
    assert page.index("Hill School") < page.index("Firm &lt;&amp; Sons&gt;")


def test_passwords_go_on_beside_a_provider(school, client, lena):
    assert sign_in(client, "lena").status_code == 302


def test_the_admin_leads_to_the_one_page(school, client):
    answer = client.get("/admin/progress/course/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/admin/progress/course/"


# --- Only by the provider ------------------------------------------------------------------------
def test_the_password_form_is_gone_and_passwords_are_refused(only, client, lena):
    page = text(client.get("/login/"))
    assert 'name="password"' not in page
    assert "Sign in with Hill School" in page
    administrator = a_user(username="root", is_staff=True, is_superuser=True, password=PASSWORD)
    for name in ("lena", administrator.username):
        for address in ("/login/", "/admin/login/"):
            sign_in(client, name, address)
            assert "_auth_user_id" not in client.session


def test_a_superuser_has_an_emergency_address(only, client, lena):
    a_user(username="root", is_staff=True, is_superuser=True, password=PASSWORD)
    page = text(client.get("/login/emergency/"))
    assert 'name="password"' in page
    assert "Hill School" not in page
    a_user(username="clerk", is_staff=True, password=PASSWORD)
    for name in ("lena", "clerk"):
        refused = sign_in(client, name, "/login/emergency/")
        assert refused.status_code == 200
        assert "don't match" in text(refused)
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "root", "/login/emergency/")["Location"] == "/admin/"


def test_it_locks_after_too_many_failures(only, client, settings):
    a_user(username="root", is_staff=True, is_superuser=True, password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        answer = client.post("/login/emergency/", {"username": "root", "password": "wrong"})
    assert answer.status_code == 429
    assert sign_in(client, "root", "/login/emergency/").status_code == 429


def test_there_is_no_emergency_where_passwords_are_accepted(school, client):
    assert client.get("/login/emergency/")["Location"] == "/login/"


def test_no_password_is_set_or_reset(only, client, lena):
    link = password_links.link(lena)
    for address in ("/password/", link, "/password/MQ/set-password/"):
        assert client.get(address)["Location"] == "/login/", address
        assert client.post(address, {"name": "lena"})["Location"] == "/login/"
    client.force_login(lena)
    assert client.get("/account/password/")["Location"] == "/login/"
    assert "Change your password" not in text(client.get("/account/"))


# --- Signing out ---------------------------------------------------------------------------------
def test_signing_out_ends_the_session_here(come, client, lena):
    come()
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("address", ["/logout/", "/admin/logout/"])
def test_it_ends_that_of_the_provider_where_the_setting_says_so(
    school, configure, come, client, lena, address
):
    configure(END_SESSION="true")
    come()
    User.objects.filter(pk=lena.pk).update(is_staff=True)
    token = client.session["sign_in"]["id_token"]
    assert client.post(address)["Location"] == "/signed-out/"
    assert "_auth_user_id" not in client.session
    page = text(client.get("/signed-out/"))
    url = re.search(r'<a class="button" href="([^"]+)"', page)[1].replace("&amp;", "&")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{school.url}/oauth2/end_session?")
    assert asked == {
        "client_id": oidc.CLIENT_ID,
        "id_token_hint": token,
        "post_logout_redirect_uri": "http://testserver/login/",
    }
    assert client.get("/signed-out/")["Location"] == "/login/"


def test_a_session_that_a_password_began_ends_here_only(configure, client, lena):
    configure(END_SESSION="true")
    sign_in(client, "lena")
    assert client.post("/logout/")["Location"] == "/login/"


def test_a_provider_that_cannot_be_asked_keeps_nobody_signed_in(
    school, configure, come, client, lena
):
    configure(END_SESSION="true")
    come()
    configure(END_SESSION="true", ISSUER="http://localhost:1")
    assert client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in client.session
