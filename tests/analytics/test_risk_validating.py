"""What was predicted is kept as it was, and what became of it decides what is shown."""

from datetime import timedelta

import numpy as np
import pytest
from django.db.models import F
from rest_framework.test import APIClient

from analytics.alerts import opening
from analytics.facts.risk import active_model, predictions, scoring, sources, validating
from analytics.facts.risk.rule import MIN_SILENT_DAYS, is_behind_and_silent
from analytics.models import (
    Alert,
    RiskModel,
    RiskPrediction,
    RiskScore,
    RiskSource,
    RiskValidation,
)
from analytics.risk.reason_texts import rule_text, unvalidated_text, verdict_text
from analytics.tasks import learn_risk
from progress.ingest.enrolling import enroll
from progress.jobs import Run
from progress.models import CourseProgress, Enrollment
from tests.factories import NOON, a_course, a_user, an_instructor
from tests.support.risk import show_scores

pytestmark = pytest.mark.django_db
DUE = NOON + timedelta(days=60)
LATER = NOON + timedelta(days=30)
WEEK_THEN = 5  # the week that `LATER` is in
OVER = DUE + timedelta(days=1)


def learner_of(course) -> Enrollment:
    return enroll(a_user().pk, course.pk, now=NOON, due_at=DUE).enrollment


def completes(enrollment: Enrollment, at) -> None:
    progress = CourseProgress.objects.filter(pk=enrollment.pk)
    progress.update(completion_bp=10_000, completed_at=at)


def score(now=LATER) -> None:
    scoring.score_all(now, run=Run("test", now))


def predicted(course, *, failed: bool, risk: float, number: int) -> None:
    """So many learners of the course whose risk was `risk` in the week of `LATER`, and who failed,
    or didn't."""
    base_id = active_model.active(NOON).pk
    RiskPrediction.objects.bulk_create(
        RiskPrediction(
            enrollment=enrollment,
            user_id=enrollment.user_id,
            course=course,
            week=WEEK_THEN,
            source=RiskSource.BASE,
            base_id=base_id,
            predicted_at=LATER,
            risk=min(max(risk + at / 1_000, 0), 1),
            is_shown=False,
            has_failed=failed,
        )
        for at, enrollment in enumerate(learner_of(course) for _ in range(number))
    )


def a_validated_past(course, *, turned=False) -> None:
    right, wrong = (0.04, 0.94) if turned else (0.94, 0.04)
    predicted(course, failed=True, risk=right, number=30)
    predicted(course, failed=False, risk=wrong, number=30)


# --- without validated outcomes -----------------------------------------------------------------
def test_without_validated_outcomes_there_is_no_number_and_it_says_why():
    course = a_course()
    enrollment = learner_of(course)
    score()
    risk = RiskScore.objects.get(pk=enrollment.pk)
    assert (risk.score, risk.band, risk.reasons, risk.source) == (None, "", [], "")
    assert risk.insufficient == "unvalidated"
    assert (risk.unvalidated["verdict"], risk.unvalidated["outcomes"]) == ("too_few", 0)
    assert rule_text(risk.unvalidated) == "Behind and silent for 30 days."
    assert "too few enrolments" in unvalidated_text(risk.unvalidated)
    (row,) = _asked(an_instructor(course))
    assert (row["score"], row["band"], row["reasons"]) == (None, "", [])
    assert row["notice"] == "Behind and silent for 30 days."


def test_without_validated_outcomes_there_is_no_risk_alert():
    course = a_course()
    for _ in range(3):
        enrollment = learner_of(course)
        CourseProgress.objects.filter(pk=enrollment.pk).update(total_sessions=1)
    score()
    opening.watch(Run("test", LATER))
    assert not Alert.objects.filter(kind="risk").exists()


@pytest.mark.parametrize(
    ("known", "applies"),
    [
        ({}, False),
        ({"missed": 3}, False),
        ({"missed": 0, "silent_days": 90}, False),
        ({"missed": 1, "silent_days": MIN_SILENT_DAYS - 1}, False),
        ({"missed": 1, "silent_days": MIN_SILENT_DAYS}, True),
    ],
)
def test_the_rule_is_behind_and_silent(known, applies):
    assert is_behind_and_silent(known) is applies
    assert bool(rule_text(known)) is applies


@pytest.mark.parametrize("verdict", RiskValidation.Verdict.values)
def test_every_verdict_against_a_score_has_a_text(verdict):
    assert bool(verdict_text(verdict, 70)) is (verdict != "valid")


# --- predictions are kept -----------------------------------------------------------------------
def test_what_was_first_predicted_in_a_week_is_kept():
    enrollment = learner_of(a_course())
    score()
    first = RiskPrediction.objects.get(enrollment=enrollment)
    assert (first.week, first.source, first.is_shown) == (WEEK_THEN, "base", False)
    assert first.has_failed is None
    score(LATER + timedelta(days=1))
    assert RiskPrediction.objects.get(enrollment=enrollment).risk == first.risk
    score(LATER + timedelta(days=7))
    weeks = RiskPrediction.objects.order_by("week").values_list("week", flat=True)
    assert list(weeks) == [WEEK_THEN, WEEK_THEN + 1]


