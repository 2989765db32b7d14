"""What instructors see of mastery: how a course's learners know its skills, and one of them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.mastery.insight import percent
from analytics.models import LearnerSkill
from analytics.recommending import dismissals
from progress.ingest.enrolling import unenroll
from progress.models import Enrollment
from tests.factories import a_course_of, a_learner
from tests.support.admin import text_of
from tests.support.dashboards import MAX_QUERIES, queries
from tests.support.learners import an_instructor_of
from tests.support.quiz_answers import a_quiz, answer, traced

pytestmark = pytest.mark.django_db
API = "/api/analytics/reports/skills/"


@pytest.fixture
def course():
    return a_course_of(
        {"content_type": "text", "title": "The alarm", "skills": ["alarms"]},
        a_quiz("doors", title="Doors?"),
        a_quiz("alarms", title="Alarms?"),
    )


def knows(learner, skill, mastery, *, answers=4, due_in=1):
    now = timezone.now()
    LearnerSkill.objects.create(
        user=learner,
        skill=skill,
        answers=answers,
        right=0,
        mastery=mastery,
        reviewed_at=now,
        stability_days=5,
        due_at=now + timedelta(days=due_in),
    )


def learners_who_know(course, skill, *shares, **changes):
    found = [a_learner(course, **changes) for _ in shares]
    for learner, share in zip(found, shares, strict=True):
        knows(learner, skill, share)
    return found


def page_of(window, course, learner=None, query="") -> str:
    name, args = "admin:insight-course", [course.pk]
    if learner is not None:
        name, args = "admin:insight-learner", [course.pk, learner.pk]
    return text_of(window.get(reverse(name, args=args) + query))


def rows_of(user, query="") -> list[dict]:
    window = APIClient()
    window.force_login(user)
    return window.get(API + query).json()["results"]


# --- A course ------------------------------------------------------------------------------------
def test_the_weakest_skill_comes_first_with_who_masters_it(sign_in, course):
    learners_who_know(course, "doors", 0.9, 0.8, 0.7, 0.69, 0.6)
    learners_who_know(course, "alarms", 0.9, 0.7, 0.4, 0.3, 0.4, 0.3)
    shown = page_of(sign_in(an_instructor_of(course)), course)
    assert "alarms 33 % 50 % 6 0 The alarm , Alarms?" in shown
    assert "doors 60 % 73 % 5 0 Doors?" in shown
    assert shown.index("alarms 33 %") < shown.index("doors 60 %")


def test_who_is_due_for_review_is_counted(sign_in, course):
    for learner in learners_who_know(course, "doors", *[0.8] * 5)[:2]:
        LearnerSkill.objects.filter(user=learner).update(due_at=timezone.now())
    assert "doors 100 % 80 % 5 2" in page_of(sign_in(an_instructor_of(course)), course)


def test_four_learners_few_answers_or_leavers_give_no_figure(sign_in, course):
    learners_who_know(course, "doors", *[0.8] * 4)
    knows(a_learner(course), "doors", 0.1, answers=3)
    gone = a_learner(course)
    knows(gone, "doors", 0.1)
    unenroll(Enrollment.objects.get(user=gone), now=timezone.now())
    knows(a_learner(), "doors", 0.1)
    shown = page_of(sign_in(an_instructor_of(course)), course)
    assert "doors – – fewer than five –" in shown
    [doors] = [row for row in rows_of(an_instructor_of(course)) if row["skill"] == "doors"]
    assert [doors[key] for key in ("learners", "mastered_percent", "mean_percent", "due")] == [
        None
    ] * 4


def test_filters_narrow_the_skills_too(sign_in, course):
    learners_who_know(course, "doors", *[0.9] * 5, department="Care")
    learners_who_know(course, "doors", *[0.1] * 5, department="Kitchen")
    window = sign_in(an_instructor_of(course))
    assert "doors 50 % 50 % 10" in page_of(window, course)
    assert "doors 100 % 90 % 5" in page_of(window, course, query="?department=Care")
    assert "doors 0 % 10 % 5" in page_of(window, course, query="?department=Kitchen")


def test_a_course_without_skills_has_no_such_section(sign_in):
    course = a_course_of({"content_type": "text", "title": "Basics"})
    a_learner(course)
    assert "What they know" not in page_of(sign_in(an_instructor_of(course)), course)


def test_a_courses_page_asks_as_much_for_many_skills_as_for_one(sign_in):
    course = a_course_of(*(a_quiz(f"skill {n}", title=f"Quiz {n}") for n in range(6)))
    learners_who_know(course, "skill 1", *[0.5] * 6)
    window = sign_in(an_instructor_of(course))
    address = reverse("admin:insight-course", args=[course.pk])
    seen = queries(window, address)
    assert len([each for each in seen if "learnerskill" in each]) == 1
    assert len(seen) <= MAX_QUERIES


@pytest.mark.parametrize(("mean", "shown"), [(0.49999999999999994, 50), (0.4999, 49), (1.0, 100)])
def test_a_share_is_rounded_down_but_for_the_noise_of_adding(mean, shown):
    assert percent(mean) == shown


# --- A learner -----------------------------------------------------------------------------------
def test_a_learners_page_shows_what_they_know_of_the_course(sign_in, course):
    learner = a_learner(course)
    knows(learner, "doors", 0.75, answers=9)
    knows(learner, "alarms", 0.2, due_in=-1)
    knows(learner, "cooking", 0.1)
    shown = page_of(sign_in(an_instructor_of(course)), course, learner)
    assert "alarms 20 % weak 4 due doors 75 % mastered 9" in shown
    assert "cooking" not in shown


def test_a_learners_page_shows_what_is_recommended_to_them_and_why(sign_in, course):
    learner = a_learner(course)
    answer(learner, course, 0, at=timezone.now(), code="c3")
    traced()
    window = sign_in(an_instructor_of(course))
    address = reverse("admin:insight-learner", args=[course.pk, learner.pk])
    page = text_of(window.get(address))
    head = "In this course; what they dismissed isn't recommended again."
    recommendation = "The alarm Your answers suggest that “alarms” needs more practice."
    assert f"Recommended to the learner {head} {recommendation}" in page
    assert len(queries(window, address)) <= MAX_QUERIES
    enrollment = Enrollment.objects.get(user=learner)
    for each in course.modules.get().contents.all():
        dismissals.dismiss(learner, enrollment.pk, each.pk, now=timezone.now())
    assert "Recommended to the learner" not in text_of(window.get(address))


def test_too_few_answers_are_shown_as_such(sign_in, course):
    learner = a_learner(course)
    knows(learner, "doors", 0.1, answers=3)
    assert "doors too few answers 3" in page_of(sign_in(an_instructor_of(course)), course, learner)


def test_the_number_is_the_one_that_the_learner_sees(sign_in, course):
    learner = a_learner(course)
    answer(learner, course, 3, at=timezone.now(), code="c2")
    traced()
    window = APIClient()
    window.force_login(learner)
    [row] = window.get("/api/analytics/skills/").json()["results"]
    shown = page_of(sign_in(an_instructor_of(course)), course, learner)
    assert f"doors {percent(row['mastery'])} %" in shown


# --- As a report, and for programs ---------------------------------------------------------------
def test_the_report_has_the_skills_of_own_courses(course):
    learners_who_know(course, "doors", *[0.8] * 5)
    other = a_course_of(a_quiz("cooking", title="Cooking?"))
    learners_who_know(other, "cooking", *[0.8] * 5)
    found = rows_of(an_instructor_of(course))
    assert [row["skill"] for row in found] == ["doors", "alarms"]
    assert found[0] == {
        "course_id": course.pk,
        "course": course.title,
        "skill": "doors",
        "learners": 5,
        "mastered_percent": 100,
        "mean_percent": 80,
        "due": 0,
        "contents": 1,
    }
    window = APIClient()
    window.force_login(an_instructor_of(course))
    assert window.get(f"{API}?course={other.pk}").status_code == 400
    assert [row["skill"] for row in rows_of(an_instructor_of(other))] == ["cooking"]


def test_learners_and_strangers_have_no_such_report(course):
    learner = APIClient()
    learner.force_login(a_learner(course))
    assert learner.get(API).status_code in {403, 404}
    assert APIClient().get(API).status_code == 401
