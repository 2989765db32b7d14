"""Each page of the admin, opened by every role.

Every address is tried as nobody, as a learner and as staff without a permission; what stands there
about a course is tried by each role, and one that has no row fails here.
"""

import re
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from .conftest import NAME
from .routes import Route, routes
from .shared import course, made, people, world

__all__ = ["course", "made", "people", "world"]  # fixtures, instead of those of `conftest`

pytestmark = pytest.mark.django_db

# What staff see without any permission: the empty admin, and their own password.
OPEN = {"index", "search", "password_change", "password_change_done", "jsi18n"}
# Pages without data.
UNGUARDED = {"login", "logout"}
WORDS = {
    "object_id": "1",
    "slug": "people",
    "ending": "csv",
    "app_label": "analytics",
    "id": "1",
    "number": "1",
    "pk": 1,
    "course_id": 1,
    "learner_id": 1,
    "content_id": 1,
    "content_type_id": "1",
}


def addresses() -> list[tuple[Route, str]]:
    """All routes of the admin except for catch-alls."""
    found = []
    for route in routes("admin/"):
        names = re.findall(r"[<:](\w+)>", route.path)
        if "url" in names:  # the catch-all
            continue
        needed = {name: WORDS[name] for name in names}
        try:
            found.append((route, reverse(route.name, kwargs=needed)))
        except NoReverseMatch:
            # `…/<id>/` redirects to `…/<id>/change/`, and all other admin URLs are 404.
            assert route.name == "admin:None", route
    return found


def name_of(route: Route) -> str:
    return route.name.removeprefix("admin:")


def test_people_who_are_not_staff_are_sent_to_sign_in(people, sign_in):
    learner = sign_in(people["learner"])
    for route, address in addresses():
        if name_of(route) in UNGUARDED:
            continue
        for window in (Client(), learner):
            for answer in (window.get(address), window.post(address)):
                assert answer.status_code == 302, address
                assert answer["Location"].startswith(reverse("admin:login")), address


def test_staff_without_permissions_see_the_empty_admin_only(world, people, sign_in):
    window = sign_in(people["clerk"])
    tried = 0
    for route, address in addresses():
        if name_of(route) in OPEN | UNGUARDED:
            continue
        tried += 1
        answer = window.get(address)
        # The history of a missing row redirects; views that only take POST refuse before any check.
        is_home = answer.status_code == 302 and answer["Location"] == reverse("admin:index")
        assert answer.status_code in {403, 404, 405} or is_home, address
        if answer.status_code == 405:
            assert window.post(address).status_code in {403, 404}, address
    assert tried > 200


def test_the_empty_admin_names_nobody(world, people, sign_in):
    window = sign_in(people["clerk"])
    for name in OPEN:
        assert NAME not in window.get(reverse(f"admin:{name}"), {"s": "Zweifel"}).content.decode()


# --- The dashboards ------------------------------------------------------------------------------
ROLES = ("clerk", "stranger", "own", "manager", "lead", "head", "foreign lead")


class Row(NamedTuple):
    """The status for each of `ROLES`; `named_to` are the roles who see the learner's name."""

    name: str
    method: str
    answers: tuple[int, ...]
    way: dict[str, Any] = {}
    named_to: tuple[str, ...] = ()


TEAMS = (200, 200, 200)
CLOSED = (403, 403, 403)
OF_OWN = (403, 200, 200, 200)
OF_ONE = (403, 404, 200, 200)
NAMED_TO = ("own", "manager", "lead", "head")
ROWS = [
    Row("insight-active", "get", (*OF_OWN, *TEAMS)),
    Row("insight-course", "get", (*OF_ONE, *TEAMS), {"course_id": "course"}, NAMED_TO),
    Row(
        "insight-learner",
        "get",
        (*OF_ONE, 200, 200, 404),
        {"course_id": "course", "learner_id": "learner"},
        NAMED_TO,
    ),
    Row("insight-content", "get", (*OF_ONE, *CLOSED), {"content_id": "content"}),
    Row("insight-engagement", "get", (*OF_OWN, *CLOSED)),
    Row("insight-habits", "get", (*OF_OWN, *CLOSED)),
    Row("insight-compliance", "get", (*OF_OWN, *TEAMS)),
    Row("insight-forecast", "get", (*OF_OWN, *TEAMS), {}, NAMED_TO),
    Row("insight-return", "get", (*OF_OWN, *CLOSED)),
    Row("insight-risk", "get", (*OF_OWN, *CLOSED)),
    Row("insight-reports", "get", (*OF_OWN, *TEAMS)),
    Row("insight-report", "get", (*OF_OWN, *TEAMS), {"slug": "=learners"}, NAMED_TO),
    Row(
        "insight-report-file",
        "get",
        (*OF_OWN, *TEAMS),
        {"slug": "=learners", "ending": "=csv"},
        NAMED_TO,
    ),
    Row("insight-report-save", "post", (403, 302, 302, 302, 302, 302, 302), {"slug": "=learners"}),
    Row("insight-forget", "post", (404, 404, 404, 404, 404, 404, 404), {"pk": "saved"}),
    Row("insight-alerts", "get", (*OF_OWN, *TEAMS), {}, NAMED_TO),
    Row("insight-alerts", "post", (403, 302, 302, 403, 302, 302, 302)),
    Row("insight-write", "get", (403, 302, 302, 403, 302, 302, 302)),
    Row("insight-write", "post", (403, 302, 302, 403, 302, 302, 302)),
    Row("insight-alert-digest", "post", (403, 302, 302, 302, *CLOSED)),
]


def test_every_dashboard_is_covered_here():
    assert {name_of(route) for route in routes("admin/insight/")} == {row.name for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.name}")
def test_each_role_sees_its_rows(row, world, people, sign_in):
    way = {
        key: value[1:] if value.startswith("=") else world[value] for key, value in row.way.items()
    }
    address = reverse(f"admin:{row.name}", kwargs=way)
    for role, status in zip(ROLES, row.answers, strict=True):
        answer = getattr(sign_in(people[role]), row.method)(address)
        assert answer.status_code == status, role
        whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert (NAME in whole.decode()) == (role in row.named_to), role
