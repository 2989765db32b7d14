"""Figures of a group aren't shown for four people: on no page, in no report."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.facts.rollups import folding
from analytics.models import Alert, AlertKind, HourlyRate
from analytics.reporting import registry
from analytics.reporting.report import Kind, Report
from certificates.lifecycle.issuing import issue
from certificates.models import Validity
from progress.jobs import Run
from progress.models import Course, Enrollment
from tests.factories import content
from tests.support.admin import text_of
from tests.support.dashboards import MAX_QUERIES
from tests.support.learners import DAY, an_instructor_of, complete, fail, learn, someone

pytestmark = pytest.mark.django_db
# What pages say of fewer than five, and what they say of five only.
OF_FOUR = {
    "course": [
        "Shown once five learners have completed it.",
        "4 learners are in groups that are too small to be shown",
    ],
    "video": ["Shown once five learners have used it."],
    "quiz": ["Too few answers yet"],
    "engagement": ["No content has been begun by five learners yet."],
    "habits": ["Shown once five learners have been active."],
    "return": ["Shown once five learners have been active in this period."],
}
OF_FIVE = {
    "overview": ["Where learners drop out"],
    "course": ["To completion", "Time it takes"],
    "video": ["Time spent in it", "Replayed", "As a table"],
    "quiz": ["Time spent in it"],
    "engagement": ["What to improve first"],
    "habits": ["Most learning happens on"],
    "return": ["Time learned"],
}
# Numbers that count no people. Every share and every time is hidden as well.
MEASURES = {
    "score",
    "sessions",
    "contents_completed",
    "distractions_per_hour",
    "discrimination",
    "cost",
    "cost_of_completion",
    "difference_low",
    "difference_high",
}
PERSONS = {"learner", "person"}
# No letter is written here, no certificate given, no skill practised, and nothing is due. The same
# is tested of letters and skills in `test_effect_report.py` and `test_days_report.py` (alerts) and
# `test_mastery.py`, of forecasts in `test_who_will_be_late.py`; certificates and due dates count
# the people of lists.
# A curve is asked of one content: `test_report_filters.py`.
EMPTY = {
    *("outreach-effect", "outreach-days", "expiries", "skills", "curve"),
    *("due-forecasts", "forecast-coverage"),
}


@pytest.fixture
def teacher(course):
    HourlyRate.objects.update_or_create(department="", defaults={"amount": Decimal(30)})
    return an_instructor_of(course)


def learned(course: Course, people: int) -> None:
    """Each saw half of the video, failed the quiz, and has been given the course all the same."""
    for _ in range(people):
        person = someone(course, department="Law")
        learn(course, person, ago=20 * DAY)
        fail(course, person, "c2", times=1, ago=20 * DAY)
        complete(course, person, timezone.now() - 19 * DAY)
    folding.fold_new(Run("fold", timezone.now()))


def shown_on(window, course: Course) -> dict[str, str]:
    pages = {
        "overview": reverse("admin:index"),
        "course": reverse("admin:insight-course", args=[course.pk]),
        "video": reverse("admin:insight-content", args=[content(course, "c1").pk]),
        "quiz": reverse("admin:insight-content", args=[content(course, "c2").pk]),
    }
    for name in ("engagement", "habits", "return"):
        pages[name] = reverse(f"admin:insight-{name}")
    result = {}
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as seen:
            result[name] = text_of(window.get(address))
        assert len(seen) <= MAX_QUERIES, (name, len(seen))
    return result


def test_pages_show_nothing_of_four(sign_in, teacher, course):
    window = sign_in(teacher)
    learned(course, 4)
    four = shown_on(window, course)
    learned(course, 1)
    five = shown_on(window, course)
    for name, words in OF_FOUR.items():
        for said in words:
            assert said in four[name] and said not in five[name], (name, said)
    for name, words in OF_FIVE.items():
        for said in words:
            assert said in five[name] and said not in four[name], (name, said)


def of_groups(reader) -> list[Report]:
    """All but lists of one's own learners, who are there to be helped by name."""
    return [
        report
        for report in registry.open_to(reader)
        if not PERSONS & {column.key for column in report.columns}
    ]


