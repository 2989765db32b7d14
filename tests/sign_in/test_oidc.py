"""Signing in by OpenID Connect, against a real local provider."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from joserfc import jwk, jwt

from progress.models import User
from tests.factories import a_course, a_learner
from tests.support import oidc

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena():
    return a_learner(a_course(), username="lena", email="Lena@example.org")


def signed_in_as(window):
    return int(window.session["_auth_user_id"]) if "_auth_user_id" in window.session else None


# --- The way there and back ----------------------------------------------------------------------
def test_a_learner_signs_in_and_comes_to_the_page_they_asked_for(come, client, lena):
    answer = come(after="/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert signed_in_as(client) == lena.pk
    assert client.get("/account/").status_code == 200


def test_without_a_page_they_come_to_their_courses(come, lena):
    assert come()["Location"] == "/"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_another_site_is_never_led_to(come, lena, evil):
    assert come(after=evil)["Location"] == "/"


def test_the_provider_is_asked_with_pkce_a_state_and_a_nonce(school, client):
    url = client.get("/sign-in/school/")["Location"]
    asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/sign-in/school/callback/"
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    again = parse_qs(urlsplit(client.get("/sign-in/school/")["Location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 16
        assert again[name] != [asked[name]]


def test_nothing_that_is_asked_for_can_be_added_to_the_question(school, client):
    url = client.get("/sign-in/school/?scope=admin&auth_params=prompt%3Dnone&process=connect")
    assert "admin" not in url["Location"]
    assert "prompt" not in url["Location"]


def test_who_is_signed_in_already_is_led_on(school, client, lena):
    client.force_login(lena)
    assert client.get("/sign-in/school/?next=/account/")["Location"] == "/account/"
    assert "/.well-known/openid-configuration" not in school.asked


# --- Broken answers ------------------------------------------------------------------------------
def refused(answer, client):
    assert answer.status_code == 400
    assert "Signing in didn’t work" in answer.content.decode()
    assert signed_in_as(client) is None
    return True


OTHER_KEY = jwk.RSAKey.generate_key(2048)


def with_header(**header):
    def sign(claims, key, _header):
        return jwt.encode({"alg": "RS256", "kid": key.as_dict()["kid"]} | header, claims, key)

    return sign


def by_another_key(claims, key, _header):
    header = {"alg": "RS256", "kid": key.as_dict()["kid"]}
    return jwt.encode(header, claims, OTHER_KEY)


def by_the_shared_secret(claims, key, _header):
    shared = jwk.OctKey.import_key(b"a secret of the client")
    return jwt.encode({"alg": "HS256", "kid": key.as_dict()["kid"]}, claims, shared)


def by_the_public_key_as_a_secret(claims, key, _header):
    shared = jwk.OctKey.import_key(key.as_pem(private=False))
    return jwt.encode({"alg": "HS256", "kid": key.as_dict()["kid"]}, claims, shared)


def unsigned(claims, key, _header):
    parts = ({"alg": "none"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*encoded, b""]).decode()


@pytest.mark.parametrize(
    "sign",
    [
        by_another_key,
        by_the_shared_secret,
        by_the_public_key_as_a_secret,
        unsigned,
        with_header(kid="unknown"),
        lambda claims, key, header: "not a token",
    ],
    ids=["another key", "shared secret", "public key as secret", "none", "unknown key", "garbage"],
)
def test_a_token_without_the_providers_signature_is_refused(school, come, client, lena, sign):
    school.sign = sign
    assert refused(come(), client)


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [oidc.CLIENT_ID, "another"]},
        {"azp": "another-client"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": ""},
        {"sub": None},
        {"sub": "x" * 192},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
def test_a_token_that_says_something_wrong_is_refused(school, come, client, lena, change):
    school.token = lambda claims: {
        name: value for name, value in (claims | change).items() if value is not None
    }
    assert refused(come(), client)


@pytest.mark.parametrize(("seconds", "is_accepted"), [(-50, True), (-70, False)])
def test_clocks_may_differ_by_a_minute(school, come, client, lena, seconds, is_accepted):
    school.token = lambda claims: claims | {"exp": int(time.time()) + seconds}
    assert (come().status_code == 302) is is_accepted


def test_a_token_for_several_is_accepted_if_it_was_made_for_us(school, come, lena):
    school.token = lambda claims: claims | {"aud": [oidc.CLIENT_ID, "x"], "azp": oidc.CLIENT_ID}
    assert come().status_code == 302


def test_userinfo_about_someone_else_is_refused(school, come, client, lena):
    school.userinfo = {"sub": "someone-else"}
    assert refused(come(), client)


def test_a_provider_that_calls_itself_otherwise_is_not_asked(school, client):
    school.config = {"issuer": "https://evil.example"}
    assert refused(client.get("/sign-in/school/"), client)


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_an_endpoint_over_plain_http_is_not_asked(school, client, endpoint):
    school.config = {endpoint: "http://school.example/there"}
    assert refused(client.get("/sign-in/school/"), client)


def test_a_new_key_of_the_provider_is_fetched(school, come, client, lena):
    assert come().status_code == 302
    cache.set(next(iter(_keys_of(school))), {"keys": []}, 60)
    again = Client()
    assert come(window=again).status_code == 302
    assert signed_in_as(again) == lena.pk


def _keys_of(school):
    from lms_progress.sign_in import oidc as client_of

    yield client_of._cache_key(f"{school.url}/jwks")


def test_unknown_keys_are_looked_for_once_a_minute(school, come, client, lena):
    school.sign = with_header(kid="unknown")
    for _ in range(3):
        assert refused(come(), client)
    assert school.asked.count("/jwks") == 2


# --- Answers of another sign-in ------------------------------------------------------------------
def an_answer(window):
    """The address with which the provider answers a sign-in of this browser."""
    begun = window.get("/sign-in/school/")
    answer = requests.post(begun["Location"], data={"sub": oidc.SUBJECT}, allow_redirects=False)
    return answer.headers["Location"].removeprefix("http://testserver")


def test_an_answer_counts_once_in_the_browser_that_asked(school, lena):
    window, other = Client(), Client()
    answer = an_answer(window)
    assert refused(other.get(answer), other)
    assert window.get(answer).status_code == 302
    assert window.get("/account/").status_code == 200
    window.post("/logout/")
    assert refused(window.get(answer), window)


def test_the_code_of_another_sign_in_is_refused(school, client, lena):
    """PKCE: the provider gives tokens only to the browser's own session that began."""
    mine, stolen = an_answer(client), an_answer(Client())
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    own = parse_qs(urlsplit(mine).query)
    answer = client.get("/sign-in/school/callback/", {"state": own["state"][0], "code": code})
    assert refused(answer, client)


