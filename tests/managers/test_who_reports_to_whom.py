"""Who reports to which manager: one manager each, no circles, and every door that names one."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from progress.models import User, has_team, team_of
from progress.security import managers
from progress.security.keys import make_key
from tests.factories import a_user, an_integrator
from tests.support.admin import a_staff_member, page, save
from tests.support.importing import counts, imported, places

LEARNERS = "/api/learners/"


def as_(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def hr(db) -> APIClient:
    return as_(an_integrator("add_user", "change_user", "view_user"))


@pytest.fixture
def chain(db) -> tuple[User, User, User]:
    """Ada manages Ben, who manages Cleo."""
    ada = a_user(username="ada", external_id="hr-1")
    ben = a_user(username="ben", external_id="hr-2", manager=ada)
    return ada, ben, a_user(username="cleo", manager=ben)


def team(user: User) -> set[str]:
    return set(User.objects.filter(pk__in=team_of(user)).values_list("username", flat=True))


def manager_of(username: str) -> str | None:
    return User.objects.values_list("manager__username", flat=True).get(username=username)


# --- Teams ---------------------------------------------------------------------------------------
def test_a_team_is_everybody_below(chain):
    assert [team(each) for each in chain] == [{"ben", "cleo"}, {"cleo"}, set()]
    assert [has_team(each) for each in chain] == [True, True, False]


def test_a_change_holds_at_once(chain):
    ada, ben, _cleo = chain
    User.objects.filter(pk=ben.pk).update(manager=None)
    assert (team(ada), team(ben)) == (set(), {"cleo"})


def test_a_deactivated_manager_sees_nobody_and_those_above_see_on(chain):
    ada, ben, _cleo = chain
    as_(an_integrator("change_user", "view_user")).post(f"{LEARNERS}{ben.pk}/deactivate/")
    ben.refresh_from_db()
    assert (team(ben), has_team(ben)) == (set(), False)
    assert manager_of("cleo") == "ben"
    assert team(ada) == {"ben", "cleo"}


def test_a_deleted_manager_leaves_a_team_without_one(chain):
    User.objects.get(username="ben").delete()
    assert manager_of("cleo") is None


def test_the_api_lists_the_team_and_nobody_else(chain):
    ada, ben, _cleo = chain
    a_user(username="stranger")
    for manager, seen in ((ada, ["ada", "ben", "cleo"]), (ben, ["ben", "cleo"])):
        rows = as_(manager).get(LEARNERS).json()["results"]
        assert [row["username"] for row in rows] == seen


def test_a_manager_changes_nobody(chain):
    ada, ben, _cleo = chain
    for answer in (
        as_(ada).patch(f"{LEARNERS}{ben.pk}/", {"department": "IT"}),
        as_(ada).post(f"{LEARNERS}{ben.pk}/deactivate/"),
        as_(ada).post(f"{LEARNERS}upsert/", {"username": "ben", "department": "IT"}),
    ):
        assert answer.status_code == 403
    ben.refresh_from_db()
    assert (ben.department, ben.is_active) == ("", True)


def test_a_key_with_scopes_reads_no_team_and_one_without_reads_what_its_account_does(chain):
    ada, _ben, _cleo = chain
    for scopes, seen in ((["people:read"], ["ada"]), ([], ["ada", "ben", "cleo"])):
        key = make_key(ada, scopes=scopes, lifetime=timedelta(days=1))[1]
        rows = APIClient().get(LEARNERS, headers={"Authorization": f"Token {key}"}).json()
        assert [row["username"] for row in rows["results"]] == seen


# --- Circles -------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ada", "ben", "cleo"])
def test_the_database_refuses_a_circle(chain, who):
    manager = User.objects.get(username=who)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="ada").update(manager=manager)


def test_a_whole_chain_is_turned_round_by_one_statement(chain):
    ada, ben, cleo = chain
    ada.manager, ben.manager, cleo.manager = ben, cleo, None
    User.objects.bulk_update(chain, ["manager"])
    assert team(cleo) == {"ada", "ben"}


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_make_no_circle():
    ada, ben = a_user(username="ada"), a_user(username="ben")
    is_written, outcomes = threading.Event(), []

    def below(person: User, manager: User) -> None:
        try:
            with transaction.atomic():
                User.objects.filter(pk=person.pk).update(manager=manager)
                is_written.set()
                if person == ada:
                    waits_for_lock.wait(10)
            outcomes.append("written")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            connection.close()

    waits_for_lock = threading.Event()
    first = threading.Thread(target=below, args=(ada, ben))
    second = threading.Thread(target=below, args=(ben, ada))
    first.start()
    assert is_written.wait(10)
    second.start()
    while not _somebody_waits():
        assert second.is_alive()
    waits_for_lock.set()
    first.join()
    second.join()
    assert outcomes == ["written", "refused"]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database())"
        )
        return cursor.fetchone()[0]


# --- The API -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["manager_id", "manager_username", "manager_external_id"])
def test_a_manager_is_named_by_any_name(hr, name):
    ada = a_user(username="ada", external_id="hr-1")
    value = {"manager_id": ada.pk, "manager_username": "ADA", "manager_external_id": "hr-1"}[name]
    made = hr.post(LEARNERS, {"username": "ben", name: value})
    assert made.status_code == 201
    assert made.json()["manager_id"] == ada.pk
    other = a_user(username="other")
    changed = hr.patch(f"{LEARNERS}{other.pk}/", {name: value})
    assert changed.json()["manager_id"] == ada.pk
    found = hr.get(LEARNERS, {"manager_id": ada.pk}).json()["results"]
    assert {row["username"] for row in found} == {"ben", "other"}
    assert hr.patch(f"{LEARNERS}{other.pk}/", {"manager_id": None}).json()["manager_id"] is None


@pytest.mark.parametrize(
    ("values", "attr"),
    [
        ({"manager_id": 999_999}, "manager_id"),
        ({"manager_id": "ada"}, "manager_id"),
        ({"manager_id": 2**70}, "manager_id"),
        ({"manager_username": "nobody"}, "manager_username"),
        ({"manager_username": "\0"}, "manager_username"),
        ({"manager_external_id": ""}, "manager_external_id"),
        ({"manager_username": "ada", "manager_external_id": "hr-1"}, "manager_external_id"),
        ({"manager": 1}, "manager"),
    ],
)
def test_a_wrong_manager_is_refused_by_name(hr, chain, values, attr):
    _ada, ben, _cleo = chain
    bodies = [
        hr.patch(f"{LEARNERS}{ben.pk}/", values).json(),
        hr.post(f"{LEARNERS}upsert/", {"username": "ben"} | values).json(),
        hr.post(LEARNERS, {"username": "new"} | values).json(),
    ]
    for body in bodies:
        assert [error["attr"] for error in body["errors"]] == [attr], body
    assert manager_of("ben") == "ada"


@pytest.mark.parametrize("manager", ["ada", "ben", "cleo"])
def test_a_circle_is_refused_by_every_way_to_write(hr, chain, manager):
    ada, _ben, _cleo = chain
    there = User.objects.get(username=manager)
    by_id = hr.patch(f"{LEARNERS}{ada.pk}/", {"manager_id": there.pk})
    one = hr.post(f"{LEARNERS}upsert/", {"username": "ada", "manager_username": manager})
    for answer in (by_id, one):
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert (error["attr"], error["code"]) == ("manager_id", "circle")
    rows = [{"username": "ada", "manager_username": manager}, {"username": "dan"}]
    body = hr.post(f"{LEARNERS}bulk/", {"rows": rows}).json()
    assert [each["status"] for each in body["results"]] == ["invalid", "created"]
    assert manager_of("ada") is None


@pytest.mark.django_db(transaction=True)
def test_who_follows_people_learns_of_a_new_manager(hr, chain):
    _ada, _ben, cleo = chain
    begun = hr.get(LEARNERS, {"updated_since": "2026-01-01"}).json()["next_updated_since"]
    hr.patch(f"{LEARNERS}{cleo.pk}/", {"manager_username": "ada"})
    rows = hr.get(LEARNERS, {"updated_since": begun}).json()["results"]
    assert [row["username"] for row in rows] == ["cleo"]


def test_a_bulk_request_names_managers_of_its_own_rows(hr):
    rows = [{"username": "ada"}, {"username": "ben", "manager_username": "ada"}]
    for status in ("created", "unchanged"):
        body = hr.post(f"{LEARNERS}bulk/", {"rows": rows}).json()
        assert [each["status"] for each in body["results"]] == [status] * 2
    assert manager_of("ben") == "ada"


def test_who_may_correct_people_makes_nobody_their_own_subject(db):
    """The right to change an account opens nobody's record of learning to who has it."""
    clerk = an_integrator("change_user", "view_user")
    deputy, lena = a_user(username="deputy", manager=clerk), a_user(username="lena")
    for manager in (clerk, deputy):
        answer = as_(clerk).patch(f"{LEARNERS}{lena.pk}/", {"manager_id": manager.pk})
        assert answer.json()["errors"][0]["code"] == "does_not_exist"
    clerk = an_integrator("change_user", "view_user", "view_enrollment", "view_courseprogress")
    answer = as_(clerk).patch(f"{LEARNERS}{lena.pk}/", {"manager_id": clerk.pk})
    assert answer.json()["manager_id"] == clerk.pk
    assert managers.possible_managers(None).count() == User.objects.count()


