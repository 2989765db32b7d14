"""Writes to accounts, keys and groups: each role, each kind of target, each interface.

A door is a function that tries one change; whether the change is in the database afterwards is
what counts, whatever the door answered.
"""

from datetime import UTC, datetime
from functools import cache

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from progress.models import Course, User
from tests.factories import (
    a_course_of,
    a_learner,
    a_user,
    an_instructor,
    an_integrator,
    grant,
)
from tests.support.callers import api, window

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"
ACTORS = (
    "anonymous",
    "learner",
    "own instructor",
    "other instructor",
    "clerk",
    "key",
    "strong key",
    "superuser",
)
TARGETS = (
    "self",
    "own learner",
    "foreign learner",
    "teacher",
    "staff",
    "equal key",
    "stronger key",
    "group member",
    "superuser",
)
WEAK = {"self", "own learner", "foreign learner"}
# The accounts that each role may change, if it may change people at all. A clerk and a key hold
# `change_user` and nothing else; a strong key holds every permission of this app.
CHANGES: dict[str, set[str]] = {
    "clerk": WEAK | {"equal key"},
    "key": WEAK | {"equal key"},
    "strong key": WEAK | {"equal key", "teacher"},
    "superuser": set(TARGETS),
}


@pytest.fixture
def course(db) -> Course:
    return a_course_of({"content_type": "embed", "completion_source": "reported"}, title="Own")


@pytest.fixture
def other(db) -> Course:
    return a_course_of({"content_type": "embed", "completion_source": "reported"}, title="Other")


@pytest.fixture
def actor(request, course, other) -> User | None:
    return {
        "anonymous": lambda: None,
        "learner": lambda: a_learner(course),
        "own instructor": lambda: an_instructor(course),
        "other instructor": lambda: an_instructor(other),
        "clerk": lambda: grant(a_user(is_staff=True), "change_user"),
        "key": lambda: an_integrator("change_user"),
        "strong key": _strong,
        "superuser": lambda: a_user(is_staff=True, is_superuser=True),
    }[request.param]()


def _strong() -> User:
    person = a_user()
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="progress"))
    return User.objects.get(pk=person.pk)


def targets(actor: User | None, course: Course, other: Course) -> dict[str, User]:
    teacher = a_user()
    course.instructors.add(teacher)
    stronger = an_integrator("change_user")
    stronger.user_permissions.add(Permission.objects.get(codename="change_alert"))
    member = a_user()
    member.groups.add(Group.objects.create(name="Without permissions yet"))
    found = {
        "own learner": a_learner(course),
        "foreign learner": a_learner(other),
        "teacher": teacher,
        "staff": a_user(is_staff=True),
        "equal key": an_integrator("change_user"),
        "stronger key": stronger,
        "group member": member,
        "superuser": a_user(is_superuser=True),
    }
    return found | ({"self": actor} if actor else {})


STATE = """
    SELECT to_jsonb(u) - '{last_login,date_joined}'::text[],
        ARRAY(SELECT permission_id FROM progress_user_user_permissions
            WHERE user_id = u.id ORDER BY 1),
        ARRAY(SELECT group_id FROM progress_user_groups WHERE user_id = u.id ORDER BY 1),
        (SELECT count(*) FROM knox_authtoken WHERE user_id = u.id)
    FROM progress_user u WHERE u.id = %s
"""


def state(target: User) -> tuple:
    """All that a door could change; in one statement, as it is asked for thousands of times."""
    with connection.cursor() as cursor:
        cursor.execute(STATE, [target.pk])
        return cursor.fetchone()


# --- Accounts ------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _browsers(_nothing_left_over):
    browser.cache_clear()


@cache
def browser(actor: User | None) -> Client:
    """The same for all attempts of a test: signing in for each would take as long as these."""
    return window(actor)


def by_patch(actor, target, name, value):
    return api(actor).patch(f"/api/learners/{target.pk}/", {name: value})


def by_put(actor, target, name, value):
    data = {"username": target.username} | {name: value}
    return api(actor).put(f"/api/learners/{target.pk}/", data)


