"""Each endpoint of the analytics and of imports, called by every role.

A row is an endpoint and a method; one that has no row fails here.
"""

import json
from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from .conftest import NAME, TITLE
from .routes import routes
from .shared import course, made, people, world

__all__ = ["course", "made", "people", "world"]  # fixtures, instead of those of `conftest`

pytestmark = pytest.mark.django_db

ROLES = ("learner", "clerk", "stranger", "own", "manager")
MANAGERS = ("lead", "head", "foreign lead")  # of the learner, of that manager, of another learner
UNDER = ("api/analytics/", "api/imports/")


class Row(NamedTuple):
    """The status for each of `ROLES` and of `MANAGERS`; others get 401. `named_to` see the name."""

    name: str
    method: str
    answers: tuple[int, int, int, int, int]
    managers: tuple[int, int, int]
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
NAMED_TO = ("own", "manager", "lead", "head")

# Figures and lists of a team.
TEAMS = (200, 200, 200)
# Of one person: for who is above them.
IN_TEAM = (200, 200, 404)
# What counts everybody in a course, or is edited: not for managers.
CLOSED = (403, 403, 403)
NO_ROW = (404, 404, 404)

# Of one learner, with a parameter left out.
WITHOUT_HOURS = (403, 403, 404, 400, 400)
WITHOUT_HOURS_IN_TEAM = (400, 400, 404)

# Of no course: for people who see all courses.
OF_ALL = (403, 403, 403, 403, 200)
NOBODYS = (403, 403, 403, 403, 403)


def edited(
    name: str, key: str, listed: tuple, one: tuple, *, can_delete: bool = False
) -> list[Row]:
    """Rows whose editing takes permissions that none of `ROLES` has."""
    way = {"pk": key}
    rows = [
        Row(f"{name}-list", "get", listed, CLOSED),
        Row(f"{name}-list", "post", NOBODYS, CLOSED, body={"name": "=x"}),
        Row(f"{name}-detail", "get", one, CLOSED, way),
        Row(f"{name}-detail", "patch", NOBODYS, CLOSED, way, {"name": "=x"}),
    ]
    return [*rows, Row(f"{name}-detail", "delete", NOBODYS, CLOSED, way)] if can_delete else rows


