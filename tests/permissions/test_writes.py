"""Writes to accounts, enrolments and courses: each role, each kind of target, each interface.

A door is a function that tries one change; whether the change is in the database afterwards is
what counts, whatever the door answered.
"""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from progress.catalogue import course_document
from progress.importing import KINDS, run
from progress.models import Course, Enrollment, User
from tests.factories import (
    a_course_of,
    a_document,
    a_learner,
    a_user,
    an_instructor,
    an_integrator,
    enrolled,
    grant,
)

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


def api(actor: User | None) -> APIClient:
    client = APIClient()
    if actor is not None:
        client.force_authenticate(actor)
    return client


def window(actor: User | None) -> Client:
    client = Client()
    if actor is not None:
        client.force_login(actor)
    return client


def state(target: User) -> tuple:
    row = User.objects.filter(pk=target.pk).values().get()
    for name in ("last_login", "date_joined"):
        row.pop(name)
    return (
        *row.values(),
        *target.user_permissions.order_by("pk"),
        *target.groups.order_by("pk"),
        AuthToken.objects.filter(user=target).count(),
    )


# --- Accounts ------------------------------------------------------------------------------------
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
    return window(actor).post(address, data)


def by_password_page(actor, target, name, value):
    address = reverse("admin:auth_user_password_change", args=[target.pk])
    data = {"usable_password": "true", "password1": value, "password2": value}
    return window(actor).post(address, data)


def by_file(actor, target, name, value):
    if name == "is_active":
        value = "no"
    text = f"username,{name}\n{target.username},{value}\n".encode()
    return api(actor).post("/api/imports/people/", {"file": _upload(text)}, format="multipart")


def _upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", content)


def by_new_key(actor, target, name, value):
    return window(actor).post(
        "/admin/knox/authtoken/add/",
        {"user": target.pk, "expiry_0": "2030-01-01", "expiry_1": "00:00:00"},
    )


TEXTS = {
    "email": "thief@example.org",
    "full_name": "Somebody Else",
    "department": "Elsewhere",
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
]
IN_ADMIN = {by_form, by_password_page}


@pytest.mark.parametrize("actor", ACTORS, indirect=True)
@pytest.mark.parametrize(("door", "fields"), DOORS, ids=lambda part: getattr(part, "__name__", ""))
def test_nobody_changes_an_account_with_more_rights(door, fields, actor, course, other, request):
    """Tries field by field, and restores the database after each."""
    role = request.node.callspec.params["actor"]
    allowed = CHANGES.get(role, set())
    if door in IN_ADMIN and (actor is None or not actor.is_staff):
        allowed = set()
    for kind, target in targets(actor, course, other).items():
        for name, value in fields.items():
            if kind == "self" and name in {"password", "is_active"}:
                continue  # would sign out or lock out the next attempt
            before = state(target)
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


# --- Instructors ---------------------------------------------------------------------------------
EMBED = "course,course_title,instructors,module,content,content_type\n"


def name_by_post(actor, course, username):
    document = course_document(course, is_author=True) | {"instructors": [username]}
    return api(actor).post("/api/courses/", document)


def name_by_put(actor, course, username):
    document = course_document(course, is_author=True) | {"instructors": [username]}
    return api(actor).put(f"/api/courses/{course.pk}/", document)


def name_by_file(actor, course, username):
    text = f"{EMBED}{course.code},,{username},m,c1,embed\n".encode()
    run(KINDS["courses"], text, by=actor, now=timezone.now())


def name_by_form(actor, course, username):
    response = {
        "title": course.title,
        "plausibility": course.plausibility,
        "path": course.path,
        "instructors": [User.objects.get(username=username).pk],
    }
    window(actor).post(reverse("admin:progress_course_change", args=[course.pk]), response)


NAMING = [name_by_post, name_by_put, name_by_file, name_by_form]


