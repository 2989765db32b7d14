"""An organisation's own model, learned from its own past, when there is enough and it is better."""

from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.core.management import call_command
from django.db.models import F

from analytics.facts.risk import active_model, fitting, histories, training
from analytics.facts.risk.training import NotEnoughData
from analytics.models import RiskAdaptation, RiskModel
from progress.ingest.evidence import GENESIS
from progress.models import CourseProgress, Enrollment, LearningSession, User
from tests.factories import NOON, a_course

pytestmark = pytest.mark.django_db
TIME = timedelta(days=40)
LEARNERS = 160


@pytest.fixture
def enough(monkeypatch):
    """A past of a hundred and sixty counts as enough here."""
    monkeypatch.setattr(active_model, "MIN_FINISHED", 150)
    monkeypatch.setattr(active_model, "MIN_PER_OUTCOME", 50)
    monkeypatch.setattr(training, "MIN_ROWS", 40)
    monkeypatch.setitem(fitting.SETTINGS, "min_samples_leaf", 15)
    monkeypatch.setitem(fitting.SETTINGS, "max_iter", 10)


@pytest.fixture
def past():
    """Those with an odd number learn every third day and complete; the others come once."""
    course = a_course()
    users = User.objects.bulk_create(
        User(username=f"past-{n}", password="!") for n in range(LEARNERS)
    )
    passages = Enrollment.objects.bulk_create(
        Enrollment(user=user, course=course, enrolled_at=at, due_at=at + TIME)
        for n, user in enumerate(users)
        for at in [NOON + timedelta(days=n % 60)]
    )
    diligent = passages[1::2]
    CourseProgress.objects.bulk_create(
        CourseProgress(
            enrollment=each,
            user=each.user,
            course=course,
            chain_hash=GENESIS,
            completion_bp=10_000 if each in diligent else 0,
            completed_at=each.enrolled_at + timedelta(days=39) if each in diligent else None,
        )
        for each in passages
    )
    LearningSession.objects.bulk_create(
        LearningSession(
            enrollment=each,
            user=each.user,
            course=course,
            start_time=at,
            last_activity_at=at,
            active_ms=600_000,
        )
        for each in passages
        for day in (range(0, 38, 3) if each in diligent else (0,))
        for at in [each.enrolled_at + timedelta(days=day, hours=1)]
    )
    return NOON + timedelta(days=120)


def test_an_own_model_that_is_better_is_used(enough, past):
    trained = active_model.train_own(past)
    assert trained.finished == LEARNERS
    assert trained.not_completed == LEARNERS // 2
    assert trained.own["auc"] > 0.9
    assert trained.is_better == (trained.own["auc"] > trained.shipped["auc"])
    if not trained.is_better:
        pytest.fail(f"own {trained.own['auc']}, shipped {trained.shipped['auc']}")
    assert RiskModel.objects.get(is_active=True) == trained.model
    assert active_model.active(past).predictor.version == trained.model.version
    week = trained.model.metrics["weeks"][2]
    assert week["learners"] >= 30
    shares = [row["recall"] for row in week["thresholds"]]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("days", [20, 39, 40, 70, 98, 99, 120])
def test_only_those_count_whose_time_is_over(past, days):
    """Half complete after 39 of 40 days, the others leave after one: neither counts before the due
    date, and from then on everybody does."""
    now = NOON + timedelta(days=days)
    leavers = Enrollment.objects.filter(course_progress__completed_at=None)
    leavers.update(unenrolled_at=F("enrolled_at") + timedelta(days=1))
    (history,) = histories.read([Enrollment.objects.first().course_id], now, with_past=True)
    outcome = history.outcome(now)
    is_known = ~np.isnan(outcome)
    due = np.array(list(Enrollment.objects.order_by("pk").values_list("due_at", flat=True)))
    assert list(is_known) == list(due <= now)
    rows = Enrollment.objects.order_by("pk")
    completed = rows.values_list("course_progress__completed_at", flat=True)
    lost = np.array([moment is None for moment in completed])
    assert list(outcome[is_known]) == list(lost[is_known].astype(float))
    measured = active_model.backtest_active(now)
    assert measured["passages"] == is_known.sum()
    seen = [row["learners"] for week in measured["weeks"] for row in week["reliability"]]
    assert not is_known.any() or max(seen, default=0) <= is_known.sum()