# --- Files ---------------------------------------------------------------------------------------
def test_a_file_names_managers_in_any_order_of_its_rows(db):
    a_user(username="boss", external_id="hr-9")
    text = "username,external_id,manager\ncleo,,ben\nben,hr-2,hr-1\nada,hr-1,hr-9\nboss,,\n"
    assert counts(imported("people", text)) == (3, 0, 1)
    assert [manager_of(name) for name in ("cleo", "ben", "ada", "boss")] == [
        "ben",
        "ada",
        "boss",
        None,
    ]
    assert counts(imported("people", text)) == (0, 0, 4)


def test_a_file_turns_a_chain_round(chain):
    text = "username,manager\nada,ben\nben,cleo\n"
    outcome = imported("people", text)
    assert places(outcome) == [(3, "manager", "cleo")], "cleo reports to ben still"
    User.objects.filter(username="cleo").update(manager=None)
    assert counts(imported("people", text)) == (0, 2, 0)
    assert team(User.objects.get(username="cleo")) == {"ada", "ben"}


def test_wrong_managers_are_named_by_their_cells(chain):
    text = "username,manager\nnew,nobody\nnewer,new\nnewest,newest\nada,cleo\nben,ada\n"
    assert places(imported("people", text)) == [
        (2, "manager", "nobody"),
        (3, "manager", "new"),
        (4, "manager", "newest"),
        (5, "manager", "cleo"),
    ]
    assert not User.objects.filter(username__startswith="new").exists()


