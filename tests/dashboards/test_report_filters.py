"""Filters that only one report has, and what is no filter at all."""

import re
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.facts.rollups import folding
from analytics.models import Requirement, SavedReport
from analytics.reporting import registry
from analytics.reporting.report import ReportQuery
from progress.jobs import Run
from tests.factories import a_course_of, content
from tests.support.admin import VIDEO, text_of
from tests.support.alerts import an_alert
from tests.support.learners import (
    A_QUIZ,
    DAY,
    an_instructor_of,
    complete,
    fail,
    learn,
    pass_quiz,
    someone,
)
from tests.support.reports import API, PAGE, in_api, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(course):
    return an_instructor_of(course)


@pytest.fixture
def own(sign_in, teacher):
    return sign_in(teacher)


def learners(own, teacher, slug: str, query: str, key: str = "learner") -> set[str]:
    """Who is in the file, in the answer, on the page: the same."""
    found = {row[key] for row in rows_of(own.get(f"{PAGE}{slug}/csv/?{query}"))}
    shown = in_api(teacher).get(f"{API}{slug}/?{query}").json()
    assert {row[key] for row in shown["results"]} == found and bool(shown["count"]) == bool(found)
    page = text_of(own.get(f"{PAGE}{slug}/?{query}"))
    assert all(name in page for name in found)
    return found


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("complete", {"Done"}),
        ("open", {"Late", "New", "Here"}),
        ("not_started", {"Late", "New"}),
        ("overdue", {"Late"}),
        ("", {"Done", "Late", "New", "Here"}),
    ],
)
def test_learners_by_how_they_stand(status, names, own, teacher, course):
    for name in ("Done", "Late", "New", "Here"):
        person = someone(course, full_name=name)
        if name in {"Done", "Here"}:
            learn(course, person, ago=DAY)
        if name == "Done":
            complete(course, person, timezone.now())
        if name == "Late":
            person.enrollments.update(due_at=timezone.now() - DAY)
    assert learners(own, teacher, "learners", f"status={status}") == names


def test_attempts_by_their_result(own, teacher, course):
    fail(course, someone(course, full_name="Failed"), "c2", times=1, ago=DAY)
    pass_quiz(course, someone(course, full_name="Passed"), "c2", ago=DAY)
    assert learners(own, teacher, "attempts", "result=failed") == {"Failed"}
    assert learners(own, teacher, "attempts", "result=passed") == {"Passed"}


def test_alerts_by_kind_and_state(own, teacher, course):
    an_alert(course, full_name="Idle")
    assert learners(own, teacher, "alerts", "kind=never_started&state=open") == {"Idle"}
    assert learners(own, teacher, "alerts", "kind=pace") == set()
    assert learners(own, teacher, "alerts", "state=closed") == set()


def test_one_learners_attempts_sessions_and_record(own, teacher, course):
    for name in ("lena", "omar"):
        person = someone(course, full_name=name.title(), username=name)
        learn(course, person, ago=2 * DAY)
        pass_quiz(course, person, "c2", ago=DAY)
        complete(course, person, timezone.now())
    assert learners(own, teacher, "sessions", "learner=lena") == {"Lena"}
    assert learners(own, teacher, "attempts", "learner=omar&result=passed") == {"Omar"}
    assert learners(own, teacher, "record", "learner=lena", "person") == {"Lena"}
    assert learners(own, teacher, "record", "learner=nobody", "person") == set()
    row = in_api(teacher).get(f"{API}sessions/?learner=lena").json()["results"][1]
    assert (row["active_seconds"], row["idle_seconds"]) == (15, 0)
    assert row["away_seconds"] in {14, 15}  # what is left of 30 s, but for a rounded millisecond
    refused = in_api(teacher).get(f"{API}sessions/?learner=%00")
    assert refused.status_code == 400


