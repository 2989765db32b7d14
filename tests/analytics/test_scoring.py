"""Open enrolments get a score with its reasons, or a reason why there is none."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from analytics.facts.risk import active_model, scoring
from analytics.facts.risk.histories import read
from analytics.facts.risk.signs import features, reasons
from analytics.models import RiskModel, RiskScore
from analytics.risk.reason_texts import (
    REASONS,
    comparison_text,
    insufficient_text,
    reason_text,
)
from analytics.tasks import score_changed_risk, score_risk
from progress.ingest.enrolling import enroll, unenroll
from progress.jobs import Run
from progress.models import ContentProgress, CourseProgress, Enrollment
from tests.factories import NOON, a_course, a_session, a_user, an_instructor, report
from tests.support.admin import a_staff_member
from tests.support.risk import show_scores

pytestmark = pytest.mark.django_db
DUE = NOON + timedelta(days=60)
LATER = NOON + timedelta(days=30)


def learner_of(course, *, due=DUE, started=NOON) -> Enrollment:
    return enroll(a_user().pk, course.pk, now=started, due_at=due).enrollment


def has_done(enrollment, *codes, at):
    """The contents count as completed then; the bulk of what ingest would write."""
    for content in enrollment.course.modules.model.objects.filter(course=enrollment.course):
        for each in content.contents.filter(code__in=codes):
            ContentProgress.objects.create(
                enrollment=enrollment,
                content=each,
                user_id=enrollment.user_id,
                completion_bp=10_000,
                completed_at=at,
                first_event_at=at,
                last_event_at=at,
            )


def score(now=LATER) -> dict[int, RiskScore]:
    """Scores where those of every course and week are shown (test_risk_validating: where not)."""
    show_scores(now=now)
    scoring.score_all(now, run=Run("test", now))
    return RiskScore.objects.in_bulk()


def test_an_idle_learner_is_more_at_risk_than_one_who_keeps_up():
    course = a_course()
    idle = learner_of(course)
    busy = learner_of(course)
    for day in range(0, 30, 2):
        a_session(course, busy.user, now=NOON + timedelta(days=day))
    has_done(busy, "video", "audio", "pages", "text", at=NOON + timedelta(days=10))
    scores = score()
    assert scores[idle.pk].score > scores[busy.pk].score + 20
    assert scores[busy.pk].band == "low"
    assert scores[idle.pk].band in ("medium", "high")
    assert scores[idle.pk].model.version == active_model.prior().version
    first = scores[idle.pk].reasons[0]
    assert first["raises"]
    assert reason_text(first)
    assert sum(reason["share"] for reason in scores[idle.pk].reasons) <= 101


def test_reasons_are_what_sets_a_learner_apart_from_others_of_the_course():
    course = a_course()
    idle, *others = [learner_of(course) for _ in range(12)]
    for each in others:
        a_session(course, each.user, now=LATER - timedelta(days=1))
        has_done(each, "video", "audio", "pages", "text", at=NOON + timedelta(days=10))
    scores = score()
    by_name = {reason["reason"]: reason["raises"] for reason in scores[idle.pk].reasons}
    assert {"silence", "pace"} <= by_name.keys()
    assert all(by_name.values())
    assert sum(reason["share"] for reason in scores[idle.pk].reasons) <= 101
    # What all others do alike raises the risk of none of them.
    for each in others:
        assert not [reason for reason in scores[each.pk].reasons if reason["raises"]]


def test_the_same_learners_get_the_same_reasons_whoever_is_scored():
    course = a_course()
    enrollments = [learner_of(course) for _ in range(12)]
    for number, each in enumerate(enrollments):
        has_done(each, *("video", "audio", "pages", "text")[: number % 5], at=NOON)
    before = {pk: risk.reasons for pk, risk in score().items()}
    RiskScore.objects.filter(pk__in=[each.pk for each in enrollments[::3]]).delete()
    scoring.score_changed(LATER, run=Run("test", LATER))
    assert {pk: risk.reasons for pk, risk in RiskScore.objects.in_bulk().items()} == before
    assert len({str(reasons_of) for reasons_of in before.values()}) > 3


def test_where_nothing_sets_learners_apart_reasons_are_those_of_the_model():
    course = a_course()
    many = [learner_of(course) for _ in range(12)]
    few = learner_of(a_course())
    scores = score()
    assert scores[few.pk].reasons[0]["raises"]
    for each in many:
        assert scores[each.pk].reasons[0]["raises"]


@pytest.mark.parametrize(
    ("others", "active", "compared_with", "words"),
    [
        (12, 6, "others", "Reasons are what sets the learner apart from others of the course"),
        (12, 0, "alike", "Nothing sets the learner apart from others of the course"),
        (3, 2, "few", "There are too few others in the course to compare with"),
    ],
)
def test_what_reasons_are_compared_with_is_on_the_page_and_in_the_api(
    client, others, active, compared_with, words
):
    course = a_course()
    idle, *rest = [learner_of(course) for _ in range(others)]
    for each in rest[:active]:
        a_session(course, each.user, now=LATER - timedelta(days=1))
        has_done(each, "video", "audio", "pages", "text", at=NOON + timedelta(days=10))
    assert {reason["compared_with"] for reason in score()[idle.pk].reasons} == {compared_with}
    (row,) = asked(an_instructor(course), user_id=idle.user_id).json()["results"]
    assert {reason["compared_with"] for reason in row["reasons"]} == {compared_with}
    page = page_of(client, idle)
    texts = [text for text in the_texts() if text in page]
    assert len(texts) == 1 and texts[0].startswith(words)


def test_of_a_due_date_that_has_passed_the_page_names_no_model(client):
    course = a_course()
    late = learner_of(course, due=NOON + timedelta(days=10))
    score()
    page = page_of(client, late)
    assert comparison_text([scoring.OVERDUE]) in page
    assert "(100 of 100)" in page and "An estimate" not in page


def test_a_score_of_an_earlier_release_is_read_as_it_was_meant(client):
    course = a_course()
    idle = learner_of(course)
    risk = score()[idle.pk]
    for reason in risk.reasons:
        del reason["compared_with"]
    risk.save()
    (row,) = asked(an_instructor(course)).json()["results"]
    assert row["reasons"][0]["compared_with"] == "others"
    assert the_texts()[0] in page_of(client, idle)


def the_texts() -> list[str]:
    return [comparison_text([{"compared_with": each}]) for each in RiskScore.ComparedWith]


def page_of(client, enrollment) -> str:
    """The learner's page, as an instructor of the course sees it."""
    teacher = a_staff_member("view_courseprogress")
    enrollment.course.instructors.add(teacher)
    client.force_login(teacher)
    address = reverse("admin:insight-learner", args=[enrollment.course_id, enrollment.user_id])
    return client.get(address).content.decode()


