"""Each address of SCIM for each role, scope and credential; and which accounts each may change."""

from typing import NamedTuple

import pytest
from django.test import Client
from scim2_server.routing import ROUTES

from progress.models import User
from tests.factories import a_course, a_learner, a_user, an_instructor, an_integrator
from tests.permissions.test_account_writes import WEAK, targets

from .conftest import GROUP, PATCH_OP, ROOT, USER, Scim, key_of

pytestmark = pytest.mark.django_db


class Row(NamedTuple):
    """The status for a learner, an instructor, who may see, add, change people, and a superuser."""

    method: str
    path: str
    answers: tuple[int, int, int, int, int, int]
    body: dict | None = None


ROLES = ("learner", "instructor", "reader", "adder", "changer", "superuser")
OPEN = (200,) * 6
READ = (403, 403, 200, 403, 200, 200)
WRITE = (403, 403, 403, 403, 200, 200)
NEVER = (501,) * 6
PATCH = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "value": {"displayName": "New"}}]}
SEARCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
ROWS = [
    Row("GET", "/ServiceProviderConfig", OPEN),
    Row("GET", "/ResourceTypes", OPEN),
    Row("GET", "/ResourceTypes/User", OPEN),
    Row("GET", "/Schemas", OPEN),
    Row("GET", f"/Schemas/{USER}", OPEN),
    Row("POST", "/Bulk", NEVER, {}),
    *(Row(method, "/Me", NEVER, {}) for method in ("GET", "PUT", "PATCH", "DELETE", "POST")),
    Row("GET", "/", (403, 403, 501, 403, 501, 501)),
    Row("POST", "/.search", (403, 403, 501, 403, 501, 501), SEARCH),
    Row("POST", "/Users/.search", READ, SEARCH),
    Row("GET", "/Users", READ),
    Row("GET", "/Users/{person}", READ),
    Row("GET", "/Groups", READ),
    Row("GET", "/Groups/{group}", READ),
    Row("POST", "/Users", (403, 403, 403, 201, 403, 201), {"schemas": [USER], "userName": "new"}),
    Row("PUT", "/Users/{person}", WRITE, {"schemas": [USER], "userName": "other"}),
    Row("PATCH", "/Users/{person}", (403, 403, 403, 403, 204, 204), PATCH),
    Row("DELETE", "/Users/{person}", (403, 403, 403, 403, 204, 204)),
    Row(
        "POST", "/Groups", (403, 403, 403, 403, 201, 201), {"schemas": [GROUP], "displayName": "N"}
    ),
    Row("PUT", "/Groups/{group}", WRITE, {"schemas": [GROUP], "displayName": "Other"}),
    Row("PATCH", "/Groups/{group}", (403, 403, 403, 403, 204, 204), PATCH),
    Row("DELETE", "/Groups/{group}", (403, 403, 403, 403, 204, 204)),
]


def _pattern(path: str) -> str:
    head, *rest = path.strip("/").split("/")
    if head in {"Users", "Groups"}:
        head = "{endpoint}"
    rest = ["{resource_id}" if each != ".search" else each for each in rest]
    return "/" + "/".join([head, *rest])


def test_every_route_of_the_protocol_is_covered_here():
    there = {(route.method, route.pattern) for route in ROUTES}
    assert there == {(row.method, _pattern(row.path)) for row in ROWS}


@pytest.fixture
def course(db):
    return a_course()


@pytest.fixture
def account(request, course) -> User:
    return {
        "learner": lambda: a_learner(course),
        "instructor": lambda: an_instructor(course),
        "reader": lambda: an_integrator("view_user"),
        "adder": lambda: an_integrator("add_user"),
        "changer": lambda: an_integrator("change_user"),
        "superuser": lambda: a_user(is_superuser=True),
    }[request.param]()


@pytest.fixture
def ids(scim, course) -> dict:
    person = a_learner(course)
    group = scim.create_group("Care", {"id": str(person.pk)})
    return {"person": person.pk, "group": group["id"]}


@pytest.mark.parametrize("account", ROLES, indirect=True)
def test_each_role_gets_its_status(account, ids, request):
    from django.db import transaction

    role = request.node.callspec.params["account"]
    caller = Scim(key_of(account))
    for row in ROWS:
        place = transaction.savepoint()
        answer = caller.send(row.method, row.path.format(**ids), row.body)
        expected = row.answers[ROLES.index(role)]
        assert answer.status_code == expected, (row.method, row.path, answer.content[:300])
        transaction.savepoint_rollback(place)