def test_a_content_second_by_second_from_five_learners_on(own, teacher, course):
    clip = content(course, "c1")
    address = f"{API}curve/?content={clip.pk}"
    for number in range(5):
        assert in_api(teacher).get(address).json()["count"] == 0
        learn(course, someone(course, department="Care" if number else ""), ago=DAY)
        folding.fold_new(Run("fold", timezone.now()))
    shown = in_api(teacher).get(f"{address}&page_size=500").json()["results"]
    assert [row["viewers"] for row in shown] == [5] * 30 + [0] * 30
    assert (shown[29]["place"], shown[0]["replays"], shown[0]["seek_in"]) == ("0:29", 0, 0)
    assert len(rows_of(own.get(f"{PAGE}curve/csv/?content={clip.pk}"))) == 60
    assert own.get(f"{PAGE}curve/xlsx/?content={clip.pk}").status_code == 200
    theirs = content(a_course_of(VIDEO), "c1")
    assert in_api(teacher).get(f"{API}curve/?content={theirs.pk}").status_code == 400


def test_a_learners_and_a_contents_page_lead_to_their_files(own, course):
    for number in range(5):
        person = someone(course, username=f"lena+{number}")
        learn(course, person, ago=2 * DAY)
        pass_quiz(course, person, "c2", ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    pages = {
        f"courses/{course.pk}/learners/{person.pk}/": {"sessions": 2, "attempts": 1},
        f"contents/{content(course, 'c1').pk}/": {"curve": 60},
    }
    for address, files in pages.items():
        page = own.get(f"/admin/insight/{address}").content.decode()
        for slug, count in files.items():
            (link,) = re.findall(rf'href="([^"]+/{slug}/csv/[^"]+)"', page)
            assert len(rows_of(own.get(unescape(link)))) == count, slug


def test_obligations_by_state_and_requirement(own, teacher, course):
    today = timezone.localdate()
    first = Requirement.objects.create(name="First", course=course, due_on=today - DAY)
    other = Requirement.objects.create(name="Other", course=course, due_on=today + 90 * DAY)
    theirs = Requirement.objects.create(name="Theirs", course=a_course_of(VIDEO), due_on=today)
    for name in ("Done", "Late"):
        person = someone(course, full_name=name)
        if name == "Done":
            complete(course, person, timezone.now())

    def found(query: str) -> set[str]:
        return learners(own, teacher, "obligations", query, "person")

    for state in ("late", "overdue"):
        assert found(f"state={state}&requirement={first.pk}") == {"Late"}
    assert found(f"state=late&requirement={other.pk}") == set()
    assert found(f"requirement={other.pk}&state=complete") == {"Done"}
    rows = in_api(teacher).get(f"{API}obligations/?state=overdue").json()["results"]
    assert [(row["person"], row["requirement"]) for row in rows] == [("Late", "First")]
    refused = in_api(teacher).get(f"{API}obligations/?requirement={theirs.pk}")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"].startswith("requirement")
    # The board leads to those of a line.
    board = own.get("/admin/insight/compliance/").content.decode()
    assert f"obligations/?state=overdue&amp;requirement={first.pk}" in board


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("status=asleep", "status"),
        ("since=NaN", "since"),
        ("course=NaN", "course"),
        ("course=99999999999999999999", "course"),
        ("cohort=2026-13", "cohort"),
        ("departmnt=Care", "departmnt"),
        ("state=open", "state"),  # another report's
        ("since=2026-05-01", "since"),  # as of now
        ("department=%00", "department"),
    ],
)
def test_what_is_no_filter_is_refused_by_its_name(query, named, teacher):
    for way in ("", "download/csv/"):
        refused = in_api(teacher).get(f"{API}learners/{way}?{query}")
        assert refused.status_code == 400, refused.content
        assert refused.json()["errors"][0]["attr"].split(".")[0] == named


@pytest.mark.parametrize("name", ["compliance", "engagement", "heatmap", "patterns", "roi"])
def test_figures_refuse_it_as_well(name, teacher):
    refused = in_api(teacher).get(f"/api/analytics/{name}/?deprtment=Care")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"].startswith("deprtment")


