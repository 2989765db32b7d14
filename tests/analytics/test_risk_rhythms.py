"""Where learners behave as the model expects, scores are shown after a hundred outcomes, and where
more of them fail, after the adapted model was validated; where they behave otherwise, none is."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.alerts import opening
from analytics.facts.risk import scoring, validating
from analytics.facts.risk.signs import measures
from analytics.models import Alert, RiskScore
from progress.jobs import Run
from tests.factories import NOON
from tests.support import rhythms
from tests.support.rhythms import DAYS, CohortOfLearners

pytestmark = pytest.mark.django_db
LEARNERS = 110
LOOKED_AT = {2: 10.5, 4: 24.5, 6: 38.5, 8: 52.5, 10: 66.5}  # weeks, and a day in the middle of each
APART = timedelta(days=DAYS + 5)
TOLERANCE = 0.2  # of the mean of what is shown: three deviations for 60 learners are .19


def lives_through(
    course, rhythm, number: int, *, with_alerts=False
) -> tuple[CohortOfLearners, dict[int, dict]]:
    """A cohort from its first to its last day, and in each week the shown scores by enrolment."""
    chance = np.random.default_rng(100 + number)
    cohort = CohortOfLearners(course, rhythm(chance, LEARNERS), NOON + number * APART)
    shown = {}
    for week, day in LOOKED_AT.items():
        now = cohort.live_until(day)
        scoring.score_all(now, run=Run("test", now))
        rows = RiskScore.objects.filter(enrollment__in=cohort.failed())
        shown[week] = dict(rows.exclude(score=None).values_list("enrollment_id", "score"))
        if with_alerts:
            opening.watch(Run("test", now))
    over = cohort.live_until(DAYS) + timedelta(days=1)
    validating.learn(over)
    return cohort, shown


def test_an_organisation_that_the_model_knows_has_scores_after_a_hundred_outcomes():
    course = rhythms.a_course_of_ten()
    _, first = lives_through(course, rhythms.semester, 0)
    assert not any(first.values()), "nothing has been validated yet"
    cohort, second = lives_through(course, rhythms.semester, 1)
    assert weeks_shown(second) >= 2
    what_is_shown_is_right(cohort, second)


def test_where_more_learners_fail_the_adapted_model_has_scores_after_two_cohorts():
    """The shipped model expects fewer to fail, so its scores are too low. What is learned from the
    first cohort predicts the second, which validates it for the third."""
    course = rhythms.a_course_of_ten()
    for number in range(3):
        cohort, shown = lives_through(course, rhythms.mooc, number)
        what_is_shown_is_right(cohort, shown)
    assert weeks_shown(shown) >= 3


def test_where_the_silent_complete_and_the_busy_fail_no_score_is_ever_shown():
    course = rhythms.a_course_of_ten()
    for number in range(3):
        _, shown = lives_through(course, rhythms.inverted, number, with_alerts=True)
        assert not any(shown.values()), f"cohort {number}"
    assert not Alert.objects.filter(kind="risk").exists()


def test_where_all_cram_before_the_deadline_nobody_is_at_risk_before_that():
    course = rhythms.a_course_of_ten()
    for number in range(3):
        cohort, shown = lives_through(course, rhythms.cramming, number)
        assert not any(scores for week, scores in shown.items() if week <= 8), f"cohort {number}"
    what_is_shown_is_right(cohort, shown)


def test_where_all_are_slow_what_is_shown_is_right():
    course = rhythms.a_course_of_ten()
    for number in range(3):
        cohort, shown = lives_through(course, rhythms.slow_but_steady, number)
    what_is_shown_is_right(cohort, shown)


def weeks_shown(shown: dict[int, dict]) -> int:
    return sum(bool(scores) for scores in shown.values())


def what_is_shown_is_right(cohort: CohortOfLearners, shown: dict[int, dict[int, int]]) -> None:
    """In each week with enough scores they rank, and are as high as what then happened."""
    failed = cohort.failed()
    for week, scores in shown.items():
        if len(scores) < 30:
            continue
        truth = np.array([float(failed[key]) for key in scores])
        risk = np.array(list(scores.values())) / 100
        assert abs(risk.mean() - truth.mean()) < TOLERANCE, f"week {week}"
        if 0 < truth.sum() < len(truth):
            assert measures.auc(truth, risk) > 0.5, f"week {week}"
