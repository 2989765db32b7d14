"""The API's description, its browsable pages, and the site's other answers."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.factories import a_course, a_learner, a_user, an_instructor
from tests.support import description

pytestmark = pytest.mark.django_db

OF_EVERY_LIST = {"page", "page_size", "cursor", "updated_since"}
CONTRACT = {
    "/api/employee/start_session": {"post"},
    "/api/employee/update_progress": {"post"},
    "/api/employee/end_session": {"post"},
    "/api/employee/realtime_progress/{user_id}/{course_id}": {"get"},
    "/api/employee/content_progress/{user_id}/{content_id}": {"get"},
    "/api/employee/stream/{user_id}/{course_id}": {"get"},
    "/api/courses/": {"get", "post"},
    "/api/courses/{id}/": {"get", "put"},
    "/api/learners/": {"get", "post"},
    "/api/learners/{id}/": {"get", "put", "patch"},
    "/api/enrollments/": {"get", "post"},
    "/api/enrollments/{id}/": {"get", "patch", "delete"},
}


def test_the_committed_description_matches_the_code(tmp_path):
    fresh = tmp_path / "openapi.yaml"
    # Whether it is valid OpenAPI is checked by .ci/run.
    call_command("spectacular", "--fail-on-warn", "--file", str(fresh))
    assert fresh.read_text() == description.FILE.read_text()


def test_it_describes_the_contracts_addresses():
    paths = description.paths()
    for path, methods in CONTRACT.items():
        assert methods <= set(paths[path]), path


def test_every_endpoint_of_the_analytics_is_documented():
    text = (Path(settings.BASE_DIR) / "docs" / "analytics.md").read_text()
    named = set(re.findall(r"`([a-z][a-z{}_/-]*/)`", text.partition("## The API")[2]))
    before = "/api/analytics/"
    paths = description.paths()
    found = {path.removeprefix(before) for path in paths if path.startswith(before)}
    actions = {"acknowledge/", "snooze/", "assign/", "close/"}
    found = {path for path in found if path.removeprefix("alerts/{id}/") not in actions}
    assert found <= named and named - found <= actions


def test_every_list_of_the_analytics_describes_its_filters():
    paths = description.paths()
    bare = {
        path
        for path, item in paths.items()
        if path.startswith("/api/analytics/")
        and "get" in item
        and not path.endswith("}/")
        and not {each["name"] for each in item["get"].get("parameters", [])} - OF_EVERY_LIST
    }
    # A single row, or a list without filters.
    whole = ("alert-digest", "alert-thresholds", "reports", "saved-reports")
    assert bare == {f"/api/analytics/{name}/" for name in whole}


def test_every_described_path_exists_and_requires_authentication():
    paths = description.paths()
    for path in paths.keys() - {"/api/certificates/verify/"}:  # open to all
        for name in re.findall(r"\{\w+\}", path):
            path = path.replace(name, "1")
        answer = APIClient().get(path)
        assert answer.status_code in {401, 405, 503}, path


@pytest.mark.parametrize("path", sorted(path for path in CONTRACT if "{" not in path))
def test_every_address_can_be_browsed(path, client):
    client.force_login(a_user(is_superuser=True, is_staff=True))
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer["Content-Type"].startswith("text/html")
    assert answer.status_code in {200, 405}
    assert b"Django REST framework" in answer.content


def test_progress_can_be_browsed(client):
    course = a_course()
    learner = a_learner(course)
    client.force_login(learner)
    path = f"/api/employee/realtime_progress/{learner.pk}/{course.pk}"
    answer = client.get(path, headers={"Accept": "text/html"})
    assert b"completion_percentage" in answer.content


def test_swagger_ui_runs_no_inline_scripts(client):
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert b"<script>" not in answer.content
    assert client.get("/api/schema/").status_code == 200


def test_an_unknown_address_under_api_answers_in_the_common_shape(client):
    answer = client.get("/api/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


def test_a_head_has_no_body(client):
    client.force_login(an_instructor(a_course()))
    answer = client.head("/api/courses/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_process_without_streams_says_so(client):
    answer = client.get("/api/employee/stream/1/1", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["code"] == "no_streams"


def test_health_and_readiness(client):
    assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


def test_a_configured_origin_may_send_events(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://lms.example.org"]
    for origin, allowed in (("https://lms.example.org", True), ("https://evil.example", False)):
        answer = client.options(
            "/api/employee/update_progress",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type",
            },
        )
        assert (answer.get("Access-Control-Allow-Origin") == origin) is allowed
        assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Origin" not in client.get("/login/", headers={"Origin": origin})
