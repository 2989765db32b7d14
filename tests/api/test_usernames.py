"""One person, one account: Lena, LENA and full-width ｌｅｎａ are the same name everywhere."""

from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from progress.importing import KINDS, run
from progress.importing.fields import ParsedRow
from progress.importing.instructors import accounts
from progress.mail.password_links import request_reset
from progress.models import Course, Enrollment, LearningSession, OutgoingMail, User
from progress.validation.usernames import normalized
from tests.factories import a_course, a_document, a_learner, a_user, an_integrator
from tests.support.callers import api as as_

pytestmark = pytest.mark.django_db
WIDE = "ｌｅｎａ"
SPELLINGS = ("lena", "Lena", "LENA", WIDE)
PASSWORD = "a long enough sentence"


@pytest.fixture
def boss() -> User:
    return a_user(is_staff=True, is_superuser=True)


@pytest.fixture
def api(boss) -> APIClient:
    return as_(boss)


def from_before(username: str, **columns) -> User:
    """An account from the time when case and width made a different name."""
    user = a_user(password=columns.pop("password", None), **columns)
    key = normalized(username)
    alike = User.objects.filter(username_key=key).count()
    columns = {"username": username, "username_key": key, "duplicate_number": alike}
    User.objects.filter(pk=user.pk).update(**columns)
    return User.objects.get(pk=user.pk)


# --- Creating accounts ---------------------------------------------------------------------------
def by_api(boss, name):
    as_(boss).post("/api/learners/", {"username": name})


def by_form(boss, name):
    window = Client()
    window.force_login(boss)
    data = {"username": name, "time_zone": "UTC", "usable_password": "true"}
    data |= {"password1": PASSWORD, "password2": PASSWORD}
    window.post(reverse("admin:progress_user_add"), data)


def by_file(boss, name):
    run(KINDS["people"], f"username\n{name}\n".encode(), by=boss, now=timezone.now())


def by_command(boss, name):
    try:
        call_command(
            "createsuperuser",
            username=name,
            email="x@example.org",
            interactive=False,
            stdout=StringIO(),
        )
    except CommandError as error:
        assert "already taken" in str(error)


DOORS = [by_api, by_form, by_file, by_command]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", SPELLINGS)
def test_a_new_name_is_stored_in_one_spelling(door, name, boss):
    door(boss, name)
    assert User.objects.exclude(pk=boss.pk).get().username == "lena"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("there", ["lena", "Lena"])
def test_the_same_name_in_another_spelling_is_no_second_account(door, there, boss):
    from_before(there, full_name="Lena F.")
    for name in SPELLINGS:
        door(boss, name)
    kept = User.objects.exclude(pk=boss.pk).get()
    assert (kept.username, kept.full_name) == (there, "Lena F.")


def test_the_database_refuses_it_too():
    a_user(username="lena")
    for name in ("Lena", WIDE):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.bulk_create([User(username=name)])


