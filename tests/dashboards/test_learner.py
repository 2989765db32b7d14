"""A learner's page: what contradicts, earlier cycles, zones, alerts, letters; at a bounded cost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from analytics.models import Alert, AlertStep, Outreach
from certificates.lifecycle.issuing import issue
from progress.ingest.enrolling import begin_new_cycle
from progress.models import Course, CourseProgress, Drift, Enrollment, LearningSession
from tests.factories import a_session, content, report
from tests.support.admin import text_of
from tests.support.alerts import an_alert
from tests.support.dashboards import MAX_QUERIES, of_learner, queries, scored
from tests.support.learners import DAY, an_instructor_of, complete, fail, learn, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(course):
    return an_instructor_of(course)


@pytest.fixture
def window(sign_in, teacher):
    return sign_in(teacher)


def contradict(course, person) -> None:
    """The same event twice, the second time with another body."""
    session = a_session(course, person, now=timezone.now() - DAY)
    event = {
        "event_id": str(uuid4()),
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 5]],
        "duration_seconds": 5,
    }
    report(session, event, now=session.start_time + timedelta(seconds=10))
    report(session, event | {"segments": [[0, 9]]}, now=session.start_time + timedelta(seconds=20))


def test_what_contradicts_is_shown_without_accusing(window, course):
    person = someone(course)
    assert "nothing is contradictory" in text_of(window.get(of_learner(course, person)))
    contradict(course, person)
    answer = window.get(of_learner(course, person))
    (row,) = answer.context["reading"]["withheld"]
    assert (row["content"], row["events"], row["time"]) == ("Fire doors", 1, "–")
    assert row["why"] == "Sent again with other content: the first is kept"
    assert "nothing is contradictory" not in text_of(answer)


def test_a_drift_is_shown_until_it_is_resolved(window, course):
    person = someone(course)
    shown = {"enrollment": Enrollment.objects.get(user=person), "what": "x", "stored": "1"}
    drift = Drift.objects.create(**shown, fresh="2", found_at=timezone.now())
    words = "1 stored value doesn't match the evidence."
    assert words in text_of(window.get(of_learner(course, person)))
    drift.resolved_at = timezone.now()
    drift.save()
    assert words not in text_of(window.get(of_learner(course, person)))


def again(course, person) -> Enrollment:
    """They complete the course, are given a certificate, and begin anew; answers the old cycle."""
    learn(course, person, ago=20 * DAY)
    old = Enrollment.objects.get(user=person, is_current=True)
    complete(course, person, timezone.now() - 19 * DAY)
    issue(old.pk)
    begin_new_cycle(person.pk, course.pk, now=timezone.now() - 10 * DAY)
    return old


def test_earlier_cycles_stand_with_their_certificates(window, course):
    person = someone(course, full_name="Lena")
    assert "Earlier cycles" not in text_of(window.get(of_learner(course, person)))
    old = again(course, person)
    answer = window.get(of_learner(course, person))
    ((passage, certificate),) = answer.context["reading"]["earlier"]
    assert (passage.pk, passage.cycle, passage.percent) == (old.pk, 1, 100)
    assert passage.time == "15 s"
    assert certificate["number"] in text_of(answer)
    assert answer.context["reading"]["certificate"] is None  # none of the present cycle
    assert answer.context["enrollment"].cycle == 2


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_whose_days_are_others_is_said_so(zone, window, course):
    person = someone(course, time_zone=zone)
    assert f"Days are in the learner's time zone, {zone}" in text_of(
        window.get(of_learner(course, person))
    )
    near = someone(course)
    assert "Days are in the learner's" not in text_of(window.get(of_learner(course, near)))


def test_older_sessions_are_a_click_away(window, course, teacher):
    person = someone(course, username="lena")
    learn(course, person, ago=DAY)
    CourseProgress.objects.filter(user=person).update(total_sessions=23)
    page = window.get(of_learner(course, person))
    assert "3 earlier sessions" in text_of(page)
    link = f"/admin/progress/learningsession/?q=lena&amp;course={course.pk}"
    assert link in page.content.decode()


def test_an_alert_may_be_taken_from_here(window, teacher, course):
    alert = an_alert(course)
    address = of_learner(course, alert.user)
    assert "Assign to me" in text_of(window.get(address))
    shown = {"alert": alert.pk, "do": "assign", "to": teacher.pk, "back": address}
    answer = window.post("/admin/insight/alerts/", shown)
    assert (answer.status_code, answer.url) == (302, address)
    alert.refresh_from_db()
    assert alert.assigned_to == teacher
    assert "Assign to me" not in text_of(window.get(address))


def test_everything_at_once_costs_fifteen_statements_at_most(window, teacher, course):
    person = someone(course)
    again(course, person)
    learn(course, person, ago=DAY)
    fail(course, person, "c2", times=3, ago=DAY)
    contradict(course, person)
    scored_now = Enrollment.objects.get(user=person, is_current=True)
    scored(scored_now, 80)
    for kind in ("failing", "inactive", "pace"):
        alert = Alert.objects.create(
            enrollment=scored_now,
            user=person,
            course=course,
            kind=kind,
            since=timezone.now(),
            opened_at=timezone.now(),
            assigned_to=teacher,
            facts={"quiz": "x", "attempts": 3, "usual_days": 1, "is_overdue": True}
            | {"done_percent": 3, "even_percent": 50},
        )
        AlertStep.objects.create(
            alert=alert, at=timezone.now(), by=teacher, to=teacher, what="assigned"
        )
        Outreach.objects.create(
            alert=alert,
            written_by=teacher,
            written_at=timezone.now(),
            subject="Come back",
            body="Please",
        )
    Course.objects.filter(pk=course.pk).update(path="adaptive")
    window.get(of_learner(course, person))
    seen = queries(window, of_learner(course, person))
    assert len(seen) <= MAX_QUERIES, "\n".join(seen)
    shown = text_of(window.get(of_learner(course, person)))
    for words in (
        "Risk of not",
        "The order that",
        "Earlier cycles",
        "Come back",
        "Sent again",
        "Not passed",
    ):
        assert words in shown
    assert LearningSession.objects.filter(user=person).count() == 4
