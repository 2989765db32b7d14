"""What isn't known is refused by its name on every page, in every file and every answer; and who
hasn't the right gets 403, never an empty page."""

import itertools
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from analytics.facts.rollups import folding
from analytics.reporting import registry
from analytics.reporting.files import FILES, endings
from analytics.site.urls import patterns
from progress.jobs import Run
from tests.factories import a_user, content
from tests.support.admin import a_staff_member
from tests.support.learners import DAY, LOOKS, an_instructor_of, learn, someone
from tests.support.reports import API, PAGE, in_api

pytestmark = pytest.mark.django_db
BOGUS = "favourite_colour"
LINK = re.compile(r'href="(/admin/insight/reports/[^"]+)"')
# What a learner may ask of their own.
OWN = {f"/api/analytics/{name}/" for name in ("paths", "recommendations", "skills")}
ACTS = {"insight-report-save", "insight-forget", "insight-alert-digest"}  # POST only


@pytest.fixture
def lena(course):
    person = someone(course, full_name="Lena", department="Care")
    learn(course, person, ago=DAY)
    return person


def pages(course, person) -> dict[str, str]:
    """Every page of the dashboards that can be opened, by name: the first page, reports, files."""
    ids = {
        "course_id": course.pk,
        "learner_id": person.pk,
        "content_id": content(course, "c1").pk,
        "slug": "learners",
        "ending": "pdf",
    }
    found = {"index": reverse("admin:index")}
    for pattern in patterns(lambda view: view):
        if pattern.name not in ACTS:
            needed = {name: ids[name] for name in pattern.pattern.converters}
            found[pattern.name] = reverse(f"admin:{pattern.name}", kwargs=needed)
    return found


def answers(course, person) -> list[str]:
    """Every GET of the API under /api/analytics/ that needs no more than these ids."""
    ids = {
        "{course_id}": course.pk,
        "{learner_id}": person.pk,
        "{content_id}": content(course, "c1").pk,
        "{slug}": "learners",
        "{ending}": "csv",
    }
    found = []
    for path, operations in SchemaGenerator().get_schema(public=True)["paths"].items():
        for name, value in ids.items():
            path = path.replace(name, str(value))
        if path.startswith("/api/analytics/") and "get" in operations and "{" not in path:
            found.append(path)
    return found


def test_every_page_refuses_an_unknown_parameter_by_name(client, course, lena):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    found = pages(course, lena)
    assert len(found) >= 15
    for name, address in found.items():
        assert client.get(address).status_code in {200, 302}, name
        refused = client.get(address, {BOGUS: "blue"})
        assert refused.status_code == 400, name
        assert BOGUS in refused.content.decode(), name
        assert "Lena" not in refused.content.decode(), name


@pytest.mark.parametrize(
    "query",
    ["department=Nobody", "course=987654321", "since=yesterday", "course=1&course=2", "show=blue"],
)
def test_a_choice_that_isnt_there_shows_nothing(client, course, lena, query):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    for name in ("index", "insight-engagement", "insight-return", "insight-alerts"):
        refused = client.get(f"{pages(course, lena)[name]}?{query}")
        assert refused.status_code == 400, name
        assert query.partition("=")[0] in refused.content.decode()


def test_a_choice_of_one_page_alone(client, course, lena):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    found = pages(course, lena)
    for name, query in (("insight-course", "show"), ("insight-habits", "outcome")):
        assert client.get(found[name], {query: ""}).status_code == 200
        refused = client.get(found[name], {query: "blue"})
        assert refused.status_code == 400 and query in refused.content.decode()


@pytest.mark.parametrize("report", registry.all_reports(), ids=lambda report: report.slug)
def test_no_file_leaves_out_what_was_asked(client, report):
    """Neither unknown nor another report's filter; least of all in a file that is signed."""
    admin = a_user(is_staff=True, is_superuser=True)
    client.force_login(admin)
    others = {"status", "state", "result", "learner", "content"} - {
        *report.extra_filters,
        *report.filters,
    }
    unheeded = {"since", "until", "cohort", "department", "course"} - {*report.filters}
    names, kinds = sorted({BOGUS, "page", *others, *unheeded}), endings(report)
    assert len(names) >= len(kinds)
    # Each name and each kind of file; what is asked is checked before the file's kind matters.
    for name, ending in zip(names, itertools.cycle(kinds), strict=False):
        refused = client.get(f"{PAGE}{report.slug}/{ending}/", {name: "1"})
        assert refused.status_code == 400, (name, ending)
        assert name in refused.content.decode()
        shown = in_api(admin).get(f"{API}{report.slug}/download/{ending}/", {name: "1"})
        (error,) = shown.json()["errors"]
        assert shown.status_code == 400
        assert (error["attr"], error["code"]) == (name, "unknown_parameter")


