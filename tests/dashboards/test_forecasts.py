"""Forecasts from the tables: what counts as left, what is kept, what is shown, and in the API."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.facts.forecast import forecasting, recording, tables, validating
from analytics.facts.forecast.coursework import USUAL
from analytics.facts.forecast.remaining import of_state
from analytics.models import CompletionForecast, ForecastRecord, ForecastValidation
from analytics.tasks import forecast_completions, learn_forecasts
from progress.jobs import Run
from progress.models import Content, CourseProgress, Enrollment
from progress.state.course_state import CourseState
from progress.state.time_left import time_left_seconds
from tests.factories import a_course_of, content
from tests.support.admin import VIDEO
from tests.support.following import refused
from tests.support.forecasts import DAY, ended, settled_past, show_forecasts
from tests.support.learners import A_QUIZ, an_instructor_of, learn, someone
from tests.support.reports import in_api

pytestmark = pytest.mark.django_db
API = "/api/analytics/forecasts/"
TEXT = {"content_type": "text", "reading_seconds": 300}


@pytest.fixture
def course(db):
    return a_course_of(VIDEO, TEXT, A_QUIZ, title="Working at height")


def a_person(course, *, ago=20, due_in=20, **changes) -> Enrollment:
    person = someone(course, enrolled_ago=ago * DAY, **changes)
    enrollment = Enrollment.objects.get(user=person)
    if due_in is not None:
        Enrollment.objects.filter(pk=enrollment.pk).update(due_at=timezone.now() + due_in * DAY)
        enrollment.refresh_from_db()
    return enrollment


def forecast(now=None) -> None:
    forecasting.forecast_all(now or timezone.now(), run=Run("test", timezone.now()))


# --- What is left ---------------------------------------------------------------------------------
def test_what_is_left_is_what_the_courses_page_says(course):
    enrollment = a_person(course)
    learn(course, enrollment.user, ago=3 * DAY)
    forecast()
    row = CompletionForecast.objects.get(pk=enrollment.pk)
    enrollment = Enrollment.objects.with_progress("course").get(pk=enrollment.pk)
    state = CourseState(enrollment, timezone.now())
    assert row.left_seconds == time_left_seconds(state)
    assert row.left_contents == len(state.remaining())
    assert 0 < row.left_seconds < sum(seconds for seconds, _ in tables.units_of(state.structure))


def test_a_waived_content_and_a_second_alternative_are_not_left(course):
    enrollment = a_person(course)
    CourseProgress.objects.filter(pk=enrollment.pk).update(waived=[content(course, "c2").pk])
    state = CourseState(
        Enrollment.objects.with_progress("course").get(pk=enrollment.pk), timezone.now()
    )
    assert of_state(state).contents == 2
    either = a_course_of(TEXT | {"alternative_group": "a"}, TEXT | {"alternative_group": "a"}, TEXT)
    person = a_person(either)
    state = CourseState(
        Enrollment.objects.with_progress("course").get(pk=person.pk), timezone.now()
    )
    assert [len(contents) for _, contents in tables.units_of(state.structure)] == [2, 1]
    assert (of_state(state).contents, of_state(state).seconds) == (2, 600)


def test_nothing_is_forecast_before_the_last_content_is_released(course):
    enrollment = a_person(course)
    opens = timezone.now() + 9 * DAY
    Content.objects.filter(pk=content(course, "c2").pk).update(release_at=opens)
    course.refresh_from_db()
    type(course).objects.filter(pk=course.pk).update(structure_version=course.structure_version + 1)
    show_forecasts(course)
    forecast()
    row = CompletionForecast.objects.get(pk=enrollment.pk)
    assert row.first_at is None or row.first_at >= opens - timedelta(minutes=1)
    hours = [each for each in ForecastRecord.objects.get().hours if each is not None]
    assert hours and min(hours) >= 9 * 24 - 1


# --- What is shown --------------------------------------------------------------------------------
def test_before_any_have_ended_there_is_no_day_and_it_says_why(course):
    enrollment = a_person(course)
    forecast()
    row = CompletionForecast.objects.get(pk=enrollment.pk)
    assert (row.insufficient, row.first_at, row.late_chance) == ("unvalidated", None, None)
    (shown,) = in_api(an_instructor_of(course)).get(API).json()["results"]
    assert (shown["first_at"], shown["late_chance"]) == (None, None)
    assert "right often" in shown["why_not"]
    record = ForecastRecord.objects.get()
    assert (record.is_shown, record.level, record.is_calibrated) == (False, 0.8, False)


@pytest.mark.parametrize(
    ("ago", "due_in", "why"), [(0.5, 60, "just_started"), (20, None, "no_time")]
)
def test_what_cannot_be_said_has_its_reason(course, ago, due_in, why):
    enrollment = a_person(course, ago=ago, due_in=due_in)
    show_forecasts(course)
    forecast()
    assert CompletionForecast.objects.get(pk=enrollment.pk).insufficient == why
    assert not ForecastRecord.objects.exists()


def test_where_forecasts_were_right_days_are_named(course):
    settled_past(course, number=40)
    enrollment = a_person(course)
    learn(course, enrollment.user, ago=2 * DAY)
    show_forecasts(course)
    forecast()
    row = CompletionForecast.objects.get(pk=enrollment.pk)
    assert row.insufficient == ""
    assert row.as_of < row.first_at <= row.median_at
    assert row.last_at is None or row.median_at <= row.last_at <= row.horizon_at
    assert 0 <= row.late_chance <= 1
    assert ForecastRecord.objects.get(enrollment=enrollment).is_shown


def test_the_chance_to_be_late_is_hidden_where_only_it_was_wrong(course):
    settled_past(course, number=40)
    enrollment = a_person(course)
    show_forecasts(course)
    ForecastValidation.objects.update(is_late_valid=False)
    forecast()
    row = CompletionForecast.objects.get(pk=enrollment.pk)
    assert row.first_at is not None and row.late_chance is None


def test_the_forecast_of_a_completed_enrolment_is_deleted(course):
    enrollment = a_person(course)
    forecast()
    ended(enrollment, timezone.now())
    forecast()
    assert not CompletionForecast.objects.exists()
    assert ForecastRecord.objects.count() == 1


def test_the_database_refuses_a_day_without_being_able_to_say_it(course):
    enrollment = a_person(course)
    forecast()
    for changes in (
        {"first_at": timezone.now()},
        {"insufficient": ""},
        {"late_chance": 1.5},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CompletionForecast.objects.filter(pk=enrollment.pk).update(**changes)


# --- What is kept ---------------------------------------------------------------------------------
def test_the_first_forecast_of_a_week_is_kept_and_never_changed(course):
    enrollment = a_person(course, ago=15)
    now = timezone.now()
    forecast(now)
    first = ForecastRecord.objects.values().get()
    learn(course, enrollment.user, ago=timedelta(minutes=10))
    forecast(now + DAY)
    assert ForecastRecord.objects.values().get() == first
    forecast(now + 7 * DAY)
    assert sorted(ForecastRecord.objects.values_list("week", flat=True)) == [3, 4]


def test_an_outcome_is_known_when_the_horizon_is_over_and_not_before(course):
    """Those who finish early don't count earlier than the others."""
    early, never = (a_person(course) for _ in range(2))
    now = timezone.now()
    forecast(now)
    ended(early, now + 3 * DAY)
    first, last = ForecastRecord.objects.order_by("horizon_at").values_list("horizon_at", flat=True)
    assert recording.settle(first - timedelta(minutes=1)) == 0
    assert recording.settle(last) == 2
    rows = {row.enrollment_id: row for row in ForecastRecord.objects.all()}
    assert rows[early.pk].finished_at == now + 3 * DAY and not rows[early.pk].was_late
    assert rows[never.pk].finished_at is None and rows[never.pk].was_late


