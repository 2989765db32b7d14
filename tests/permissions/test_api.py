"""Each endpoint of the analytics and of imports, called by every role.

A row is an endpoint and a method; one that has no row fails here.
"""

import json
from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from .conftest import NAME, TITLE
from .routes import routes

pytestmark = pytest.mark.django_db

ROLES = ("learner", "clerk", "stranger", "own", "manager")
UNDER = ("api/analytics/", "api/imports/")


class Row(NamedTuple):
    """The status for each of `ROLES`; others get 401. `named_to` are the roles who see the name."""

    name: str
    method: str
    answers: tuple[int, int, int, int, int]
    way: dict[str, Any] = {}
    body: dict[str, Any] | None = None
    named_to: tuple[str, ...] = ()


# Figures of courses: for people who may view progress, of their courses.
FIGURES = (403, 403, 200, 200, 200)
# Of one course or content.
OF_ONE = (403, 403, 404, 200, 200)
# Lists of own rows: for learners and for those who look after some, not for others.
LISTS = (200, 403, 200, 200, 200)
# Lists about learners: people who may view no learner get 403, not an empty list.
LOOKED_AFTER = (403, 403, 200, 200, 200)
ONE_LOOKED_AFTER = (403, 403, 404, 200, 200)
NOT_THEIRS = (404, 404, 404, 404, 404)
SAVED_BY_OTHERS = (403, 403, 404, 404, 404)
ACTED = (403, 403, 404, 200, 403)
NAMED_TO = ("own", "manager")

# Of no course: for people who see all courses.
OF_ALL = (403, 403, 403, 403, 200)
NOBODYS = (403, 403, 403, 403, 403)


def edited(
    name: str, key: str, listed: tuple, one: tuple, *, can_delete: bool = False
) -> list[Row]:
    """Rows whose editing takes permissions that none of `ROLES` has."""
    way = {"pk": key}
    rows = [
        Row(f"{name}-list", "get", listed),
        Row(f"{name}-list", "post", NOBODYS, body={"name": "=x"}),
        Row(f"{name}-detail", "get", one, way),
        Row(f"{name}-detail", "patch", NOBODYS, way, {"name": "=x"}),
    ]
    return [*rows, Row(f"{name}-detail", "delete", NOBODYS, way)] if can_delete else rows