def test_an_answer_in_the_name_of_another_provider_is_refused(school, client, lena):
    answer = an_answer(client) + "&iss=https%3A%2F%2Fevil.example"
    assert refused(client.get(answer), client)


def test_who_cancels_is_led_back(school, client):
    begun = client.get("/sign-in/school/")
    answer = requests.post(begun["Location"], data={"action": "deny"}, allow_redirects=False)
    state = parse_qs(urlsplit(begun["Location"]).query)["state"][0]
    assert "error=access_denied" in answer.headers["Location"]
    answer = client.get(f"/sign-in/school/callback/?error=access_denied&state={state}")
    assert answer.status_code == 200
    assert "was cancelled" in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=x&state="])
def test_an_answer_that_nobody_waits_for_is_refused(school, client, query):
    assert refused(client.get(f"/sign-in/school/callback/{query}"), client)


def test_a_provider_that_cannot_be_reached_is_named(configure, client):
    configure(ISSUER="http://localhost:1")
    answer = client.get("/sign-in/school/")
    assert answer.status_code == 502
    assert "Hill School can’t be reached" in answer.content.decode()


def test_too_many_requests_from_one_address_have_to_wait(school, client, monkeypatch):
    from lms_progress.sign_in import views

    monkeypatch.setattr(views.ProviderThrottle, "rate", "2/hour")
    assert [client.get("/sign-in/school/").status_code for _ in range(3)] == [302, 302, 429]


# --- What is kept --------------------------------------------------------------------------------
def test_neither_tokens_nor_addresses_are_stored_or_logged(school, come, client, lena, caplog):
    from allauth.socialaccount.models import SocialAccount, SocialToken

    caplog.set_level("DEBUG")
    come()
    link = SocialAccount.objects.get()
    assert (link.user_id, link.uid, link.extra_data) == (lena.pk, oidc.SUBJECT, {})
    assert not SocialToken.objects.exists()
    assert set(client.session["sign_in"]) == {"provider"}
    school.sign = by_another_key
    come(window=Client())
    ours = [
        line.getMessage() for line in caplog.records if line.name.startswith(("lms", "progress"))
    ]
    assert any("isn't accepted" in line for line in ours)
    assert not [line for line in ours if "@" in line or "eyJ" in line or oidc.SUBJECT in line]


def test_it_is_noted_as_a_sign_in_by_password_is(come, lena):
    from axes.models import AccessLog

    come()
    noted = AccessLog.objects.get()
    assert (noted.username, noted.path_info) == ("lena", "/sign-in/school/callback/")


def test_a_lock_after_wrong_passwords_does_not_lock_the_other_door(come, client, lena, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        locked = client.post("/login/", {"username": "lena", "password": "wrong"})
    assert locked.status_code == 429
    assert come().status_code == 302
    assert signed_in_as(client) == lena.pk


def test_a_password_that_was_there_stays(come, lena):
    lena.set_password("correct horse battery")
    lena.save()
    come()
    assert User.objects.get(pk=lena.pk).check_password("correct horse battery")
