"""What the dashboards show, for programs: the same numbers, narrowed alike, hidden alike."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.facts.risk.active_model import active
from analytics.facts.rollups import folding
from analytics.models import RiskByDepartment, RiskModel
from progress.jobs import Run
from progress.models import Enrollment
from tests.factories import a_course_of, content
from tests.support.learners import DAY, an_instructor_of, complete, fail, learn, pass_quiz, someone
from tests.support.reports import in_api
from tests.support.risk import a_week

pytestmark = pytest.mark.django_db
API = "/api/analytics/"
MAX_QUERIES = 15


@pytest.fixture
def teacher(course):
    return an_instructor_of(course)


@pytest.fixture
def ask(teacher):
    def asked(address: str, status: int = 200) -> dict:
        answer = in_api(teacher).get(f"{API}{address}")
        assert answer.status_code == status, answer.content
        return answer.json()

    return asked


def amounts(shown: dict) -> dict[str, float]:
    return {figure["name"]: figure["amount"] for figure in shown["figures"]}


def fold() -> None:
    folding.fold_new(Run("fold", timezone.now()))


def of_page(figures) -> dict[str, str]:
    return {figure.name: figure.value for figure in figures}


def test_the_overview_is_the_first_pages(ask, sign_in, teacher, course):
    for number in range(5):
        learn(course, someone(course), ago=(1 + 3 * number) * DAY)
    late = someone(course)
    Enrollment.objects.filter(user=late).update(due_at=timezone.now() - DAY)
    fold()
    shown = ask("overview/")
    page = sign_in(teacher).get("/admin/").context["overview"]
    assert shown["sentence"] == page.sentence.text
    assert (shown["learners"], shown["in_need"]) == (6, page.sentence.in_need)
    found = amounts(shown)
    assert found.keys() == of_page(page.figures).keys()
    assert (found["time"], found["learners"], found["overdue"]) == (75, 5, 1)
    assert sum(bar["value"] for bar in shown["active_seconds_by_day"]) == 75
    (line,) = shown["courses"]
    assert (line["course_id"], line["learners"], line["overdue"]) == (course.pk, 6, 1)
    assert ask("active/")["active"] == 0
    learn(course, late, ago=timedelta(seconds=40))
    assert ask("active/")["active"] == 1 and amounts(ask("overview/"))["active"] == 1


def test_a_course_is_as_its_page_says(ask, sign_in, teacher, course):
    for number in range(7):
        person = someone(course, department="Care" if number < 5 else "Law")
        learn(course, person, ago=20 * DAY)
        if number < 5:
            complete(course, person, timezone.now() - DAY)
    shown = ask(f"courses/{course.pk}/")
    page = sign_in(teacher).get(f"/admin/insight/courses/{course.pk}/").context["reading"]
    found = amounts(shown)
    assert found.keys() == of_page(page.figures).keys()
    assert (found["learners"], found["complete"], found["days"]) == (7, 71, 29)
    assert sum(bar["value"] for bar in shown["distribution"]) == 7
    assert [bar["value"] for bar in shown["weeks_to_complete"]] == [0, 0, 0, 0, 5]
    steps = {step["title"]: step for step in shown["funnel"]}
    assert (steps["Fire doors"]["begun"], steps["Fire doors"]["left"]) == (7, 7)
    assert steps["Fire doors"]["content_id"] == content(course, "c1").pk
    # One of two departments is too small to be shown.
    departments = shown["groups"][0]
    assert [line["name"] for line in departments["lines"]] == ["Care"]
    assert departments["hidden"] == 2
    assert ask(f"courses/{course.pk}/?department=Care")["figures"][0]["amount"] == 5


def test_a_learner_is_shown_with_sessions_attempts_and_days(ask, course):
    person = someone(course)
    learn(course, person, ago=2 * DAY)
    fail(course, person, "c2", times=1, ago=DAY)
    pass_quiz(course, person, "c2", ago=DAY / 2)
    fold()
    shown = ask(f"courses/{course.pk}/learners/{person.pk}/")
    assert amounts(shown)["time"] == 15 and amounts(shown)["sessions"] == 3
    assert [session["active_seconds"] for session in shown["sessions"]] == [0, 0, 15]
    assert [(attempt["passed"], attempt["score_percent"]) for attempt in shown["attempts"]] == [
        (True, 100.0),
        (False, 0.0),
    ]
    assert [day["active_seconds"] for day in shown["days"] if day["active_seconds"]] == [15]
    assert shown["withheld"] == [] and shown["earlier"] == [] and shown["drifts"] == 0


def test_a_quiz_shows_its_questions_from_five_on(ask, course):
    quiz = content(course, "c2")
    for number in range(5):
        person = someone(course)
        (fail if number < 2 else pass_quiz)(
            course, person, "c2", **({"times": 1} if number < 2 else {}), ago=DAY
        )
        if number == 3:
            fold()
            (item,) = ask(f"contents/{quiz.pk}/")["questions"]
            assert (item["learners"], item["right_percent"]) == (4, None)
    fold()
    shown = ask(f"contents/{quiz.pk}/")
    (item,) = shown["questions"]
    assert (item["learners"], item["right_percent"]) == (5, 60)
    assert amounts(shown)["begun"] == 5


def test_what_to_improve_first(ask, course):
    assert ask("improvements/")["results"] == []
    for _each in range(5):
        learn(course, someone(course), ago=20 * DAY)
    (first,) = ask("improvements/")["results"]
    assert (first["title"], first["course_id"]) == ("Fire doors", course.pk)
    assert "5 learners left it unfinished" in first["reasons"][0]


def test_days_are_those_of_the_callers_zone(ask, teacher, course):
    zone = ZoneInfo("Pacific/Kiritimati")  # fourteen hours ahead
    teacher.time_zone = zone.key
    teacher.save()
    done = datetime(2026, 5, 3, 12, tzinfo=UTC)  # there it is the 4th
    complete(course, someone(course), done)
    address = "reports/completions/?since=2026-05-0{0}&until=2026-05-0{0}"
    assert ask(address.format(3))["count"] == 0
    (row,) = ask(address.format(4))["results"]
    assert row["completed_at"] == "2026-05-04T02:00:00+14:00"
    # Who asks next has their own.
    other = an_instructor_of(course)
    assert in_api(other).get(f"{API}{address.format(3)}").json()["count"] == 1
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_figure_of_return_comes_with_what_went_into_it(ask, course):
    for _each in range(5):
        learn(course, someone(course, department="Care"), ago=DAY)
    fold()
    figures = {figure["key"]: figure for figure in ask("roi/")["figures"]}
    assert figures["hours"]["inputs"][0]["name"] == "Care" and figures["hours"]["formula"]


def test_the_measures_of_the_risk_model(teacher):
    metrics = {"weeks": [a_week(number) for number in (1, 2, 3)]}
    RiskModel.objects.filter(pk=active(timezone.now()).pk).update(metrics=metrics)
    for name in ("view_riskmodel", "view_all_progress"):
        teacher.user_permissions.add(Permission.objects.get(codename=name))
    RiskByDepartment.objects.create(
        course=a_course_of({"content_type": "text"}),
        department="Care",
        enrollments=100,
        failed=70,
        predicted=50.0,
        squares=20.0,
        base_id=active(timezone.now()).pk,
        measured_at=timezone.now(),
    )
    shown = in_api(teacher).get(f"{API}risk-model/?week=3&calls=25").json()
    (care,) = shown["departments"]
    assert (care["outcomes"], care["predicted"], care["seen"], care["off"]) == (100, 50, 70, -20)
    assert care["is_off"] and care["low"] < -20 < care["high"]
    assert (shown["week"], len(shown["weeks"]), shown["version"] is None) == (3, 3, False)
    advised = [row["start"] for row in shown["ranks"] if row["is_advised"]]
    assert not any(row["is_advised"] for row in shown["thresholds"])
    assert advised == [20] and shown["reliability"][0]["seen"] == 29
    refused = in_api(teacher).get(f"{API}risk-model/?week=NaN")
    assert refused.status_code == 400 and refused.json()["errors"][0]["attr"] == "week"


@pytest.mark.parametrize(
    "address", ["overview/", "courses/{course}/", "contents/{content}/", "improvements/"]
)
def test_what_is_no_filter_is_refused(address, ask, course):
    way = address.format(course=course.pk, content=content(course, "c1").pk)
    for query, named in (("since=NaN", "since"), ("deprtment=Care", "deprtment")):
        assert ask(f"{way}?{query}", 400)["errors"][0]["attr"].split(".")[0] == named


@pytest.mark.parametrize(
    "address",
    [
        "overview/",
        "active/",
        "courses/{course}/",
        "contents/{content}/",
        "courses/{course}/learners/{learner}/",
        "improvements/",
    ],
)
def test_many_learners_cost_as_many_statements_as_few(address, ask, course):
    def cost() -> int:
        way = address.format(
            course=course.pk,
            content=content(course, "c1").pk,
            learner=Enrollment.objects.earliest("pk").user_id,
        )
        with CaptureQueriesContext(connection) as seen:
            ask(way)
        return len(seen)

    for _each in range(5):
        learn(course, someone(course, department="Care"), ago=20 * DAY)
    cost()
    few = cost()
    for _each in range(20):
        learn(course, someone(course, department="Care"), ago=20 * DAY)
    assert cost() == few <= MAX_QUERIES
