"""Rollups are what brute force finds in the evidence, however it arrived and was folded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.facts.rollups import folding
from analytics.facts.rollups.rebuilding import rebuild
from analytics.models import (
    ContentCurve,
    ContentDay,
    ContentReach,
    CourseDay,
    LearnerContent,
    LearnerDay,
    LearnerHabit,
    LearnerQuiz,
    QuestionRollup,
)
from progress.jobs import Run
from progress.models import (
    Question,
    QuizAttempt,
)
from tests.analytics import brute
from tests.factories import a_course_of, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db
# A Sunday evening, at a month's end in some zones already over.
BEGIN = datetime(2026, 5, 31, 20, 0, tzinfo=UTC)
CONTENTS = [
    {"content_type": "video", "duration_seconds": 20.4},
    {"content_type": "document", "page_count": 4},
    {"content_type": "text", "reading_seconds": 60},
    {"content_type": "embed", "completion_source": "reported"},
    {
        "content_type": "quiz",
        "pass_percentage": 50,
        "questions": [
            {
                "code": f"q{n}",
                "text": "?",
                "choices": [{"text": "a", "correct": True}, {"text": "b"}],
            }
            for n in (1, 2, 3)
        ],
    },
]
ROLLUPS = [
    LearnerDay,
    CourseDay,
    LearnerHabit,
    ContentDay,
    ContentCurve,
    ContentReach,
    LearnerContent,
    LearnerQuiz,
    QuestionRollup,
]


def fold(now=BEGIN):
    folding.fold_new(Run("fold", now))


def everything() -> dict:
    """All rollups, without their keys and the order in which they were written."""
    shown = {}
    for model in ROLLUPS:
        rows = model.objects.values()
        shown[model.__name__] = sorted(
            repr({k: v for k, v in sorted(row.items()) if k != "id"}) for row in rows
        )
    return shown


def assert_is_what_brute_force_finds(course):
    days = {}
    for row in LearnerDay.objects.filter(course=course):
        shown = {name: getattr(row, name) for name in _DAY if getattr(row, name)}
        shown |= {("hour", hour): ms for hour, ms in enumerate(row.hours_ms) if ms}
        days[row.enrollment_id, row.day, row.session_month] = shown
    wanted = brute.learner_days(course)
    assert days == wanted
    rows = CourseDay.objects.filter(course=course)
    found = {row.day: ([row.active_ms, *row.hours_ms], row.is_stale) for row in rows}
    assert found == {day: (sums, False) for day, sums in brute.course_days(wanted).items()}
    rows = LearnerHabit.objects.filter(course=course)
    found = {row.pk: tuple(getattr(row, name) for name in _HABIT) for row in rows}
    assert found == brute.habits(wanted)
    for code in ("c1", "c2", "c3"):
        target = content(course, code)
        wanted, reach = brute.curves(target)
        rows = ContentCurve.objects.filter(edition__content=target)
        assert {
            row.session_month: {name: getattr(row, name) for name in wanted[row.session_month]}
            for row in rows
        } == wanted
        for row in ContentReach.objects.filter(edition__content=target):
            assert {name: getattr(row, name) for name in reach} == reach
    quiz = content(course, "c5")
    found = {}
    for row in QuestionRollup.objects.filter(content=quiz):
        amounts = [getattr(row, name) for name in _AMOUNTS]
        times = [second for second, count in enumerate(row.seconds) for _ in range(count)]
        found[row.question_id] = (amounts, times)
    assert found == brute.questions(quiz)


_HABIT = ("first_day", "part_of_day", "days_of_week", "length", "rhythm")
_DAY = (
    "active_ms",
    "idle_ms",
    "sessions",
    "distractions",
    "covered_ms",
    "replayed_ms",
    "withheld_ms",
    "events",
    "contents_completed",
    "quiz_attempts",
)
_AMOUNTS = (
    "answers",
    "right",
    "first_answers",
    "first_right",
    "first_rest",
    "first_rest_squared",
    "first_right_rest",
)

position = st.integers(0, 220).map(lambda n: n / 10)
events = st.one_of(
    st.fixed_dictionaries(
        {
            "code": st.just("c1"),
            "interaction_type": st.sampled_from(["progress", "play", "pause", "view", "seek"]),
            "duration_seconds": st.integers(0, 300).map(lambda n: n / 10),
            "position": position,
        },
        optional={
            "segments": st.lists(st.tuples(position, position).map(list), max_size=3),
            "from_position": position,
            "is_active": st.booleans(),
            "idle_seconds": st.integers(0, 60),
            "distractions": st.integers(0, 2),
        },
    ),
    st.fixed_dictionaries(
        {
            "code": st.just("c2"),
            "interaction_type": st.sampled_from(["view", "progress", "pause"]),
            "duration_seconds": st.integers(0, 5),
            "page": st.integers(1, 5),
        }
    ),
    st.fixed_dictionaries(
        {
            "code": st.just("c3"),
            "interaction_type": st.just("progress"),
            "duration_seconds": st.integers(0, 20),
        },
        optional={
            "span": st.tuples(st.integers(0, 100), st.integers(0, 100)).map(
                lambda pair: [min(pair) / 100, max(pair) / 100]
            ),
            "reading_position": st.integers(0, 100).map(lambda n: n / 100),
        },
    ),
    st.fixed_dictionaries({"code": st.just("c4"), "interaction_type": st.just("view")}),
    st.fixed_dictionaries(
        {
            "code": st.just("c5"),
            "interaction_type": st.sampled_from(["answer", "answer", "submit"]),
            "question": st.integers(0, 2),
            "right": st.booleans(),
            "duration_seconds": st.integers(0, 30),
        }
    ),
)
batches = st.lists(
    st.tuples(
        st.integers(0, 3),  # which session
        st.integers(0, 9000),  # how many seconds later it arrives
        st.lists(st.tuples(st.integers(0, 4000), events), min_size=1, max_size=4),
        st.booleans(),  # whether rollups are folded after it
    ),
    max_size=12,
)


def wire(course, session, event: dict) -> dict:
    shown = {k: v for k, v in event.items() if k not in {"code", "question", "right"}}
    target = content(course, event["code"])
    if event["code"] == "c5" and event["interaction_type"] == "answer":
        question = Question.objects.filter(content=target).order_by("position")[event["question"]]
        choice = question.choices.get(is_correct=event["right"])
        last = QuizAttempt.objects.filter(enrollment=session.enrollment_id).last()
        is_open = last is not None and last.submitted_at is None
        stored = last.answers.get(str(question.pk), [0])[0] if is_open else 0
        shown |= {"question_id": question.pk, "answer": [choice.pk], "base_revision": stored}
    return shown | {"content_id": target.pk}


def deliver(course, sessions, plan, *, folds: bool) -> None:
    now = BEGIN
    for which, later, shown, is_folded in plan:
        now += timedelta(seconds=later)
        session = sessions[which]
        sent = [
            wire(course, session, event)
            | {"occurred_at": (now - timedelta(seconds=ago)).isoformat()}
            for ago, event in shown
        ]
        report(session, *sent, now=now, sent_ms=brute.ms(now))
        if folds and is_folded:
            fold(now)
    fold(now)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=batches)
def test_rollups_are_what_brute_force_finds_and_a_rebuild_makes_again(plan):
    from django.db import transaction

    with transaction.atomic():
        course = a_course_of(*CONTENTS)
        anna = a_learner(course, time_zone="Asia/Kolkata")
        ben = a_learner(course, time_zone="America/New_York")
        sessions = [
            a_session(course, anna, now=BEGIN - timedelta(minutes=20)),
            a_session(course, anna, now=BEGIN),
            a_session(course, ben, now=BEGIN - timedelta(hours=1)),
            a_session(course, ben, now=BEGIN + timedelta(hours=0)),
        ]
        deliver(course, sessions, plan, folds=True)
        assert_is_what_brute_force_finds(course)
        incremental = everything()
        rebuild(course.pk, now=BEGIN, chunk=1)
        assert everything() == incremental
        transaction.set_rollback(True)
