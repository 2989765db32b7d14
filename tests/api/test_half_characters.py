"""JSON can send half a character (`"\\ud800"`), which no answer can be written with."""

import pytest
from django.urls import get_resolver

from tests.factories import a_user
from tests.support.callers import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return api(a_user(is_staff=True, is_superuser=True))


def without_ids(patterns=None, prefix: str = "") -> list[str]:
    """The addresses of the API that name no row."""
    found = []
    for each in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(each.pattern).lstrip("^").removesuffix("$")
        if hasattr(each, "url_patterns"):
            found += without_ids(each.url_patterns, address)
        elif address.startswith("api/") and not set(address) & set("<(\\?"):
            found.append(f"/{address}")
    return found


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_an_unknown_field_with_such_a_name_is_refused(method, boss):
    addresses = without_ids()
    assert len(addresses) > 30
    answers = {
        each: boss.generic(method.upper(), each, r'{"\ud800": 1}', content_type="application/json")
        for each in addresses
    }
    assert {
        each: answer.status_code for each, answer in answers.items() if answer.status_code >= 500
    } == {}
    named = [each for each, answer in answers.items() if b"unknown_field" in answer.content]
    assert named
    assert all("\ufffd" in answers[each].content.decode() for each in named)


def test_a_choice_that_is_none_is_quoted_with_a_replacement(boss):
    answer = boss.put(
        "/api/analytics/alert-digest/", r'{"rhythm": "a\udc00"}', content_type="application/json"
    )
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["attr"], error["code"]) == (400, "rhythm", "invalid_choice")
    assert "a\ufffd" in error["detail"]
