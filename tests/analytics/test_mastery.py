"""Skills are what submitted answers say: in order, however often and late they are traced."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.facts.mastery import reviewing, tracing
from analytics.facts.mastery.tracers import difficulty
from analytics.facts.rollups import folding
from analytics.models import LearnerSkill, TraceDue
from progress.ingest.regrading import regrade
from progress.jobs import Run
from progress.models import Choice, Content
from tests.factories import a_course_of, a_learner, an_instructor, content, enrolled
from tests.support.quiz_answers import a_quiz, answer, traced

BEGIN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


# --- How hard a question is --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("right", "answers", "expected"),
    [
        (0, 0, 0.0),  # nobody was asked: average
        (48, 96, 0.0),
        (96, 96, -3.8918),  # (96 + 2) of 100
        (0, 96, 3.8918),
        (1, 1, -0.4055),  # one answer says little: 3 of 5
    ],
)
def test_difficulty_is_drawn_to_the_average_while_answers_are_few(right, answers, expected):
    assert difficulty(right, answers) == pytest.approx(expected, abs=1e-4)


# --- Reviews -------------------------------------------------------------------------------------
def test_intervals_grow_with_what_is_remembered_and_shrink_with_what_is_not():
    card = reviewing.new_card(BEGIN)
    gaps = []
    for right in (4, 4, 4, 0):
        card = reviewing.reviewed(card, right, 4, card.due)
        gaps.append(card.due - card.last_review)
    assert DAY <= gaps[0] < gaps[1] < gaps[2]
    assert gaps[3] < gaps[2]


@pytest.mark.parametrize(
    ("right", "name"), [(0, "Again"), (5, "Again"), (6, "Hard"), (7, "Hard"), (8, "Good")]
)
def test_a_review_is_rated_by_its_share_of_right_answers(right, name):
    assert reviewing.rating(right, 10).name == name


def test_nine_of_ten_are_remembered_after_the_stability():
    assert reviewing.remembered(6.0, BEGIN, BEGIN + 6 * DAY) == pytest.approx(0.9, abs=0.001)
    assert reviewing.remembered(6.0, BEGIN, BEGIN) == 1
    assert reviewing.remembered(6.0, BEGIN, BEGIN + 60 * DAY) < 0.8


# --- Tracing -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_submitted_attempt_makes_skills():
    course = a_course_of(a_quiz("doors", "alarm"))
    learner = a_learner(course)
    answer(learner, course, 3, at=BEGIN)
    rows = traced()
    assert set(rows) == {(learner.pk, "doors"), (learner.pk, "alarm")}
    row = rows[learner.pk, "doors"]
    assert (row.answers, row.right, row.reviewed_at) == (4, 3, BEGIN)
    assert row.due_at >= BEGIN + DAY
    assert not TraceDue.objects.exists()


@pytest.mark.django_db
def test_right_answers_give_a_higher_mastery_than_wrong_ones():
    course = a_course_of(a_quiz("doors"))
    strong, weak = a_learner(course), a_learner(course)
    answer(strong, course, 4, at=BEGIN)
    answer(weak, course, 0, at=BEGIN)
    rows = traced()
    assert rows[weak.pk, "doors"].mastery < 0.35 < 0.65 < rows[strong.pk, "doors"].mastery


@pytest.mark.django_db
def test_an_open_attempt_and_a_quiz_without_skills_count_for_nothing():
    course = a_course_of(a_quiz("doors"), a_quiz())
    learner = a_learner(course)
    answer(learner, course, 2, at=BEGIN, code="c2")
    assert traced() == {}


@pytest.mark.django_db
def test_a_skill_is_one_over_courses_and_cycles():
    one, other = a_course_of(a_quiz("doors")), a_course_of(a_quiz("doors"))
    learner = a_learner(one)
    enrolled(learner, other)
    answer(learner, one, 0, at=BEGIN)
    before = traced()[learner.pk, "doors"].mastery
    answer(learner, other, 4, at=BEGIN + DAY)
    after = traced()[learner.pk, "doors"]
    assert (after.answers, after.right, after.mastery > before) == (8, 4, True)


@pytest.mark.django_db
def test_tracing_again_changes_nothing():
    course = a_course_of(a_quiz("doors"))
    learner = a_learner(course)
    for day in range(3):
        answer(learner, course, day + 1, at=BEGIN + day * DAY)
    first = values(traced()[learner.pk, "doors"])
    tracing.mark([learner.pk])
    assert values(traced()[learner.pk, "doors"]) == first


@pytest.mark.django_db
def test_only_learners_with_new_answers_are_traced():
    course = a_course_of(a_quiz("doors"))
    old, new = a_learner(course), a_learner(course)
    answer(old, course, 4, at=BEGIN)
    traced()
    answer(new, course, 4, at=BEGIN + DAY)
    run = Run("trace", BEGIN)
    traced_before = LearnerSkill.objects.get(user=old).pk
    folding.fold_new(Run("fold", BEGIN + DAY))
    assert list(TraceDue.objects.values_list("pk", flat=True)) == [new.pk]
    tracing.trace_due(run)
    assert run.rows == 1
    assert LearnerSkill.objects.get(user=old).pk == traced_before


@pytest.mark.django_db
def test_a_corrected_answer_key_is_followed():
    course = a_course_of(a_quiz("doors", pass_percentage=50))
    learner = a_learner(course)
    answer(learner, course, 0, at=BEGIN)
    before = traced()[learner.pk, "doors"]
    quiz = content(course, "c1")
    Choice.objects.filter(question__content=quiz).update(is_correct=False)
    Choice.objects.filter(question__content=quiz, text="wrong").update(is_correct=True)
    course.structure_version += 1
    course.save()
    quiz.refresh_from_db()
    regrade(quiz, reason="The key was wrong.", by=None, now=BEGIN + DAY)
    after = traced()[learner.pk, "doors"]
    assert (before.right, after.right) == (0, 4)
    assert after.mastery > before.mastery


@pytest.mark.django_db
def test_an_authors_other_skills_are_followed():
    course = a_course_of(a_quiz("doors"))
    learner = a_learner(course)
    answer(learner, course, 4, at=BEGIN)
    traced()
    assert tracing.follow_skills() == 1  # never followed before
    traced()
    assert tracing.follow_skills() == 0
    Content.objects.filter(module__course=course).update(skills=["alarm"])
    assert tracing.follow_skills() == 1
    assert set(traced()) == {(learner.pk, "alarm")}


@pytest.mark.django_db
def test_fifty_learners_are_traced_in_as_many_statements_as_one():
    course = a_course_of(a_quiz("doors"))
    learners = [a_learner(course) for _ in range(8)]
    for learner in learners:
        answer(learner, course, 2, at=BEGIN)
    traced()
    ids = [learner.pk for learner in learners]
    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(connection) as queries:
            tracing.trace(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def values(row):
    return [getattr(row, name) for name in tracing._TRACED]


# --- Who sees them -------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_courses_page_shows_learners_what_they_know(client):
    course = a_course_of(
        a_quiz("doors", title="Doors?"), a_quiz("fire", "stairs", title="Fire?"), a_quiz("lifts")
    )
    learner = a_learner(course)
    answer(learner, course, 4, at=timezone.now())
    answer(learner, course, 0, at=timezone.now(), code="c2")
    answer(learner, course, 1, at=timezone.now(), code="c3", of=1)
    skills = traced()
    client.force_login(learner)
    shown = client.get(f"/courses/{course.pk}/").content.decode()
    text = " ".join(re.sub("<[^>]+>", " ", shown).split())
    doors, fire = (int(100 * skills[learner.pk, name].mastery) for name in ("doors", "fire"))
    assert f"doors {doors} % {doors} % You know this. Review by" in text
    assert f"fire {fire} % {fire} % Needs practice. Review by" in text
    assert "lifts Too few answers so far." in text
    assert text.index(f"fire {fire}") < text.index(f"doors {doors}")
    LearnerSkill.objects.filter(skill="doors").update(due_at=timezone.now())
    due = client.get(f"/courses/{course.pk}/").content.decode()
    assert "You know this. Time to review it." in due


@pytest.mark.django_db
def test_a_learner_without_answers_sees_no_skills(client):
    course = a_course_of(a_quiz("doors"))
    other = a_learner(course)
    answer(other, course, 4, at=timezone.now())
    traced()
    client.force_login(a_learner(course))
    assert "What you know" not in client.get(f"/courses/{course.pk}/").content.decode()


@pytest.mark.django_db
def test_skills_are_shown_to_their_learner_and_to_instructors(client):
    one, other = a_course_of(a_quiz("doors")), a_course_of(a_quiz("alarm"))
    learner, classmate = a_learner(one), a_learner(one)
    enrolled(learner, other)
    answer(learner, one, 4, at=BEGIN)
    answer(learner, other, 4, at=BEGIN)
    traced()
    seen = {
        "learner": skills_seen(client, learner),
        "classmate": skills_seen(client, classmate),
        "teacher": skills_seen(client, an_instructor(one)),
    }
    assert seen == {"learner": ["alarm", "doors"], "classmate": [], "teacher": ["doors"]}
    client.force_login(an_instructor())
    assert client.get("/api/analytics/skills/").status_code == 403


def skills_seen(client, user):
    client.force_login(user)
    answer = client.get("/api/analytics/skills/")
    assert answer.status_code == 200
    return [row["skill"] for row in answer.json()["results"]]
