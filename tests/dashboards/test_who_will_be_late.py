"""The planners' page and its reports: ranks, counts with their intervals, hours, who sees whose."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.forecast.counts import Chances, expected
from analytics.models import CompletionForecast, ForecastValidation
from progress.models import Enrollment
from tests.factories import a_course_of, a_user
from tests.support.admin import VIDEO, text_of
from tests.support.callers import window
from tests.support.dashboards import queries
from tests.support.forecasts import DAY, settled_past, show_forecasts
from tests.support.learners import A_QUIZ, an_instructor_of, complete, someone
from tests.support.outside import elsewhere
from tests.support.reports import API, in_api

PAGE = "/admin/insight/forecast/"


@pytest.fixture
def course(db):
    return a_course_of(VIDEO, A_QUIZ, title="Working at height")


def a_person(course, name, *, due_in=20.0, chance=None, days=None, why="", **changes):
    """A learner with a forecast of `days` from now (first, middle, last)."""
    person = someone(course, full_name=name, enrolled_ago=20 * DAY, **changes)
    now = timezone.now()
    enrollment = Enrollment.objects.get(user=person, course=course)
    due_at = None if due_in is None else now + due_in * DAY
    Enrollment.objects.filter(pk=enrollment.pk).update(due_at=due_at)
    first, middle, last = (
        None if each is None else now + each * DAY for each in days or (None, None, None)
    )
    CompletionForecast.objects.create(
        enrollment=enrollment,
        user=person,
        course=course,
        as_of=now,
        part=2,
        left_seconds=600,
        left_contents=2,
        first_at=first,
        median_at=middle,
        last_at=last,
        horizon_at=now + 60 * DAY,
        late_chance=chance,
        insufficient=why or ("" if days else "unvalidated"),
    )
    return person


@pytest.fixture
def six(course):
    """In an order that isn't that of the page."""
    a_person(course, "Surely", chance=0.05, days=(2, 5, 9))
    a_person(course, "Perhaps", chance=0.4, days=(10, 18, 30))
    a_person(course, "Hardly", chance=0.95, why="unlikely")
    a_person(course, "Unknown")
    a_person(course, "Gone", due_in=-2, chance=0.1, days=(2, 5, 9))
    a_person(course, "Later", chance=0.9, days=(22, 25, 30))
    return course


def test_people_come_by_their_chance_whatever_it_is(six, sign_in):
    rows = in_api(an_instructor_of(six)).get(f"{API}forecasts/").json()["results"]
    assert [(row["learner"], row["outlook"], row["late_percent"]) for row in rows] == [
        ("Gone", "Overdue", None),
        ("Hardly", "Expected late", 95),
        ("Later", "Expected late", 90),
        ("Perhaps", "At risk of being late", 40),
        ("Surely", "Expected in time", 5),
        ("Unknown", "Not known", None),
    ]
    page = sign_in(an_instructor_of(six)).get(PAGE)
    assert [row.name for row in page.context["people"]] == [row["learner"] for row in rows]
    assert "3 are or will be late, and 1 may be" in text_of(page)


@pytest.mark.parametrize(
    ("outlook", "names"),
    [
        ("overdue", ["Gone"]),
        ("late", ["Hardly", "Later"]),
        ("at_risk", ["Perhaps"]),
        ("in_time", ["Surely"]),
        ("unknown", ["Unknown"]),
        ("no_due", []),
    ],
)
def test_the_report_can_be_filtered_by_outlook(six, outlook, names):
    client = in_api(an_instructor_of(six))
    rows = client.get(f"{API}forecasts/?outlook={outlook}").json()["results"]
    assert [row["learner"] for row in rows] == names


def test_counts_by_due_date(six, sign_in):
    show_forecasts(six, enrollments=10_000)
    complete(six, someone(six), timezone.now())
    Enrollment.objects.filter(course_progress__completed_at__isnull=False).update(
        due_at=timezone.now() + 20 * DAY
    )
    rows = in_api(an_instructor_of(six)).get(f"{API}due-forecasts/").json()["results"]
    (gone,) = [row for row in rows if row["overdue"]]
    (rest,) = [row for row in rows if not row["overdue"]]
    assert (gone["learners"], gone["expected_late"], gone["expected_low"]) == (1, 1, 1)
    names = ("learners", "complete", "in_time", "at_risk", "late", "unknown")
    assert [rest[name] for name in names] == [6, 1, 1, 1, 2, 1]
    # .05 + .4 + .95 + .9, give or take 1.28 deviations.
    assert (rest["expected_late"], rest["expected_low"], rest["expected_high"]) == (2, 1, 4)


def test_who_completed_elsewhere_is_not_late(six):
    person = Enrollment.objects.get(user__full_name="Later").user
    elsewhere(six, person)
    rows = in_api(an_instructor_of(six)).get(f"{API}forecasts/").json()["results"]
    assert "Later" not in {row["learner"] for row in rows}


@pytest.mark.parametrize(
    ("certain", "groups", "found"),
    [
        (3, [], (3, 3, 3)),
        (0, [Chances(10, 10.0, 0.0, 0.0, 1.0, 100)], (10, 10, 10)),
        (0, [Chances(100, 50.0, 25.0, 0.0, 0.5, 10**9)], (50, 43, 57)),
        # How far chances were off before makes it wider.
        (0, [Chances(100, 50.0, 25.0, 0.1, 0.5, 10**9)], (50, 35, 65)),
        # So does not to have seen many.
        (0, [Chances(100, 50.0, 25.0, 0.0, 0.5, 100)], (50, 40, 60)),
        (2, [Chances(3, 1.5, 0.75, 0.4, 0.5, 60)], (4, 2, 5)),
    ],
)
def test_expected_counts_have_an_interval(certain, groups, found):
    count = expected(certain, groups)
    assert (count.middle, count.low, count.high) == found