def test_a_learner_who_never_came_is_shown_without_results():
    course = a_course()
    idle = learner_of(course)
    texts = [reason_text(reason) for reason in score()[idle.pk].reasons]
    assert texts
    assert not [each for each in texts if each.startswith("Results")]
    assert "Finishes things late." not in texts


@pytest.mark.parametrize(
    ("facts", "raises", "words"),
    [
        ({}, True, "No results yet."),
        ({}, False, "No results yet."),
        ({"percent": 30}, True, "Results are low: 30 % on average."),
        (
            {"percent": 100},
            True,
            "Results of 100 % on average: behind others, counting what is missing.",
        ),
        ({"percent": 90}, False, "Results so far: 90 % on average."),
    ],
)
def test_results_are_called_low_only_where_they_are(facts, raises, words):
    assert reason_text({"reason": "scores", "raises": raises, "facts": facts}) == words


def test_without_submissions_nothing_is_called_late():
    reason = {"reason": "timing", "raises": True}
    assert reason_text(reason | {"facts": {"done": 0}}) == "Has submitted nothing."
    assert reason_text(reason | {"facts": {}}) == "Finishes things late."


@pytest.mark.parametrize("why", RiskScore.Insufficient.values)
def test_every_missing_score_has_a_text(why):
    assert insufficient_text(why).endswith(".")


def test_what_happens_later_changes_no_past_score():
    course = a_course()
    one, other = learner_of(course), learner_of(course)
    before = {pk: (risk.score, risk.reasons) for pk, risk in score().items()}
    a_session(course, one.user, now=LATER + timedelta(days=1))
    has_done(one, "video", "audio", at=LATER + timedelta(days=2))
    has_done(other, "pages", at=LATER + timedelta(hours=1))
    assert {pk: (risk.score, risk.reasons) for pk, risk in score().items()} == before


@pytest.mark.parametrize(
    ("days", "due", "why"),
    [(1, DUE, "just_started"), (30, None, "no_time")],
)
def test_where_too_little_is_known_it_says_so(days, due, why):
    enrollment = learner_of(a_course(), due=due)
    risk = score(NOON + timedelta(days=days))[enrollment.pk]
    assert (risk.score, risk.band, risk.insufficient, risk.reasons) == (None, "", why, [])


def test_a_course_with_one_task_has_no_score():
    course = a_course(
        modules=[
            {
                "code": "m",
                "contents": [
                    {"code": "c", "content_type": "embed", "completion_source": "reported"}
                ],
            }
        ]
    )
    enrollment = learner_of(course)
    assert score()[enrollment.pk].insufficient == "no_tasks"


def test_a_due_date_that_has_passed_needs_no_model():
    enrollment = learner_of(a_course(), due=NOON + timedelta(days=10))
    risk = score()[enrollment.pk]
    assert (risk.score, risk.band, risk.reasons[0]["reason"]) == (100, "high", "overdue")


def test_a_course_without_due_dates_is_timed_by_those_who_finished():
    course = a_course()
    for _ in range(10):
        done = learner_of(course, due=None)
        CourseProgress.objects.filter(pk=done.pk).update(
            completion_bp=10_000, completed_at=NOON + timedelta(days=40)
        )
    open_one = learner_of(course, due=None)
    [history] = read([course.pk], LATER)
    assert history.span.tolist() == [40.0] * 11
    assert score()[open_one.pk].score is not None