def test_without_a_due_date_the_usual_length_says_when_it_is_over(past):
    """Ten and more have finished such a course in 39 days: who began 38 days ago isn't decided."""
    Enrollment.objects.update(due_at=None)
    course_id = Enrollment.objects.first().course_id
    for days, expected in ((30, 0), (59, 20), (120, LEARNERS)):
        now = NOON + timedelta(days=days, hours=1)
        (history,) = histories.read([course_id], now, with_past=True)
        assert (~np.isnan(history.outcome(now))).sum() >= expected
        assert (
            history.outcome(now)[history.started * 86_400 > now.timestamp() - 38 * 86_400] >= 0
        ).sum() == 0


def test_an_own_model_that_is_no_better_changes_nothing(enough, past, monkeypatch):
    before = active_model.active(past).pk
    monkeypatch.setattr(active_model.backtest, "run", lambda *_: {"auc": 0.7, "weeks": []})
    trained = active_model.train_own(past)
    assert (trained.is_better, trained.model) == (False, None)
    assert active_model.active(past).pk == before


def test_where_the_own_model_is_no_better_the_shipped_one_is_measured(enough, past, monkeypatch):
    monkeypatch.setattr(
        active_model.backtest, "run", lambda *_: {"auc": 0.7, "weeks": [], "seen": 1}
    )
    out = StringIO()
    with time_machine.travel(past):
        call_command("train_risk", stdout=out)
    assert "isn't better" in out.getvalue()
    assert RiskModel.objects.get(is_active=True).metrics["seen"] == 1


def test_with_too_few_the_shipped_model_stays_and_it_says_why(past):
    with pytest.raises(NotEnoughData, match="160 finished enrolments with a due date, 1000"):
        active_model.train_own(past)
    out = StringIO()
    call_command("train_risk", stdout=out)
    assert "Too little to learn from" in out.getvalue()
    assert active_model.prior().version in out.getvalue()


def test_with_too_few_the_model_in_use_is_adapted_and_it_says_so(past):
    out = StringIO()
    with time_machine.travel(past):
        call_command("train_risk", stdout=out)
    assert "adapted to this organisation, and to 1 of its courses" in out.getvalue()
    assert RiskAdaptation.objects.count() == 2
    CourseProgress.objects.update(completed_at=None, completion_bp=0)
    with time_machine.travel(past):
        call_command("train_risk", stdout=out)
    assert "60 finished enrolments are needed, 20 in time and 20 not" in out.getvalue()
    assert not RiskAdaptation.objects.exists()


def test_the_shipped_model_is_measured_on_the_own_past(past):
    metrics = active_model.backtest_active(past)
    assert metrics["passages"] == LEARNERS
    assert metrics["auc"] > 0.7
    assert RiskModel.objects.get(is_active=True).metrics == metrics


def test_a_site_without_a_past_is_no_error():
    assert active_model.backtest_active(NOON)["weeks"] == []


def test_a_model_of_an_earlier_version_is_replaced_by_the_shipped_one():
    """An upgrade changes what a model may hold; until the next training the shipped one scores."""
    chosen = active_model.active(NOON)
    row = RiskModel.objects.get(pk=chosen.pk)
    row.document["plain"]["format"] = 0
    RiskModel.objects.filter(pk=row.pk).update(version="own-1", document=row.document)
    assert active_model.active(NOON).predictor.version == active_model.prior().version
    assert not RiskModel.objects.get(version="own-1").is_active