ROWS = [
    Row("compliance", "get", FIGURES, TEAMS),
    Row("overview", "get", FIGURES, TEAMS),
    Row("active", "get", FIGURES, TEAMS),
    Row("course-insight", "get", OF_ONE, TEAMS, {"course_id": "course"}),
    Row(
        "learner-insight", "get", OF_ONE, IN_TEAM, {"course_id": "course", "learner_id": "learner"}
    ),
    Row("content-insight", "get", OF_ONE, CLOSED, {"content_id": "content"}),
    Row("curve", "get", OF_ONE, CLOSED, {"content_id": "content"}),
    Row("engagement", "get", FIGURES, CLOSED),
    Row("heatmap", "get", FIGURES, CLOSED),
    Row("patterns", "get", FIGURES, CLOSED),
    Row("roi", "get", FIGURES, CLOSED),
    Row("improvements", "get", FIGURES, CLOSED),
    Row("risk-model", "get", OF_ALL, CLOSED),
    Row("alert-list", "get", LOOKED_AFTER, TEAMS),
    Row("alert-detail", "get", ONE_LOOKED_AFTER, IN_TEAM, {"pk": "alert"}),
    Row("alert-acknowledge", "post", ACTED, IN_TEAM, {"pk": "alert"}),
    Row("alert-assign", "post", ACTED, IN_TEAM, {"pk": "alert"}, {"user_id": None}),
    Row("alert-snooze", "post", ACTED, IN_TEAM, {"pk": "alert"}, {"until": "tomorrow"}),
    Row("alert-close", "post", ACTED, IN_TEAM, {"pk": "alert"}),
    Row("alert-digest", "get", FIGURES, CLOSED),
    Row("alert-digest", "put", FIGURES, CLOSED, body={"rhythm": "=daily"}),
    Row("alert-thresholds", "get", OF_ALL, CLOSED),
    Row("alert-thresholds", "patch", NOBODYS, CLOSED, body={"cool_down_days": 3}),
    Row("letter-list", "get", LOOKED_AFTER, TEAMS),
    Row(
        "letter-list",
        "post",
        (403, 403, 400, 201, 403),
        (201, 201, 400),
        body={"alert_ids": ["alert"], "subject": "=Hello", "body": "=Come back"},
    ),
    Row("letter-detail", "get", ONE_LOOKED_AFTER, IN_TEAM, {"pk": "letter"}),
    *edited("letter-template", "template", FIGURES, FIGURES, can_delete=True),
    *edited("requirement", "requirement", FIGURES, OF_ONE),
    *edited("exemption", "exemption", FIGURES, OF_ONE),
    Row("escalation-list", "get", FIGURES, CLOSED),
    Row("escalation-detail", "get", OF_ONE, CLOSED, {"pk": "escalation"}),
    *edited("hourly-rate", "rate", OF_ALL, OF_ALL, can_delete=True),
    Row("path-list", "get", LISTS, TEAMS),
    Row("path-list", "get", (404, 403, 404, 200, 200), NO_ROW, body={"user_id": "learner"}),
    Row(
        "path-choose",
        "post",
        NOT_THEIRS,
        NO_ROW,
        body={"enrollment_id": "enrollment", "order": "=path"},
    ),
    Row("risk-list", "get", LOOKED_AFTER, TEAMS),
    Row("risk-detail", "get", ONE_LOOKED_AFTER, IN_TEAM, {"enrollment_id": "enrollment"}),
    Row("forecast-list", "get", LOOKED_AFTER, TEAMS),
    Row("forecast-detail", "get", ONE_LOOKED_AFTER, IN_TEAM, {"enrollment_id": "enrollment"}),
    Row(
        "forecast-what-if",
        "get",
        WITHOUT_HOURS,
        WITHOUT_HOURS_IN_TEAM,
        {"enrollment_id": "enrollment"},
    ),
    Row("recommendation-list", "get", LISTS, TEAMS),
    Row(
        "recommendation-list", "get", (404, 403, 404, 200, 200), NO_ROW, body={"user_id": "learner"}
    ),
    Row(
        "recommendation-dismiss",
        "post",
        NOT_THEIRS,
        NO_ROW,
        body={"enrollment_id": "enrollment", "content_id": "content"},
    ),
    Row(
        "recommendation-restore",
        "post",
        NOT_THEIRS,
        NO_ROW,
        body={"enrollment_id": "enrollment", "content_id": "content"},
    ),
    Row("report-list", "get", LOOKED_AFTER, TEAMS),
    Row("report-detail", "get", FIGURES, TEAMS, {"slug": "=learners"}, named_to=NAMED_TO),
    Row(
        "report-download",
        "get",
        FIGURES,
        TEAMS,
        {"slug": "=learners", "ending": "=csv"},
        named_to=NAMED_TO,
    ),
    Row("saved-report-list", "get", LOOKED_AFTER, TEAMS),
    Row(
        "saved-report-list",
        "post",
        (400, 400, 201, 201, 201),
        (201, 201, 201),
        body={"name": "=Mine", "slug": "=learners"},
    ),
    Row("saved-report-detail", "get", SAVED_BY_OTHERS, NO_ROW, {"pk": "saved"}),
    Row("saved-report-detail", "delete", SAVED_BY_OTHERS, NO_ROW, {"pk": "saved"}),
    Row("learner-skill-list", "get", LISTS, TEAMS),
    Row("learner-skill-detail", "get", (404, 404, 404, 200, 200), IN_TEAM, {"pk": "skill"}),
    Row("import", "post", (403, 403, 403, 403, 403), CLOSED, {"kind": "=people"}),
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
    answers = (*row.answers, *row.managers)
    for role, status in zip((*ROLES, *MANAGERS), answers, strict=True):
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