def test_without_a_good_key_nothing_is_answered(ids):
    for row in ROWS:
        for caller in (Scim("lp_live_nobody"), Scim("ø")):
            answer = caller.send(row.method, row.path.format(**ids), row.body)
            assert answer.status_code == 401, (row.method, row.path)
            assert answer["WWW-Authenticate"] == "Bearer"
            assert answer.body["status"] == "401"
    window = Client()
    window.force_login(a_user(is_superuser=True))
    assert window.get(f"{ROOT}/Users").status_code == 401, "a browser's sign-in is none"


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        ("people:manage", True, True),
        ("people:read", True, False),
        ("progress:read", False, False),
        ("courses:manage", False, False),
        ("reports:read", False, False),
        ("progress:report", False, False),
    ],
)
def test_a_scope_opens_what_it_names(ids, scope, reads, writes):
    caller = Scim(key_of(a_user(is_superuser=True), scope))
    for row in ROWS:
        if row.method == "GET":
            answer = caller.send(row.method, row.path.format(**ids))
            assert (answer.status_code != 403) is reads, row.path
    answer = caller.send("POST", "/Users", {"schemas": [USER], "userName": "new"})
    assert (answer.status_code == 201) is writes


def test_the_project_s_own_scheme_is_as_good(provider_account):
    key = key_of(provider_account)
    answer = Client().get(f"{ROOT}/Users", headers={"Authorization": f"Token {key}"})
    assert answer.status_code == 200


def test_a_key_that_asks_too_often_waits(scim, settings):
    settings.API_RATE_PER_MINUTE = 1
    first, second = scim.get("/Users"), scim.get("/Users")
    assert (first.status_code, first["RateLimit-Remaining"]) == (200, "0")
    assert (second.status_code, second.body["status"]) == (429, "429")
    assert int(second["Retry-After"]) > 0


# --- Which accounts a caller may change ----------------------------------------------------------
def by_patch(caller, target):
    operation = {"op": "replace", "path": "displayName", "value": "Thief"}
    return caller.patch(f"/Users/{target.pk}", operation)


def by_put(caller, target):
    body = {"schemas": [USER], "userName": target.username, "displayName": "Thief"}
    return caller.send("PUT", f"/Users/{target.pk}", body)


def by_deactivating(caller, target):
    return caller.patch(f"/Users/{target.pk}", {"op": "replace", "path": "active", "value": False})


def by_deleting(caller, target):
    return caller.send("DELETE", f"/Users/{target.pk}")


def by_group(caller, target):
    members = [{"value": str(target.pk)}]
    body = {"schemas": [GROUP], "displayName": f"Group {target.pk}", "members": members}
    return caller.send("POST", "/Groups", body)


DOORS = (by_patch, by_put, by_deactivating, by_deleting, by_group)


@pytest.mark.parametrize("door", DOORS)
def test_nobody_changes_an_account_with_more_rights(door, course):
    other = a_course()
    actor = an_integrator("change_user")
    caller = Scim(key_of(actor))
    for kind, target in targets(actor, course, other).items():
        if kind == "self":
            continue
        before = User.objects.filter(pk=target.pk).values().get()
        answer = door(caller, target)
        is_changed = User.objects.filter(pk=target.pk).values().get() != before
        assert is_changed == (kind in WEAK | {"equal key"}), (kind, answer.content)
        assert answer.status_code == 403 or is_changed, kind


@pytest.mark.parametrize("door", [by_deactivating, by_deleting])
def test_a_key_never_closes_its_own_account(door, scim, provider_account):
    assert door(scim, provider_account).status_code == 403
    provider_account.refresh_from_db()
    assert provider_account.is_active


def test_a_deleted_person_with_more_rights_is_not_taken_up_again(scim):
    lena = scim.create_user("lena")
    scim.send("DELETE", f"/Users/{lena['id']}")
    User.objects.filter(pk=lena["id"]).update(is_staff=True)
    answer = scim.send("POST", "/Users", {"schemas": [USER], "userName": "lena"})
    assert answer.status_code == 403
    assert not User.objects.get(pk=lena["id"]).is_active
