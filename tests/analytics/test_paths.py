"""Learners' paths: what they say, who may see them, and what is counted for them."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from analytics.models import LearnerSkill, PathChoice, QuizRecord
from analytics.paths import quiz_records
from analytics.paths.queries import _evidence, _items
from progress.ingest.enrolling import unenroll
from progress.models import Content, Enrollment
from progress.state.course_state import course_states
from tests.factories import a_course_of, a_learner, an_instructor, content, enrolled
from tests.support.quiz_answers import a_quiz, answer

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
API = "/api/analytics/paths/"


# --- Learners' paths -----------------------------------------------------------------------------
@pytest.fixture
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_frozen")]


def a_text(title, *skills, **changes):
    return {"content_type": "text", "title": title, "skills": list(skills)} | changes


def an_adaptive_course(**changes):
    return a_course_of(
        a_text("Basics", "fire"),
        a_text("More of it", prerequisites=["c1"]),
        a_text("Doors", "doors"),
        a_text("Practice", "fire", required=False, remedial=True),
        a_quiz("doors", title="Doors?", required=False, pass_percentage=75, max_attempts=1)
        | {"waives": ["c3"]},
        **({"path": "adaptive"} | changes),
    )


def knows(learner, skill, share, answers=8):
    LearnerSkill.objects.create(
        user=learner,
        skill=skill,
        answers=answers,
        right=0,
        mastery=share,
        reviewed_at=NOW,
        stability_days=5,
        due_at=NOW,
    )


def browser(user) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def path(reader, **asked) -> dict:
    [payload] = browser(reader).get(API, asked).json()["results"]
    return payload


def steps(payload) -> list[tuple[str, str]]:
    return [(step["title"], step["reason"]) for step in payload["steps"]]


def test_the_path_has_a_reason_for_each_step():
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    payload = path(learner)
    assert (payload["is_adaptive"], payload["order"]) == (True, "path")
    assert steps(payload) == [
        ("Basics", "next"),
        ("Doors?", "pre_test"),
        ("Doors", "next"),
        ("Practice", "remedial"),
        ("More of it", "later"),
    ]
    assert payload["steps"][1]["spares"][0]["title"] == "Doors"
    assert "“fire” needs more practice" in payload["steps"][3]["text"]
    assert payload["steps"][4]["readiness"] == 0.3


def test_a_later_step_is_called_open_only_if_it_is():
    course = a_course_of(
        a_quiz("fire", title="Fire?", pass_percentage=75),
        a_text("Practice", "fire", required=False, remedial=True),
        a_text("More", prerequisites=["c1"]),
        a_text("Free"),
        path="adaptive",
    )
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    answer(learner, course, 0, at=NOW)
    texts = {step["title"]: step["text"] for step in path(learner)["steps"]}
    assert texts["Free"] == "It comes next in the course." and all(texts.values())
    best = "Best after more practice of “fire”, which it builds on."
    assert texts["Fire?"] == f"{best} You can open it now."
    assert texts["More"] == best


def test_a_test_is_a_step_while_it_is_expected_to_save_time_otherwise_an_offer():
    course = an_adaptive_course()
    learner = a_learner(course)
    [test] = [step for step in path(learner)["steps"] if step["reason"] == "pre_test"]
    assert (test["minutes"], test["saves_minutes"], test["chance"]) == (3.0, 10.0, 0.7)
    text = "Pass it and you can skip 1 content. It takes about 3 min and may save you 10 min."
    assert test["text"] == text
    assert path(learner)["offers"] == []
    for _ in range(8):
        answer(a_learner(course), course, 0, at=NOW, code="c5")
    quiz_records.count()
    payload = path(learner)
    assert ("Doors?", "pre_test") not in steps(payload)
    [offer] = payload["offers"]
    assert offer["title"] == "Doors?"
    assert offer["text"] == f"{text} For people who know this already."
    assert offer["can_be_dismissed"]


def test_the_tries_of_four_learners_change_no_chance():
    course = an_adaptive_course()
    learner = a_learner(course)

    def shown_chance() -> float:
        quiz_records.count()
        shown = path(learner)
        [chance] = [each["chance"] for each in shown["steps"] + shown["offers"] if each["spares"]]
        return chance

    for _ in range(4):
        answer(a_learner(course), course, 0, at=NOW, code="c5")
        assert shown_chance() == 0.7
    answer(a_learner(course), course, 4, at=NOW, code="c5")
    assert shown_chance() == pytest.approx(8 / 15, abs=1e-4)


def test_tries_are_counted_by_enrolment_the_second_only_after_a_first_that_failed():
    course = an_adaptive_course()
    Content.objects.update(max_attempts=None)
    for tries in ([4], [0, 4], [0, 0, 4], [4, 0], []):
        learner = a_learner(course)
        for right in tries:
            answer(learner, course, right, at=NOW, code="c5")
    assert quiz_records.count() == 1
    row = QuizRecord.objects.get()
    assert row.content == content(course, "c5")
    counts = (row.first_tries, row.first_passed, row.next_tries, row.next_passed)
    assert counts == (4, 2, 2, 1)
    QuizRecord.objects.update(first_tries=90)
    assert quiz_records.count() == 1
    assert QuizRecord.objects.get().first_tries == 4


def test_estimates_use_the_settings_of_the_quiz():
    """Three choices of which one is right; four of which two are."""
    choices = [{"text": each} for each in "abcd"]
    asked = [
        {"code": "one", "text": "?", "choices": [choices[0] | {"correct": True}, *choices[1:3]]},
        {
            "code": "two",
            "text": "?",
            "choices": [each | {"correct": each["text"] in "ab"} for each in choices],
        },
    ]
    quiz = a_quiz("doors", pass_percentage=60, max_attempts=3) | {"questions": asked}
    course = a_course_of(quiz, path="adaptive")
    learner = a_learner(course)
    [state] = course_states(
        Enrollment.objects.filter(user=learner).select_related("course", "course_progress"), NOW
    )
    [item] = _items(state, _evidence([state])[state.enrollment.pk])
    assert item.minutes == 1.5
    assert (item.quiz.questions, item.quiz.needed, item.quiz.tries_left) == (2, 2, 3)
    assert item.quiz.guess == pytest.approx((1 / 3 + 1 / 11) / 2)


def test_few_answers_conclude_nothing():
    learner = a_learner(an_adaptive_course())
    knows(learner, "fire", 0.1, answers=3)
    assert ("Practice", "remedial") not in steps(path(learner))


def test_a_pre_test_that_was_passed_leaves_its_waiver():
    course = an_adaptive_course()
    learner = a_learner(course)
    answer(learner, course, 4, at=NOW, code="c5")
    payload = path(learner)
    assert steps(payload) == [("Basics", "next"), ("More of it", "next")]
    [waiver] = payload["waivers"]
    assert waiver["title"] == "Doors"
    assert waiver["text"] == "You passed “Doors?” with 100 %."
    assert waiver["can_be_declined"]


def test_a_pre_test_that_was_failed_is_offered_no_more():
    course = an_adaptive_course()
    learner = a_learner(course)
    answer(learner, course, 0, at=NOW, code="c5")
    assert ("Doors?", "pre_test") not in steps(path(learner))


def test_after_a_failed_quiz_waived_contents_return():
    course = a_course_of(
        a_quiz("doors", title="Doors?", required=False, pass_percentage=75, max_attempts=2)
        | {"waives": ["c2"]},
        a_text("Doors", "doors"),
        a_quiz("doors", title="Exam", pass_percentage=75),
        path="adaptive",
    )
    learner = a_learner(course)
    answer(learner, course, 4, at=NOW)
    assert steps(path(learner)) == [("Exam", "next")]
    answer(learner, course, 0, at=NOW, code="c3")
    knows(learner, "doors", 0.4)
    payload = path(learner)
    assert steps(payload) == [("Doors", "skipped"), ("Exam", "later")]
    text = "You skipped this. Your answers now suggest that “doors” needs more practice."
    assert (payload["steps"][0]["text"], payload["steps"][0]["can_be_dismissed"]) == (text, True)


def test_a_learner_may_follow_the_courses_own_order():
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    enrollment = Enrollment.objects.get(user=learner)
    choice = {"enrollment_id": enrollment.pk, "order": "course"}
    for _ in range(2):
        assert browser(learner).post(f"{API}choose/", choice).status_code == 204
    assert path(learner)["order"] == "course"
    assert [title for title, _ in steps(path(learner))] == [
        "Basics",
        "More of it",
        "Doors",
        "Doors?",
    ]
    browser(learner).post(f"{API}choose/", choice | {"order": "path"})
    assert path(learner)["order"] == "path"


def test_a_fixed_course_has_its_own_order():
    course = an_adaptive_course(path="fixed")
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    payload = path(learner)
    assert (payload["is_adaptive"], payload["order"]) == (False, "course")
    assert steps(payload)[:3] == [("Basics", "next"), ("More of it", "next"), ("Doors", "next")]
    chosen = {"enrollment_id": payload["enrollment_id"], "order": "course"}
    assert browser(learner).post(f"{API}choose/", chosen).status_code == 404


def test_a_dismissed_step_does_not_return():
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    which = {
        "enrollment_id": path(learner)["enrollment_id"],
        "content_id": content(course, "c4").pk,
    }
    browser(learner).post("/api/analytics/recommendations/dismiss/", which)
    assert ("Practice", "remedial") not in steps(path(learner))


# --- Who sees it ---------------------------------------------------------------------------------
def test_a_path_is_seen_by_its_learner_and_their_instructors():
    course = an_adaptive_course()
    learner = a_learner(course)
    assert path(an_instructor(course), user_id=learner.pk)["user_id"] == learner.pk
    for stranger, status in ((an_instructor(), 403), (a_learner(course), 404)):
        assert browser(stranger).get(API, {"user_id": learner.pk}).status_code == status
    assert APIClient().get(API).status_code == 401


def test_no_one_chooses_for_someone_else():
    course = an_adaptive_course()
    enrollment = Enrollment.objects.get(user=a_learner(course))
    choice = {"enrollment_id": enrollment.pk, "order": "course"}
    for person in (a_learner(course), an_instructor(course)):
        assert browser(person).post(f"{API}choose/", choice).status_code == 404
    unenroll(enrollment, now=NOW)
    assert browser(enrollment.user).post(f"{API}choose/", choice).status_code == 404
    assert not PathChoice.objects.exists()


@pytest.mark.parametrize("asked", [{"user_id": "x"}, {"course_id": 2**63}])
def test_what_is_wrong_is_named(asked):
    answered = browser(a_learner(an_adaptive_course())).get(API, asked)
    assert answered.status_code == 400
    assert answered.json()["errors"][0]["attr"] == next(iter(asked))


def test_many_paths_cost_as_many_statements_as_one():
    learner = a_learner()

    def statements() -> int:
        course = an_adaptive_course()
        enrolled(learner, course)
        answer(learner, course, 4, at=NOW, code="c5")
        browser(learner).get(API)
        window = browser(learner)
        with CaptureQueriesContext(connection) as found:
            window.get(API)
        return len(found)

    first = statements()
    statements()
    assert statements() == first


# --- On the page ---------------------------------------------------------------------------------
def test_the_courses_page_shows_the_path_and_lets_one_choose(client):
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    client.force_login(learner)
    page = f"/courses/{course.pk}/"
    shown = client.get(page).content.decode()
    assert "Your path" in shown
    assert "Pass it and you can skip 1 content." in shown
    enrollment = Enrollment.objects.get(user=learner)
    choice = f"/paths/{enrollment.pk}/"
    assert client.post(choice, {"course": "1"}, follow=True).redirect_chain == [(page, 302)]
    assert "In the course’s own order" in client.get(page).content.decode()
    client.post(choice)
    assert "Your path" in client.get(page).content.decode()
    client.force_login(a_learner(course))
    assert client.post(choice).status_code == 404


def test_continue_and_next_follow_the_path(client):
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    client.force_login(learner)
    first = content(course, "c1").pk
    after = client.get(f"/courses/{course.pk}/contents/{first}/").content.decode()
    assert "Doors?" in after.split('class="next"')[1].split("</p>")[0]


def test_a_fixed_courses_page_has_no_path_and_asks_nothing_for_it(client):
    course = a_course_of(a_text("Basics", "fire"))
    client.force_login(a_learner(course))
    with CaptureQueriesContext(connection) as found:
        shown = client.get(f"/courses/{course.pk}/").content.decode()
    assert "Your path" not in shown
    assert not [each for each in found if "pathchoice" in each["sql"]]


def test_not_for_me_leads_back_to_the_course(client):
    course = an_adaptive_course()
    learner = a_learner(course)
    client.force_login(learner)
    enrollment = Enrollment.objects.get(user=learner)
    test = content(course, "c5").pk
    gone = client.post(
        f"/recommendations/{enrollment.pk}/{test}/dismiss/", {"course": str(course.pk)}
    )
    assert gone["Location"] == f"/courses/{course.pk}/"
    assert "Pass it and you can skip" not in client.get(gone["Location"]).content.decode()