def test_renaming_to_a_taken_name_is_refused_and_another_spelling_is_no_rename(api):
    lena, omar = from_before("Lena"), a_user(username="omar")
    answer = api.patch(f"/api/learners/{omar.pk}/", {"username": "LENA"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["attr"], error["code"]) == (400, "username", "unique")
    for name in SPELLINGS:
        kept = api.patch(f"/api/learners/{lena.pk}/", {"username": name})
        assert (kept.status_code, kept.json()["username"]) == (200, "Lena")
    assert (
        api.patch(f"/api/learners/{omar.pk}/", {"username": "OMAR2"}).json()["username"] == "omar2"
    )
    User.objects.get(username_key="omar2")


def test_the_admin_keeps_an_old_spelling_and_refuses_a_taken_name(boss):
    lena, omar = from_before("Lena"), a_user(username="omar")
    window = Client()
    window.force_login(boss)
    data = {"time_zone": "UTC", "is_active": "on", "full_name": "Changed"}
    data |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    for person, name in ((lena, "Lena"), (omar, "LENA")):
        address = reverse("admin:progress_user_change", args=[person.pk])
        window.post(address, data | {"username": name})
        person.refresh_from_db()
    assert (lena.username, lena.full_name) == ("Lena", "Changed")
    assert (omar.username, omar.full_name) == ("omar", "")


# --- Signing in ----------------------------------------------------------------------------------
def signs_in(name: str, password: str = PASSWORD) -> bool:
    window = Client()
    window.post("/login/", {"username": name, "password": password})
    return "_auth_user_id" in window.session


@pytest.mark.parametrize("stored", ["lena", "Lena", "LENA"])
def test_sign_in_ignores_case_and_width(stored):
    from_before(stored, password=PASSWORD)
    assert all(map(signs_in, [*SPELLINGS, " lena "]))
    assert not signs_in("lena", "something else")


def test_sign_in_by_e_mail_works_if_the_address_is_unique():
    a_user(username="lena", email="Lena.F@example.org", password=PASSWORD)
    wide = "ｌｅｎａ.f@example.org"
    for address in ("Lena.F@example.org", "lena.f@EXAMPLE.org", wide):
        assert signs_in(address), address
    a_user(email="lena.f@Example.org", password=PASSWORD)
    assert not signs_in("LENA.F@example.org")
    assert signs_in("Lena.F@example.org") and signs_in("lena")


def test_accounts_with_the_same_normalized_name_need_their_exact_spelling():
    from_before("Lena", password=PASSWORD)
    from_before("lena", password="another long sentence")
    assert signs_in("Lena") and signs_in("lena", "another long sentence")
    assert not signs_in("lena") and not signs_in("LENA") and not signs_in(WIDE)


def test_a_name_that_is_also_an_address_belongs_to_the_name():
    a_user(username="lena@example.org", password=PASSWORD)
    a_user(email="lena@example.org", password="another long sentence")
    assert signs_in("LENA@example.org")
    assert not signs_in("lena@example.org", "another long sentence")


def test_every_failed_sign_in_hashes_a_password_once(monkeypatch):
    """The time of an answer must not reveal whether an account exists."""
    from django.contrib.auth import hashers

    a_user(username="lena", email="lena@example.org", password=PASSWORD)
    a_user(username="omar")
    for _twice in range(2):
        a_user(email="twin@example.org", password=PASSWORD)
    hasher = type(hashers.get_hasher())
    hashed = []
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    verify = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda *args: hashed.append(1) or verify(*args))
    counts = {}
    for name in (
        "lena",
        "LENA@example.org",
        "omar",
        "nobody",
        "no@example.org",
        "twin@example.org",
    ):
        hashed.clear()
        assert not signs_in(name, "wrong")
        counts[name] = len(hashed)
    assert len({min(count, 1) for count in counts.values()}) == 1 and min(counts.values()) >= 1


def test_an_account_has_one_lockout_in_any_spelling():
    a_user(username="lena", email="lena@example.org", password=PASSWORD)
    for name in ["lena", "LENA", WIDE, "lena@example.org", "Lena@Example.org"] * 2:
        assert not signs_in(name, "wrong")
    assert {attempt.username for attempt in AccessAttempt.objects.all()} == {"lena"}
    assert not signs_in("lena") and not signs_in("Lena") and not signs_in("lena@example.org")


# --- Finding accounts ----------------------------------------------------------------------------
@pytest.mark.parametrize("stored", ["lena", "Lena"])
@pytest.mark.parametrize("name", SPELLINGS)
def test_a_name_is_found_in_any_spelling(stored, name, api):
    lena, course = from_before(stored), a_course()
    found = api.get("/api/learners/", {"username": name}).json()["results"]
    assert [row["id"] for row in found] == [lena.pk]

    call_command("create_api_token", name, stdout=StringIO())
    assert AuthToken.objects.get().user == lena

    file = f"username,course\n{name},{course.code}\n".encode()
    run(KINDS["enrollments"], file, by=None, now=timezone.now())
    assert Enrollment.objects.get().user == lena

    started = api.post("/api/employee/start_session", {"username": name, "course_id": course.pk})
    assert started.json()["user_id"] == lena.pk

    response = api.post("/api/courses/", a_document(instructors=[name, "LENA"]))
    assert response.json()["instructors"] == [stored]
    head = "course,course_title,instructors,module,content,content_type\n"
    run(KINDS["courses"], f"{head}fire,F,{name},m,c,text\n".encode(), by=None, now=timezone.now())
    assert list(Course.objects.get(code="fire").instructors.all()) == [lena]

    change = f"username,department\n{name},Care\n".encode()
    run(KINDS["people"], change, by=None, now=timezone.now())
    lena.refresh_from_db()
    assert (lena.department, lena.username) == ("Care", stored)


def test_an_ambiguous_name_is_reported_and_not_guessed(api):
    exact = from_before("Lena")
    from_before("LENA")
    with pytest.raises(CommandError, match="'Lena', 'LENA'"):
        call_command("create_api_token", "lena")
    answer = api.post("/api/courses/", a_document(instructors=["lena"]))
    assert "Several accounts" in answer.json()["errors"][0]["detail"]
    response = api.post("/api/courses/", a_document(instructors=["Lena"]))
    assert response.json()["instructors"] == [exact.username]
    file = f"username,course\nlena,{a_course().code}\n".encode()
    outcome = run(KINDS["enrollments"], file, by=None, now=timezone.now())
    assert [problem.column for problem in outcome.problems] == ["username"]


