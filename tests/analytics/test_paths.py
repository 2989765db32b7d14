"""The order that suits a learner: what it must keep, what it says, and who may see it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from analytics.models import LearnerSkill, PathChoice, QuizRecord
from analytics.paths import counting
from analytics.paths.arranging import EXTRAS, Item
from analytics.paths.arranging import arrange as way
from analytics.paths.arranging import in_order as in_order_way
from analytics.paths.reading import _facts, _items
from analytics.paths.weighing import Known, Quiz
from progress.enrolling import unenroll
from progress.models import Content, Enrollment
from progress.reading import readings_of
from tests.analytics.answering import a_quiz, answer
from tests.factories import a_course_of, a_learner, an_instructor, content, enrolled

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
API = "/api/analytics/paths/"


# --- The rule ------------------------------------------------------------------------------------
def told(known):
    return {skill: Known(share, 8) for skill, share in known.items()}


def arrange(items, known):
    return way(items, told(known)).steps


def in_order(items):
    return in_order_way(items).steps


SKILLS = ["a", "b", "c"]


@st.composite
def courses(draw) -> list[Item]:
    """Ten contents; prerequisites lead back, and alternatives agree with one another."""
    count = draw(st.integers(1, 10))
    group = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=3))
    items = []
    for pk in range(count):
        required = draw(st.booleans())
        done = draw(st.booleans())
        items.append(
            Item(
                id=pk,
                skills=tuple(draw(st.lists(st.sampled_from(SKILLS), unique=True, max_size=2))),
                prerequisites=tuple(draw(st.lists(st.integers(0, pk - 1), max_size=2)))
                if pk
                else (),
                waives=()
                if required
                else tuple(draw(st.lists(st.integers(0, count - 1), unique=True, max_size=2))),
                alternatives=tuple(each for each in group if each != pk) if pk in group else (),
                minutes=draw(st.integers(0, 60)),
                quiz=Quiz() if draw(st.booleans()) else None,
                is_required=required,
                is_remedial=not required and draw(st.booleans()),
                is_done=done,
                is_waived=done and draw(st.booleans()),
                was_tried=draw(st.booleans()),
                is_wanted=draw(st.booleans()),
                progress_bp=draw(st.integers(0, 9999)),
            )
        )
    return items


mastery = st.dictionaries(st.sampled_from(SKILLS), st.floats(0, 1))


@given(courses(), mastery)
def test_what_is_left_is_there_once_and_nothing_that_is_done(items, known):
    steps = arrange(items, known)
    placed = [step.id for step in steps]
    assert len(set(placed)) == len(placed)
    instead = {pk for step in steps for pk in step.instead}
    left = {item.id for item in items if item.is_required and not item.is_done}
    assert left <= set(placed) | instead
    done = {item.id for item in items if item.is_done}
    assert not done & {step.id for step in steps if step.reason != "skipped"}
    assert not done & instead


@given(courses(), mastery)
def test_only_what_was_skipped_comes_back_and_only_for_a_weak_skill(items, known):
    by_id = {item.id: item for item in items}
    for step in arrange(items, known):
        if step.reason == "skipped":
            assert by_id[step.id].is_waived
            assert known[step.skill] < 0.7


@given(courses(), mastery)
def test_every_pre_test_that_is_a_step_spares_more_than_it_takes(items, known):
    for step in arrange(items, known):
        if step.reason == "pre_test":
            assert step.chance * step.saves > step.minutes


@given(courses(), mastery)
def test_what_is_offered_is_no_step_and_may_help(items, known):
    by_id = {item.id: item for item in items}
    found = way(items, told(known))
    assert not {step.id for step in found.steps} & {step.id for step in found.offers}
    for step in found.offers:
        item = by_id[step.id]
        assert item.is_wanted
        assert item.waives or ((item.is_remedial or item.is_waived) and known[step.skill] < 0.7)


@given(courses(), mastery)
def test_nothing_comes_before_what_it_waits_for(items, known):
    by_id = {item.id: item for item in items}
    main = [step.id for step in arrange(items, known) if step.reason not in EXTRAS]
    for place, pk in enumerate(main):
        assert not set(by_id[pk].prerequisites) & set(main[place + 1 :])


@given(courses())
def test_who_is_not_known_gets_the_courses_order(items):
    main = [step.id for step in arrange(items, {}) if step.reason != "pre_test"]
    assert main == sorted(main)
    assert main == [step.id for step in in_order(items) if step.reason != "pre_test"]


@given(courses(), mastery)
def test_nothing_that_was_dismissed_is_brought(items, known):
    by_id = {item.id: item for item in items}
    extras = [step for step in arrange(items, known) if step.reason in EXTRAS]
    assert all(by_id[step.id].is_wanted for step in extras)


@given(courses(), mastery)
def test_what_builds_on_something_weak_is_never_called_ready(items, known):
    passed = [item for item in items if item.quiz and item.is_done and not item.is_waived]
    believed = {skill for item in passed for skill in item.skills}
    for step in arrange(items, known):
        if step.reason == "ready":
            assert step.readiness >= 0.7 or believed
        if step.reason == "later":
            assert known[step.skill] < 0.7


LESSON, NEEDS_IT, OTHER = (
    Item(1, skills=("a",), is_done=True),
    Item(2, prerequisites=(1,), minutes=12),
    Item(3, skills=("b",), minutes=12),
)
PRACTICE = Item(4, skills=("a",), minutes=1, is_required=False, is_remedial=True)


def order(*items, **known):
    return [(step.id, step.reason) for step in arrange(items, known)]


def test_who_is_weak_practises_first_and_goes_on_elsewhere_meanwhile():
    assert order(LESSON, NEEDS_IT, OTHER, PRACTICE, a=0.4) == [
        (3, "next"),
        (4, "remedial"),
        (2, "later"),
    ]


def a_test_of_it(**changes):
    told = {"skills": ("a",), "prerequisites": (1,), "quiz": Quiz(), "minutes": 3}
    return Item(5, **told | changes)


def test_a_quiz_on_what_was_just_learned_waits_for_no_practice_until_it_was_failed():
    assert order(LESSON, PRACTICE, a_test_of_it(), a=0.4)[0] == (5, "next")
    failed = a_test_of_it(was_tried=True)
    assert order(LESSON, PRACTICE, failed, a=0.4) == [(4, "remedial"), (5, "later")]


def test_a_quiz_that_was_passed_is_believed_until_another_was_failed():
    passed = a_test_of_it(was_tried=True, is_done=True)
    assert order(LESSON, NEEDS_IT, PRACTICE, passed, a=0.4) == [(2, "ready")]
    failed = Item(6, skills=("a",), quiz=Quiz(), minutes=3, was_tried=True)
    assert (4, "remedial") in order(LESSON, NEEDS_IT, PRACTICE, passed, failed, a=0.4)


def test_who_failed_a_pre_test_and_passed_the_quiz_is_believed():
    failed = Item(9, skills=("a",), waives=(1,), quiz=Quiz(), is_required=False, was_tried=True)
    passed = a_test_of_it(was_tried=True, is_done=True)
    assert order(failed, LESSON, NEEDS_IT, PRACTICE, passed, a=0.4) == [(2, "ready")]


def test_what_was_skipped_comes_back_once_a_quiz_says_that_it_was_needed():
    skipped = Item(1, skills=("a",), is_done=True, is_waived=True)
    test = Item(9, skills=("a",), waives=(1,), quiz=Quiz(), is_required=False, is_done=True)
    assert order(test, skipped, a_test_of_it(), a=0.4) == [(5, "next")]
    failed = a_test_of_it(was_tried=True)
    assert order(test, skipped, failed, a=0.4) == [(1, "skipped"), (5, "later")]
    unwanted = Item(1, skills=("a",), is_done=True, is_waived=True, is_wanted=False)
    assert order(test, unwanted, failed, a=0.4) == [(5, "later")]


def test_no_pre_test_of_what_builds_on_something_very_weak():
    lesson = Item(2, skills=("b",), prerequisites=(1,), minutes=12)
    test = Item(9, skills=("b",), waives=(2,), quiz=Quiz(), is_required=False, minutes=3)
    assert (9, "pre_test") in order(LESSON, lesson, test, a=0.8)
    assert order(LESSON, lesson, test, a=0.4) == [(2, "later")]
    assert order(LESSON, lesson, test, b=0.4) == [(2, "next")]


def test_who_knows_it_is_ready():
    assert order(LESSON, NEEDS_IT, OTHER, PRACTICE, a=0.9) == [(2, "ready"), (3, "next")]


def test_a_pre_test_comes_before_what_it_spares_as_long_as_it_may_be_taken():
    test = Item(9, waives=(3,), quiz=Quiz(), is_required=False, minutes=3)
    assert order(LESSON, NEEDS_IT, OTHER, test) == [(2, "next"), (9, "pre_test"), (3, "next")]
    used = Item(9, waives=(3,), quiz=Quiz(), is_required=False)
    used = replace(used, quiz=Quiz(tries_left=0))
    assert order(LESSON, NEEDS_IT, OTHER, used) == [(2, "next"), (3, "next")]


def test_of_alternatives_the_one_that_is_begun_is_the_step():
    film, book = Item(1, alternatives=(2,)), Item(2, alternatives=(1,), progress_bp=5)
    [step] = arrange([film, book], {})
    assert (step.id, step.reason, step.instead) == (2, "begun", (1,))


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
    [told] = browser(reader).get(API, asked).json()["results"]
    return told


def steps(told) -> list[tuple[str, str]]:
    return [(step["title"], step["reason"]) for step in told["steps"]]


def test_the_path_is_told_with_its_reasons():
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    told = path(learner)
    assert (told["is_adaptive"], told["order"]) == (True, "path")
    assert steps(told) == [
        ("Basics", "next"),
        ("Doors?", "pre_test"),
        ("Doors", "next"),
        ("Practice", "remedial"),
        ("More of it", "later"),
    ]
    assert told["steps"][1]["spares"][0]["title"] == "Doors"
    assert "“fire” needs more practice" in told["steps"][3]["text"]
    assert told["steps"][4]["readiness"] == 0.3


def test_what_is_for_later_is_said_to_be_open_only_if_it_is():
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
    told = {step["title"]: step["text"] for step in path(learner)["steps"]}
    best = "Best after more practice of “fire”, which it builds on."
    assert told["Fire?"] == f"{best} You can open it now."
    assert told["More"] == best


def test_a_test_is_a_step_while_it_is_expected_to_save_time_and_else_offered():
    course = an_adaptive_course()
    learner = a_learner(course)
    [test] = [step for step in path(learner)["steps"] if step["reason"] == "pre_test"]
    assert (test["minutes"], test["saves_minutes"], test["chance"]) == (3.0, 10.0, 0.7)
    said = "Pass it and you can skip 1 content. It takes about 3 min and may save you 10 min."
    assert test["text"] == said
    assert path(learner)["offers"] == []
    for _ in range(8):
        answer(a_learner(course), course, 0, at=NOW, code="c5")
    counting.count()
    told = path(learner)
    assert ("Doors?", "pre_test") not in steps(told)
    [offer] = told["offers"]
    assert offer["title"] == "Doors?"
    assert offer["text"] == f"{said} For whoever knows this already."
    assert offer["can_be_dismissed"]


def test_what_four_did_is_told_by_no_chance():
    course = an_adaptive_course()
    learner = a_learner(course)

    def told() -> float:
        counting.count()
        shown = path(learner)
        [chance] = [each["chance"] for each in shown["steps"] + shown["offers"] if each["spares"]]
        return chance

    for _ in range(4):
        answer(a_learner(course), course, 0, at=NOW, code="c5")
        assert told() == 0.7
    answer(a_learner(course), course, 4, at=NOW, code="c5")
    assert told() == pytest.approx(8 / 15, abs=1e-4)


def test_tries_are_counted_by_enrolment_the_second_only_after_a_first_that_failed():
    course = an_adaptive_course()
    Content.objects.update(max_attempts=None)
    for tries in ([4], [0, 4], [0, 0, 4], [4, 0], []):
        learner = a_learner(course)
        for right in tries:
            answer(learner, course, right, at=NOW, code="c5")
    assert counting.count() == 1
    row = QuizRecord.objects.get()
    assert row.content == content(course, "c5")
    counts = (row.first_tries, row.first_passed, row.next_tries, row.next_passed)
    assert counts == (4, 2, 2, 1)
    QuizRecord.objects.update(first_tries=90)
    assert counting.count() == 1
    assert QuizRecord.objects.get().first_tries == 4


def test_what_a_course_says_of_a_quiz_is_what_is_weighed():
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
    [reading] = readings_of(
        Enrollment.objects.filter(user=learner).select_related("course", "course_progress"), NOW
    )
    [item] = _items(reading, _facts([reading.enrollment.pk], learner.pk)[reading.enrollment.pk])
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
    told = path(learner)
    assert steps(told) == [("Basics", "next"), ("More of it", "next")]
    [waiver] = told["waivers"]
    assert waiver["title"] == "Doors"
    assert waiver["text"] == "You passed “Doors?” with 100 %."
    assert waiver["can_be_declined"]


def test_a_pre_test_that_was_failed_is_offered_no_more():
    course = an_adaptive_course()
    learner = a_learner(course)
    answer(learner, course, 0, at=NOW, code="c5")
    assert ("Doors?", "pre_test") not in steps(path(learner))


def test_who_fails_after_a_pre_test_is_led_back_to_what_it_spared():
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
    told = path(learner)
    assert steps(told) == [("Doors", "skipped"), ("Exam", "later")]
    said = "You skipped this. Your answers now say that “doors” needs more practice."
    assert (told["steps"][0]["text"], told["steps"][0]["can_be_dismissed"]) == (said, True)


def test_a_learner_may_follow_the_courses_own_order():
    course = an_adaptive_course()
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    enrollment = Enrollment.objects.get(user=learner)
    told = {"enrollment_id": enrollment.pk, "order": "course"}
    for _ in range(2):
        assert browser(learner).post(f"{API}choose/", told).status_code == 204
    assert path(learner)["order"] == "course"
    assert [title for title, _ in steps(path(learner))] == [
        "Basics",
        "More of it",
        "Doors",
        "Doors?",
    ]
    browser(learner).post(f"{API}choose/", told | {"order": "path"})
    assert path(learner)["order"] == "path"


def test_a_fixed_course_has_its_own_order():
    course = an_adaptive_course(path="fixed")
    learner = a_learner(course)
    knows(learner, "fire", 0.3)
    told = path(learner)
    assert (told["is_adaptive"], told["order"]) == (False, "course")
    assert steps(told)[:3] == [("Basics", "next"), ("More of it", "next"), ("Doors", "next")]
    chosen = {"enrollment_id": told["enrollment_id"], "order": "course"}
    assert browser(learner).post(f"{API}choose/", chosen).status_code == 404


def test_what_was_dismissed_isnt_brought_again():
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
    for stranger in (an_instructor(), a_learner(course)):
        assert browser(stranger).get(API, {"user_id": learner.pk}).status_code == 404
    assert APIClient().get(API).status_code == 401


def test_nobody_chooses_for_another():
    course = an_adaptive_course()
    enrollment = Enrollment.objects.get(user=a_learner(course))
    told = {"enrollment_id": enrollment.pk, "order": "course"}
    for person in (a_learner(course), an_instructor(course)):
        assert browser(person).post(f"{API}choose/", told).status_code == 404
    unenroll(enrollment, now=NOW)
    assert browser(enrollment.user).post(f"{API}choose/", told).status_code == 404
    assert not PathChoice.objects.exists()


@pytest.mark.parametrize("asked", [{"user_id": "x"}, {"course_id": 2**63}])
def test_what_is_wrong_is_named(asked):
    answered = browser(a_learner()).get(API, asked)
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
