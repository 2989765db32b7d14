"""A number means one thing wherever it stands."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.alerts import board
from analytics.models import Alert, RiskScore
from analytics.query import charts
from analytics.query.charts import Unit
from progress.models import CourseProgress, Enrollment
from tests.support.alerts import an_alert, watch
from tests.support.dashboards import scored
from tests.support.learners import DAY, an_instructor_of, complete, fail, learn, someone
from tests.support.reports import API, in_api

BOARD = "/admin/insight/alerts/"


# --- At high risk --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_at_high_risk_are_those_who_can_still_make_it(sign_in, course):
    now = timezone.now()
    for name, due_at, score in (
        ("Late", now - DAY, 100),
        ("Soon", now + DAY, 80),
        ("Free", None, 80),
        ("Fine", now + DAY, 10),
    ):
        enrollment = Enrollment.objects.get(user=someone(course, full_name=name))
        Enrollment.objects.filter(pk=enrollment.pk).update(due_at=due_at)
        scored(enrollment, score)
    RiskScore.objects.filter(score=10).update(band=RiskScore.Band.LOW)
    window = sign_in(an_instructor_of(course))
    overview = window.get("/admin/").context["overview"]
    figures = {figure.name: figure.amount for figure in overview.figures}
    (line,) = overview.courses
    assert (figures["risk"], line.at_risk) == (2, 2)
    assert (figures["overdue"], line.overdue) == (1, 1)
    page = window.get(f"/admin/insight/courses/{course.pk}/?show=risk")
    assert {row.name for row in page.context["reading"].roster.rows} == {"Soon", "Free"}


# --- The median time -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_median_time_is_of_those_who_began(sign_in, course):
    """In the table of groups, in the tile, and in the cost of doing it again."""
    people = [someone(course, department="Care") for _ in range(12)]
    for minutes, person in zip((10, 20, 30, 40, 50), people[:5], strict=True):
        CourseProgress.objects.filter(user=person).update(time_ms=minutes * 60_000)
    window = sign_in(an_instructor_of(course))
    address = f"/admin/insight/courses/{course.pk}/"
    for groups in window.get(address).context["reading"].groups:
        assert [line.time for line in groups.rows] == ["30 min"]
    # A learner with everything waived has completed it without a second.
    for person in people[:10]:
        complete(course, person, timezone.now())
    figures = {f.name: f.amount for f in window.get(address).context["reading"].figures}
    assert figures["effort"] == 30 * 60
    CourseProgress.objects.filter(user=people[0]).update(time_ms=0)
    reading = window.get(address).context["reading"]
    assert [line.time for line in reading.groups[0].rows] == ["–"]
    assert "effort" not in {figure.name for figure in reading.figures}


# --- Alerts --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_learner_stands_once_on_the_board_with_every_reason(sign_in, course):
    teacher = an_instructor_of(course)
    both = someone(course, full_name="Both", enrolled_ago=60 * DAY)
    fail(course, both, "c2", times=2, ago=40 * DAY)
    someone(course, full_name="Never")
    watch()
    assert Alert.objects.filter(user=both).count() >= 2
    window = sign_in(teacher)
    page = window.get(BOARD)
    rows = page.context["rows"]
    assert sorted(row.name for row in rows) == ["Both", "Never"]
    row = next(row for row in rows if row.name == "Both")
    assert {reason.pk for reason in row.reasons} == set(
        Alert.objects.filter(user=both).values_list("pk", flat=True)
    )
    count = Alert.objects.count()
    assert page.context["sentence"] == f"2 learners are waiting for help, with {count} alerts."
    assert page.context["page"].paginator.count == 2
    assert "2 learners, course by course" in page.content.decode()
    # One box chooses what is about a learner; the other stays as it is.
    window.post(BOARD, {"do": "acknowledge", "alert": [row.open_ids]})
    states = Alert.objects.order_by("pk").values_list("user__full_name", "state")
    assert {state for name, state in states if name == "Both"} == {"acknowledged"}
    assert {state for name, state in states if name == "Never"} == {"open"}
    assert window.get(BOARD).context["sentence"].startswith("1 learner is waiting for help")


@pytest.mark.django_db
def test_a_tally_counts_learners(course):
    for _ in range(3):
        an_alert(course)
    (tally,) = board.tallies(Alert.objects.all())
    assert tally.count == 3


# --- Charts and tiles ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("most", "unit", "marks"),
    [
        (1, Unit.COUNT, ["2", "1", "0"]),
        (7, Unit.COUNT, ["8", "4", "0"]),
        (114, Unit.COUNT, ["120", "60", "0"]),
        (1_700, Unit.COUNT, ["2,000", "1,000", "0"]),
        (40_000, Unit.MILLISECONDS, ["40 s", "20 s", "0 s"]),
        (50 * 60_000, Unit.MILLISECONDS, ["1 h", "30 min", "0 s"]),
        (7 * 3_600_000, Unit.MILLISECONDS, ["8 h", "4 h", "0 s"]),
        (0.8, Unit.SHARE, ["1", "0.5", "0"]),
    ],
)
def test_an_axis_ends_at_a_round_value_that_nothing_exceeds(most, unit, marks):
    axis = charts.axis(most, unit)
    assert [mark.text for mark in axis.marks] == marks
    assert axis.top >= most
    drawn = charts.bars([("a", most, ""), ("b", axis.top / 2, "")], unit)
    assert drawn.bars[1].height == pytest.approx(charts.HEIGHT / 2, abs=0.01)


def test_an_axis_has_room_for_five_labels():
    days = [str(day) for day in range(1, 29)]
    assert charts.spread(days) == ["1", "8", "15", "21", "28"]
    assert charts.spread(["a", "b"]) == ["a", "b"]


@pytest.mark.django_db
def test_the_period_in_force_stands_beside_the_filters_and_apart(sign_in, course):
    learn(course, someone(course), ago=DAY)
    window = sign_in(an_instructor_of(course))
    query = "since=2026-05-03&until=2026-05-30"
    for address in ("/admin/", "/admin/insight/engagement/", "/admin/insight/return/"):
        shown = window.get(f"{address}?{query}").content.decode()
        assert re.search(r'class="printed active-filters">[^<]*3 May 2026 – 30 May 2026', shown), (
            address
        )
    page = window.get("/admin/")
    spans = [figure.of_period for figure in page.context["overview"].figures]
    assert spans == sorted(spans) and set(spans) == {True, False}
    shown = page.content.decode()
    assert (
        shown.index("figures-now") < shown.index("figure-overdue") < shown.index("figures-period")
    )
    assert shown.index("figures-period") < shown.index("figure-completions")
    reports = in_api(an_instructor_of(course)).get(f"{API}completions/?{query}").json()
    assert (reports["since"], reports["until"]) == ("2026-05-03", "2026-05-30")


@pytest.mark.django_db
def test_a_file_is_named_by_the_days_that_it_is_of(sign_in, course):
    window = sign_in(an_instructor_of(course))
    query = "since=2026-05-03&until=2026-05-30"
    file = window.get(f"/admin/insight/reports/completions/csv/?{query}")
    assert 'filename="completions-2026-05-03-2026-05-30.csv"' in file["Content-Disposition"]
    today = timezone.localdate()
    assert (
        f"learners-{today}.csv"
        in window.get("/admin/insight/reports/learners/csv/")["Content-Disposition"]
    )
    yesterday = today - timedelta(days=1)
    record = window.get(f"/admin/insight/reports/record/csv/?until={yesterday}")
    assert f"record-{yesterday}.csv" in record["Content-Disposition"]
