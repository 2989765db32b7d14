"""Alerts come and go with their causes: once each, at a bounded cost, however often it is run."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.alerts import acting
from analytics.models import Alert, AlertThresholds, RiskModel, RiskScore
from analytics.rollups import folding
from analytics.tasks import watch_alerts
from progress.enrolling import unenroll
from progress.jobs import Run
from progress.models import Drift, Enrollment
from tests.alerts.world import DAY, an_alert, an_idle_learner, the_enrollment, watch
from tests.dashboards.world import A_QUIZ, complete, fail, learn, someone
from tests.factories import a_course_of, a_session, a_user, content, report

pytestmark = pytest.mark.django_db
LONG = {"content_type": "video", "title": "Ladders", "duration_seconds": 1800}


def standing() -> dict[str, str]:
    return dict(Alert.objects.values_list("kind", "state"))


def test_an_alert_opens_once_and_closes_with_its_cause(course):
    person = an_idle_learner(course)
    assert watch().rows == 1
    assert watch().rows == 0
    assert standing() == {"never_started": "open"}
    learn(course, person, ago=DAY / 24)
    watch()
    alert = Alert.objects.get()
    assert (alert.state, alert.closing) == ("closed", "gone")
    assert alert.closed_at is not None


def test_what_is_acknowledged_or_snoozed_closes_as_well(course):
    alert = an_alert(course)
    acting.snooze(Alert.objects.all(), timezone.now() + DAY, by=a_user(), now=timezone.now())
    learn(course, alert.user, ago=DAY / 24)
    watch()
    alert.refresh_from_db()
    assert (alert.state, alert.snoozed_until) == ("closed", None)


@pytest.mark.parametrize("ending", ["left", "completed", "replaced", "deactivated"])
def test_what_is_over_needs_nobody(ending, course):
    alert = an_alert(course)
    enrollment, now = the_enrollment(alert.user), timezone.now()
    if ending == "left":
        unenroll(enrollment, now=now)
    elif ending == "completed":
        complete(course, alert.user, now)
    elif ending == "replaced":
        Enrollment.objects.filter(pk=enrollment.pk).update(is_current=False)
    else:
        alert.user.is_active = False
        alert.user.save()
    watch()
    assert list(Alert.objects.values_list("state", "closing")) == [("closed", "over")]


def test_a_closed_alert_cools_down_before_it_opens_again(course):
    an_alert(course)
    now = timezone.now()
    acting.close(Alert.objects.all(), by=a_user(), now=now)
    watch(now + 6.9 * DAY)
    assert Alert.objects.unclosed().count() == 0
    watch(now + 7 * DAY)
    assert list(Alert.objects.values_list("state", flat=True)) == ["open", "closed"]


def test_a_snoozed_alert_wakes(course):
    an_alert(course)
    now = timezone.now()
    acting.snooze(Alert.objects.all(), now + DAY, by=a_user(), now=now)
    watch(now + DAY / 2)
    assert Alert.objects.get().state == "snoozed"
    watch(now + DAY)
    alert = Alert.objects.get()
    assert (alert.state, alert.snoozed_until) == ("open", None)
    assert list(alert.steps.values_list("what", "by"))[-1] == ("woke", None)


def test_the_database_lets_one_alert_of_a_kind_stand(course):
    alert = an_alert(course)
    twin = {
        "enrollment_id": alert.enrollment_id,
        "user_id": alert.user_id,
        "course_id": alert.course_id,
        "kind": alert.kind,
        "opened_at": alert.opened_at,
        "since": alert.since,
    }
    with pytest.raises(IntegrityError, match="alert_one_open"), transaction.atomic():
        Alert.objects.create(**twin)
    acting.close(Alert.objects.all(), by=a_user(), now=timezone.now())
    Alert.objects.create(**twin)


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_open_one_alert_each(course):
    for _ in range(3):
        an_idle_learner(course)
    together, failed = Barrier(2), []

    def run():
        try:
            together.wait(5)
            watch()
        except Exception as error:  # told to the test's own thread
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert Alert.objects.count() == 3


def test_the_job_runs(course):
    an_idle_learner(course)
    watch_alerts()
    assert Alert.objects.count() == 1


# --- What the rules are told ----------------------------------------------------------------------
def test_failing_silence_and_rhythm_are_read(course):
    person = someone(course)
    for ago in (30, 29, 28, 27, 26):
        learn(course, person, ago=ago * DAY)
    fail(course, person, "c2", times=3, ago=25 * DAY)
    folding.fold_new(Run("fold", timezone.now()))
    watch()
    told = dict(Alert.objects.values_list("kind", "facts"))
    assert told == {
        "failing": {"quiz": "What to do", "attempts": 3},
        "inactive": {"usual_days": 1, "allowed_days": 7},
    }


def test_skipping_is_read_from_what_was_played(course):
    long = a_course_of(LONG, A_QUIZ)
    person = someone(long)
    session = a_session(long, person, now=timezone.now() - DAY)
    jumped = {
        "content_id": content(long, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 20], [1000, 1020]],
        "duration_seconds": 40,
    }
    report(session, jumped, now=session.start_time + timedelta(seconds=60))
    folding.fold_new(Run("fold", timezone.now()))
    watch()
    (alert,) = Alert.objects.all()
    assert (alert.kind, alert.facts) == (
        "skipping",
        {"unseen_seconds": 980, "reached_seconds": 1020},
    )


def test_doubtful_events_and_alarms_are_read(course):
    forger, drifted = someone(course), someone(course)
    session = a_session(course, forger, now=timezone.now() - DAY)
    claimed = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "duration_seconds": 100,
    }
    for second in (1, 2, 3):
        report(session, claimed, now=session.start_time + timedelta(seconds=second))
    learn(course, drifted, ago=DAY)
    Drift.objects.create(
        enrollment=the_enrollment(drifted),
        what="time",
        stored="1",
        fresh="2",
        found_at=session.start_time,
    )
    watch()
    told = dict(Alert.objects.values_list("user_id", "facts"))
    assert told == {
        forger.pk: {"events": 3, "drifts": 0},
        drifted.pk: {"events": 0, "drifts": 1},
    }


def test_a_high_risk_is_read(course):
    model = RiskModel.objects.create(version="m", document={}, trained_at=timezone.now())
    for band, score in (("high", 71), ("medium", 40)):
        person = someone(course)
        learn(course, person, ago=DAY)
        RiskScore.objects.create(
            enrollment=the_enrollment(person),
            user=person,
            course=course,
            as_of=timezone.now(),
            score=score,
            band=band,
            model=model,
        )
    watch()
    assert list(Alert.objects.values_list("kind", "facts")) == [("risk", {"score": 71})]


def test_the_organisations_thresholds_hold(course):
    an_idle_learner(course)
    AlertThresholds.objects.update_or_create(pk=1, defaults={"never_started_days": 40})
    watch()
    assert not Alert.objects.exists()
    AlertThresholds.objects.update(never_started_days=30)
    watch()
    assert Alert.objects.exists()


def test_fifty_learners_cost_as_many_statements_as_one(course):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            watch()
        return len(captured)

    an_idle_learner(course)
    one = statements()
    for number in range(50):
        person = an_idle_learner(course)
        if number % 2:
            learn(course, person, ago=20 * DAY)
    assert statements() == one
    assert Alert.objects.unclosed().count() == 51
