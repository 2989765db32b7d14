"""Following lists: what changed since the last time, a page at a time, while others write."""

import itertools
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.mixins import ListModelMixin
from rest_framework.test import APIClient

from progress.ingest import enrolling
from progress.models import Course, Enrollment, User
from tests.factories import (
    NOON,
    a_course,
    a_learner,
    a_session,
    a_user,
    an_instructor,
    an_integrator,
    content,
    enrolled,
    report,
)

pytestmark = pytest.mark.django_db
LEARNERS, ENROLLMENTS, COURSES = "/api/learners/", "/api/enrollments/", "/api/courses/"


def as_(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def boss() -> APIClient:
    return as_(a_user(username="boss", is_staff=True, is_superuser=True))


def page(client, address: str, **query) -> dict:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def whole(client, address: str, after_each_page=lambda: None, **query) -> tuple[list[dict], str]:
    """The rows of all pages, and the position from where to go on."""
    body = page(client, address, **({"cursor": ""} | query))
    rows, position = body["results"], body["next_updated_since"]
    while body["next"]:
        after_each_page()
        parts = urlsplit(body["next"])
        body = client.get(f"{parts.path}?{parts.query}").json()
        assert body["next_updated_since"] == position
        rows += body["results"]
    return rows, position


def ids(rows: list[dict]) -> list[int]:
    return [row["id"] for row in rows]


def refused(answer) -> dict:
    assert answer.status_code == 400, answer.content
    return {each["attr"]: each["code"] for each in answer.json()["errors"]}


# --- Every list ----------------------------------------------------------------------------------
def followed_lists() -> dict[str, type]:
    from django.urls import get_resolver

    views = {}
    for resolved in _views(get_resolver().url_patterns):
        if "list" in getattr(resolved, "actions", {}).values():
            views[resolved.cls.__name__] = resolved.cls
    return views


def _views(patterns):
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from _views(each.url_patterns)
        else:
            yield each.callback


# Logs: the first is followed by `after`, the second is looked up.
LOGS = {"EventViewSet", "DeliveryViewSet"}


def test_every_list_of_rows_can_be_followed():
    lists = followed_lists()
    rows = {name for name, cls in lists.items() if issubclass(cls, ListModelMixin)}
    assert len(rows) >= 15
    left_out = {name for name in rows if not hasattr(lists[name], "followed")}
    assert left_out == LOGS


def test_every_followed_table_notes_its_changes():
    tables = {t for cls in followed_lists().values() for t in getattr(cls, "followed", _no).tables}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'note\\_%%'"
        )
        assert {name for (name,) in cursor.fetchall()} == tables


class _no:
    tables = ()


@pytest.mark.parametrize(
    "name",
    [
        "analytics/alerts",
        "analytics/escalations",
        "analytics/exemptions",
        "analytics/hourly-rates",
        "analytics/letter-templates",
        "analytics/letters",
        "analytics/requirements",
        "analytics/risk",
        "analytics/saved-reports",
        "analytics/skills",
        "certificates",
        "courses",
        "enrollments",
        "learners",
        "waivers",
        "webhooks",
    ],
)
def test_every_list_takes_a_moment_and_a_position(name, boss):
    body = page(boss, f"/api/{name}/", updated_since="2026-01-01T00:00:00Z")
    position = body["next_updated_since"]
    assert page(boss, f"/api/{name}/", updated_since=position)["next"] is None
    wrong = boss.get(f"/api/{name}/", {"updated_since": "soon"})
    assert refused(wrong) == {"updated_since": "invalid"}


# --- What changed --------------------------------------------------------------------------------
def test_only_what_changed_since_a_moment_comes(boss):
    course = a_course()
    lena, omar = a_learner(course), a_learner(course)
    since = timezone.now()
    omar.department = "Warehouse"
    omar.save()
    assert ids(page(boss, LEARNERS, updated_since=since.isoformat())["results"]) == [omar.pk]
    late = (timezone.now() + timedelta(hours=1)).isoformat()
    assert page(boss, LEARNERS, updated_since=late)["results"] == []
    everybody = page(boss, LEARNERS, updated_since="2020-01-01T00:00:00Z")["results"]
    assert {lena.pk, omar.pk} <= set(ids(everybody))


def test_signing_in_is_no_change_of_a_learner(boss):
    lena = a_user()
    since = timezone.now().isoformat()
    User.objects.filter(pk=lena.pk).update(last_login=timezone.now())
    assert page(boss, LEARNERS, updated_since=since)["results"] == []


def test_progress_is_a_change_of_the_enrolment(boss):
    course = a_course()
    session, other = a_session(course), a_session(course)
    since = timezone.now().isoformat()
    event = {
        "content_id": content(course, "video").pk,
        "interaction_type": "progress",
        "segments": [[0, 30]],
        "position": 30,
        "duration_seconds": 30,
    }
    report(session, event, now=NOON + timedelta(seconds=60))
    [row] = page(boss, ENROLLMENTS, updated_since=since)["results"]
    assert (row["user_id"], row["completion_percentage"] > 0) == (session.user_id, True)
    assert row["user_id"] != other.user_id


