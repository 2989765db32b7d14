"""What is recommended, why and to which learners; dismissed contents don't return."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from analytics.models import Dismissal, LearnerSkill
from analytics.recommending.queries import suggestions
from progress.ingest.enrolling import begin_new_cycle, unenroll
from progress.models import Enrollment
from progress.state.course_state import course_states
from tests.factories import (
    a_course_of,
    a_learner,
    a_session,
    an_instructor,
    an_integrator,
    content,
    enrolled,
    report,
)
from tests.support.quiz_answers import a_quiz, answer, traced
from tests.support.recommendations import NOW, a_text, suggested

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
API = "/api/analytics/recommendations/"


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def knows(learner, skill, mastery, *, answers=8, days_ago=1, stability=5.0):
    reviewed = NOW - days_ago * DAY
    LearnerSkill.objects.create(
        user=learner,
        skill=skill,
        answers=answers,
        right=0,
        mastery=mastery,
        reviewed_at=reviewed,
        stability_days=stability,
        due_at=reviewed + stability * DAY,
    )


def watched(learner, course, code):
    """Watch a minute of it."""
    session = a_session(course, learner, now=NOW - DAY)
    event = {"content_id": content(course, code).pk, "interaction_type": "play"}
    event |= {"segments": [[0, 60]], "position": 60, "duration_seconds": 60}
    report(session, event, now=NOW - DAY + timedelta(seconds=60))


# --- Reasons -------------------------------------------------------------------------------------
def test_a_learner_without_answers_gets_no_recommendation():
    learner = a_learner(a_course_of(a_text("Doors", "doors"), a_quiz("doors")))
    assert suggested(learner) == []


def test_a_weak_skill_leads_to_the_lesson_that_teaches_it():
    course = a_course_of(a_quiz("doors"), a_text("Doors", "doors"), a_text("Alarm", "alarm"))
    learner = a_learner(course)
    knows(learner, "doors", 0.4)
    assert suggested(learner) == [("Doors", [("weak_skill", "doors")])]


def test_the_weakest_skill_comes_first():
    course = a_course_of(a_text("Doors", "doors"), a_text("Alarm", "alarm"))
    learner = a_learner(course)
    knows(learner, "doors", 0.6)
    knows(learner, "alarm", 0.2)
    assert [title for title, _ in suggested(learner)] == ["Alarm", "Doors"]


@pytest.mark.parametrize(
    ("mastery", "answers", "is_weak"),
    [(0.69, 4, True), (0.7, 4, False), (0.1, 3, False)],
)
def test_little_is_concluded_from_little(mastery, answers, is_weak):
    learner = a_learner(a_course_of(a_text("Doors", "doors")))
    knows(learner, "doors", mastery, answers=answers)
    assert bool(suggested(learner)) == is_weak


def test_a_review_that_is_due_leads_to_the_questions():
    learner = a_learner(a_course_of(a_text("Doors", "doors"), a_quiz("doors", title="Check")))
    knows(learner, "doors", 0.9, days_ago=6)
    assert suggested(learner) == [("Check", [("review_due", "doors")])]


def test_a_review_that_is_not_due_yet_is_left_alone():
    learner = a_learner(a_course_of(a_quiz("doors")))
    knows(learner, "doors", 0.9, days_ago=4)
    assert suggested(learner) == []


@pytest.mark.parametrize(("doors", "alarm"), [(6, 60), (60, 6)])
def test_the_longer_ago_the_sooner_to_review(doors, alarm):
    course = a_course_of(a_quiz("doors", title="Doors"), a_quiz("alarm", title="Alarm"))
    learner = a_learner(course)
    knows(learner, "doors", 0.9, days_ago=doors)
    knows(learner, "alarm", 0.9, days_ago=alarm)
    first = "Doors" if doors > alarm else "Alarm"
    assert next(title for title, _ in suggested(learner)) == first


def test_the_urgency_of_a_review_follows_what_was_forgotten_not_the_mastery():
    learner = a_learner(a_course_of(a_quiz("doors")))
    knows(learner, "doors", 0.99, days_ago=5)
    rows = Enrollment.objects.filter(user=learner).select_related("course", "course_progress")
    [suggestion] = suggestions(course_states(list(rows), NOW))
    # Due after the stability, when nine of ten are remembered.
    assert suggestion.weight == pytest.approx(0.1, abs=0.001)


def test_a_quiz_without_an_attempt_left_is_reviewed_in_its_lesson():
    quiz = a_quiz("doors", title="Check", max_attempts=1)
    course = a_course_of(quiz, a_text("Doors", "doors"))
    learner = a_learner(course)
    knows(learner, "doors", 0.9, days_ago=6)
    assert suggested(learner)[0][0] == "Check"
    answer(learner, course, 4, at=NOW - 6 * DAY)
    assert suggested(learner) == [("Doors", [("review_due", "doors")])]


def test_what_others_wait_for_is_recommended(client):
    course = a_course_of(
        a_text("First"),
        a_text("Second", prerequisites=["c1"]),
        a_text("Third", prerequisites=["c2"]),
    )
    learner = a_learner(course)
    # "Second" is locked itself: only what can be begun is recommended.
    assert suggested(learner) == [("First", [("prerequisite", "Second")])]
    client.force_login(learner)
    assert "It unlocks “Second” and 1 more." in client.get("/").content.decode()


def test_what_is_complete_opens_nothing_any_more():
    video = {"content_type": "video", "title": "First", "duration_seconds": 60}
    course = a_course_of(video, a_text("Second", prerequisites=["c1"]))
    learner = a_learner(course)
    assert suggested(learner)
    watched(learner, course, "c1")
    assert suggested(learner) == []


def test_what_cannot_be_opened_is_never_recommended():
    tomorrow = (NOW + DAY).isoformat()
    course = a_course_of(a_text("Doors", "doors", release_at=tomorrow), a_text("Other"))
    learner = a_learner(course)
    knows(learner, "doors", 0.1)
    assert suggested(learner) == []


def test_one_content_is_recommended_once_with_all_its_reasons():
    course = a_course_of(a_text("Doors", "doors", "alarm"), a_quiz(prerequisites=["c1"]))
    learner = a_learner(course)
    knows(learner, "doors", 0.5)
    knows(learner, "alarm", 0.5)
    assert suggested(learner) == [
        (
            "Doors",
            [("weak_skill", "alarm"), ("weak_skill", "doors"), ("prerequisite", "What to do")],
        )
    ]


def test_a_skill_of_one_course_is_practised_in_another():
    learner = a_learner(a_course_of(a_text("Doors", "doors")))
    other = a_course_of(a_quiz("doors"))
    enrollment = enrolled(learner, other)
    answer(learner, other, 0, at=NOW - DAY)
    traced()
    unenroll(enrollment, now=NOW)
    assert suggested(learner) == [("Doors", [("weak_skill", "doors")])]


def test_weak_answers_lead_there_from_end_to_end(client):
    course = a_course_of(a_quiz("doors"), a_text("Fire doors", "doors"))
    learner = a_learner(course)
    answer(learner, course, 0, at=NOW - DAY)
    traced()
    client.force_login(learner)
    page = client.get("/").content.decode()
    assert '<h2 id="next"><bdi>Fire doors</bdi></h2>' in page
    assert "Your answers suggest that “doors” needs more practice." in page


def test_what_is_known_under_another_code_is_not_recommended_as_new():
    film = {"content_type": "video", "duration_seconds": 60, "skills": ["doors"]}
    film |= {"title": "Doors", "url": "/static/demo/fire-doors.mp4"}
    known = a_course_of(film)
    again = a_course_of(film | {"title": "Doors, again"}, a_text("More on doors", "doors"))
    learner = a_learner(known)
    enrolled(learner, again)
    watched(learner, known, "c1")
    knows(learner, "doors", 0.4)
    assert suggested(learner) == [("More on doors", [("weak_skill", "doors")])]


def test_it_is_still_recommended_where_others_wait_for_it():
    film = {"content_type": "video", "duration_seconds": 60, "title": "Doors"}
    film["url"] = "/static/demo/fire-doors.mp4"
    known = a_course_of(film)
    again = a_course_of(film, a_text("Then this", prerequisites=["c1"]))
    learner = a_learner(known)
    enrolled(learner, again)
    watched(learner, known, "c1")
    assert suggested(learner) == [("Doors", [("prerequisite", "Then this")])]


# --- Dismissing ----------------------------------------------------------------------------------
@pytest.fixture
def offered(client):
    """A signed-in learner with one recommended text."""
    course = a_course_of(a_text("Doors", "doors"), a_text("Alarm", "alarm"))
    learner = a_learner(course)
    knows(learner, "doors", 0.2)
    knows(learner, "alarm", 0.3)
    client.force_login(learner)
    return learner, course


def address(learner, course, code, action):
    which = body(learner, course, code)
    return f"/recommendations/{which['enrollment_id']}/{which['content_id']}/{action}/"


def body(learner, course, code="c1"):
    enrollment = Enrollment.objects.get(user=learner, course=course, is_current=True)
    return {"enrollment_id": enrollment.pk, "content_id": content(course, code).pk}


def test_what_was_dismissed_does_not_return(client, offered):
    learner, course = offered
    page = address(learner, course, "c2", "dismiss")
    assert page in client.get("/").content.decode()
    for _ in range(2):
        assert client.post(page).url == "/"
    assert [title for title, _ in suggested(learner)] == ["Doors"]
    # Nor for another reason, or when it is weaker still.
    LearnerSkill.objects.filter(skill="alarm").update(mastery=0.95, due_at=NOW - DAY)
    assert [title for title, _ in suggested(learner)] == ["Doors"]
    assert Dismissal.objects.count() == 1


def test_what_was_put_off_returns_after_a_week(client, offered):
    learner, course = offered
    page = address(learner, course, "c2", "later")
    assert page in client.get("/").content.decode()
    assert client.post(page).url == "/"
    said = client.get("/").content.decode()
    assert "“Alarm” will be suggested again in a week." in said
    assert page not in said
    for days, titles in [(6, ["Doors"]), (7, ["Doors", "Alarm"])]:
        rows = Enrollment.objects.filter(user=learner).select_related("course", "course_progress")
        found = suggestions(course_states(list(rows), NOW + days * DAY))
        assert [each.content.title for each in found if each.content.title in titles] == titles
        assert len(found) == len(titles)


@pytest.mark.parametrize("action", ["later", "dismiss"])
def test_either_can_be_undone_at_once(client, offered, action):
    learner, course = offered
    client.post(address(learner, course, "c2", action))
    undo = address(learner, course, "c2", "restore")
    assert f'action="{undo}"' in client.get("/").content.decode()
    assert client.post(undo).url == "/"
    assert address(learner, course, "c2", action) in client.get("/").content.decode()
    assert not Dismissal.objects.exists()


def test_the_latest_decision_counts(client, offered):
    learner, course = offered
    for action in ("later", "dismiss"):
        client.post(address(learner, course, "c2", action))
    assert Dismissal.objects.get().until is None


def test_it_can_be_restored(client, offered):
    learner, course = offered
    for action in ("dismiss", "restore"):
        response = client.post(f"{API}{action}/", body(learner, course), "application/json")
        assert response.status_code == 204
    assert [title for title, _ in suggested(learner)] == ["Doors", "Alarm"]


def test_a_new_cycle_begins_with_everything(offered, client):
    learner, course = offered
    client.post(f"{API}dismiss/", body(learner, course), "application/json")
    begin_new_cycle(learner.pk, course.pk, now=NOW)
    assert [title for title, _ in suggested(learner)] == ["Doors", "Alarm"]


def test_no_one_dismisses_for_someone_else(client, offered):
    learner, course = offered
    which = body(learner, course)
    other = a_course_of(a_text("Elsewhere"))
    client.force_login(an_instructor(course))
    assert client.post(f"{API}dismiss/", which, "application/json").status_code == 404
    page = f"/recommendations/{which['enrollment_id']}/{which['content_id']}/dismiss/"
    assert client.post(page).status_code == 404
    client.force_login(learner)
    foreign = which | {"content_id": content(other, "c1").pk}
    assert client.post(f"{API}dismiss/", foreign, "application/json").status_code == 404
    assert not Dismissal.objects.exists()
    client.logout()
    assert client.post(page).url.startswith("/login/")


@pytest.mark.parametrize("value", ["x", -1, 2**63, None])
def test_a_bad_id_is_named(client, offered, value):
    learner, course = offered
    response = client.post(
        f"{API}dismiss/", body(learner, course) | {"content_id": value}, "application/json"
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "content_id"


# --- The API -------------------------------------------------------------------------------------
def listed(client, user, of=None):
    client.force_login(user)
    response = client.get(API, {"user_id": of.pk} if of else {})
    return response.json()["results"] if response.status_code == 200 else response.status_code


def test_the_api_lists_the_same_with_weights(client, offered):
    learner, course = offered
    first, second = listed(client, learner)
    assert [first["title"], second["title"]] == ["Doors", "Alarm"]
    assert first["weight"] == pytest.approx(0.8)
    assert first["url"] == f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/"
    assert first["reasons"] == [
        {
            "code": "weak_skill",
            "skill": "doors",
            "weight": 0.8,
            "text": "Your answers suggest that “doors” needs more practice.",
        }
    ]


def test_it_can_be_filtered_by_course(client, offered):
    learner, course = offered
    other = a_course_of(a_text("Elsewhere", "doors"), a_text("Doors", "doors"))
    enrolled(learner, other)
    client.force_login(learner)
    whole = client.get(API).json()["results"]
    some = client.get(API, {"course_id": course.pk}).json()["results"]
    assert some == [each for each in whole if each["course_id"] == course.pk] != []
    assert client.get(API, {"course_id": 2**62}).status_code == 404


def test_teachers_see_what_is_recommended_in_their_courses(client, offered):
    learner, course = offered
    elsewhere = a_course_of(a_text("Elsewhere", "doors"))
    enrolled(learner, elsewhere)
    titles = [each["title"] for each in listed(client, an_instructor(course), learner)]
    assert titles == ["Doors", "Alarm"]
    assert listed(client, an_instructor(), learner) == 403
    assert listed(client, a_learner(course), learner) == 404
    assert len(listed(client, an_integrator("view_enrollment"), learner)) == 2


def test_fifty_take_as_many_statements_as_one():
    learner = a_learner()
    counts = []
    for _ in range(2):
        for number in range(4):
            skill = f"skill {number} {len(counts)}"
            enrolled(learner, a_course_of(a_text("Doors", skill), a_quiz(skill)))
            knows(learner, skill, 0.2)
        suggested(learner)
        with CaptureQueriesContext(connection) as queries:
            assert len(suggested(learner)) == 4 * (len(counts) + 1)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_reasons_are_translated_to_arabic(client, offered):
    learner, _ = offered
    client.force_login(learner)
    with translation.override("ar"):
        text = client.get(API, headers={"Accept-Language": "ar"}).json()["results"][0]["reasons"]
    assert "needs more practice" not in text[0]["text"]
    assert "doors" in text[0]["text"]