def test_hours_move_what_is_expected_and_are_only_asked_for(course, sign_in):
    settled_past(course, number=40)
    show_forecasts(course)
    person = someone(course, full_name="Lena", enrolled_ago=20 * DAY)
    Enrollment.objects.filter(user=person).update(due_at=timezone.now() + 20 * DAY)
    client = sign_in(an_instructor_of(course))

    def lena(query: str):
        people = client.get(PAGE + query).context["people"]
        return next(row for row in people if row.name == "Lena")

    assert lena("").planned_chance is None
    chances = [lena(f"?hours={hours}").planned_chance for hours in ("0", "0.01", "40")]
    assert chances == sorted(chances, reverse=True) and chances[-1] == 0
    assert lena("?hours=40").planned_days
    assert "With 2 h" in text_of(client.get(f"{PAGE}?hours=2"))


@pytest.mark.parametrize("hours", ["2", "1.5"])
def test_what_is_shown_names_the_hours(course, sign_in, hours):
    page = sign_in(an_instructor_of(course)).get(f"{PAGE}?hours={hours}").content.decode()
    shown = f"Shown: Working at height · With {hours} h of learning this week</p>"
    assert shown in page


@pytest.mark.parametrize("query", ["hours=-1", "hours=41", "hours=nan", "hours=x", "ours=1"])
def test_an_address_that_cannot_be_meant_is_refused_by_name(course, sign_in, query):
    answer = sign_in(an_instructor_of(course)).get(f"{PAGE}?{query}")
    assert answer.status_code == 400 and query.split("=")[0] in text_of(answer)


def test_a_manager_sees_the_own_team_and_no_figure_of_a_whole_course(six):
    manager = a_user(full_name="Maria Manager")
    a_person(six, "Member", chance=0.5, days=(3, 6, 25), manager=manager)
    show_forecasts(six)
    page = window(manager).get(PAGE)
    assert [row.name for row in page.context["people"]] == ["Member"]
    assert [each.learners for each in page.context["counts"]] == [1]
    assert page.context["coverage"] == []
    rows = in_api(manager).get(f"{API}due-forecasts/").json()["results"]
    assert [row["at_risk"] for row in rows] == [1]
    assert in_api(manager).get(f"{API}forecast-coverage/").status_code == 403
    (mine,) = in_api(manager).get("/api/analytics/forecasts/").json()["results"]
    others = CompletionForecast.objects.exclude(pk=mine["enrollment_id"]).first()
    client = in_api(manager)
    assert client.get(f"/api/analytics/forecasts/{others.pk}/what-if/?hours=1").status_code == 404


def test_an_instructor_sees_own_courses_alone(six, sign_in):
    other = a_course_of(VIDEO, title="Ladders")
    a_person(other, "Elsewhere", chance=0.99, days=(30, 35, 40))
    show_forecasts(other)
    page = sign_in(an_instructor_of(six)).get(PAGE)
    assert "Elsewhere" not in text_of(page) and "Ladders" not in text_of(page)


def test_how_right_forecasts_were_is_said_with_an_interval(course, sign_in):
    show_forecasts(course)
    ForecastValidation.objects.filter(part=2).update(verdict="too_wide", coverage=0.91)
    rows = in_api(an_instructor_of(course)).get(f"{API}forecast-coverage/").json()["results"]
    assert [row["part"] for row in rows][:3] == [
        "The whole time",
        "First quarter",
        "Second quarter",
    ]
    assert (rows[1]["coverage_percent"], rows[1]["coverage_low"]) == (80, 72)
    assert rows[2]["verdict"] == "Not shown: the intervals were wider than they say"
    page = sign_in(an_instructor_of(course)).get(PAGE)
    assert "72 – 86 %" in text_of(page)


def test_many_people_cost_as_many_statements_as_few(course, sign_in):
    client = sign_in(an_instructor_of(course))
    show_forecasts(course)

    def more(number: int) -> None:
        for at in range(number):
            a_person(course, f"P{at}", chance=0.5, days=(3, 6, 25), due_in=20 + at % 3)

    more(2)
    for address in (PAGE, f"{PAGE}?hours=2"):
        client.get(address)
    few = [len(queries(client, address)) for address in (PAGE, f"{PAGE}?hours=2")]
    more(20)
    assert [len(queries(client, address)) for address in (PAGE, f"{PAGE}?hours=2")] == few
    assert few[0] <= 15 and few[1] <= 25


def test_days_are_those_of_the_readers_zone(course, sign_in):
    late = timezone.now().replace(hour=23, minute=30)
    person = a_person(course, "Lena", chance=0.5, days=(3, 6, 25))
    Enrollment.objects.filter(user=person).update(due_at=late + timedelta(days=20))
    found = set()
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        reader = an_instructor_of(course)
        type(reader).objects.filter(pk=reader.pk).update(time_zone=zone)
        reader.refresh_from_db()
        (row,) = in_api(reader).get(f"{API}due-forecasts/").json()["results"]
        found.add(row["due_on"])
    assert len(found) == 2