def test_what_was_shown_is_marked():
    enrollment = learner_of(a_course())
    show_scores(now=LATER)
    score()
    assert RiskPrediction.objects.get(enrollment=enrollment).is_shown
    risk = RiskScore.objects.get(pk=enrollment.pk)
    assert (risk.source, risk.unvalidated, risk.insufficient) == ("base", None, "")
    assert risk.score == round(100 * RiskPrediction.objects.get().risk)


def test_an_outcome_is_known_when_the_time_is_over_and_not_before():
    course = a_course()
    done, left, idle = (learner_of(course) for _ in range(3))
    score()
    completes(done, LATER + timedelta(days=5))
    Enrollment.objects.filter(pk=left.pk).update(unenrolled_at=LATER + timedelta(days=2))
    assert predictions.settle(DUE - timedelta(hours=1)) == 0
    assert not RiskPrediction.objects.filter(has_failed__isnull=False).exists()
    assert predictions.settle(OVER) == 3
    known = dict(RiskPrediction.objects.values_list("enrollment_id", "has_failed"))
    assert known == {done.pk: False, left.pk: True, idle.pk: True}
    assert predictions.settle(OVER) == 0


def test_who_completes_late_has_failed():
    enrollment = learner_of(a_course())
    score()
    completes(enrollment, DUE + timedelta(hours=1))
    predictions.settle(OVER)
    assert RiskPrediction.objects.get().has_failed


def test_past_weeks_are_predicted_from_what_was_known_then():
    """For a simulated organisation: the same as if each week had been scored as it went by."""
    course = a_course()
    enrollment = learner_of(course)
    score()
    live = RiskPrediction.objects.get(enrollment=enrollment)
    RiskPrediction.objects.all().delete()
    base = active_model.active(NOON)
    assert predictions.record_past([course.pk], base, OVER) > 5
    weeks = list(RiskPrediction.objects.order_by("week").values_list("week", flat=True))
    assert weeks == sorted(set(weeks)) and WEEK_THEN in weeks
    assert predictions.record_past([course.pk], base, OVER) == 0
    past = RiskPrediction.objects.get(enrollment=enrollment, week=WEEK_THEN)
    assert past.risk == pytest.approx(live.risk, abs=0.1)


# --- what is shown ------------------------------------------------------------------------------
def test_where_predictions_were_right_scores_are_shown_in_that_week_and_course_only():
    course, other = a_course(), a_course()
    a_validated_past(course)
    validating.learn(LATER)
    score()
    shown = RiskScore.objects.exclude(score=None)
    assert {risk.course_id for risk in shown} == {course.pk}
    assert learner_of(other) is not None
    score(LATER + timedelta(days=7))
    assert not RiskScore.objects.exclude(score=None).exists()


def test_where_predictions_were_the_other_way_round_none_is_shown():
    course = a_course()
    a_validated_past(course, turned=True)
    validating.learn(LATER)
    score()
    assert not RiskScore.objects.exclude(score=None).exists()
    known = RiskScore.objects.first().unvalidated
    assert (known["verdict"], known["outcomes"]) == ("not_ranked", 60)


def test_what_another_model_predicted_says_nothing_about_this_one():
    course = a_course()
    a_validated_past(course)
    validating.learn(LATER)
    assert sources.read(LATER).shown_in(course.pk, WEEK_THEN).source == "base"
    earlier = RiskModel.objects.create(version="earlier", document={}, trained_at=LATER)
    RiskPrediction.objects.update(base=earlier)
    validating.learn(LATER)
    assert sources.read(LATER).shown_in(course.pk, WEEK_THEN).source is None


def test_a_night_later_nothing_is_shown_once_predictions_go_wrong():
    course = a_course()
    a_validated_past(course)
    validating.learn(LATER)
    assert RiskValidation.objects.filter(is_chosen=True).exists()
    RiskPrediction.objects.update(risk=1 - F("risk"))
    validating.learn(LATER + timedelta(days=1))
    assert not RiskValidation.objects.filter(is_chosen=True).exists()


def test_the_source_that_is_surest_is_shown():
    course = a_course()
    a_validated_past(course)
    chance = np.random.default_rng(1)
    rows = list(RiskPrediction.objects.all())
    for row in rows:
        row.pk, row.source = None, RiskSource.COURSE
        row.risk = float(np.clip(row.risk + chance.normal(0, 0.4), 0, 1))
    RiskPrediction.objects.bulk_create(rows)
    validating.validate(active_model.active(LATER).pk, LATER)
    chosen = RiskValidation.objects.filter(is_chosen=True)
    assert list(chosen.values_list("source", flat=True)) == ["base"]


def test_the_job_learns_and_may_run_twice():
    course = a_course()
    a_validated_past(course)
    learn_risk()
    before = list(RiskValidation.objects.values("course", "week", "source", "verdict", "auc"))
    learn_risk()
    after = list(RiskValidation.objects.values("course", "week", "source", "verdict", "auc"))
    assert before == after != []


def _asked(user) -> list[dict]:
    client = APIClient()
    client.force_authenticate(user)
    return client.get("/api/analytics/risk/").json()["results"]
