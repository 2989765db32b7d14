"""Months of enrolment, each learner's weeks counted from their own enrolment."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.site.cohorts import MAX_COHORTS, compared
from analytics.site.course_enrollments import EnrollmentGroup
from tests.support.admin import text_of
from tests.support.dashboards import a_group, of_course
from tests.support.learners import an_instructor_of, someone

NOW = datetime(2026, 6, 30, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def month(number: int, *weeks: float | None, day: int = 1) -> list[EnrollmentGroup]:
    """Enrolled on a day of that month; completed after so many weeks, or not."""
    took = [each * WEEK // timedelta(microseconds=1) for each in weeks if each is not None]
    return [
        a_group(
            cohort=date(2026, number, 1),
            learners=len(weeks),
            latest_enrolled_at=datetime(2026, number, day, tzinfo=UTC),
            took=took,
        )
    ]


def test_shares_are_counted_from_each_ones_own_enrolment():
    shown = compared(month(5, 0.5, 1, 3, None, None) + month(6, 1, 1, 1, 1, None, day=9), NOW)
    may, june = shown.lines
    assert may.percents == [0, 40, 40, 60, 60, 60, 60, 60, 60]
    assert june.percents == [0, 80, 80, 80]
    assert shown.weeks == 8
    assert shown.rows[2:4] == [(3, [60, 80]), (4, [60, None])]
    assert may.path.startswith("M0 140 L90 84 L180 84 L270 56")


def test_a_line_ends_where_the_latest_of_a_month_are():
    late = month(6, 0.1, day=20)
    shown = compared(month(5, *[1] * 5) + month(6, *[0.5] * 4) + late, NOW)
    assert shown.lines[1].percents == [0, 100]


@pytest.mark.parametrize(
    "groups",
    [
        [],
        month(5, *[1] * 50),
        month(5, *[1] * 5) + month(6, *[1] * 4),
        month(5, *[1] * 9) + month(6, *[0] * 9, day=28),
    ],
)
def test_nothing_is_compared_with_too_few_or_too_new(groups):
    assert compared(groups, NOW) is None


def test_the_latest_months_are_drawn():
    many = [group for number in range(1, 7) for group in month(number, *[1] * 6)]
    shown = compared(many, NOW)
    assert [line.name for line in shown.lines] == [
        "March 2026",
        "April 2026",
        "May 2026",
        "June 2026",
    ]
    assert len(shown.lines) == MAX_COHORTS


@pytest.mark.django_db
def test_they_stand_on_the_courses_page(sign_in, course):
    for ago in (70, 20):
        for _ in range(5):
            someone(course, enrolled_ago=timedelta(days=ago))
    shown = text_of(sign_in(an_instructor_of(course)).get(of_course(course)))
    assert "Months of enrolment, week by week" in shown
