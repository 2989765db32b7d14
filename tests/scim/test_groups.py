"""Groups are departments: a person has the department of the group that they joined last."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connections.models import GroupMembership, ProvisionedGroup
from progress.models import User
from tests.factories import a_user

from .conftest import GROUP, Scim, key_of

pytestmark = pytest.mark.django_db


def department(person) -> str:
    return User.objects.get(pk=person["id"]).department


@pytest.fixture
def lena(scim):
    return scim.create_user("lena")


@pytest.fixture
def omar(scim):
    return scim.create_user("omar")


def test_members_have_the_groups_name_as_their_department(scim, lena, omar):
    care = scim.create_group("Care", lena)
    assert (department(lena), department(omar)) == ("Care", "")
    assert care["members"] == [
        {
            "value": lena["id"],
            "$ref": f"http://testserver/scim/v2/Users/{lena['id']}",
            "type": "User",
        }
    ]
    [membership] = scim.get(f"/Users/{lena['id']}").body["groups"]
    assert (membership["value"], membership["display"]) == (care["id"], "Care")
    scim.patch(f"/Groups/{care['id']}", {"op": "replace", "path": "displayName", "value": "Ward"})
    assert department(lena) == "Ward"
    assert scim.send("DELETE", f"/Groups/{care['id']}").status_code == 204
    assert department(lena) == ""
    assert scim.get(f"/Groups/{care['id']}").status_code == 404


def test_of_two_groups_the_one_joined_last_is_the_department(scim, lena):
    care = scim.create_group("Care", lena)
    sales = scim.create_group("Sales", lena)
    assert department(lena) == "Sales"
    for group in (care, sales):  # each group keeps its members: a provider finds what it set
        assert [each["value"] for each in scim.get(f"/Groups/{group['id']}").body["members"]] == [
            lena["id"]
        ]
    leave = {"op": "remove", "path": f'members[value eq "{lena["id"]}"]'}
    assert scim.patch(f"/Groups/{sales['id']}", leave).status_code == 204
    assert department(lena) == "Care"
    assert scim.patch(f"/Groups/{care['id']}", leave).status_code == 204
    assert department(lena) == ""


def test_leaving_an_earlier_group_changes_no_department(scim, lena):
    care, _ = scim.create_group("Care", lena), scim.create_group("Sales", lena)
    scim.patch(f"/Groups/{care['id']}", {"op": "remove", "path": "members"})
    assert department(lena) == "Sales"


def test_a_department_set_elsewhere_stays_when_its_person_leaves_a_group(scim, lena):
    care = scim.create_group("Care", lena)
    User.objects.filter(pk=lena["id"]).update(department="Board")
    scim.send("DELETE", f"/Groups/{care['id']}")
    assert department(lena) == "Board"


def test_a_replacement_has_the_members_it_names(scim, lena, omar):
    care = scim.create_group("Care", lena, externalId="g-1")
    body = {"schemas": [GROUP], "displayName": "Care", "members": [{"value": omar["id"]}]}
    assert scim.send("PUT", f"/Groups/{care['id']}", body).status_code == 200
    assert (department(lena), department(omar)) == ("", "Care")
    renamed = {"schemas": [GROUP], "displayName": "Ward"}  # without members: they stay
    assert scim.send("PUT", f"/Groups/{care['id']}", renamed).status_code == 200
    assert department(omar) == "Ward"
    emptied = {"schemas": [GROUP], "displayName": "Ward", "members": []}
    assert scim.send("PUT", f"/Groups/{care['id']}", emptied).status_code == 200
    assert department(omar) == ""


def test_an_empty_group_is_a_group(scim):
    care = scim.create_group("Care")
    assert scim.found("Groups", 'displayName eq "ＣＡＲＥ"') == [care["id"]]
    assert scim.found("Groups", 'displayName eq "Sales"') == []


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"displayName": "CARE"}, 409, "uniqueness"),
        ({"displayName": "x" * 121}, 400, "invalidValue"),
        ({"displayName": " "}, 400, "invalidValue"),
        ({"displayName": "New", "members": [{"value": "999999"}]}, 400, "invalidValue"),
        ({"displayName": "New", "members": [{"value": "x"}]}, 400, "invalidValue"),
        ({"displayName": "New", "members": [{"value": "1", "type": "Group"}]}, 400, "invalidValue"),
        ({}, 400, "invalidValue"),
    ],
)
def test_what_is_no_group_is_refused(scim, body, status, kind):
    scim.create_group("Care")
    answer = scim.send("POST", "/Groups", {"schemas": [GROUP]} | body)
    assert (answer.status_code, answer.body.get("scimType")) == (status, kind), answer.body
    assert ProvisionedGroup.objects.count() == 1


def test_a_group_with_a_powerful_member_changes_nothing(scim, lena):
    boss = a_user(is_staff=True, is_superuser=True)
    body = {
        "schemas": [GROUP],
        "displayName": "Care",
        "members": [{"value": lena["id"]}, {"value": str(boss.pk)}],
    }
    answer = scim.send("POST", "/Groups", body)
    assert answer.status_code == 403 and str(boss.pk) in answer.body["detail"]
    assert department(lena) == "" and not GroupMembership.objects.exists()


def test_members_are_read_only_where_they_are_shown(scim, lena, django_assert_max_num_queries):
    scim.create_group("Care", lena)
    [found] = scim.get("/Groups?excludedAttributes=members").body["Resources"]
    assert "members" not in found
    [found] = scim.get(f"/Groups?filter=members%20eq%20%22{lena['id']}%22").body["Resources"]
    assert found["members"][0]["value"] == lena["id"]
    assert scim.found("Users", f'groups.value eq "{found["id"]}"') == [lena["id"]]


def test_a_groups_version_is_that_of_its_last_change(scim, lena):
    care = scim.create_group("Care")
    path = f"/Groups/{care['id']}"
    join = {"op": "add", "path": "members", "value": [{"value": lena["id"]}]}
    etag = scim.get(path)["ETag"]
    assert scim.patch(path, join, **{"If-Match": etag}).status_code == 204
    assert scim.get(path, **{"If-None-Match": etag}).status_code == 200
    assert scim.patch(path, join).status_code == 204  # once more changes nothing
    assert GroupMembership.objects.count() == 1
    assert scim.send("DELETE", path, **{"If-Match": etag}).status_code == 412


def test_joining_a_large_group_reads_none_of_its_members(scim, lena):
    many = User.objects.bulk_create(User(username=f"person{number}") for number in range(100))
    care = scim.create_group("Care", *({"id": str(each.pk)} for each in many))
    join = {"op": "add", "path": "members", "value": [{"value": lena["id"]}]}
    leave = {"op": "remove", "path": f'members[value eq "{many[0].pk}"]'}
    with CaptureQueriesContext(connection) as caught:
        assert scim.patch(f"/Groups/{care['id']}", join, leave).status_code == 204
    asked = [each["sql"] for each in caught if 'FROM "connections_groupmembership"' in each["sql"]]
    assert asked and all('"user_id" IN (' in sql for sql in asked), asked
    assert department(lena) == "Care" and GroupMembership.objects.count() == 100
    assert User.objects.get(pk=many[0].pk).department == ""


@pytest.mark.parametrize(
    ("operations", "is_member"),
    [
        (("add", "remove"), False),
        (("remove", "add"), True),
        (("add", "add"), True),
        (("remove",), False),
    ],
)
def test_of_several_operations_on_a_member_the_last_decides(scim, lena, operations, is_member):
    care = scim.create_group("Care")
    value = [{"value": lena["id"]}]
    done = scim.patch(
        f"/Groups/{care['id']}",
        *({"op": op, "path": "members", "value": value} for op in operations),
    )
    assert done.status_code == 204
    assert department(lena) == ("Care" if is_member else "")


@pytest.mark.django_db(transaction=True)
def test_two_requests_that_change_a_group_at_once_are_both_done(provider_account):
    clients = [Scim(key_of(provider_account)) for _ in range(2)]
    people = [a_user() for _ in range(8)]
    group = clients[0].create_group("Care")
    statuses = []

    def add(client, mine):
        try:
            for person in mine:
                value = [{"value": str(person.pk)}]
                join = {"op": "add", "path": "members", "value": value}
                statuses.append(client.patch(f"/Groups/{group['id']}", join).status_code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=add, args=(client, people[at::2]))
        for at, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [204] * 8
    assert User.objects.filter(department="Care").count() == 8
