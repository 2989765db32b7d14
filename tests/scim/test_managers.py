"""Who reports to which manager, as identity providers send it."""

import pytest

from progress.models import User
from tests.factories import a_user

from .conftest import ENTERPRISE, USER, Scim, key_of

pytestmark = pytest.mark.django_db
MANAGER = f"{ENTERPRISE}:manager"


@pytest.fixture
def boss(scim):
    return scim.create_user("boss", displayName="Maria Manager")


@pytest.fixture
def lena(scim):
    return scim.create_user("lena")


def manager_of(person) -> str | None:
    return User.objects.values_list("manager__username", flat=True).get(pk=person["id"])


def test_a_person_is_made_with_a_manager_who_is_shown(scim, boss):
    lena = scim.create_user("lena", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    assert manager_of(lena) == "boss"
    assert lena[ENTERPRISE]["manager"] == {
        "value": boss["id"],
        "$ref": f"http://testserver/scim/v2/Users/{boss['id']}",
    }
    assert lena["schemas"] == [USER, ENTERPRISE]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": f"{MANAGER}.value", "value": "=boss"},
        {"op": "replace", "path": f"{MANAGER}.value", "value": "=boss"},
        {"op": "add", "path": MANAGER, "value": {"value": "=boss"}},
        {"op": "replace", "value": {ENTERPRISE: {"manager": {"value": "=boss"}}}},
        # Microsoft Entra
        {"op": "Add", "path": MANAGER, "value": "=boss"},
        {"op": "Replace", "path": MANAGER, "value": [{"$ref": None, "value": "=boss"}]},
        {"op": "Add", "value": {MANAGER: "=boss"}},
        {"op": "Replace", "value": {f"{MANAGER}.value": "=boss"}},
        # Okta
        {
            "op": "replace",
            "value": {ENTERPRISE: {"manager": {"value": "=boss", "displayName": "Maria"}}},
        },
    ],
)
def test_a_manager_is_set_by_every_dialect(scim, boss, lena, operation):
    done = scim.patch(f"/Users/{lena['id']}", with_id(operation, boss["id"]))
    assert done.status_code == 204, done.body
    assert manager_of(lena) == "boss"
    again = scim.patch(f"/Users/{lena['id']}", with_id(operation, boss["id"]))
    assert again.status_code == 204, again.body


def with_id(value, pk: str):
    if isinstance(value, dict):
        return {name: with_id(each, pk) for name, each in value.items()}
    if isinstance(value, list):
        return [with_id(each, pk) for each in value]
    return pk if value == "=boss" else value


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": MANAGER},
        {"op": "Remove", "path": f"{MANAGER}.value"},
        {"op": "Replace", "path": MANAGER, "value": ""},
    ],
)
def test_a_manager_is_taken_away(scim, boss, operation):
    lena = scim.create_user(
        "lena", **{ENTERPRISE: {"manager": {"value": boss["id"]}, "department": "Care"}}
    )
    done = scim.patch(f"/Users/{lena['id']}", operation)
    assert done.status_code == 204, done.body
    assert manager_of(lena) is None
    assert User.objects.get(pk=lena["id"]).department == "Care"


def test_a_put_replaces_the_manager_unless_it_says_nothing_of_the_extension(scim, boss, lena):
    path, whole = f"/Users/{lena['id']}", {"schemas": [USER, ENTERPRISE], "userName": "lena"}
    put = scim.send("PUT", path, whole | {ENTERPRISE: {"manager": {"value": boss["id"]}}})
    assert put.status_code == 200, put.body
    assert manager_of(lena) == "boss"
    assert scim.send("PUT", path, whole).status_code == 200
    assert manager_of(lena) == "boss"
    assert scim.send("PUT", path, whole | {ENTERPRISE: {"department": "Care"}}).status_code == 200
    assert manager_of(lena) is None


@pytest.mark.parametrize("value", ["999999", "boss", "0", "-1", "1e3", "9" * 30])
def test_a_manager_who_is_not_there_is_refused(scim, lena, value):
    answer = scim.patch(
        f"/Users/{lena['id']}", {"op": "add", "path": f"{MANAGER}.value", "value": value}
    )
    assert (answer.status_code, answer.body["scimType"]) == (400, "invalidValue")
    assert "manager.value" in answer.body["detail"]
    assert manager_of(lena) is None


def test_nobody_reports_to_themselves(scim, boss, lena):
    scim.patch(f"/Users/{lena['id']}", {"op": "add", "path": MANAGER, "value": boss["id"]})
    for person, manager in ((boss, boss), (boss, lena)):
        answer = scim.patch(
            f"/Users/{person['id']}", {"op": "add", "path": MANAGER, "value": manager["id"]}
        )
        assert (answer.status_code, answer.body["scimType"]) == (400, "invalidValue")
        assert "manager.value" in answer.body["detail"]
    assert (manager_of(boss), manager_of(lena)) == (None, "boss")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{MANAGER}.value eq "{id}"', {"lena"}),
        ('{MANAGER} eq "{id}"', {"lena"}),
        ("{MANAGER}.value pr", {"lena"}),
        ("not ({MANAGER}.value pr)", {"boss", "omar"}),
        ('{MANAGER}.value eq "no id"', set()),
    ],
)
def test_people_are_found_by_their_manager(scim, boss, text, found):
    scim.create_user("lena", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    scim.create_user("omar")
    ids = scim.found("Users", text.replace("{MANAGER}", MANAGER).replace("{id}", boss["id"]))
    names = set(User.objects.filter(pk__in=ids).values_list("username", flat=True))
    assert names & {"lena", "omar", "boss"} == found


def test_a_deactivated_manager_stays_entered(scim, boss, lena):
    scim.patch(f"/Users/{lena['id']}", {"op": "add", "path": MANAGER, "value": boss["id"]})
    scim.patch(f"/Users/{boss['id']}", {"op": "replace", "path": "active", "value": False})
    assert scim.get(f"/Users/{lena['id']}").body[ENTERPRISE]["manager"]["value"] == boss["id"]


def test_the_schema_names_the_manager(scim):
    attributes = scim.get(f"/Schemas/{ENTERPRISE}").body["attributes"]
    [manager] = [each for each in attributes if each["name"] == "manager"]
    assert {each["name"] for each in manager["subAttributes"]} == {"value", "$ref"}


def test_a_client_of_scim_does_not_make_itself_a_manager(scim, lena, provider_account):
    answer = scim.patch(
        f"/Users/{lena['id']}",
        {"op": "add", "path": MANAGER, "value": str(provider_account.pk)},
    )
    assert answer.status_code == 400
    assert manager_of(lena) is None


def test_reading_a_list_costs_no_statement_for_each_manager(scim, django_assert_max_num_queries):
    boss = a_user(full_name="Boss")
    for number in range(20):
        a_user(username=f"p{number}", manager=boss)
    with django_assert_max_num_queries(12):
        assert scim.get("/Users").body["totalResults"] >= 21


def test_a_manager_may_not_use_scim(boss, lena):
    """A team doesn't open the whole directory."""
    account = User.objects.get(pk=boss["id"])
    User.objects.filter(pk=lena["id"]).update(manager=account)
    assert Scim(key_of(account)).get("/Users").status_code == 403
