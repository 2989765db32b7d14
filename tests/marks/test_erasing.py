"""One call erases test learners and test courses: every row of theirs, and no other."""

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from connections.events import publishing
from progress.ingest import erasing
from progress.jobs import Run
from progress.models import (
    Accommodation,
    Course,
    Enrollment,
    Erasure,
    Note,
    RowChange,
    StudyReminder,
    User,
    Waiver,
)
from progress.tasks import erase_test_data
from tests.factories import a_course_of, content, enrolled, grant
from tests.marks.conftest import with_key
from tests.marks.test_figures import a_trial, busy, people
from tests.marks.test_webhooks import made_by
from tests.support.admin import VIDEO
from tests.support.learners import A_QUIZ
from tests.support.outside import elsewhere

pytestmark = pytest.mark.django_db
# Notes that a row is gone, and the record of the erasing itself: numbers, and no names.
KEPT = {"progress_rowchange", "progress_erasure"}


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def course():
    return a_course_of(VIDEO, A_QUIZ)


@pytest.fixture
def trial(course):
    return a_trial()


@pytest.fixture
def tried(course, trial, test_key, owner):
    """Test learners who left rows wherever a learner can."""
    made_by(test_key)
    tests = people(3, is_test=True)
    busy(course, *tests)
    busy(trial, *tests)
    first = tests[0]
    enrollment = Enrollment.objects.get(user=first, course=course)
    Waiver.objects.create(
        enrollment=enrollment,
        user=first,
        content=content(course, "c1"),
        because=content(course, "c2"),
        reason=Waiver.Reason.PRE_TEST,
        granted_at=timezone.now(),
    )
    elsewhere(course, first)
    StudyReminder.objects.create(user=first, hour=8, weekdays=1)
    Accommodation.objects.create(user=first, quiz_time_percent=150)
    Note.objects.create(user=first, content=content(course, "c1"), text="Mine")
    with_key(first, is_test=True)
    first.courses_taught.add(trial)
    grant(first, "view_user")
    publishing.publish_all(timezone.now())
    return tests


def references(model) -> list[tuple[str, str]]:
    """Each table and column of a number that stands for a row of this model, with or without a
    relation."""
    named = {User: {"user_id"}, Course: {"course_id"}}[model]
    found = []
    for other in apps.get_models(include_auto_created=True):
        for field in other._meta.concrete_fields:
            is_related = field.is_relation and field.related_model is model
            if is_related or (not field.is_relation and field.column in named):
                found.append((other._meta.db_table, field.column))
    return found


def left(model, ids: list[int]) -> dict[tuple[str, str], int]:
    found = {}
    for table, column in references(model):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}" = ANY(%s)', [ids])
            if (count := cursor.fetchone()[0]) and table not in KEPT:
                found[table, column] = count
    return found


