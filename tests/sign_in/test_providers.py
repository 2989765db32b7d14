"""Providers as the environment describes them; what makes no sense stops the start."""

import importlib.util

import pytest
from django.core.exceptions import ImproperlyConfigured

from lms_progress.sign_in.providers import from_environment, only_by_provider
from tests.support.oidc import settings_of
from tests.support.saml import settings_of as saml_settings_of

URL = "https://login.example"


def test_what_is_not_said_is_safe():
    (school,) = from_environment(settings_of(URL)).values()
    assert (school.id, school.kind, school.label) == ("school", "oidc", "Hill School")
    assert school.match == ("email",)
    assert not school.creates_accounts
    assert not school.updates_accounts
    assert not school.is_email_verified
    assert not school.ends_session
    assert school.scopes == ("openid", "profile", "email")


def test_without_providers_there_are_none():
    assert from_environment({}) == {}
    assert only_by_provider({}, {}) is False


def test_the_secret_is_not_shown():
    assert "a secret" not in repr(from_environment(settings_of(URL)))


def test_saml_needs_its_library(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onelogin" else found(name)
    )
    with pytest.raises(ImproperlyConfigured, match="python3-saml"):
        from_environment(saml_settings_of("metadata.xml", "x"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SIGN_IN_SCHOOL_METADATA": ""}, "SIGN_IN_SCHOOL_METADATA"),
        ({"SIGN_IN_SCHOOL_METADATA": "http://idp.example/"}, "SIGN_IN_SCHOOL_METADATA"),
        ({"SIGN_IN_SCHOOL_ENTITY_ID": ""}, "SIGN_IN_SCHOOL_ENTITY_ID"),
        ({"SIGN_IN_SCHOOL_CLIENT_ID": "x"}, "SIGN_IN_SCHOOL_CLIENT_ID"),
    ],
    ids=str,
)
def test_a_mistake_about_saml_is_named(change, named):
    with pytest.raises(ImproperlyConfigured, match=named):
        from_environment(saml_settings_of("metadata.xml", "x") | change)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SIGN_IN_PROVIDERS": "school,school"}, "SIGN_IN_PROVIDERS"),
        ({"SIGN_IN_PROVIDERS": "only"}, "SIGN_IN_PROVIDERS"),
        ({"SIGN_IN_PROVIDERS": "hill-school"}, "SIGN_IN_PROVIDERS"),
        ({"SIGN_IN_PROVIDERS": "other"}, "SIGN_IN_OTHER_KIND"),
        ({"SIGN_IN_SCHOOL_KIND": "ldap"}, "SIGN_IN_SCHOOL_KIND"),
        ({"SIGN_IN_SCHOOL_LABEL": " "}, "SIGN_IN_SCHOOL_LABEL"),
        ({"SIGN_IN_SCHOOL_ISSUER": "http://login.example"}, "SIGN_IN_SCHOOL_ISSUER"),
        ({"SIGN_IN_SCHOOL_CLIENT_ID": ""}, "SIGN_IN_SCHOOL_CLIENT_ID"),
        ({"SIGN_IN_SCHOOL_CREATE": "maybe"}, "SIGN_IN_SCHOOL_CREATE"),
        ({"SIGN_IN_SCHOOL_CREATES": "true"}, "SIGN_IN_SCHOOL_CREATES"),
        ({"SIGN_IN_SCHOOL_METADATA": "x"}, "SIGN_IN_SCHOOL_METADATA"),
        ({"SIGN_IN_SCHOOL_SCOPES": "email"}, "SIGN_IN_SCHOOL_SCOPES"),
        ({"SIGN_IN_SCHOOL_MATCH": "name"}, "SIGN_IN_SCHOOL_MATCH"),
        ({"SIGN_IN_SCHOOL_MATCH": "external_id"}, "SIGN_IN_SCHOOL_CLAIM_EXTERNAL_ID"),
    ],
    ids=str,
)
def test_a_mistake_is_named(change, named):
    with pytest.raises(ImproperlyConfigured, match=named):
        from_environment(settings_of(URL) | change)


def test_nobody_is_locked_out_by_a_setting_alone():
    with pytest.raises(ImproperlyConfigured, match="SIGN_IN_ONLY_BY_PROVIDER"):
        only_by_provider({"SIGN_IN_ONLY_BY_PROVIDER": "1"}, {})
