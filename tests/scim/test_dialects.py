"""What Microsoft Entra and Okta send, as their own documentation shows it."""

import pytest

from progress.models import User

from .conftest import ENTERPRISE, USER

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(scim):
    return scim.create_user("lena", displayName="Lena Zweifel")


def account(person) -> User:
    return User.objects.get(pk=person["id"])


# --- Microsoft Entra -----------------------------------------------------------------------------
def test_entra_creates_a_person(scim):
    answer = scim.send(
        "POST",
        "/Users",
        {
            "schemas": [USER, ENTERPRISE],
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
            "active": True,
            "emails": [
                {
                    "primary": True,
                    "type": "work",
                    "value": "Test_User_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.com",
                }
            ],
            "meta": {"resourceType": "User"},
            "name": {
                "formatted": "givenName familyName",
                "familyName": "familyName",
                "givenName": "givenName",
            },
            "roles": [],
        },
    )
    assert answer.status_code == 201, answer.body
    assert answer.body["userName"] == "test_user_ab6490ee-1e48-479e-a20b-2d77186b5dd1"
    assert answer.body["name"]["familyName"] == "familyName"


def test_entra_asks_for_somebody_who_is_not_there(scim):
    answer = scim.get('/Users?filter=userName eq "non-existent user"'.replace(" ", "%20"))
    assert answer.status_code == 200
    assert answer.body["totalResults"] == 0
    assert answer.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]


def test_entras_operations_have_capitals_and_flags_as_text(scim, lena):
    path = f"/Users/{lena['id']}?aadOptscim062020"
    for value, is_active in (("False", False), ("True", True)):
        done = scim.patch(path, {"op": "Replace", "path": "active", "value": value})
        assert done.status_code == 204, done.body
        assert account(lena).is_active is is_active


def test_entra_changes_several_attributes_at_once(scim, lena):
    done = scim.patch(
        f"/Users/{lena['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "lena@example.org"},
        {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "555"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Care"},
        {"op": "Replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "7"},
        {"op": "Add", "path": "title", "value": "Nurse"},
    )
    assert done.status_code == 204, done.body
    person = account(lena)
    assert (person.email, person.department) == ("lena@example.org", "Care")
    done = scim.patch(
        f"/Users/{lena['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "l@example.org"},
        {"op": "Remove", "path": f"{ENTERPRISE}:department"},
    )
    assert done.status_code == 204, done.body
    person = account(lena)
    assert (person.email, person.department) == ("l@example.org", "")


def test_entra_replaces_without_a_path(scim, lena):
    done = scim.patch(
        f"/Users/{lena['id']}",
        {
            "op": "replace",
            "value": {
                "displayName": "Lena Graf",
                "name.givenName": "Lena",
                "active": "false",
                f"{ENTERPRISE}:department": "Care",
                "nickName": "L",
            },
        },
    )
    assert done.status_code == 204, done.body
    person = account(lena)
    assert (person.full_name, person.is_active) == ("Lena Graf", False)
    assert person.department == "Care"


def test_entra_adds_and_removes_members_by_value(scim, lena):
    group = scim.send(
        "POST",
        "/Groups",
        {
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:Group",
                "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            ],
            "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
            "displayName": "displayName",
            "meta": {"resourceType": "Group"},
        },
    )
    assert group.status_code == 201, group.body
    path = f"/Groups/{group.body['id']}"
    member = [{"$ref": None, "value": lena["id"]}]
    assert scim.patch(path, {"op": "Add", "path": "members", "value": member}).status_code == 204
    assert account(lena).department == "displayName"
    asked = f'id eq "{group.body["id"]}" and members eq "{lena["id"]}"'
    assert scim.found("Groups", asked) == [group.body["id"]]
    removed = scim.patch(path, {"op": "Remove", "path": "members", "value": member})
    assert removed.status_code == 204, removed.body
    assert account(lena).department == ""


# --- Okta ----------------------------------------------------------------------------------------
def test_okta_creates_finds_replaces_and_deactivates(scim):
    profile = {
        "schemas": [USER],
        "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq-and-more",
        "active": True,
    }
    made = scim.send("POST", "/Users", profile)
    assert made.status_code == 201, made.body
    asked = "/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100"
    [found] = scim.get(asked).body["Resources"]
    assert found["id"] == made.body["id"]
    assert found["name"] == {"givenName": "Test", "familyName": "User"}
    profile |= {"id": found["id"], "name": {"givenName": "Another", "familyName": "User"}}
    profile |= {"meta": {"resourceType": "User"}, "displayName": "Another User"}
    replaced = scim.send("PUT", f"/Users/{found['id']}", profile)
    assert replaced.status_code == 200, replaced.body
    assert replaced.body["name"]["givenName"] == "Another"
    off = scim.patch(f"/Users/{found['id']}", {"op": "replace", "value": {"active": False}})
    assert off.status_code == 204
    assert scim.get(f"/Users/{found['id']}").body["active"] is False
    assert scim.send("POST", "/Users", profile).status_code == 409


def test_okta_pushes_a_group(scim, lena):
    group = scim.create_group("Test SCIMv2", lena)
    path = f"/Groups/{group['id']}"
    rename = {"op": "replace", "value": {"id": group["id"], "displayName": "Test SCIMv3"}}
    assert scim.patch(path, rename).status_code == 204
    assert account(lena).department == "Test SCIMv3"
    leave = {"op": "remove", "path": f'members[value eq "{lena["id"]}"]'}
    join = {"op": "add", "path": "members", "value": [{"value": lena["id"], "display": "lena"}]}
    assert scim.patch(path, leave, join).status_code == 204
    assert account(lena).department == "Test SCIMv3"
    whole = {"op": "replace", "path": "members", "value": []}
    assert scim.patch(path, whole).status_code == 204
    assert account(lena).department == ""
