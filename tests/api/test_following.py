"""Following lists: what changed since the last time, a page at a time, while others write."""

import base64
import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.mixins import ListModelMixin

from progress.api.following import _fingerprint
from progress.models import Course, User
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
from tests.support.callers import api
from tests.support.following import ids, page, refused, whole

pytestmark = pytest.mark.django_db
LEARNERS, ENROLLMENTS, COURSES = "/api/learners/", "/api/enrollments/", "/api/courses/"


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
        "analytics/forecasts",
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
        "files",
        "learners",
        "outside-completions",
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
        assert page(api(person), LEARNERS, updated_since=since)["results"] == []
    assert ids(page(api(teacher), COURSES, updated_since=since)["results"]) == [own.pk]


def test_an_instructor_follows_own_courses_only():
    own, foreign = a_course(), a_course()
    since = timezone.now().isoformat()
    mine, theirs = enrolled(a_user(), own), enrolled(a_user(), foreign)
    rows = page(api(an_instructor(own)), ENROLLMENTS, updated_since=since)["results"]
    assert ids(rows) == [mine.pk]
    seer = api(an_integrator("view_enrollment"))
    assert ids(page(seer, ENROLLMENTS, updated_since=since)["results"]) == [mine.pk, theirs.pk]


def test_filters_hold_for_what_changed(boss):
    since = timezone.now().isoformat()
    first, second = a_course(), a_course()
    row, _other = enrolled(a_user(), first), enrolled(a_user(), second)
    found = page(boss, ENROLLMENTS, updated_since=since, course_id=first.pk)["results"]
    assert ids(found) == [row.pk]


@pytest.mark.parametrize("spelling", ["{}.0", " {} ", "{}.", "0{}"])
def test_an_id_may_be_spelt_as_numbers_are_also_among_removed_rows(spelling, boss):
    since = timezone.now().isoformat()
    mine, theirs = enrolled(a_user(), a_course()), enrolled(a_user(), a_course())
    spelt, removed = spelling.format(mine.user_id), mine.pk
    for row in (mine, theirs):
        row.course_progress.delete()
        row.delete()
    found = page(boss, ENROLLMENTS, updated_since=since, user_id=spelt)["results"]
    assert found == [{"id": removed, "deleted": True}]


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
def a_state(**changes) -> bytes:
    """What a cursor of the whole list of learners says, with changes."""
    state = {"after": 1, "begun": "p.1.2", "since": None, "query": _fingerprint(QueryDict())}
    return json.dumps(state | changes).encode()


def made_up(state: bytes) -> str:
    return base64.urlsafe_b64encode(state).decode().rstrip("=")


def test_a_cursor_that_says_what_ours_say_is_one(boss):
    assert page(boss, LEARNERS, cursor=made_up(a_state()))["count"] is None


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
        ({"cursor": made_up(b"[" * 9_000)}, "cursor", "invalid"),
        ({"cursor": made_up(a_state(since="2026-01-01"))}, "cursor", "invalid"),
        ({"cursor": made_up(a_state(since="2026-01-01T12:00:00"))}, "cursor", "invalid"),
        ({"cursor": made_up(a_state(since=7))}, "cursor", "invalid"),
        ({"cursor": made_up(a_state(after="7"))}, "cursor", "invalid"),
        ({"cursor": made_up(a_state(begun="p.9.3"))}, "cursor", "invalid"),
        ({"updated_since": "p.1"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.9.3"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.0.5"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.5.9.7.7"}, "updated_since", "unknown_position"),
        ({"updated_since": "p.5.9.9"}, "updated_since", "unknown_position"),
        pytest.param(
            {"updated_since": f"p.1.{10**18}"}, "updated_since", "unknown_position", id="not yet"
        ),
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
            "DROP TRIGGER IF EXISTS note_changed ON progress_waiver;"
            "DROP TRIGGER IF EXISTS note_new ON progress_waiver;"
            "DROP TRIGGER IF EXISTS note_deleted ON progress_waiver"
        )
    answer = boss.get("/api/waivers/", {"updated_since": "2026-01-01"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "changes_not_kept"
