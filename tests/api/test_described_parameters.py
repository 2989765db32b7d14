"""Parameters match the description: whole numbers, page sizes, or empty."""

import pytest
from rest_framework.test import APIClient

from tests.factories import a_user
from tests.support import description

pytestmark = pytest.mark.django_db

PATHS = description.paths()
NUMBERS = [
    (path, parameter["name"])
    for path, item in PATHS.items()
    if "{" not in path
    for parameter in item.get("get", {}).get("parameters", ())
    if parameter["schema"].get("type") == "integer"
]


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(a_user(is_superuser=True))
    return client


def test_no_list_takes_a_fraction_for_an_id():
    fractions = {
        (path, parameter["name"])
        for path, item in PATHS.items()
        for parameter in item.get("get", {}).get("parameters", ())
        if parameter["name"].endswith("_id") and parameter["schema"].get("type") == "number"
    }
    assert not fractions


@pytest.mark.parametrize("sent", ["1.5", "NaN", "1e400", "one"])
def test_values_that_are_no_whole_numbers_are_refused_by_name(api, sent):
    for path, name in NUMBERS:
        answer = api.get(path, {name: sent})
        if name == "page":
            assert answer.status_code == 404, path
        else:
            assert answer.status_code == 400, (path, name)
            assert [each["attr"] for each in answer.json()["errors"]] == [name], path


@pytest.mark.parametrize("sent", ["0", "-1", "000"])
def test_a_page_size_below_one_is_refused(api, sent):
    paged = [path for path, name in NUMBERS if name == "page_size"]
    assert len(paged) > 10
    for path in paged:
        answer = api.get(path, {"page_size": sent})
        assert answer.status_code == 400, path
        assert [each["attr"] for each in answer.json()["errors"]] == ["page_size"], path


def test_a_page_size_above_the_maximum_is_reduced(api):
    for sent in ("501", "9" * 300):
        assert api.get("/api/learners/", {"page_size": sent}).status_code == 200


def test_an_empty_parameter_filters_by_nothing(api):
    for path, item in PATHS.items():
        if "{" in path:
            continue
        for parameter in item.get("get", {}).get("parameters", ()):
            if parameter.get("allowEmptyValue"):
                answer = api.get(path, {parameter["name"]: ""})
                assert answer.status_code == 200, (path, parameter["name"], answer.content)
