"""Passages written in bulk are what requests would have written."""

from datetime import timedelta
from uuid import uuid4

import pytest

from progress import ingest
from progress.ingest import bulk
from progress.ingest.closing import expire_silent
from progress.ingest.events import parse_event
from progress.models import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    Enrollment,
    LearningSession,
    OutboxMessage,
    QuizAnswer,
    QuizAttempt,
    Waiver,
)
from progress.state.structure import structure_of
from tests.factories import NOON, a_course_of, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db
COURSE = [
    {"content_type": "video", "duration_seconds": 60, "alternative_group": "either"},
    {"content_type": "document", "page_count": 2},
    {
        "content_type": "quiz",
        "pass_percentage": 50,
        "questions": [
            {
                "code": "q",
                "text": "?\t\\",
                "choices": [{"text": "a", "correct": True}, {"text": "b"}],
            }
        ],
    },
    {"content_type": "text", "alternative_group": "either"},
]
# What names one enrolment and not the other.
OWN = {"id", "enrollment_id", "user_id", "session_id", "attempt_id", "key", "payload"}
OWN |= {"chain_hash", "record", "last_position_session", "resume_session", "submitted_session"}
OWN |= {"event_id", "fingerprint"}


def batches(course):
    """(seconds after the session's start, events); the second session is the last two."""
    film, paper, quiz = (content(course, code).pk for code in ("c1", "c2", "c3"))
    question = content(course, "c3").questions.get()
    right, wrong = question.choices.get(is_correct=True), question.choices.get(is_correct=False)

    def event(target, kind, **fields):
        return {"content_id": target, "interaction_type": kind, "event_id": str(uuid4())} | fields

    def answer(choice):
        return event(
            quiz, "answer", question_id=question.pk, answer=[choice.pk], duration_seconds=9
        )

    return [
        (0, 10, [event(film, "play", position=0), event(film, "view")]),
        (0, 40, [event(film, "progress", segments=[[0, 30]], duration_seconds=30, position=30)]),
        (0, 55, [event(film, "seek", from_position=30, position=10, distractions=1)]),
        (0, 60, [event(film, "progress", segments=[[10, 59]], duration_seconds=20, position=59)]),
        (1, 20, [event(paper, "progress", page=n, duration_seconds=5) for n in (1, 2)]),
        (1, 50, [answer(wrong), event(quiz, "submit")]),
        (1, 70, [answer(right), event(quiz, "submit")]),
    ]


def stamped(events, now):
    """Each event's own time, a second apart, the last one now."""
    return [
        event | {"occurred_at": (now - timedelta(seconds=len(events) - 1 - index)).isoformat()}
        for index, event in enumerate(events)
    ]


def starts(which):
    return NOON + timedelta(hours=2 * which)


def by_requests(course, plan):
    learner = a_learner(course)
    sessions = {}
    for which, later, events in plan:
        if which not in sessions:
            if sessions:
                expire_silent(starts(which))
            sessions[which] = a_session(course, learner, now=starts(which))
        now = starts(which) + timedelta(seconds=later)
        report(sessions[which], *stamped(events, now), now=now)
    everyone = LearningSession.objects.all()
    ingest.end(everyone, sessions[1].pk, [], sent_ms=None, now=starts(1) + timedelta(seconds=90))
    return Enrollment.objects.get(user=learner)


def in_bulk(course, plan):
    enrollment = Enrollment.objects.create(user=a_learner(), course=course, enrolled_at=NOON)
    passage = bulk.Passage(enrollment, structure_of(course))
    session = passage.start(starts(0), uuid4())
    for which, later, events in plan:
        if which == 1 and len(passage.sessions) == 1:
            passage.end(session, starts(1))
            session = passage.start(starts(1), uuid4())
        now = starts(which) + timedelta(seconds=later)
        passage.deliver(session, [parse_event(event) for event in stamped(events, now)], now)
    passage.end(session, starts(1) + timedelta(seconds=90))
    passage.finish(1_000_000)
    bulk.write(bulk.packed([passage]))
    return enrollment


def rows(enrollment) -> dict:
    found = {
        CourseProgress: CourseProgress.objects.filter(pk=enrollment.pk),
        LearningSession: LearningSession.objects.filter(enrollment=enrollment),
        ContentProgress: ContentProgress.objects.filter(enrollment=enrollment),
        QuizAttempt: QuizAttempt.objects.filter(enrollment=enrollment),
        QuizAnswer: QuizAnswer.objects.filter(attempt__enrollment=enrollment),
        ContentInteraction: ContentInteraction.objects.filter(enrollment=enrollment),
        Waiver: Waiver.objects.filter(enrollment=enrollment),
        OutboxMessage: OutboxMessage.objects.filter(key=str(enrollment.pk)),
    }
    return {
        model.__name__: sorted(
            str(sorted((name, str(value)) for name, value in row.items() if name not in OWN))
            for row in some.values()
        )
        for model, some in found.items()
    }


def test_bulk_writes_what_requests_would_have_written():
    course = a_course_of(*COURSE)
    plan = batches(course)
    from_requests = rows(by_requests(course, plan))
    in_one_go = rows(in_bulk(course, plan))
    for model, expected in from_requests.items():
        assert in_one_go[model] == expected, model
        assert expected, model