ROWS = [
    Row("compliance", "get", FIGURES),
    Row("overview", "get", FIGURES),
    Row("active", "get", FIGURES),
    Row("course-insight", "get", OF_ONE, {"course_id": "course"}),
    Row("learner-insight", "get", OF_ONE, {"course_id": "course", "learner_id": "learner"}),
    Row("content-insight", "get", OF_ONE, {"content_id": "content"}),
    Row("curve", "get", OF_ONE, {"content_id": "content"}),
    Row("engagement", "get", FIGURES),
    Row("heatmap", "get", FIGURES),
    Row("patterns", "get", FIGURES),
    Row("roi", "get", FIGURES),
    Row("improvements", "get", FIGURES),
    Row("risk-model", "get", OF_ALL),
    Row("alert-list", "get", LOOKED_AFTER),
    Row("alert-detail", "get", ONE_LOOKED_AFTER, {"pk": "alert"}),
    Row("alert-acknowledge", "post", ACTED, {"pk": "alert"}),
    Row("alert-assign", "post", ACTED, {"pk": "alert"}, {"user_id": None}),
    Row("alert-snooze", "post", ACTED, {"pk": "alert"}, {"until": "tomorrow"}),
    Row("alert-close", "post", ACTED, {"pk": "alert"}),
    Row("alert-digest", "get", FIGURES),
    Row("alert-digest", "put", FIGURES, body={"rhythm": "=daily"}),
    Row("alert-thresholds", "get", OF_ALL),
    Row("alert-thresholds", "patch", NOBODYS, body={"cool_down_days": 3}),
    Row("letter-list", "get", LOOKED_AFTER),
    Row(
        "letter-list",
        "post",
        (403, 403, 400, 201, 403),
        body={"alert_ids": ["alert"], "subject": "=Hello", "body": "=Come back"},
    ),
    Row("letter-detail", "get", ONE_LOOKED_AFTER, {"pk": "letter"}),
    *edited("letter-template", "template", FIGURES, FIGURES, can_delete=True),
    *edited("requirement", "requirement", FIGURES, OF_ONE),
    *edited("exemption", "exemption", FIGURES, OF_ONE),
    Row("escalation-list", "get", FIGURES),
    Row("escalation-detail", "get", OF_ONE, {"pk": "escalation"}),
    *edited("hourly-rate", "rate", OF_ALL, OF_ALL, can_delete=True),
    Row("path-list", "get", LISTS),
    Row("path-list", "get", (404, 403, 404, 200, 200), body={"user_id": "learner"}),
    Row("path-choose", "post", NOT_THEIRS, body={"enrollment_id": "enrollment", "order": "=path"}),
    Row("risk-list", "get", LOOKED_AFTER),
    Row("risk-detail", "get", ONE_LOOKED_AFTER, {"enrollment_id": "enrollment"}),
    Row("recommendation-list", "get", LISTS),
    Row("recommendation-list", "get", (404, 403, 404, 200, 200), body={"user_id": "learner"}),
    Row(
        "recommendation-dismiss",
        "post",
        NOT_THEIRS,
        body={"enrollment_id": "enrollment", "content_id": "content"},
    ),
    Row(
        "recommendation-restore",
        "post",
        NOT_THEIRS,
        body={"enrollment_id": "enrollment", "content_id": "content"},
    ),
    Row("report-list", "get", LOOKED_AFTER),
    Row("report-detail", "get", FIGURES, {"slug": "=learners"}, named_to=NAMED_TO),
    Row(
        "report-download",
        "get",
        FIGURES,
        {"slug": "=learners", "ending": "=csv"},
        named_to=NAMED_TO,
    ),
    Row("saved-report-list", "get", LOOKED_AFTER),
    Row(
        "saved-report-list",
        "post",
        (400, 400, 201, 201, 201),
        body={"name": "=Mine", "slug": "=learners"},
    ),
    Row("saved-report-detail", "get", SAVED_BY_OTHERS, {"pk": "saved"}),
    Row("saved-report-detail", "delete", SAVED_BY_OTHERS, {"pk": "saved"}),
    Row("learner-skill-list", "get", LISTS),
    Row("learner-skill-detail", "get", (404, 404, 404, 200, 200), {"pk": "skill"}),
    Row("import", "post", (403, 403, 403, 403, 403), {"kind": "=people"}),
]


def test_every_endpoint_is_covered_here():
    there = {
        (route.name, method)
        for route in routes("api/")
        for method in route.methods
        if route.path.startswith(UNDER)
    }
    assert there == {(row.name, row.method) for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.name}")
def test_each_role_gets_its_status(row, world, asking):
    address = reverse(row.name, kwargs=_filled(row.way, world))
    body = _filled(row.body or {}, world)
    assert _ask(asking("anybody"), row.method, address, body)[0] == 401
    for role, status in zip(ROLES, row.answers, strict=True):
        found, response = _ask(asking(role), row.method, address, body)
        assert found == status, (role, response[:300])
        assert (NAME in response) == (role in row.named_to), (role, response[:300])
        if role in {"clerk", "stranger"}:
            assert TITLE not in response


# Lists whose rows belong to no course, or to the caller.
OF_NO_COURSE = {"alert-digest", "letter-template-list", "report-list", "saved-report-list"}
LISTED = sorted({row.name for row in ROWS if row.method == "get" and not row.way})


@pytest.mark.parametrize("name", [name for name in LISTED if name not in OF_NO_COURSE])
def test_a_list_is_refused_to_those_who_could_have_no_row_in_it(world, course, asking, name):
    """A person with every view permission, limited to the courses they teach, who teaches none."""
    course.instructors.clear()
    assert asking("own").get(reverse(name)).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "course-list",
        "enrollment-list",
        "certificate-list",
        "waiver-list",
        "outside-completion-list",
    ],
)
def test_so_are_the_lists_outside_analytics(world, course, asking, name):
    course.instructors.clear()
    assert asking("own").get(reverse(name)).status_code == 403


def _filled(values: dict, world: dict) -> dict:
    """`=text` means the text itself; any other text names an id of `world`."""
    return {key: _value(value, world) for key, value in values.items()}


def _value(value, world: dict):
    if isinstance(value, list):
        return [_value(each, world) for each in value]
    if not isinstance(value, str):
        return value
    return value[1:] if value.startswith("=") else world[value]


def _ask(client, method: str, address: str, body: dict) -> tuple[int, str]:
    answer = getattr(client, method)(address, body or None)
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = whole.decode()
    if answer["Content-Type"] == "application/json":
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return answer.status_code, text