def test_every_answer_refuses_an_unknown_parameter_by_name(course, lena):
    reader = in_api(a_user(is_staff=True, is_superuser=True))
    found = answers(course, lena)
    assert len(found) >= 30
    for address in found:
        assert reader.get(address).status_code == 200, address
        refused = reader.get(address, {BOGUS: "blue"})
        assert refused.status_code == 400, address
        assert [error["attr"] for error in refused.json()["errors"]] == [BOGUS], address


def test_what_is_saved_may_not_ask_for_it_either(course):
    reader = in_api(an_instructor_of(course))
    sent = {"name": "Mine", "slug": "learners"}
    for query in (f"{BOGUS}=blue", "since=2026-05-01", "status=asleep", "course=987654321"):
        refused = reader.post("/api/analytics/saved-reports/", sent | {"query": query})
        assert refused.status_code == 400, query
        assert refused.json()["errors"][0]["attr"] == "query"
        assert query.partition("=")[0] in refused.json()["errors"][0]["detail"]


def test_links_to_reports_ask_only_for_what_these_know(client, course, lena):
    """Every link of a narrowed page leads somewhere."""
    client.force_login(a_user(is_staff=True, is_superuser=True))
    for _ in range(4):
        learn(course, someone(course, department="Care"), ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    found, today = pages(course, lena), timezone.localdate()
    query = f"department=Care&since={today - 9 * DAY}&until={today}"
    narrowed = ("index", "insight-course", "insight-engagement")
    for name in (*narrowed, "insight-return", "insight-compliance"):
        asked = "department=Care" if name in {"insight-compliance", "insight-course"} else query
        page = client.get(f"{found[name]}?{asked}")
        assert page.status_code == 200, name
        links = set(LINK.findall(page.content.decode()))
        assert links, name
        for link in links:
            assert client.get(unescape(link)).status_code == 200, (name, link)


# --- Who may ask ---------------------------------------------------------------------------------
def test_whoever_lacks_the_right_gets_403_everywhere(course, lena):
    """A learner, and staff who may look at nobody's progress."""
    staff = Client()
    staff.force_login(a_staff_member("view_course"))
    for name, address in pages(course, lena).items():
        if name != "index":
            assert staff.get(address).status_code == 403, name
    assert staff.get(reverse("admin:index")).context["overview"] is None
    for person in (lena, a_staff_member("view_course")):
        for address in answers(course, lena):
            answer = in_api(person).get(address)
            if address in OWN and person == lena:
                assert answer.status_code == 200, address
            else:
                assert answer.status_code == 403, (address, person.is_staff)


def test_an_instructor_without_courses_reads_why_it_is_empty(client, course, lena):
    teacher = a_staff_member(*LOOKS)
    client.force_login(teacher)
    for name, address in pages(course, lena).items():
        answer = client.get(address)
        if name in {"insight-course", "insight-learner", "insight-content"}:
            assert answer.status_code == 404, name
        elif name == "insight-report-file":
            assert answer.status_code == 403, name
        elif name != "insight-reports":
            assert answer.status_code == 200, name
            shown = answer.content.decode()
            assert (
                "You don't teach any courses yet" in shown and "No one is enrolled" not in shown
            ), name
    for address in (f"{API}learners/", "/api/analytics/overview/", "/api/analytics/roi/"):
        assert in_api(teacher).get(address).status_code == 403
    for report in registry.open_to(teacher):
        for ending in FILES:
            if ending in endings(report):
                assert client.get(f"{PAGE}{report.slug}/{ending}/").status_code == 403


def test_where_nobody_learns_yet_the_page_says_so(client):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    assert "No one is enrolled yet" in client.get(reverse("admin:index")).content.decode()