def measures(client: APIClient, report: Report) -> set[str]:
    """The columns that show how a group did, in any row of the report."""
    hidden = {
        column.key
        for column in report.columns
        if column.kind in {Kind.PERCENT, Kind.SECONDS} or column.key in MEASURES
    }
    rows = client.get(f"/api/analytics/reports/{report.slug}/").json()["results"]
    return {key for row in rows for key in hidden if row[key] is not None}


def test_reports_show_nothing_of_four(teacher, course):
    client = APIClient()
    client.force_authenticate(teacher)
    reports = of_groups(teacher)
    learned(course, 4)
    assert {r.slug: found for r in reports if (found := measures(client, r))} == {}
    learned(course, 1)
    silent = {report.slug for report in reports if not measures(client, report)}
    assert silent == EMPTY


def test_the_time_of_small_departments_is_added_up(sign_in, teacher, course):
    for department, people in {"Care": 6, "Law": 2, "Sales": 1, "Staff": 5}.items():
        for _ in range(people):
            learn(course, someone(course, department=department), ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    figures = sign_in(teacher).get(reverse("admin:insight-return")).context["figures"]
    result = ["Care", "Staff", "In the smallest departments, together"]
    for figure in figures[:2]:
        assert [name for name, _value in figure.inputs] == result


def test_a_department_has_figures_from_five_learners_on(teacher, course):
    for department, people in {"Care": 6, "Law": 3, "Staff": 5}.items():
        for _ in range(people):
            learn(course, someone(course, department=department), ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    client = APIClient()
    client.force_authenticate(teacher)
    for name in ("engagement", "cost"):
        rows = client.get(f"/api/analytics/reports/{name}-departments/").json()["results"]
        result = {row["department"]: row["active_seconds"] is not None for row in rows}
        assert result == {"Care": True, "Law": False, "Staff": True}


def test_a_module_adds_up_all_its_contents(teacher, course):
    for number in range(9):
        person = someone(course)
        learn(course, person, ago=DAY)
        if number < 4:
            fail(course, person, "c2", times=1, ago=DAY)
    client = APIClient()
    client.force_authenticate(teacher)
    contents, modules = (
        client.get(f"/api/analytics/reports/engagement-{name}/").json()["results"]
        for name in ("contents", "modules")
    )
    assert [row["complete"] is None for row in contents] == [False, True]
    assert [row["begun"] for row in modules] == [13]


def certified(course: Course, people: int) -> None:
    for _ in range(people):
        person = someone(course, enrolled_ago=9 * DAY)
        learn(course, person, ago=8 * DAY)
        complete(course, person, timezone.now() - 7 * DAY)
        assert issue(Enrollment.objects.get(user=person).pk)


def test_the_work_of_renewals_is_shown_when_five_have_completed(sign_in, teacher, course):
    Validity.objects.create(course=course, months=6)
    window, address = sign_in(teacher), reverse("admin:insight-compliance")
    certified(course, 4)
    ((_month, _title, people, hours),) = window.get(address).context["expiries"]
    assert (people, hours) == (4, None)
    certified(course, 1)
    assert window.get(address).context["expiries"][0][3] > 0


def test_a_learners_page_and_alerts_say_nothing_of_four_others(sign_in, teacher, course):
    person = someone(course, full_name="Lena")
    learn(course, person, ago=20 * DAY)
    folding.fold_new(Run("fold", timezone.now()))
    Alert.objects.create(
        enrollment=Enrollment.objects.get(user=person),
        user=person,
        course=course,
        kind=AlertKind.INACTIVE,
        opened_at=timezone.now() - 5 * DAY,
        since=timezone.now() - 20 * DAY,
        facts={"usual_days": 3},
    )
    window = sign_in(teacher)
    page = reverse("admin:insight-learner", args=[course.pk, person.pk])
    board = reverse("admin:insight-alerts")

    def result() -> list[str]:
        """Without the moments at which they were asked for."""
        shown = [text_of(window.get(page)), text_of(window.get(board))]
        return [re.sub(r"\d\d:\d\d(:\d\d)?", "", text) for text in shown]

    alone = result()
    learned(course, 4)
    assert all("Lena" in text for text in alone) and result() == alone