def checked_at_once() -> None:
    """From here on the database checks relations at each statement, as it does at each commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def counts() -> dict[str, int]:
    return {
        model.__name__: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model is not RowChange and model is not Erasure
    }


def test_one_call_leaves_no_row_and_takes_no_other(owner, anna, course, tried, trial, test_key):
    busy(course, anna)
    publishing.publish_all(timezone.now())
    ids, trials = [each.pk for each in tried], [trial.pk]
    assert len(left(User, ids)) > 12 and len(left(Course, trials)) > 4
    real = Enrollment.objects.get(user=anna)
    checked_at_once()
    answer = test_key.delete("/api/test-data/")
    assert answer.status_code == 200, answer.content
    erased = answer.json()
    assert (erased["state"], erased["learners"], erased["courses"]) == ("finished", 3, 1)
    assert erased["rows"] > 50
    assert left(User, ids) == {} and left(Course, trials) == {}
    assert not User.objects.filter(is_test=True).exists()
    assert Enrollment.objects.get() == real and real.sessions.count() == 3
    assert Erasure.objects.get().requested_by == owner


def test_everything_is_as_before_the_trial(course, anna, owner):
    busy(course, anna)
    publishing.publish_all(timezone.now())
    before = counts()
    tests = people(3, is_test=True)
    busy(course, *tests)
    busy(a_trial(), *tests)
    publishing.publish_all(timezone.now())
    checked_at_once()
    erasing.begin(erasing.request_all(owner, timezone.now()), timezone.now())
    assert counts() == before


def test_asking_again_erases_nothing_more(tried, test_key):
    first = test_key.delete("/api/test-data/").json()
    again = test_key.delete("/api/test-data/").json()
    assert again["id"] != first["id"] and again["learners"] == again["rows"] == 0
    shown = test_key.get("/api/test-data/").json()
    assert (shown["learners"], shown["courses"]) == (0, 0)
    assert shown["last_erasure"] == again


def test_much_of_it_is_left_to_a_job(tried, test_key, monkeypatch):
    monkeypatch.setattr(erasing, "AT_ONCE", 5)
    first = test_key.delete("/api/test-data/")
    assert (first.status_code, first.json()["state"]) == (202, "under_way")
    assert test_key.delete("/api/test-data/").json()["id"] == first.json()["id"]
    assert User.objects.filter(is_test=True).count() == 3
    erase_test_data()
    shown = test_key.get("/api/test-data/").json()
    assert shown["last_erasure"]["state"] == "finished" and shown["learners"] == 0


def test_what_broke_off_is_gone_on_with(tried, trial, owner, monkeypatch):
    erasure = erasing.request_all(owner, timezone.now())
    monkeypatch.setattr(erasing, "PEOPLE", 1)
    done = erasing._erase_learners
    calls = []

    def breaks_off(ids, now):
        calls.append(ids)
        if len(calls) == 2:
            raise RuntimeError
        return done(ids, now)

    monkeypatch.setattr(erasing, "_erase_learners", breaks_off)
    with pytest.raises(RuntimeError):
        erasing.go_on(Run("erase"))
    monkeypatch.setattr(erasing, "_erase_learners", done)
    erasing.go_on(Run("erase"))
    erasure.refresh_from_db()
    assert erasure.finished_at and (erasure.learners, erasure.courses) == (3, 1)


def test_slices_of_any_size_leave_nothing(tried, owner, monkeypatch):
    monkeypatch.setattr(erasing, "SLICE", 2)
    checked_at_once()
    erasing.begin(erasing.request_all(owner, timezone.now()), timezone.now())
    assert left(User, [each.pk for each in tried]) == {}


# --- Who may -------------------------------------------------------------------------------------
def test_only_a_test_key_whose_account_may_erases(tried, live, owner, anna):
    assert live.delete("/api/test-data/").status_code == 403
    assert live.get("/api/test-data/").status_code == 403
    weak = with_key(anna, is_test=True)
    assert weak.delete("/api/test-data/").status_code == 403
    half = with_key(owner, "people:manage", is_test=True)
    assert half.get("/api/test-data/").status_code == 200
    answer = half.delete("/api/test-data/")
    assert answer.json()["errors"][0]["code"] == "scope_missing"
    grant(anna, "add_erasure")
    assert weak.delete("/api/test-data/").status_code == 200


def test_the_admin_erases_chosen_test_learners_and_courses(tried, trial, anna, owner, sign_in):
    window = sign_in(owner)
    chosen = {"action": "erase_tests", "_selected_action": [tried[0].pk, anna.pk]}
    page = window.post("/admin/progress/user/", chosen, follow=True)
    assert "Only test learners and test courses can be erased." in page.content.decode()
    assert User.objects.filter(pk=tried[0].pk).exists()
    chosen["_selected_action"] = [tried[0].pk]
    assert "Erased." in window.post("/admin/progress/user/", chosen, follow=True).content.decode()
    assert list(User.objects.filter(is_test=True)) == tried[1:]
    chosen["_selected_action"] = [trial.pk]
    window.post("/admin/progress/course/", chosen, follow=True)
    assert not Course.objects.filter(is_test=True).exists()
    assert left(Course, [trial.pk]) == {}
    assert window.get("/admin/progress/erasure/").status_code == 200


def test_followers_learn_of_it_by_keys_of_the_same_kind(tried, trial, live, test_key):
    enrolled(tried[0], trial)
    since = {
        client: client.get("/api/learners/?cursor=").json()["next_updated_since"]
        for client in (live, test_key)
    }
    assert test_key.delete("/api/test-data/").status_code == 200
    gone = {each.pk for each in tried}
    for client, expected in ((live, set()), (test_key, gone)):
        rows = client.get(f"/api/learners/?updated_since={since[client]}").json()["results"]
        assert {row["id"] for row in rows if row.get("deleted")} == expected
    rows = live.get(f"/api/courses/?updated_since={since[live]}").json()["results"]
    assert trial.pk not in {row["id"] for row in rows}