@pytest.mark.parametrize(
    ("first", "last", "finished", "inside"),
    [
        (2, 9, 5, True),
        (2, 9, 1, False),
        (2, 9, 10, False),
        (2, 9, None, False),
        (2, None, None, True),
        (2, None, 10, True),
        (2, None, 1, False),
        (2, None, 500, True),  # after the horizon is as never
        (None, None, 5, None),
    ],
)
def test_what_counts_as_inside(course, first, last, finished, inside):
    enrollment = a_person(course)
    now = timezone.now()
    forecast(now)
    ForecastRecord.objects.update(
        first_at=None if first is None else now + first * DAY,
        last_at=None if last is None else now + last * DAY,
    )
    if finished is not None:
        ended(enrollment, now + finished * DAY)
    recording.settle(now + 90 * DAY)
    row = ForecastRecord.objects.get()
    assert row.is_settled and row.is_inside is inside
    assert (row.finished_at is None) == (finished in (None, 500))


def test_both_jobs_may_run_twice(course):
    a_person(course)
    for _ in range(2):
        learn_forecasts()
        forecast_completions()
    assert ForecastRecord.objects.count() == CompletionForecast.objects.count() == 1


def test_all_courses_together_have_a_row_of_their_own(course):
    a_person(course)
    now = timezone.now()
    forecast(now)
    validating.learn(now + 90 * DAY)
    found = set(ForecastValidation.objects.values_list("course", "part"))
    assert found == {(course.pk, 0), (course.pk, 2), (None, 0), (None, 2)} or found == {
        (course.pk, 0),
        (course.pk, 3),
        (None, 0),
        (None, 3),
    }


