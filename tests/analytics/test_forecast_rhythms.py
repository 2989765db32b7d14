"""Four organisations with different rhythms: nothing is shown before anything has ended, and what
is shown turns out to be right about as often as it says."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.facts.forecast import forecasting, validating
from analytics.facts.forecast.gate import _wilson
from analytics.models import CompletionForecast, ForecastRecord
from progress.jobs import Run
from tests.factories import NOON
from tests.support import rhythms
from tests.support.rhythms import DAYS, CohortOfLearners

pytestmark = pytest.mark.django_db
LEARNERS = 110
COHORTS = 4
# The middle of a week in each quarter of the time, and one more.
LOOKED_AT = (10.5, 24.5, 31.5, 45.5, 59.5)
APART = timedelta(days=DAYS + 30)


def lives_through(course, rhythm, number: int) -> int:
    """A cohort from its first to its last day; returns how many forecasts people saw."""
    chance = np.random.default_rng(300 + number)
    cohort = CohortOfLearners(course, rhythm(chance, LEARNERS), NOON + number * APART)
    seen = 0
    for day in LOOKED_AT:
        now = cohort.live_until(day)
        forecasting.forecast_all(now, run=Run("test", now))
        mine = CompletionForecast.objects.filter(enrollment__in=cohort.failed())
        seen += mine.exclude(first_at=None).count()
    validating.learn(cohort.live_until(DAYS) + timedelta(days=29))
    return seen


@pytest.mark.parametrize(
    "rhythm",
    [rhythms.semester, rhythms.mooc, rhythms.cramming, rhythms.slow_but_steady],
    ids=lambda rhythm: rhythm.__name__,
)
def test_what_is_shown_is_right_about_as_often_as_it_says(rhythm):
    course = rhythms.a_course_of_ten()
    seen = [lives_through(course, rhythm, number) for number in range(COHORTS)]
    assert seen[0] == 0, "nothing has been validated yet"
    rows = ForecastRecord.objects.filter(is_shown=True)
    assert rows.count() == sum(seen)
    assert not rows.filter(is_settled=False).exists()
    if not sum(seen):
        return
    inside = rows.filter(is_inside=True).count() / rows.count()
    people = rows.values("enrollment").distinct().count()
    low, high = _wilson(inside, people)
    assert low <= 0.85 and high >= 0.75, (inside, people)