def test_a_file_changes_managers_only_for_who_may_change_people(chain):
    clerk = a_staff_member("add_user", "view_user")
    answer = as_(clerk).post(
        "/api/imports/people/",
        {"file": SimpleUploadedFile("people.csv", b"username,manager\ncleo,ada\n")},
        format="multipart",
    )
    assert answer.status_code == 400
    assert manager_of("cleo") == "ben"


# --- The admin -----------------------------------------------------------------------------------
def test_the_admin_sets_a_manager_and_refuses_a_circle(sign_in, administrator, chain):
    ada, _ben, cleo = chain
    window = sign_in(administrator)
    save(window, cleo, manager=ada.pk)
    assert manager_of("cleo") == "ada"
    answer = save(window, ada, manager=cleo.pk)
    assert managers.CIRCLE in answer.content.decode()
    assert manager_of("ada") is None


def test_the_admin_names_only_people_that_the_editor_may_name(sign_in, chain):
    _ada, _ben, cleo = chain
    clerk = a_staff_member("change_user", "view_user")
    answer = save(sign_in(clerk), cleo, manager=clerk.pk)
    assert "Select a valid choice" in answer.content.decode()
    assert manager_of("cleo") == "ben"


def test_a_manager_without_the_right_to_change_people_finds_no_form(sign_in, chain):
    ada, ben, _cleo = chain
    ada.is_staff = True
    ada.save()
    ada.user_permissions.set(Permission.objects.filter(codename="view_user"))
    window = sign_in(ada)
    assert window.get(page(User, "change", ben.pk)).status_code == 200
    assert window.post(page(User, "change", ben.pk), {"username": "other"}).status_code == 403