# --- Cost -----------------------------------------------------------------------------------------
def test_fifty_enrolments_cost_as_many_statements_as_one(course):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            forecast()
        return len(captured)

    a_person(course)
    forecast()
    one = statements()
    for _ in range(49):
        a_person(course)
    forecast()
    assert statements() == one <= 20


# --- API ------------------------------------------------------------------------------------------
def asked(course, enrollment, **query):
    return in_api(an_instructor_of(course)).get(f"{API}{enrollment.pk}/what-if/", query)


def test_more_hours_this_week_never_make_it_later(course):
    settled_past(course, number=40)
    enrollment = a_person(course)
    show_forecasts(course)
    forecast()
    found = [asked(course, enrollment, hours=hours).json() for hours in (0, 0.1, 1, 40)]
    chances = [each["then"]["late_chance"] for each in found]
    assert chances == sorted(chances, reverse=True) and chances[-1] == 0
    middles = [each["then"]["median_at"] for each in found]
    known = [each for each in middles if each is not None]
    assert len(known) >= 2 and known == sorted(known, reverse=True)
    assert all(each["now"]["as_of"] for each in found)


@pytest.mark.parametrize("hours", [None, "", "-1", "41", "nan", "inf", "soon"])
def test_hours_have_to_be_a_number_that_fits_in_a_week(course, hours):
    enrollment = a_person(course)
    forecast()
    answer = asked(course, enrollment, **({} if hours is None else {"hours": hours}))
    assert answer.status_code == 400 and set(refused(answer)) == {"hours"}


def test_unknown_parameters_are_refused_by_name(course):
    enrollment = a_person(course)
    forecast()
    answer = asked(course, enrollment, hours=1, days=2)
    assert answer.status_code == 400 and refused(answer) == {"days": "unknown_parameter"}
    client = in_api(an_instructor_of(course))
    for query in ({"late_chance_at_least": 2}, {"insufficient": "x"}, {"late": 1}):
        assert client.get(API, query).status_code == 400


def test_what_if_says_no_more_than_the_forecast(course):
    enrollment = a_person(course)
    forecast()
    found = asked(course, enrollment, hours=5).json()
    assert found["then"]["insufficient"] == found["now"]["insufficient"] == "unvalidated"
    assert found["then"]["first_at"] is None


def test_what_if_costs_the_same_for_a_large_course(course):
    settled_past(course, number=5)
    enrollment = a_person(course)
    forecast()
    client = in_api(an_instructor_of(course))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{API}{enrollment.pk}/what-if/?hours=2").status_code == 200
        return len(captured)

    statements()
    few = statements()
    settled_past(course, number=20)
    assert statements() == few <= 20


def test_a_forecast_with_the_organisations_pace_alone_is_possible(course):
    """Nobody has begun this course."""
    enrollment = a_person(course)
    works = tables.read([course.pk], timezone.now())
    (found,) = forecasting.forecasts(works, timezone.now(), USUAL)
    assert found.distribution is not None and found.distribution.similar == 0
    assert found.record().enrollment_id == enrollment.pk