def test_a_deleted_learner_comes_as_removed(boss):
    lena, omar = a_user(), a_user()
    since = timezone.now().isoformat()
    gone = lena.pk
    lena.delete()
    omar.full_name = "Omar"
    omar.save()
    rows = page(boss, LEARNERS, updated_since=since)["results"]
    assert rows[0] == {"id": gone, "deleted": True}
    assert ids(rows) == [gone, omar.pk]


def test_a_retired_course_comes_as_removed(boss):
    course, other = a_course(), a_course()
    since = timezone.now().isoformat()
    Course.objects.filter(pk=course.pk).update(retired_at=timezone.now())
    assert page(boss, COURSES, updated_since=since)["results"] == [
        {"id": course.pk, "deleted": True}
    ]
    assert other.pk in ids(page(boss, COURSES, cursor="")["results"])


def test_removals_of_others_are_nobodys_business():
    own, foreign = a_course(), a_course()
    teacher = an_instructor(own)
    lena, omar = a_learner(), a_learner()
    since = timezone.now().isoformat()
    lena.delete()
    Course.objects.filter(pk=foreign.pk).update(retired_at=timezone.now())
    Course.objects.filter(pk=own.pk).update(retired_at=timezone.now())
    for person in (teacher, omar):
        assert page(as_(person), LEARNERS, updated_since=since)["results"] == []
    assert ids(page(as_(teacher), COURSES, updated_since=since)["results"]) == [own.pk]


def test_an_instructor_follows_own_courses_only():
    own, foreign = a_course(), a_course()
    since = timezone.now().isoformat()
    mine, theirs = enrolled(a_user(), own), enrolled(a_user(), foreign)
    rows = page(as_(an_instructor(own)), ENROLLMENTS, updated_since=since)["results"]
    assert ids(rows) == [mine.pk]
    seer = as_(an_integrator("view_enrollment"))
    assert ids(page(seer, ENROLLMENTS, updated_since=since)["results"]) == [mine.pk, theirs.pk]


def test_filters_hold_for_what_changed(boss):
    since = timezone.now().isoformat()
    first, second = a_course(), a_course()
    row, _other = enrolled(a_user(), first), enrolled(a_user(), second)
    found = page(boss, ENROLLMENTS, updated_since=since, course_id=first.pk)["results"]
    assert ids(found) == [row.pk]


# --- Pages ---------------------------------------------------------------------------------------
def test_pages_follow_each_other_with_removed_rows_in_between(boss):
    since = timezone.now().isoformat()
    people = [a_user() for _ in range(12)]
    expected = [person.pk for person in people]
    for person in people[1::3]:
        person.delete()
    rows, _ = whole(boss, LEARNERS, updated_since=since, page_size=4)
    assert ids(rows) == expected
    assert [row["id"] for row in rows if row.get("deleted")] == expected[1::3]


def test_the_count_is_on_the_first_page_only(boss):
    for _ in range(5):
        a_user()
    body = page(boss, LEARNERS, cursor="", page_size=4)
    assert body["count"] == User.objects.count()
    parts = urlsplit(body["next"])
    second = boss.get(f"{parts.path}?{parts.query}").json()
    assert (second["count"], second["previous"]) == (None, None)


def test_pages_by_number_stay_as_they_were(boss):
    a_user()
    assert set(page(boss, LEARNERS)) == {"count", "next", "previous", "results"}
    assert page(boss, LEARNERS, page=1, page_size=1)["next"].endswith("page=2&page_size=1")


@pytest.mark.parametrize("since", [None, "2020-01-01"])
def test_many_rows_cost_as_many_statements_as_one(since, boss):
    course = a_course()
    query = {"cursor": "", **({"updated_since": since} if since else {})}

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(boss, ENROLLMENTS, page_size=500, **query)
        return len(queries)

    enrolled(a_user(), course)
    one = cost()
    for _ in range(50):
        enrolled(a_user(), course)
    assert cost() == one


# --- Refusals ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ({"cursor": "", "page": 2}, "page", "not_with_cursor"),
        ({"updated_since": "2026-01-01", "page": 1}, "page", "not_with_cursor"),
        ({"cursor": "", "ordering": "-id"}, "ordering", "not_with_cursor"),
        ({"cursor": "nonsense"}, "cursor", "invalid"),
        ({"cursor": "e30"}, "cursor", "invalid"),
        ({"cursor": "W10"}, "cursor", "invalid"),
        ({"cursor": "é"}, "cursor", "invalid"),
        ({"updated_since": "p.1"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.9.3"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.0.5"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.5.9.7.7"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.5.9.9"}, "updated_since", "unknown_position"),
        ({"updated_since": f"p.1.{10**18}"}, "updated_since", "unknown_position"),
        ({"updated_since": f"p.1.{10**19}"}, "updated_since", "unknown_position"),
        ({"updated_since": "2026-13-01"}, "updated_since", "invalid"),
        ({"updated_since": "1"}, "updated_since", "invalid"),
        ({"cursor": "", "page_size": 0}, "page_size", "invalid"),
    ],
)
def test_what_a_list_cannot_follow_is_refused_by_name(query, attr, code, boss):
    assert refused(boss.get(LEARNERS, query)) == {attr: code}


