"""What learning costs and what came of it: figures that can be worked out again by hand."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts.rollups import folding
from analytics.models import HourlyRate
from analytics.roi import figures
from analytics.roi.figures import HOUR_MS, Inputs
from progress.jobs import Run
from progress.models import CourseProgress
from tests.factories import a_course_of
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, complete, fail, learn, someone
from tests.support.reports import in_api, rows_of

PAGE, API = "/admin/insight/return/", "/api/analytics/roi/"


def some(**changes) -> Inputs:
    usual = {
        "active_ms": {"Care": 10 * HOUR_MS, "Law": 2 * HOUR_MS},
        "rates": {"Care": Decimal(30), "": Decimal("40.50")},
        "completions": 3,
        "passed": (0, 0),
        "passed_before": (0, 0),
    }
    return Inputs(**(usual | changes))


# --- By hand -------------------------------------------------------------------------------------
def test_a_departments_own_rate_goes_before_the_usual_one():
    assert figures.hours(some()) == 12
    assert figures.costs(some()) == {"Care": Decimal("300.00"), "Law": Decimal("81.00")}
    assert figures.cost(some()) == Decimal("381.00")
    assert figures.cost_of_completion(some()) == Decimal("127.00")


def test_time_without_a_rate_is_left_out_and_named():
    shown = some(rates={"Care": Decimal(30)})
    assert figures.cost(shown) == 300 and figures.uncosted_ms(shown) == 2 * HOUR_MS
    assert figures.cost(some(rates={})) is None
    assert figures.cost_of_completion(some(rates={})) is None
    assert figures.cost_of_completion(some(completions=0)) is None


def test_a_change_of_passing_has_its_interval():
    change, interval = figures.pass_change(some(passed=(56, 70), passed_before=(48, 80)))
    assert change == pytest.approx(0.2)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.0524, 0.3339)
    assert figures.pass_change(some(passed=(5, 5))) is None


def test_overdue_work_lies_within_the_quartiles_of_those_who_did_it():
    hour = HOUR_MS
    shown = some(
        effort_ms={1: (hour, 2 * hour, 4 * hour)},
        overdue={1: (Decimal("2.5"), 3), 2: (Decimal(1), 1)},
    )
    expected = figures.Range(Decimal("2.5"), Decimal("5.0"), Decimal("10.0"))
    assert figures.exposure_hours(shown) == expected
    assert figures.unknown_overdue(shown) == 1
    assert figures.exposure_hours(some()) is None


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 10**9), max_size=3),
    st.decimals(0, 1000, places=2),
)
def test_a_dearer_hour_never_costs_less(active, rate):
    cheap = figures.cost(some(active_ms=active, rates={"": rate}))
    dear = figures.cost(some(active_ms=active, rates={"": rate + 1}))
    assert cheap <= dear


# --- From the rows -------------------------------------------------------------------------------
@pytest.fixture
def course(db):
    return a_course_of(VIDEO, A_QUIZ, title="Fire safety")


def learned(course, people=5, **changes):
    found = [someone(course, **changes) for _ in range(people)]
    for person in found:
        learn(course, person, ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    return found


def value(client, key, query=""):
    shown = client.get(f"{API}{query}").json()["figures"]
    return next(each for each in shown if each["key"] == key)


@pytest.mark.django_db
def test_figures_are_what_the_rows_say(course):
    people = learned(course, 6, department="Care")
    HourlyRate.objects.create(department="Care", amount=120)
    for person in people[:2]:
        complete(course, person, timezone.now())
    client = in_api(an_instructor_of(course))
    assert value(client, "hours")["value"] == pytest.approx(6 * 15 / 3600)
    assert value(client, "cost")["value"] == 3.0
    assert value(client, "completions")["value"] == 2
    assert value(client, "cost_of_completion")["value"] == 1.5


@pytest.mark.django_db
def test_overdue_work_is_estimated_from_five_who_completed(course):
    people = learned(course, 7)
    for person in people[:5]:
        complete(course, person, timezone.now())
    CourseProgress.objects.filter(completed_at__isnull=False).update(time_ms=2 * HOUR_MS)
    late = CourseProgress.objects.filter(completed_at=None)
    late.update(completion_bp=2500)
    for row in late:
        row.enrollment.due_at = timezone.now() - DAY
        row.enrollment.save()
    shown = value(in_api(an_instructor_of(course)), "exposure")
    assert (shown["low"], shown["value"], shown["high"]) == (3.0, 3.0, 3.0)


@pytest.mark.django_db
def test_first_tries_are_compared_with_those_before(course):
    learned(course)
    teacher = in_api(an_instructor_of(course))
    for _ in range(5):
        assert value(teacher, "pass_change")["value"] is None
        fail(course, someone(course), "c2", times=1, ago=DAY)
        fail(course, someone(course, enrolled_ago=60 * DAY), "c2", times=1, ago=30 * DAY)
    shown = value(teacher, "pass_change")
    assert shown["value"] == 0 and shown["low"] < 0 < shown["high"]


@pytest.mark.django_db
def test_the_page_shows_each_figure_with_its_formula(client, course):
    learned(course, department="Care")
    HourlyRate.objects.create(department="", amount=36)
    client.force_login(an_instructor_of(course))
    shown = text_of(client.get(PAGE))
    assert "0.75 EUR" in shown and "Hours × hourly rate, department by department." in shown
    assert "× 36.00 EUR = 0.75 EUR" in shown
    (row,) = rows_of(client.get("/admin/insight/reports/cost-departments/csv/"))
    assert (row["department"], row["rate"], row["cost"]) == ("Care", "36.0", "0.75")


@pytest.mark.django_db
def test_fewer_than_five_are_not_shown(client, course):
    learned(course, 4, department="Care")
    teacher = an_instructor_of(course)
    client.force_login(teacher)
    assert "Shown once five learners" in text_of(client.get(PAGE))
    assert in_api(teacher).get(API).json()["figures"] == []
    (row,) = rows_of(client.get("/admin/insight/reports/cost-departments/csv/"))
    assert (row["learners"], row["cost"], row["active_seconds"]) == ("4", "", "")


@pytest.mark.django_db
def test_others_courses_are_not_in_it(client, course):
    learned(a_course_of(VIDEO, A_QUIZ), 6)
    teacher = an_instructor_of(course)
    assert in_api(teacher).get(API).json()["learners"] == 0
    nobody = a_staff_member("view_course", teaches=[course])
    assert in_api(nobody).get(API).status_code == 403
    client.force_login(nobody)
    assert client.get(PAGE).status_code == 403


@pytest.mark.django_db
def test_a_rate_is_never_negative():
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        HourlyRate(department="Care", amount=-1).full_clean()
