"""Who is enrolled and never comes is predicted, counted and learned from like everyone else."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.facts.risk import active_model, adapting, backtest, predictions, scoring
from analytics.facts.risk.histories import read
from analytics.facts.risk.signs.model import has_activity
from analytics.facts.risk.training import Sample, observe
from analytics.models import RiskPrediction
from progress.ingest.enrolling import enroll
from progress.jobs import Run
from progress.models import Enrollment
from tests.factories import NOON, a_course, a_session, a_user

pytestmark = pytest.mark.django_db
DUE = NOON + timedelta(days=60)
LATER, OVER = NOON + timedelta(days=14), DUE + timedelta(days=1)


@pytest.fixture
def course():
    """Three learners who never come, and two who come every second day."""
    course = a_course()
    for number in range(5):
        enrollment = enroll(a_user().pk, course.pk, now=NOON, due_at=DUE).enrollment
        for day in range(0, 14, 2) if number > 2 else ():
            a_session(course, enrollment.user, now=NOON + timedelta(days=day))
    return course


def silent() -> set[int]:
    rows = Enrollment.objects.filter(sessions=None).values_list("pk", flat=True)
    assert len(rows) == 3
    return set(rows)


def test_they_are_predicted_and_settled(course):
    scoring.score_all(LATER, run=Run("test", LATER))
    predictions.settle(OVER)
    rows = RiskPrediction.objects.filter(enrollment__in=silent())
    assert dict(rows.values_list("enrollment_id", "has_failed")) == dict.fromkeys(silent(), True)


def test_their_activity_is_none_and_not_unknown(course):
    (history,) = read([course.pk], OVER, with_past=True)
    days = history.days(LATER)
    counted, _ = history.cohort.activity.until(days)
    is_silent = np.isin(history.cohort.learners, list(silent()))
    assert has_activity(history.cohort, days).all()
    assert (counted[is_silent] == 0).all() and (counted[~is_silent] > 0).all()


def test_they_are_learned_from_and_measured(course):
    (history,) = read([course.pk], OVER, with_past=True)
    outcome = history.outcome(OVER)
    sample = Sample(history.cohort, outcome, [])
    assert len(observe(sample, history.days(LATER), with_activity=True).outcome) == 5
    model = active_model.active(OVER)
    assert silent() <= set(adapting.evidence_of(history, model, OVER).learner.tolist())
    measured = backtest.run(model.predictor, [history], [outcome], OVER)
    assert measured["passages"] == 5
    assert {week["learners"] for week in measured["weeks"] if week["week"] > 1} == {5}
