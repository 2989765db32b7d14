"""Courses over HTTP: one document in, the same document out, by permission."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from progress.models import Content, Course
from tests.factories import (
    a_course,
    a_course_of,
    a_document,
    a_learner,
    an_instructor,
    an_integrator,
)

pytestmark = pytest.mark.django_db

COURSES = "/api/courses/"


def as_(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def author():
    return as_(an_integrator("add_course", "change_course", "view_course"))


def errors(answer):
    body = answer.json()
    assert body["type"] == "validation_error"
    return {error["attr"]: error["code"] for error in body["errors"]}


def test_a_document_comes_back_with_ids_and_sending_it_again_changes_nothing(author):
    document = a_document()
    made = author.post(COURSES, document)
    assert made.status_code == 201
    body = made.json()
    again = author.post(COURSES, document)
    assert (again.status_code, again.json()) == (200, body)
    assert author.put(f"{COURSES}{body['id']}/", body).json() == body
    first = body["modules"][0]["contents"][0]
    assert first["id"] == Content.objects.get(code="video").pk
    assert first["duration_seconds"] == 60.0
    quiz = body["modules"][2]["contents"][0]
    assert [choice["correct"] for choice in quiz["questions"][0]["choices"]] == [True, False, True]


def test_items_left_out_are_retired_and_come_back_with_their_ids(author):
    document = a_document()
    body = author.post(COURSES, document).json()
    video = body["modules"][0]["contents"][0]["id"]
    shorter = json.loads(json.dumps(document))
    del shorter["modules"][0]["contents"][0]
    after = author.put(f"{COURSES}{body['id']}/", shorter).json()
    assert [c["code"] for c in after["modules"][0]["contents"]] == ["audio"]
    assert after["structure_version"] == body["structure_version"] + 1
    back = author.put(f"{COURSES}{body['id']}/", document).json()
    assert back["modules"][0]["contents"][0]["id"] == video


def test_a_learner_reads_own_courses_without_correct_answers():
    course, other = a_course(), a_course()
    client = as_(a_learner(course))
    assert [row["id"] for row in client.get(COURSES).json()["results"]] == [course.pk]
    assert client.get(f"{COURSES}{other.pk}/").status_code == 404
    assert client.get(f"{COURSES}99999/").json() == client.get(f"{COURSES}{other.pk}/").json()
    assert '"correct"' not in client.get(f"{COURSES}{course.pk}/").content.decode()


def test_learners_may_not_write_courses_and_instructors_only_their_own():
    course, other = a_course(), a_course()
    document = a_document(code=course.code)
    assert as_(a_learner(course)).put(f"{COURSES}{course.pk}/", document).status_code == 403
    assert as_(a_learner(course)).post(COURSES, a_document()).status_code == 403
    teacher = as_(an_instructor(course))
    assert teacher.put(f"{COURSES}{course.pk}/", document | {"title": "New"}).status_code == 200
    assert teacher.put(f"{COURSES}{other.pk}/", document).status_code == 404


def test_nobody_gets_in_without_a_credential():
    answer = APIClient().get(COURSES)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "not_authenticated"
    bad = APIClient().get(COURSES, HTTP_AUTHORIZATION="Token nonsense")
    assert bad.status_code == 401


VIDEO = {"code": "v", "content_type": "video", "duration_seconds": 60}


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"duration_seconds": "60"}, "duration_seconds"),
        ({"duration_seconds": -1}, "duration_seconds"),
        ({"duration_seconds": 604_801}, "duration_seconds"),
        ({"duration_seconds": True}, "duration_seconds"),
        ({"content_type": "film"}, "content_type"),
        ({"weight": 0}, "weight"),
        ({"complete_at": 101}, "complete_at"),
        ({"page_count": 4}, "page_count"),
        ({"prerequisites": ["nobody"]}, "prerequisites"),
        ({"prerequisites": ["v"]}, "prerequisites"),
        ({"surprise": 1}, "surprise"),
        ({"hidden": "no"}, "hidden"),
    ],
)
def test_a_bad_field_is_named_by_its_path_and_nothing_is_written(author, change, attr):
    document = a_document(modules=[{"code": "m", "contents": [VIDEO | change]}])
    answer = author.post(COURSES, document)
    assert answer.status_code == 400
    [path] = set(errors(answer))
    assert path.startswith(f"modules.0.contents.0.{attr}")
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"text"', b"\xff\xfe", b'{"code": NaN}', b"null"]
)
def test_a_body_that_is_no_document_gets_400(author, body):
    answer = author.generic("POST", COURSES, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_filters_order_and_pages(author):
    for code in ("b", "a", "c"):
        a_course_of(VIDEO, code=code, title=f"Course {code.upper()}")
    body = author.get(COURSES, {"ordering": "-code", "page_size": 2}).json()
    assert (body["count"], [row["code"] for row in body["results"]]) == (3, ["c", "b"])
    assert "page=2" in body["next"]
    assert [r["code"] for r in author.get(COURSES, {"code": "a"}).json()["results"]] == ["a"]
    assert author.get(COURSES, {"page": 99}).status_code == 404


def test_fifty_courses_cost_as_many_queries_as_one(author):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert author.get(COURSES).status_code == 200
        return len(captured)

    a_course()
    queries()
    one = queries()
    for _ in range(49):
        a_course_of(VIDEO)
    assert queries() == one


# --- The command ----------------------------------------------------------------------------------
def test_import_course_takes_the_same_document(tmp_path, capsys):
    path = tmp_path / "course.json"
    path.write_text(json.dumps(a_document(code="new")))
    for done in ("created", "unchanged"):
        call_command("import_course", str(path))
        assert f"(new): {done}." in capsys.readouterr().out
    assert Course.objects.get().code == "new"


def test_import_course_names_what_is_wrong(tmp_path):
    path = tmp_path / "course.json"
    path.write_text(
        json.dumps(a_document(modules=[{"code": "m", "contents": [VIDEO | {"weight": 0}]}]))
    )
    with pytest.raises(CommandError, match=r"modules\.0\.contents\.0\.weight"):
        call_command("import_course", str(path))
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_course", str(tmp_path / "missing.json"))