@pytest.mark.parametrize("page", ["NaN", "0", "-1", "99999999999999999999", "2"])
def test_a_page_that_isnt_there_is_not_found(page, teacher):
    assert in_api(teacher).get(f"{API}learners/?page={page}").status_code == 404


def test_a_huge_page_is_five_hundred_rows_at_most(teacher, course):
    someone(course)
    shown = in_api(teacher).get(f"{API}learners/?page_size=1000000")
    assert shown.status_code == 200 and len(shown.json()["results"]) == 1


def test_what_is_saved_keeps_it_and_the_list_shows_it(own, teacher, course):
    sent = {"name": "Late ones", "schedule": "never", "ending": "csv"}
    own.post(f"{PAGE}learners/save/", sent | {"query": "status=overdue&state=open&page=3"})
    assert SavedReport.objects.get().query == "status=overdue"
    shelf = in_api(teacher).get(API).json()["results"]
    shown = {each["slug"]: {n["name"]: n["choices"] for n in each["narrows"]} for each in shelf}
    assert shown["learners"]["status"] == ["complete", "open", "not_started", "overdue", "outside"]
    assert shown["obligations"]["requirement"] == [] and shown["days"] == {}


def test_on_paper_it_says_what_it_was_filtered_by(teacher, course):
    report = registry.named("learners")
    shown = report.filters_from(
        QueryDict("status=overdue&since=2026-05-01"), {course.pk: course.title}
    )
    assert shown.form.summary == "Fire safety · Overdue"


def test_a_report_offers_only_filters_that_make_a_difference(own, teacher, course):
    shelf = in_api(teacher).get(API).json()["results"]
    offered = {each["slug"]: each["filters"] for each in shelf}
    assert offered["obligations"] == ["course", "department"] and offered["questions"] == ["course"]
    assert offered["record"] == ["course", "department", "cohort", "until"]
    for slug, names in offered.items():
        form = own.get(f"{PAGE}{slug}/").context["filters"]
        assert set(form.fields) == {*names, *registry.named(slug).extra_filters}, slug
    board = own.get("/admin/insight/compliance/").context["filters"]
    assert set(board.fields) == {"course", "department"}
    refused = in_api(teacher).get("/api/analytics/compliance/?since=2026-05-01")
    assert refused.status_code == 400


@pytest.mark.parametrize("slug", [report.slug for report in registry.all_reports()])
def test_each_filter_that_is_offered_makes_a_difference(slug, teacher):
    """What is asked of the database is another thing with it than without."""
    report = registry.named(slug)
    course = a_course_of(VIDEO, A_QUIZ | {"skills": ["fire"]})
    always = f"&content={content(course, 'c1').pk}" if slug == "curve" else ""
    for _each in range(5):
        learn(course, someone(course, department="Care"), ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    Requirement.objects.create(name="Fire", course=course)
    other = a_course_of(VIDEO, title="Heights")
    titles = {course.pk: course.title, other.pk: other.title}
    asked = {
        "course": str(other.pk),
        "department": "Care",
        "cohort": "2026-01",
        "since": f"{timezone.localdate() - 9 * DAY}",
        "until": f"{timezone.localdate() - 2 * DAY}",
    }

    def statements(query: str) -> list[str]:
        filters = report.filters_from(QueryDict(query + always), titles)
        assert filters.form.is_valid(), filters.form.errors
        with CaptureQueriesContext(connection) as seen:
            list(report.all(ReportQuery(teacher, filters, now)))
        return [query["sql"] for query in seen]

    now = timezone.now()
    statements("")  # structures are read once
    plain = statements("")
    for name in report.filters:
        assert statements(f"{name}={asked[name]}") != plain, name
    for name in set(asked) - set(report.filters):
        assert statements(f"{name}={asked[name]}") == plain, name
