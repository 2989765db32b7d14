"""Alerts come and go with their causes: once each, at a bounded cost, however often it is run."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.alerts import actions
from analytics.facts.rollups import folding
from analytics.models import Alert, AlertThresholds, ContentEdition, RiskModel, RiskScore
from analytics.tasks import watch_alerts
from progress.ingest.enrolling import unenroll
from progress.jobs import Run
from progress.models import (
    Content,
    ContentProgress,
    Drift,
    Enrollment,
    QuizAttempt,
    SetAside,
)
from tests.factories import a_course_of, a_session, a_user, content, report
from tests.support.alerts import DAY, an_alert, an_idle_learner, the_enrollment, watch
from tests.support.learners import A_QUIZ, complete, fail, learn, someone

pytestmark = pytest.mark.django_db
LONG = {"content_type": "video", "title": "Ladders", "duration_seconds": 1800}


def states() -> dict[str, str]:
    return dict(Alert.objects.values_list("kind", "state"))


def test_an_alert_opens_once_and_closes_with_its_cause(course):
    person = an_idle_learner(course)
    assert watch().rows == 1
    assert watch().rows == 0
    assert states() == {"never_started": "open"}
    learn(course, person, ago=DAY / 24)
    watch()
    alert = Alert.objects.get()
    assert (alert.state, alert.closing) == ("closed", "gone")
    assert alert.closed_at is not None


def test_what_is_acknowledged_or_snoozed_closes_as_well(course):
    alert = an_alert(course)
    actions.snooze(Alert.objects.all(), timezone.now() + DAY, by=a_user(), now=timezone.now())
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
    actions.close(Alert.objects.all(), by=a_user(), now=now)
    watch(now + 6.9 * DAY)
    assert Alert.objects.unclosed().count() == 0
    watch(now + 7 * DAY)
    assert list(Alert.objects.values_list("state", flat=True)) == ["open", "closed"]


def test_a_snoozed_alert_wakes(course):
    an_alert(course)
    now = timezone.now()
    actions.snooze(Alert.objects.all(), now + DAY, by=a_user(), now=now)
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
    actions.close(Alert.objects.all(), by=a_user(), now=timezone.now())
    Alert.objects.create(**twin)


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_open_one_alert_each(course):
    """The second has found no alert, and must wait for the first one's to be committed."""
    for _ in range(3):
        an_idle_learner(course)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            watch()
            second = pool.submit(watch_elsewhere)
            until_someone_waits()
        second.result(20)
    assert Alert.objects.count() == 3
    assert not SetAside.objects.exists()


def watch_elsewhere() -> None:
    try:
        watch()
    finally:
        connection.close()


def until_someone_waits() -> None:
    """Until another connection of this database waits for what ours holds."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
                " AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def test_the_job_runs(course):
    an_idle_learner(course)
    watch_alerts()
    assert Alert.objects.count() == 1


# --- The evidence for the rules -------------------------------------------------------------------
def test_failing_silence_and_rhythm_are_read(course):
    person = someone(course)
    for ago in (30, 29, 28, 27, 26):
        learn(course, person, ago=ago * DAY)
    fail(course, person, "c2", times=3, ago=25 * DAY)
    folding.fold_new(Run("fold", timezone.now()))
    watch()
    raised = dict(Alert.objects.values_list("kind", "facts"))
    assert raised == {
        "failing": {"quiz": "What to do", "attempts": 3},
        "inactive": {"usual_days": 1, "allowed_days": 7},
    }


@pytest.mark.parametrize("change", [{"passed": True}, {"passed": None}, "retired"])
def test_no_alert_after_passing_or_without_need(change, course):
    fail(course, someone(course), "c2", times=2, ago=DAY)
    watch()
    assert states() == {"failing": "open"}
    if change == "retired":
        Content.objects.filter(code="c2").update(retired_at=timezone.now())
    elif change["passed"]:
        QuizAttempt.objects.filter(number=1).update(**change)
    else:
        QuizAttempt.objects.update(**change)  # a quiz without a pass mark
    watch()
    assert states() == {"failing": "closed"}


def test_skipping_is_read_from_what_was_played():
    assert who_skips().state == "open"


def who_skips() -> Alert:
    """The alert of a learner who played a film's first and seventeenth minute."""
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
    return alert


@pytest.mark.parametrize("change", ["completed", "new medium", "retired"])
def test_what_was_jumped_over_doesnt_matter_any_more(change, course):
    alert = who_skips()
    skipped = Content.objects.get(title="Ladders")
    now = timezone.now()
    if change == "completed":
        ContentProgress.objects.filter(content=skipped).update(completed_at=now)
    elif change == "new medium":
        ContentEdition.objects.create(content=skipped, since=now, media_version=2, kind="media")
    else:
        Content.objects.filter(pk=skipped.pk).update(retired_at=now)
    watch()
    alert.refresh_from_db()
    assert alert.closing == "gone"


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
    raised = dict(Alert.objects.values_list("user_id", "facts"))
    assert raised == {
        forger.pk: {"events": 3, "drifts": 0},
        drifted.pk: {"events": 0, "drifts": 1},
    }


def test_an_event_that_comes_again_as_another_is_doubtful(course):
    session = a_session(course, someone(course), now=timezone.now() - DAY)
    event = {
        "event_id": "1f0c0000-0000-4000-8000-000000000001",
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
    }
    for seconds in range(1, 5):
        moment = session.start_time + timedelta(minutes=seconds)
        report(session, event | {"duration_seconds": seconds}, now=moment)
    watch()
    assert list(Alert.objects.values_list("kind", "facts")) == [
        ("integrity", {"events": 3, "drifts": 0})
    ]


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