def _form(target: User) -> dict:
    return {
        "username": target.username,
        "full_name": target.full_name,
        "email": target.email,
        "department": target.department,
        "language": target.language,
        "time_zone": target.time_zone,
        "external_id": target.external_id or "",
        "is_active": "on",
        # A superuser's form also has these fields.
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        **({"is_staff": "on"} if target.is_staff else {}),
        **({"is_superuser": "on"} if target.is_superuser else {}),
        "groups": [group.pk for group in target.groups.all()],
        "user_permissions": [each.pk for each in target.user_permissions.all()],
    }


def by_form(actor, target, name, value):
    data = _form(target) | {name: value}
    if name == "is_active":
        del data[name]
    address = reverse("admin:progress_user_change", args=[target.pk])
    return browser(actor).post(address, data)


def by_password_page(actor, target, name, value):
    address = reverse("admin:auth_user_password_change", args=[target.pk])
    data = {"usable_password": "true", "password1": value, "password2": value}
    # Changing a password renews the session, which the test then takes back.
    return window(actor).post(address, data)


def by_file(actor, target, name, value):
    if name == "is_active":
        value = "no"
    text = f"username,{name}\n{target.username},{value}\n".encode()
    return api(actor).post("/api/imports/people/", {"file": _upload(text)}, format="multipart")


def by_upsert(actor, target, name, value):
    data = {"username": target.username, name: value}
    return api(actor).post("/api/learners/upsert/", data)


def by_bulk(actor, target, name, value):
    what = {"action": "deactivate"} if name == "is_active" else {name: value}
    rows = [{"username": target.username} | what]
    return api(actor).post("/api/learners/bulk/", {"rows": rows})


def by_deactivating(actor, target, name, value):
    return api(actor).post(f"/api/learners/{target.pk}/deactivate/")


def _upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", content)


def by_new_key(actor, target, name, value):
    return window(actor).post(
        "/admin/knox/authtoken/add/",
        {"user": target.pk, "expiry_0": "2030-01-01", "expiry_1": "00:00:00"},
    )


TEXTS = {
    "email": "thief@example.org",
    "full_name": "Someone Else",
    "department": "Elsewhere",
    "language": "ar",
    "time_zone": "Asia/Tokyo",
    "external_id": "other-1",
}
FIELDS = TEXTS | {"username": "renamed", "password": PASSWORD}
DOORS = [
    (by_patch, FIELDS),
    (by_put, FIELDS),
    (by_form, TEXTS | {"username": "renamed", "is_active": False}),
    (by_password_page, {"password": PASSWORD}),
    (by_file, TEXTS | {"is_active": False}),
    (by_upsert, TEXTS | {"password": PASSWORD}),
    (by_bulk, TEXTS | {"password": PASSWORD, "is_active": False}),
    (by_deactivating, {"is_active": False}),
]
IN_ADMIN = {by_form, by_password_page}


@pytest.mark.parametrize("actor", ACTORS, indirect=True)
@pytest.mark.parametrize(("door", "fields"), DOORS, ids=lambda part: getattr(part, "__name__", ""))
def test_nobody_changes_an_account_with_more_rights(door, fields, actor, course, other, request):
    """Tries field by field, and restores the database after each."""
    role = request.node.callspec.params["actor"]
    allowed = CHANGES.get(role, set())
    browser(actor)  # signs in before the first savepoint
    if door in IN_ADMIN and (actor is None or not actor.is_staff):
        allowed = set()
    for kind, target in targets(actor, course, other).items():
        before = state(target)
        for name, value in fields.items():
            if kind == "self" and name in {"password", "is_active"}:
                continue  # would sign out or lock out the next attempt
            place = transaction.savepoint()
            answer = door(actor, target, name, value)
            assert answer.status_code < 500, (role, kind, name)
            is_changed = state(target) != before
            assert is_changed == (kind in allowed), (role, kind, name, answer.status_code)
            transaction.savepoint_rollback(place)


