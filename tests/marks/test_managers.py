"""Test accounts report to test accounts, and other people to other people, at every door."""

import pytest
from rest_framework.test import APIClient

from progress.models import User
from progress.security import managers
from tests.support.admin import page, save
from tests.support.importing import imported, places

pytestmark = pytest.mark.django_db
LEARNERS = "/api/learners/"


@pytest.fixture(params=["a real person", "a test account"])
def pair(request, anna, tess) -> tuple[User, User]:
    """A person, and a manager of the other kind."""
    return (anna, tess) if request.param == "a real person" else (tess, anna)


@pytest.fixture
def signed_in(owner) -> APIClient:
    """An administrator, who works with both kinds."""
    client = APIClient()
    client.force_authenticate(owner)
    return client


def faults(answer) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    return {error["attr"]: error["code"] for error in answer.json()["errors"]}


def has_manager(person: User) -> bool:
    return User.objects.filter(pk=person.pk).exclude(manager=None).exists()


def test_the_api_changes_nobody_so(signed_in, pair):
    person, manager = pair
    address = f"{LEARNERS}{person.pk}/"
    assert faults(signed_in.patch(address, {"manager_id": manager.pk})) == {"manager_id": "apart"}
    row = {"username": person.username, "manager_username": manager.username}
    assert faults(signed_in.post(f"{LEARNERS}upsert/", row)) == {"manager_id": "apart"}
    [result] = signed_in.post(f"{LEARNERS}bulk/", {"rows": [row]}).json()["results"]
    assert result["status"] == "invalid"
    assert not has_manager(person)


def test_the_api_makes_nobody_so(signed_in, tess):
    row = {"username": "new", "manager_id": tess.pk}
    assert faults(signed_in.post(LEARNERS, row)) == {"manager_id": "apart"}
    assert faults(signed_in.post(f"{LEARNERS}upsert/", row)) == {"manager_id": "apart"}
    assert not User.objects.filter(username="new").exists()


def test_keys_name_managers_of_their_own_kind(test_key, live, anna, tess):
    for client, person, other in ((live, anna, tess), (test_key, tess, anna)):
        answer = client.patch(f"{LEARNERS}{person.pk}/", {"manager_id": other.pk})
        assert faults(answer) == {"manager_id": "does_not_exist"}
    assert not has_manager(anna) and not has_manager(tess)


def test_a_file_names_the_cell(pair):
    person, manager = pair
    outcome = imported("people", f"username,manager\n{person.username},{manager.username}\n")
    assert places(outcome) == [(2, "manager", manager.username)]
    assert not has_manager(person)


def test_the_admin_refuses_it_in_both_forms(sign_in, owner, pair):
    person, manager = pair
    window = sign_in(owner)
    assert managers.APART in save(window, person, manager=manager.pk).content.decode()
    new = {
        "username": "new",
        "usable_password": "false",
        "language": "",
        "time_zone": "UTC",
        "manager": manager.pk,
    } | ({"is_test": "on"} if person.is_test else {})
    answer = window.post(page(User, "add"), new)
    assert managers.APART in answer.content.decode()
    assert not has_manager(person) and not User.objects.filter(username="new").exists()
    same_kind = new | {"manager": person.pk}
    assert window.post(page(User, "add"), same_kind).status_code == 302
    assert has_manager(User.objects.get(username="new"))