def test_a_cursor_leads_on_in_its_own_list_only(boss):
    for _ in range(3):
        a_user(department="IT")
    link = page(boss, LEARNERS, cursor="", page_size=1, department="IT")["next"]
    query = dict(each.split("=") for each in urlsplit(link).query.split("&"))
    query["department"] = "HR"
    assert refused(boss.get(LEARNERS, query)) == {"cursor": "invalid"}


def test_where_no_changes_are_noted_nothing_is_claimed(boss):
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER note_changed ON progress_waiver;"
            "DROP TRIGGER note_new ON progress_waiver;"
            "DROP TRIGGER note_deleted ON progress_waiver"
        )
    answer = boss.get("/api/waivers/", {"updated_since": "2026-01-01"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "changes_not_kept"


# --- Under concurrent writes ---------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_nothing_comes_twice_when_nobody_writes(boss):
    a_user()
    _, position = whole(boss, LEARNERS)
    assert whole(boss, LEARNERS, updated_since=position)[0] == []


@pytest.mark.django_db(transaction=True)
def test_what_was_written_before_and_committed_after_a_reading_is_not_missed(boss):
    """The trap: its time is earlier than that of rows which were read already."""
    early, late = a_user(), a_user()
    _, position = whole(boss, LEARNERS)
    written, may_commit = threading.Event(), threading.Event()

    def writer():
        try:
            with transaction.atomic():
                User.objects.filter(pk=early.pk).update(full_name="Written first")
                written.set()
                may_commit.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=writer)
    thread.start()
    assert written.wait(20)
    User.objects.filter(pk=late.pk).update(full_name="Written second")
    rows, position = whole(boss, LEARNERS, updated_since=position)
    assert ids(rows) == [late.pk]
    may_commit.set()
    thread.join()
    rows, position = whole(boss, LEARNERS, updated_since=position)
    assert [(row["id"], row["full_name"]) for row in rows] == [(early.pk, "Written first")]
    assert whole(boss, LEARNERS, updated_since=position)[0] == []


@pytest.mark.django_db(transaction=True)
def test_a_follower_of_busy_writers_ends_with_what_the_database_has(boss):
    """Each reading skips and repeats nothing; all together they give the present state."""
    steady = [a_user(department="IT").pk for _ in range(30)]
    stop = threading.Event()
    numbers = itertools.count()

    def writer(own: list[int]):
        made: list[int] = []
        try:
            while not stop.is_set():
                number = next(numbers)
                with transaction.atomic():
                    for pk in own[number % 3 :: 3]:
                        User.objects.filter(pk=pk).update(full_name=f"Name {number}")
                    made.append(a_user().pk)
                if len(made) > 3:
                    User.objects.get(pk=made.pop(0)).delete()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=writer, args=(steady[n::3],)) for n in range(3)]
    copy: dict[int, str] = {}
    position = None
    for thread in threads:
        thread.start()
    try:
        for _ in range(6):
            query = {"updated_since": position} if position else {}
            rows, position = whole(boss, LEARNERS, page_size=7, **query)
            assert len(set(ids(rows))) == len(rows)
            if not copy:
                assert set(steady) <= set(ids(rows))
            take(copy, rows)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    take(copy, whole(boss, LEARNERS, updated_since=position)[0])
    assert copy == dict(User.objects.values_list("pk", "full_name"))


def take(copy: dict[int, str], rows: list[dict]) -> None:
    for row in rows:
        if row.get("deleted"):
            copy.pop(row["id"], None)
        else:
            copy[row["id"]] = row["full_name"]


@pytest.mark.django_db(transaction=True)
def test_an_unenrolled_learner_and_a_new_cycle_are_changes(boss):
    learner, course = a_user(), a_course()
    row = enrolled(learner, course)
    _, position = whole(boss, ENROLLMENTS)
    enrolling.unenroll(Enrollment.objects.get(pk=row.pk), now=timezone.now())
    rows, position = whole(boss, ENROLLMENTS, updated_since=position)
    assert [(each["id"], each["is_active"]) for each in rows] == [(row.pk, False)]
    again = enrolling.begin_new_cycle(learner.pk, course.pk, now=timezone.now()).enrollment
    rows, _ = whole(boss, ENROLLMENTS, updated_since=position)
    assert [(each["id"], each["is_current"]) for each in rows] == [
        (row.pk, False),
        (again.pk, True),
    ]