def test_a_file_names_each_person_once_in_whatever_spelling():
    file = f"username\nlena\n{WIDE}\n".encode()
    outcome = run(KINDS["people"], file, by=None, now=timezone.now())
    assert [(each.row, each.column) for each in outcome.problems] == [(3, "username")]


def test_duplicate_names_are_listed_and_left_alone():
    out, errors = StringIO(), StringIO()
    a_user(username="alone", email="alone@example.org")
    call_command("list_duplicate_accounts", stdout=out)
    assert "has one account" in out.getvalue()
    first, second = from_before("Lena"), from_before("LENA")
    for name in ("a", "b"):
        a_user(username=name, email=f"Shared@{'Example' if name == 'a' else 'example'}.org")
    before = list(User.objects.order_by("pk").values())
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("list_duplicate_accounts", stdout=out, stderr=errors)
    text = out.getvalue()
    assert ended.value.code == 1
    for part in (
        "User name lena:",
        f"{first.pk}  Lena",
        f"{second.pk}  LENA",
        "shared@example.org:",
    ):
        assert part in text
    assert "alone" not in text
    assert list(User.objects.order_by("pk").values()) == before


def test_an_account_from_older_code_is_listed_too():
    """While a new version is rolled out, the old one still writes names without their key."""
    from_before("Lena")
    User.objects.filter(pk=a_user(username="other").pk).update(username="LENA", username_key=None)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("list_duplicate_accounts", stdout=out, stderr=StringIO())
    assert "Lena" in out.getvalue() and "LENA" in out.getvalue()


# --- Starting a session by other names -----------------------------------------------------------
def test_a_session_starts_by_code_and_by_the_id_of_ones_own_system():
    course = a_course()
    lena = a_learner(course, username="lena", external_id="hr-1")
    key = as_(an_integrator("add_learningsession"))
    start = "/api/employee/start_session"
    for who in ({"external_id": "hr-1"}, {"username": "LENA"}, {"user_id": lena.pk}):
        answer = key.post(start, {"course_code": course.code} | who)
        assert (answer.status_code, answer.json()["user_id"]) == (201, lena.pk)
    assert LearningSession.objects.count() == 3
    unknown = key.post(start, {"course_code": "none", "user_id": lena.pk})
    assert unknown.status_code == 404
    for who in ({"external_id": "hr-2"}, {"username": "nobody"}):
        answer = key.post(start, {"course_id": course.pk} | who)
        assert (answer.status_code, answer.json()) == (404, unknown.json())
    stranger = as_(a_learner(course))
    assert stranger.post(start, {"course_id": course.pk, "username": "lena"}).status_code == 404
    for wrong, attr in (
        ({}, "course_id"),
        ({"course_id": course.pk, "course_code": course.code}, "course_code"),
        ({"course_id": course.pk, "username": "lena", "external_id": "hr-1"}, "username"),
    ):
        answer = key.post(start, wrong)
        assert [error["attr"] for error in answer.json()["errors"]] == [attr]


# --- Email addresses -----------------------------------------------------------------------------
ADDRESS = "Lena@example.org"
ADDRESSES = (ADDRESS, "Lena@EXAMPLE.org", " Ｌｅｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ ")


def address_by_api(boss, person, address):
    answer = as_(boss).patch(f"/api/learners/{person.pk}/", {"email": address})
    assert answer.status_code == 200, answer.content
    assert answer.json()["email"] == ADDRESS


def address_by_form(boss, person, address):
    window = Client()
    window.force_login(boss)
    data = {"username": person.username, "time_zone": "UTC", "is_active": "on", "email": address}
    data |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    window.post(reverse("admin:progress_user_change", args=[person.pk]), data)


def address_by_file(boss, person, address):
    table = f"username,email\n{person.username},{address}\n".encode()
    run(KINDS["people"], table, by=boss, now=timezone.now())


def address_by_code(boss, person, address):
    User.objects.filter(pk=person.pk).update(email=address)


@pytest.mark.parametrize(
    "door", [address_by_api, address_by_form, address_by_file, address_by_code]
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_stored_in_one_spelling(door, address, boss):
    person = a_user(username="lena")
    door(boss, person, address)
    person.refresh_from_db()
    assert person.email == ADDRESS


@pytest.mark.parametrize("address", [*ADDRESSES, "LENA@EXAMPLE.ORG"])
def test_an_address_finds_its_account_however_it_is_spelled(address, boss, api):
    person = a_user(username="lena", email=ADDRESS, password=PASSWORD)
    assert User.objects.get_by_natural_key(address) == person
    found = api.get("/api/learners/", {"email": address}).json()["results"]
    assert [row["id"] for row in found] == [person.pk]
    request_reset(address, "en", timezone.now())
    assert OutgoingMail.objects.get().payload["user_id"] == person.pk
    row = ParsedRow(1, {"instructors": [address]})
    assert accounts([row], boss) == {address: ["lena"]}