@pytest.mark.parametrize("actor", ["clerk", "key", "strong key"], indirect=True)
def test_the_api_answers_403_for_more_rights_and_404_for_unknown_people(actor, course, other):
    there = targets(actor, course, other)
    for kind in ("staff", "stronger key", "superuser"):
        answer = api(actor).patch(f"/api/learners/{there[kind].pk}/", {"email": "not an address"})
        assert answer.status_code == 403, kind
        assert answer.json()["errors"][0]["code"] == "permission_denied"
    assert api(actor).patch("/api/learners/999999999/", {}).status_code == 404


POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@pytest.mark.parametrize("actor", ["clerk", "key", "strong key"], indirect=True)
@pytest.mark.parametrize("name", POWERS)
def test_only_superusers_grant_permissions(name, actor, course, other):
    value = {
        "groups": [Group.objects.create(name="Powerful").pk],
        "user_permissions": [Permission.objects.get(codename="view_all_progress").pk],
    }.get(name, True)
    for kind, target in targets(actor, course, other).items():
        before = state(target)
        for door in (by_patch, by_form):
            assert door(actor, target, name, value).status_code < 500
        data = {"username": f"new-{kind.replace(' ', '-')}", name: value}
        api(actor).post("/api/learners/", data)
        assert state(target) == before, kind
    assert not User.objects.filter(username__startswith="new-", is_staff=True).exists()


# --- Keys and groups in the admin ----------------------------------------------------------------
@pytest.fixture
def locksmith() -> User:
    """Staff with all permissions over keys and groups, and permission to change people."""
    person = a_user(is_staff=True)
    person.user_permissions.set(
        Permission.objects.filter(codename__endswith="_authtoken")
        | Permission.objects.filter(codename__endswith="_group")
        | Permission.objects.filter(codename__in=["view_user", "change_user"])
    )
    return person


def test_keys_are_made_and_revoked_for_no_more_rights_than_ones_own(locksmith, course, other):
    allowed = WEAK | {"equal key"}
    for kind, target in targets(locksmith, course, other).items():
        by_new_key(locksmith, target, "", "")
        made = AuthToken.objects.filter(user=target)
        assert made.exists() == (kind in allowed), kind
        key = made.first() or AuthToken.objects.create(target)[0]
        for address, data in (
            (f"/admin/knox/authtoken/{key.pk}/delete/", {"post": "yes"}),
            (
                "/admin/knox/authtoken/",
                {"action": "delete_selected", "_selected_action": [key.pk], "post": "yes"},
            ),
        ):
            window(locksmith).post(address, data)
            assert made.exists() == (kind not in allowed), kind


def test_a_key_is_never_given_to_another_account(locksmith, course, other):
    boss = a_user(is_superuser=True)
    own, _key = AuthToken.objects.create(locksmith)
    window(locksmith).post(
        f"/admin/knox/authtoken/{own.pk}/change/",
        {
            "user": boss.pk,
            "digest": "0" * 128,
            "token_key": "x",
            "expiry_0": "2030-01-01",
            "expiry_1": "00:00:00",
        },
    )
    after = AuthToken.objects.get()
    assert (after.user_id, after.digest) == (locksmith.pk, own.digest)
    assert after.expiry == datetime(2030, 1, 1, tzinfo=UTC)


def test_a_group_is_changed_by_superusers_only(locksmith):
    group = Group.objects.create(name="Clerks")
    locksmith.groups.add(group)
    power = Permission.objects.get(codename="view_all_progress")
    data = {"name": "Clerks", "permissions": [power.pk]}
    boss = a_user(is_staff=True, is_superuser=True)
    for person, has_it in ((locksmith, False), (boss, True)):
        window(person).post(f"/admin/auth/group/{group.pk}/change/", data)
        assert group.permissions.exists() == has_it
    window(locksmith).post("/admin/auth/group/add/", {"name": "Mine", "permissions": [power.pk]})
    window(locksmith).post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert set(Group.objects.values_list("name", flat=True)) == {"Clerks"}
