"""Unknown parameters and fields are refused by name, and nothing is written."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from progress.models import Course, Enrollment, User
from tests.factories import (
    a_course,
    a_document,
    a_learner,
    a_session,
    a_user,
    an_instructor,
    an_integrator,
    content,
    enrolled,
    grant,
)
from tests.support.callers import api

pytestmark = pytest.mark.django_db
LISTS = ("courses", "learners", "enrollments", "outside-completions", "waivers", "certificates")


@pytest.fixture
def boss() -> APIClient:
    return api(a_user(is_staff=True, is_superuser=True))


def refusals(answer) -> dict:
    assert answer.status_code == 400, answer.content
    body = answer.json()
    assert body["type"] == "validation_error"
    return {error["attr"]: error["code"] for error in body["errors"]}


# --- Parameters ----------------------------------------------------------------------------------
def single_rows() -> list[str]:
    course = a_course()
    session = a_session(course)
    video = content(course, "video")
    return [
        f"/api/courses/{course.pk}/",
        f"/api/learners/{session.user_id}/",
        f"/api/enrollments/{session.enrollment_id}/",
        f"/api/employee/realtime_progress/{session.user_id}/{course.pk}",
        f"/api/employee/content_progress/{session.user_id}/{video.pk}",
        "/api/certificates/verify/",
    ]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_refuses_a_parameter_that_it_does_not_have(name, boss):
    answer = boss.get(f"/api/{name}/", {"no_such": "1", "is_retired": "false"})
    assert refusals(answer) == {"no_such": "unknown_parameter", "is_retired": "unknown_parameter"}
    known = {"page": 1, "page_size": 2, "ordering": "id", "format": "json"}
    if name == "certificates":
        known["ordering"] = "number"
    assert boss.get(f"/api/{name}/", known).status_code == 200


def test_a_single_row_refuses_every_parameter(boss):
    for address in single_rows():
        for name in ("no_such", "page", "username"):
            assert refusals(boss.get(address, {name: "1"})) == {name: "unknown_parameter"}, address
        if "verify" not in address:
            assert boss.get(address, {"format": "json"}).status_code == 200, address


def test_a_patch_refuses_every_parameter(boss):
    learner = a_user()
    address = f"/api/learners/{learner.pk}/?dry_run=true"
    assert refusals(boss.patch(address, {"department": "IT"})) == {"dry_run": "unknown_parameter"}
    learner.refresh_from_db()
    assert learner.department == ""


def test_a_post_refuses_every_parameter(boss):
    for address, data in (
        ("/api/learners/", {"username": "lena"}),
        ("/api/enrollments/", {"user_id": a_user().pk, "course_id": a_course().pk}),
        ("/api/courses/", a_document()),
        ("/api/waivers/decline/", {"enrollment_id": 1, "content_id": 1}),
    ):
        answer = boss.post(f"{address}?dry_run=true", data)
        assert refusals(answer) == {"dry_run": "unknown_parameter"}, address
    assert not Enrollment.objects.exists() and Course.objects.count() == 1


@pytest.mark.parametrize("query", ["dryrun=true", "dry-run=1", "partial_=1"])
def test_a_misspelt_dry_run_imports_nothing(query, boss):
    answer = boss.post(f"/api/imports/people/?{query}", "username\nlena\n", content_type="text/csv")
    assert list(refusals(answer).values()) == ["unknown_parameter"]
    assert not User.objects.filter(username="lena").exists()


def test_a_dry_run_in_the_body_imports_nothing(boss, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("username\nlena\n")
    with file.open("rb") as opened:
        data = {"file": opened, "dry_run": "true"}
        answer = boss.post("/api/imports/people/", data, format="multipart")
    assert refusals(answer) == {"dry_run": "unknown_field"}
    assert not User.objects.filter(username="lena").exists()


WRONG = [
    ("enrollments", "user_id", ("x", "1.5", "NaN", "1e400", "9" * 5000)),
    ("enrollments", "course_id", ("x", "1.5", "-")),
    ("enrollments", "cycle", ("x", "1.5", "NaN")),
    ("enrollments", "is_complete", ("maybe", "2")),
    ("enrollments", "due_before", ("soon", "2026-02-30", "9999-12-31", "0001-01-01T00:00+23:59")),
    ("enrollments", "ordering", ("password", "user__password")),
    ("outside-completions", "user_id", ("x", "NaN")),
    ("outside-completions", "in_force", ("maybe",)),
    ("outside-completions", "recorded_after", ("soon", "2026-02-30")),
    ("waivers", "user_id", ("x", "NaN")),
    ("waivers", "enrollment", ("x", "NaN")),
    ("waivers", "reason", ("because",)),
    ("certificates", "course_id", ("x", "NaN")),
    ("certificates", "issued_after", ("yesterday", "2026-13-01")),
    ("certificates", "status", ("fine",)),
    ("courses", "plausibility", ("odd",)),
]


@pytest.mark.parametrize(("name", "parameter", "values"), WRONG)
def test_a_bad_value_is_refused_under_its_parameters_name(name, parameter, values, boss):
    for value in values:
        answer = boss.get(f"/api/{name}/?{urlencode({parameter: value})}")
        assert set(refusals(answer)) == {parameter}, value


def test_an_id_beyond_the_largest_finds_no_row_or_is_refused(boss):
    for name in ("enrollments", "waivers", "certificates"):
        assert boss.get(f"/api/{name}/", {"user_id": 2**63 - 1}).json()["count"] == 0
        assert set(refusals(boss.get(f"/api/{name}/", {"user_id": 2**63}))) == {"user_id"}


@pytest.mark.parametrize("name", LISTS)
def test_the_browsable_api_opens_and_shows_no_other_names(name):
    """Not even in the choices of its filter form."""
    learner = a_learner(a_course())
    a_learner(a_course(title="Elsewhere"), username="someone-else")
    answer = api(learner).get(f"/api/{name}/", {"format": "api"}, HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "someone-else" not in text and "Elsewhere" not in text


# --- Days ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("UTC", "2026-12-31T00:00:00+00:00", "2026-12-31T23:59:59+00:00"),
        ("Pacific/Auckland", "2026-12-30T11:00:00+00:00", "2026-12-31T10:59:59+00:00"),
        ("America/Los_Angeles", "2026-12-31T08:00:00+00:00", "2027-01-01T07:59:59+00:00"),
    ],
)
def test_a_date_in_a_filter_is_the_whole_day_in_the_callers_zone(zone, first, last):
    caller = an_integrator("view_enrollment")
    User.objects.filter(pk=caller.pk).update(time_zone=zone)
    asking = api(User.objects.get(pk=caller.pk))
    course, rows = a_course(), []
    begins, ends = datetime.fromisoformat(first), datetime.fromisoformat(last)
    for second in (
        begins.timestamp() - 1,
        begins.timestamp(),
        ends.timestamp(),
        ends.timestamp() + 1,
    ):
        row = enrolled(a_user(), course)
        due_at = datetime.fromtimestamp(second, UTC)
        Enrollment.objects.filter(pk=row.pk).update(due_at=due_at)
        rows.append(row.pk)

    def found(**query) -> list[int]:
        answer = asking.get("/api/enrollments/", query).json()
        return [rows.index(row["id"]) for row in answer["results"]]

    assert found(due_at="2026-12-31") == [1, 2]
    assert found(due_before="2026-12-31") == [0]
    assert found(due_after="2026-12-31") == [3]
    assert found(due_before=last) == [0, 1]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_day_is_due_at_its_end_in_the_learners_zone(method, boss):
    learner, course = a_user(time_zone="Asia/Tokyo"), a_course()
    asked = {"due_at": "2026-12-31"}
    if method == "post":
        asked |= {"user_id": learner.pk, "course_id": course.pk}
        answer = boss.post("/api/enrollments/", asked)
        assert boss.post("/api/enrollments/", asked).status_code == 200
    else:
        answer = boss.patch(f"/api/enrollments/{enrolled(learner, course).pk}/", asked)
    assert answer.json()["due_at"] == "2026-12-31T14:59:59Z"


@pytest.mark.parametrize("due", ["soon", "2026-02-30", "1999-12-31", "9999-12-31", "0001-01-01", 7])
def test_an_invalid_due_date_is_refused(due, boss):
    row = enrolled(a_user(), a_course())
    assert set(refusals(boss.patch(f"/api/enrollments/{row.pk}/", {"due_at": due}))) == {"due_at"}


# --- Fields --------------------------------------------------------------------------------------
def test_a_learners_unknown_fields_are_refused_and_nothing_is_written(boss):
    learner = a_user(full_name="Lena")
    address = f"/api/learners/{learner.pk}/"
    data = {"is_active": False, "full_name": "Changed", "is_superuser": True}
    refused = {"is_active": "read_only", "is_superuser": "unknown_field"}
    assert refusals(boss.patch(address, data)) == refused
    assert refusals(boss.put(address, data | {"username": "x"})) == refused
    assert refusals(boss.post("/api/learners/", data | {"username": "new"})) == refused
    learner.refresh_from_db()
    assert (learner.full_name, learner.is_active) == ("Lena", True)
    assert not User.objects.filter(username__in=["new", "x"]).exists()


def test_a_learner_may_be_sent_back_unchanged(boss):
    learner = a_user(full_name="Lena", external_id="hr-1")
    address = f"/api/learners/{learner.pk}/"
    assert boss.put(address, boss.get(address).json()).status_code == 200
    assert refusals(boss.patch(address, {"id": learner.pk + 1})) == {"id": "read_only"}
    row = enrolled(learner, a_course())
    address = f"/api/enrollments/{row.pk}/"
    there = boss.get(address).json()
    changed = boss.patch(address, there | {"due_at": "2030-01-01T00:00:00Z"})
    assert (changed.status_code, changed.json()["due_at"]) == (200, "2030-01-01T00:00:00Z")
    course = f"/api/courses/{row.course_id}/"
    version = boss.get(course).json()["structure_version"]
    assert boss.put(course, boss.get(course).json()).json()["structure_version"] == version


@pytest.mark.parametrize(
    ("name", "value"),
    [("is_active", False), ("user_id", 1), ("cycle", 7), ("is_complete", True)],
)
def test_read_only_fields_of_an_enrolment_are_not_set(name, value, boss):
    row = enrolled(a_user(), a_course())
    data = {name: value, "due_at": "2030-01-01T00:00:00Z"}
    assert refusals(boss.patch(f"/api/enrollments/{row.pk}/", data)) == {name: "read_only"}
    row.refresh_from_db()
    assert row.due_at is None


def test_unknown_fields_of_an_enrolment_are_refused(boss):
    asked = {"user_id": a_user().pk, "course_id": a_course().pk, "due": "2030-01-01"}
    assert refusals(boss.post("/api/enrollments/", asked)) == {"due": "unknown_field"}
    assert not Enrollment.objects.exists()
    row = enrolled(a_user(), a_course())
    data = {"new_cycle": True}
    assert refusals(boss.patch(f"/api/enrollments/{row.pk}/", data)) == {
        "new_cycle": "unknown_field"
    }


@pytest.mark.parametrize(
    "path",
    [
        "titel",
        "modules.0.titel",
        "modules.0.contents.1.duration",
        "modules.2.contents.1.questions.0.points",
        "modules.2.contents.1.questions.0.choices.1.is_correct",
    ],
)
def test_an_unknown_field_of_a_course_document_is_named_by_its_path(path, boss):
    document = a_document()
    place: dict | list = document
    *way, name = path.split(".")
    quiz = [
        (m, c)
        for m, module in enumerate(document["modules"])
        for c, item in enumerate(module["contents"])
        if item["content_type"] == "quiz"
    ]
    if "questions" in way:
        way[1], way[3] = map(str, quiz[0])
        path = ".".join([*way, name])
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    assert isinstance(place, dict)
    place[name] = 1
    assert refusals(boss.post("/api/courses/", document)) == {path: "unknown_field"}
    assert not Course.objects.filter(code=document["code"]).exists()


def test_declining_a_waiver_refuses_unknown_fields(boss):
    for action in ("decline", "take_back"):
        data = {"enrollment_id": 1, "content_id": 1, "reason": "x"}
        assert refusals(boss.post(f"/api/waivers/{action}/", data)) == {"reason": "unknown_field"}


ANALYTICS = [
    ("post", "letter-list", {}, {"alert_ids": [1], "subject": "a", "body": "b"}),
    ("post", "letter-template-list", {}, {"name": "a", "subject": "a", "body": "b"}),
    ("patch", "alert-thresholds", {}, {}),
    ("put", "alert-digest", {}, {"rhythm": "daily"}),
    ("post", "hourly-rate-list", {}, {"department": "x", "amount": 1}),
    ("post", "requirement-list", {}, {"name": "x"}),
    ("post", "exemption-list", {}, {"reason": "x"}),
    ("post", "saved-report-list", {}, {"name": "x", "slug": "learners"}),
    ("post", "path-choose", {}, {"enrollment_id": 1, "order": "path"}),
    ("post", "recommendation-dismiss", {}, {"enrollment_id": 1, "content_id": 1}),
    ("post", "recommendation-restore", {}, {"enrollment_id": 1, "content_id": 1}),
]


@pytest.mark.parametrize(("method", "name", "way", "body"), ANALYTICS)
def test_the_analytics_writes_refuse_unknown_fields(method, name, way, body, boss):
    answer = getattr(boss, method)(reverse(name, kwargs=way), body | {"no_such": 1})
    assert refusals(answer)["no_such"] == "unknown_field"


def test_events_may_have_fields_that_the_server_does_not_know():
    course = a_course()
    learner = a_learner(course)
    asking = api(learner)
    asked = {"course_id": course.pk, "new_in_version_9": True}
    started = asking.post("/api/employee/start_session", asked)
    assert started.status_code == 201
    event = {
        "session_id": started.json()["session_id"],
        "content_id": content(course, "video").pk,
        "interaction_type": "play",
        "position": 0,
        "new_in_version_9": 1,
    }
    assert asking.post("/api/employee/update_progress", event).status_code == 200
    data = {"session_id": event["session_id"], "new_in_version_9": 1}
    assert asking.post("/api/employee/end_session", data).status_code == 200


# --- Permissions ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["courses", "enrollments", "waivers", "certificates"])
def test_callers_who_can_have_no_rows_get_403(name):
    enrolled(a_user(), a_course())
    address = f"/api/{name}/"
    for person in (a_user(is_staff=True), an_integrator("view_drift")):
        assert api(person).get(address).status_code == 403
    course = a_course()
    for person in (a_learner(course), an_instructor(course)):
        assert api(person).get(address).status_code == 200


@pytest.mark.parametrize("name", ["enrollments", "waivers", "certificates"])
def test_filtering_by_another_learner_looks_like_an_unknown_id(name):
    course, other = a_course(), a_course()
    stranger = a_learner(other)
    for person in (a_learner(course), grant(an_instructor(course), "view_enrollment")):
        asking = api(person)
        for parameter, ids in (("user_id", [stranger.pk]), ("course_id", [other.pk])):
            unknown = asking.get(f"/api/{name}/", {parameter: 999_999_999})
            for found in ids:
                answer = asking.get(f"/api/{name}/", {parameter: found})
                assert (answer.status_code, answer.json()) == (404, unknown.json())
        assert asking.get(f"/api/{name}/", {"course_id": course.pk}).status_code == 200
        assert asking.get(f"/api/{name}/", {"user_id": person.pk}).status_code == 200