def an_author(*permissions: str, **changes) -> User:
    return grant(a_user(**changes), "add_course", "change_course", "view_course", *permissions)


SEES = ("view_user", "view_enrollment", "view_courseprogress")


@pytest.mark.parametrize("door", NAMING)
def test_staff_cannot_let_others_see_learners_they_may_not_see(door, course):
    for author in (an_author(), an_author("view_user"), an_author(is_staff=True)):
        door(author, course, author.username)
        assert not course.instructors.exists()
    if door is name_by_form:
        sees = an_author(*SEES, "view_all_progress", is_staff=True)
    else:
        sees = an_author(*SEES)
    door(sees, course, sees.username)
    assert list(course.instructors.all()) == [sees]


@pytest.mark.parametrize("door", [name_by_post, name_by_put])
def test_choosing_instructors_without_permission_is_403_unless_unchanged(door, course):
    author, teacher = an_author(), an_instructor(course)
    assert door(author, course, teacher.username).status_code == 200
    assert door(author, course, author.username).status_code == 403
    assert list(course.instructors.all()) == [teacher]


@pytest.mark.parametrize("door", NAMING)
def test_an_instructor_chooses_people_of_own_courses_only(door, course, other):
    teacher = grant(an_instructor(course), "view_course", "change_course")
    learner, stranger = a_learner(course), a_learner(other)
    door(teacher, course, stranger.username)
    assert list(course.instructors.all()) == [teacher]
    door(teacher, other, teacher.username)
    assert not other.instructors.exists()
    door(teacher, course, learner.username)
    assert list(course.instructors.all()) == [learner]


def test_an_invisible_person_looks_like_an_unknown_name(course, other):
    teacher, stranger = an_instructor(course), a_learner(other)
    answers = [
        name_by_put(teacher, course, name).json()["errors"] for name in (stranger.username, "gone")
    ]
    assert answers[0][0]["detail"].replace(stranger.username, "gone") == answers[1][0]["detail"]


def test_the_author_of_a_new_course_chooses_its_instructors():
    author, teacher = an_author("view_user"), a_user()
    answer = api(author).post("/api/courses/", a_document(instructors=[teacher.username]))
    assert answer.status_code == 201
    assert answer.json()["instructors"] == [teacher.username]


def title_by_post(actor, course, title):
    document = course_document(course, is_author=True) | {"title": title}
    api(actor).post("/api/courses/", document)


def title_by_put(actor, course, title):
    document = course_document(course, is_author=True) | {"title": title}
    api(actor).put(f"/api/courses/{course.pk}/", document)


def title_by_form(actor, course, title):
    data = {"title": title, "plausibility": "enforce", "path": "fixed"}
    window(actor).post(reverse("admin:progress_course_change", args=[course.pk]), data)


def title_by_file(actor, course, title):
    text = f"{EMBED}{course.code},{title},,m,c1,embed\n".encode()
    run(KINDS["courses"], text, by=actor, now=timezone.now())


@pytest.mark.parametrize("door", [title_by_post, title_by_put, title_by_form, title_by_file])
def test_staff_change_courses_that_they_teach_only(door, course, other):
    teacher = grant(an_instructor(course), "view_course", "change_course")
    enrolled(teacher, other)
    for place in (course, other):
        door(teacher, place, "Changed")
        place.refresh_from_db()
    assert (course.title, other.title) == ("Changed", "Other")


# --- Enrolments ----------------------------------------------------------------------------------
def enroll_by_post(actor, person, course):
    api(actor).post("/api/enrollments/", {"user_id": person.pk, "course_id": course.pk})


def enroll_by_file(actor, person, course):
    text = f"username,course\n{person.username},{course.code}\n".encode()
    run(KINDS["enrollments"], text, by=actor, now=timezone.now())


def enroll_by_form(actor, person, course):
    data = {"user": person.pk, "course": course.pk}
    window(actor).post(reverse("admin:progress_enrollment_add"), data)