def test_scores_of_closed_enrolments_are_deleted():
    course = a_course()
    left, stays = learner_of(course), learner_of(course)
    assert set(score()) == {left.pk, stays.pk}
    unenroll(left, now=LATER)
    assert set(score()) == {stays.pk}


def test_each_hour_only_the_changed_are_scored():
    course = a_course()
    quiet, active = learner_of(course), learner_of(course)
    score()
    later = LATER + timedelta(hours=1)
    session = a_session(course, active.user, now=later - timedelta(minutes=10))
    report(
        session,
        {
            "event_id": "1f0c0000-0000-4000-8000-000000000001",
            "sequence": 1,
            "type": "pageview",
            "content_id": course.modules.first().contents.first().pk,
        },
        now=later - timedelta(minutes=5),
    )
    new = learner_of(course, started=later - timedelta(minutes=1))
    run = Run("test", later)
    scoring.score_changed(later, run=run)
    at = dict(RiskScore.objects.values_list("pk", "as_of"))
    assert at == {quiet.pk: LATER, active.pk: later, new.pk: later}
    assert run.rows == 2


def test_the_jobs_score(django_capture_on_commit_callbacks):
    enrollment = learner_of(a_course())
    score_risk()
    assert RiskScore.objects.filter(pk=enrollment.pk).exists()
    RiskScore.objects.all().delete()
    score_changed_risk()
    assert RiskScore.objects.filter(pk=enrollment.pk).exists()


def test_fifty_learners_in_five_courses_cost_as_many_queries_as_one():
    learner_of(a_course())
    active_model.active(NOON)  # the model's row is there
    with CaptureQueriesContext(connection) as one:
        scoring.score_all(LATER, run=Run("test", LATER))
    courses = [a_course() for _ in range(5)]
    for number in range(50):
        learner_of(courses[number % 5])
    with CaptureQueriesContext(connection) as many:
        scoring.score_all(LATER, run=Run("test", LATER))
    assert len(many) == len(one)


def test_exactly_one_model_is_active():
    first = active_model.active(NOON)
    assert active_model.active(LATER).pk == first.pk
    assert RiskModel.objects.filter(is_active=True).count() == 1


def test_every_feature_belongs_to_one_reason_that_has_a_text():
    gathered = [name for names in reasons.OF_REASON.values() for name in names]
    assert sorted(gathered) == sorted(each.name for each in features.FEATURES)
    assert set(reasons.NAMES) <= set(REASONS)
    for name in REASONS:
        for raises in (True, False):
            assert reason_text({"reason": name, "facts": {}, "raises": raises}).endswith(".")


# --- the API --------------------------------------------------------------------------------------
def asked(user, **query):
    client = APIClient()
    client.force_authenticate(user)
    return client.get("/api/analytics/risk/", query)


def test_instructors_see_their_courses_and_learners_nothing():
    course, other = a_course(), a_course()
    mine, theirs = learner_of(course), learner_of(other)
    score()
    rows = asked(an_instructor(course)).json()["results"]
    assert [row["enrollment_id"] for row in rows] == [mine.pk]
    assert rows[0]["reasons"][0]["words"]
    assert asked(mine.user).status_code == 403
    assert APIClient().get("/api/analytics/risk/").status_code in (401, 403)
    assert theirs.pk not in {row["enrollment_id"] for row in rows}


def test_scores_can_be_filtered():
    course = a_course()
    overdue = learner_of(course, due=NOON + timedelta(days=5))
    fresh = learner_of(course, started=LATER - timedelta(hours=1))
    score()
    teacher = an_instructor(course)

    def found(**query):
        return [row["enrollment_id"] for row in asked(teacher, **query).json()["results"]]

    assert found(band="high", at_least=100) == [overdue.pk]
    assert found(user_id=fresh.user_id) == [fresh.pk]
    assert found(course_id=course.pk + 1) == []
    assert found(insufficient="just_started") == [fresh.pk]
    assert found(insufficient="no_tasks") == []
    assert asked(teacher, band="huge").status_code == 400


def test_fifty_rows_of_the_list_cost_as_many_queries_as_one():
    course = a_course()
    teacher = an_instructor(course)
    learner_of(course)
    score()
    asked(teacher)  # what is asked once in a process
    with CaptureQueriesContext(connection) as one:
        asked(teacher)
    for _ in range(49):
        learner_of(course)
    score()
    with CaptureQueriesContext(connection) as many:
        assert len(asked(teacher).json()["results"]) == 50
    assert len(many) == len(one)


def test_the_permission_shows_all():
    enrollment = learner_of(a_course())
    score()
    person = a_user()
    assert asked(person).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_riskscore"))
    rows = asked(type(person).objects.get(pk=person.pk)).json()["results"]
    assert [row["enrollment_id"] for row in rows] == [enrollment.pk]