RIGHTS = ("add_enrollment", "change_enrollment", "delete_enrollment", "view_enrollment")


@pytest.mark.parametrize("door", [enroll_by_post, enroll_by_file, enroll_by_form])
def test_staff_enrol_own_learners_into_own_courses_only(door, course, other):
    second = a_course_of({"content_type": "embed", "completion_source": "reported"})
    teacher = grant(an_instructor(course, second), *RIGHTS)
    known, stranger = a_learner(course), a_learner(other)
    enrolled(teacher, other)
    for person, place, is_made in (
        (stranger, second, False),
        (known, other, False),
        (stranger, course, False),
        (known, second, True),
    ):
        before = Enrollment.objects.count()
        door(teacher, person, place)
        assert (Enrollment.objects.count() > before) == is_made
    nobody = grant(an_instructor(second), "view_enrollment")
    door(nobody, nobody, second)
    assert not Enrollment.objects.filter(user=nobody).exists()


def test_invisible_people_and_courses_look_like_unknown_ones(course, other):
    teacher = grant(an_instructor(course), *RIGHTS)
    known, stranger = a_learner(course), a_learner(other)

    def refusal(**ids):
        body = {"user_id": known.pk, "course_id": course.pk} | ids
        answer = api(teacher).post("/api/enrollments/", body)
        (error,) = answer.json()["errors"]
        return answer.status_code, error["code"], error["attr"], error["detail"].split('"')[-1]

    assert refusal(user_id=stranger.pk) == refusal(user_id=999_999_999)
    assert refusal(course_id=other.pk) == refusal(course_id=999_999_999)


@pytest.mark.parametrize("new_cycle", [False, True])
def test_existing_enrolments_need_the_change_permission(new_cycle, course):
    registrar = an_integrator("add_enrollment", "view_enrollment")
    before = enrolled(a_user(), course)
    asked = {"user_id": before.user_id, "course_id": course.pk}
    changed = {"new_cycle": True} if new_cycle else {"due_at": "2030-01-01T00:00:00Z"}
    assert api(registrar).post("/api/enrollments/", asked).status_code == 200
    assert api(registrar).post("/api/enrollments/", asked | changed).status_code == 403
    assert Enrollment.objects.get().due_at is None
    registrar = User.objects.get(pk=grant(registrar, *RIGHTS).pk)
    assert api(registrar).post("/api/enrollments/", asked | changed).status_code < 300


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_staff_may_not_change_their_own_enrolment_in_other_courses(method, course, other):
    teacher = grant(an_instructor(course), *RIGHTS)
    for person, place, status in (
        (teacher, other, 403),
        (a_learner(), other, 404),
        (a_learner(), course, {"patch": 200, "delete": 204}[method]),
    ):
        row = enrolled(person, place)
        ask = getattr(api(teacher), method)
        response = ask(f"/api/enrollments/{row.pk}/", {"due_at": "2030-01-01T00:00:00Z"})
        assert response.status_code == status
        row.refresh_from_db()
        is_changed = bool(row.due_at or row.unenrolled_at)
        assert is_changed == (status < 300)


# --- Sessions ------------------------------------------------------------------------------------
def test_staff_start_and_report_sessions_in_own_courses_only(course, other):
    teacher = grant(an_instructor(course), "add_learningsession", "change_learningsession")
    key = an_integrator("add_learningsession", "change_learningsession")
    for place, by_teacher in ((course, 201), (other, 404)):
        asked = {"course_id": place.pk, "user_id": a_learner(place).pk}
        assert api(teacher).post("/api/employee/start_session", asked).status_code == by_teacher
        started = api(key).post("/api/employee/start_session", asked)
        assert started.status_code == 201
        body = {"session_id": started.json()["session_id"]}
        ended = api(teacher).post("/api/employee/end_session", body)
        assert ended.status_code == (200 if place == course else 404)
