"""Delivery: nothing counts twice, nothing acknowledged is lost, bad neighbours cost nothing."""

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress import ingest
from progress.ingest.closing import expire_silent
from progress.models import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    LearningSession,
    OutboxMessage,
)
from tests.factories import (
    NOON,
    a_course,
    a_course_of,
    a_learner,
    a_session,
    content,
    fifty_contents,
    report,
)
from tests.support.employee_api import beat

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 60}


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def video():
    course = a_course_of(VIDEO)
    return content(course, "c1"), a_session(course)


def statuses(receipt):
    return [outcome.status for outcome in receipt.outcomes]


def test_the_same_event_again_is_a_duplicate_and_earns_nothing(video):
    target, session = video
    event = beat(target, 15, event_id=str(uuid.uuid4()))
    report(session, event, now=at(20))
    again = report(session, event, event, now=at(60))
    assert statuses(again) == ["duplicate", "duplicate"]
    session.refresh_from_db()
    assert session.active_ms == 15_000
    assert again.payload["contents"][0]["completion_percentage"] == 25


def test_equal_after_validation_is_equal(video):
    target, session = video
    event_id = str(uuid.uuid4())
    report(session, beat(target, 15, event_id=event_id), now=at(20))
    spelled = beat(target, 15.0, 15.000, event_id=event_id.upper(), playback_rate=1, note="x")
    assert statuses(report(session, spelled, now=at(21))) == ["duplicate"]


def test_the_same_id_with_another_body_is_a_conflict_for_that_event_only(video):
    target, session = video
    event_id = str(uuid.uuid4())
    report(session, beat(target, 15, event_id=event_id), now=at(20))
    receipt = report(session, beat(target, 30, event_id=event_id), beat(target, 30), now=at(40))
    assert statuses(receipt) == ["conflict", "accepted"]
    assert receipt.outcomes[0].code == "event_conflict"


def test_a_rejected_id_may_come_again_mended(video):
    target, session = video
    event_id = str(uuid.uuid4())
    broken = beat(target, -1, event_id=event_id)
    assert statuses(report(session, broken, now=at(20))) == ["rejected"]
    assert statuses(report(session, beat(target, 15, event_id=event_id), now=at(20))) == [
        "accepted"
    ]


def test_one_bad_event_never_fails_its_neighbours(video):
    target, session = video
    elsewhere = content(a_course_of(VIDEO), "c1")
    batch = [
        beat(target, 10, 10),
        beat(target, float("nan")),
        "not an object",
        beat(elsewhere, 10),
        {"content_id": target.pk, "interaction_type": "dance"},
        beat(target, 20, 10),
    ]
    receipt = report(session, *batch, now=at(60))
    assert statuses(receipt) == [
        "accepted",
        "rejected",
        "rejected",
        "rejected",
        "rejected",
        "accepted",
    ]
    assert receipt.outcomes[3].code == "unknown_content"
    assert ContentProgress.objects.get(content=target).coverage == ((0, 20_000),)


def test_every_event_is_chained_evidence_whatever_became_of_it(video):
    target, session = video
    event = beat(target, 15, event_id=str(uuid.uuid4()))
    report(session, event, beat(target, 500, 600), now=at(20))
    report(session, event, event | {"position": 3}, {"x": [float("inf")]}, now=at(30))
    rows = list(ContentInteraction.objects.order_by("chain_index"))
    assert [row.status for row in rows] == [
        "accepted",
        "accepted",
        "duplicate",
        "conflict",
        "rejected",
    ]
    head = bytes(32)
    for index, row in enumerate(rows):
        assert row.chain_index == index
        head = hashlib.sha256(head + row.record.encode()).digest()
        assert bytes(row.chain_hash) == head
        assert json.loads(row.record)["index"] == index
    stored = CourseProgress.objects.get(pk=session.enrollment_id)
    assert (bytes(stored.chain_hash), stored.chain_length) == (head, 5)


def test_sequence_orders_and_an_older_event_never_moves_the_resume_position(video):
    target, session = video
    play = {"content_id": target.pk, "interaction_type": "play"}
    report(session, play | {"position": 40, "sequence": 10}, now=at(10))
    report(session, beat(target, 20, 20, sequence=5), now=at(30))
    stored = CourseProgress.objects.get(pk=session.enrollment_id)
    assert stored.resume_position_milli == 40_000
    row = ContentProgress.objects.get(content=target)
    assert row.coverage == ((0, 20_000),)
    assert row.last_position == 40


def test_the_latest_intent_chooses_where_to_resume():
    course = a_course_of(VIDEO, VIDEO)
    one, two = content(course, "c1"), content(course, "c2")
    learner = a_learner(course)
    laptop, phone = a_session(course, learner), a_session(course, learner)
    intent = {"interaction_type": "play"}
    report(laptop, intent | {"content_id": one.pk, "position": 5}, now=at(10))
    report(phone, intent | {"content_id": two.pk, "position": 30}, now=at(20))
    report(laptop, beat(one, 25), now=at(30))  # playing on is no new intent
    stored = CourseProgress.objects.get(pk=laptop.enrollment_id)
    assert (stored.resume_content_id, stored.resume_position_milli) == (two.pk, 30_000)
    report(laptop, {"content_id": one.pk, "interaction_type": "pause"}, now=at(40))
    stored.refresh_from_db()
    assert (stored.resume_content_id, stored.resume_position_milli) == (one.pk, 25_000)
    report(laptop, beat(one, 40), now=at(50))
    stored.refresh_from_db()
    assert stored.resume_position_milli == 40_000


def test_everything_complete_is_exactly_100_once():
    course = a_course_of(
        VIDEO, {"content_type": "embed", "completion_source": "reported", "required": False}
    )
    session = a_session(course)
    target = content(course, "c1")
    receipt = report(session, *[beat(target, 15 * n) for n in (1, 2, 3, 4)], now=at(60))
    assert receipt.payload["course"]["completion_percentage"] == 100
    first = CourseProgress.objects.get(pk=session.enrollment_id).completed_at
    assert first == at(60)
    report(session, beat(target, 15), now=at(90))
    assert CourseProgress.objects.get(pk=session.enrollment_id).completed_at == first
    assert OutboxMessage.objects.filter(kind="course_completed").count() == 1


# --- Sessions ------------------------------------------------------------------------------------
def test_starting_a_session_closes_no_other_and_counts():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    one, two = a_session(course, learner), a_session(course, learner, now=at(5))
    stored = CourseProgress.objects.get(pk=one.enrollment_id)
    assert LearningSession.objects.open().count() == 2
    assert (stored.total_sessions, stored.session_start_time) == (2, two.start_time)


def test_the_same_client_session_id_is_the_same_session_ended_or_not():
    course = a_course_of(VIDEO)
    learner, name = a_learner(course), uuid.uuid4()
    one = a_session(course, learner, client_session_id=name)
    end(one, now=at(5))
    again = ingest.start(user_id=learner.pk, course_id=course.pk, now=at(9), client_session_id=name)
    assert (again.session.pk, again.is_new) == (one.pk, False)
    assert again.session.end_time == at(5)


def end(session, *events, now):
    return ingest.end(
        LearningSession.objects.all(), session.pk, list(events), sent_ms=None, now=now
    )


def test_an_end_counts_once_and_takes_the_last_events(video):
    target, session = video
    done = end(session, beat(target, 15), now=at(20))
    assert done.session.active_ms == 15_000
    assert end(session, now=at(500)).session.end_time == at(20)
    stored = CourseProgress.objects.get(pk=session.enrollment_id)
    assert (stored.ended_sessions, stored.ended_ms) == (1, 20_000)
    assert float(stored.avg_session_duration) == 0.33


def test_after_an_explicit_end_only_what_happened_before_counts(video):
    target, session = video
    end(session, now=at(60))
    sent = 1_777_896_000_000  # noon
    before = beat(target, 15, occurred_at="2026-05-04T12:00:30Z")
    after = beat(target, 30, occurred_at="2026-05-04T12:01:30Z")
    receipt = report(session, before, after, now=at(120), sent_ms=sent + 120_000)
    assert statuses(receipt) == ["accepted", "rejected"]
    assert receipt.outcomes[1].code == "session_ended"
    assert not receipt.is_refused_whole
    assert report(session, beat(target, 30), now=at(130)).is_refused_whole
    late = report(session, before, now=at(8 * 86_400), sent_ms=sent + 8 * 86_400_000)
    assert late.is_refused_whole


def test_a_silent_session_expires_at_its_last_event_and_no_sweep_adds_time(video):
    target, session = video
    report(session, beat(target, 15), now=at(20))
    assert expire_silent(at(1800)) == 0
    assert expire_silent(at(1821)) == 1
    assert expire_silent(at(9000)) == 0
    session.refresh_from_db()
    assert (session.end_time, session.end_reason) == (at(20), "expired")
    stored = CourseProgress.objects.get(pk=session.enrollment_id)
    assert (stored.ended_sessions, stored.ended_ms) == (1, 20_000)


def test_an_expired_session_takes_events_and_ends_at_the_last(video):
    target, session = video
    report(session, beat(target, 15), now=at(20))
    expire_silent(at(2000))
    assert statuses(report(session, beat(target, 30), now=at(2500))) == ["accepted"]
    session.refresh_from_db()
    assert (session.end_time, session.end_reason) == (at(2500), "expired")
    stored = CourseProgress.objects.get(pk=session.enrollment_id)
    assert (stored.ended_sessions, stored.ended_ms) == (1, 2_500_000)


def test_it_makes_no_difference_whether_the_sweep_was_running(video):
    target, session = video
    report(session, beat(target, 15), now=at(20))
    done = end(session, now=at(5000)).session
    assert (done.end_time, done.end_reason) == (at(20), "expired")


def test_who_left_or_was_deactivated_stops_at_once(video):
    target, session = video
    session.user.is_active = False
    session.user.save()
    with pytest.raises(ingest.LearnerInactive):
        report(session, beat(target, 15), now=at(20))
    session.user.is_active = True
    session.user.save()
    session.enrollment.unenrolled_at = at(0)
    session.enrollment.save()
    with pytest.raises(ingest.LearnerNotEnrolled):
        report(session, beat(target, 15), now=at(20))


# --- Statements ----------------------------------------------------------------------------------
def counted(call) -> int:
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_one_event_takes_six_statements_at_most_also_when_nothing_is_in_memory(video):
    target, session = video
    event = beat(target, 15, event_id=str(uuid.uuid4()))
    assert counted(lambda: report(session, event, now=at(1))) <= 6


def test_any_batch_takes_a_bounded_number_of_statements():
    course = a_course(
        modules=[
            *[
                {
                    "code": f"m{number}",
                    "contents": [
                        {"code": f"c{index}", "content_type": "video", "duration_seconds": 60}
                        for index in range(10)
                    ],
                }
                for number in range(4)
            ],
            {
                "code": "quizzes",
                "contents": [
                    {
                        "code": f"quiz{number}",
                        "content_type": "quiz",
                        "questions": [
                            {
                                "code": "q",
                                "text": "?",
                                "choices": [{"text": "a", "correct": True}, {"text": "b"}],
                            }
                        ],
                    }
                    for number in range(10)
                ],
            },
        ]
    )
    session = a_session(course)
    batch = []
    for target in course_contents(course):
        if target.content_type == "quiz":
            question = target.questions.get()
            answer = [question.choices.get(text="a").pk]
            batch += [
                {
                    "content_id": target.pk,
                    "interaction_type": "answer",
                    "question_id": question.pk,
                    "answer": answer,
                },
                {"content_id": target.pk, "interaction_type": "submit"},
            ]
        else:
            batch += [
                {
                    "content_id": target.pk,
                    "interaction_type": "progress",
                    "segments": [[start, start + 15]],
                }
                for start in (0, 15, 30, 45)
            ]
    batch = [event | {"event_id": str(uuid.uuid4())} for event in batch]
    assert len(batch) == 180
    assert counted(lambda: report(session, *batch, now=at(1700))) <= 14
    assert CourseProgress.objects.get(pk=session.enrollment_id).completed_at is not None


def course_contents(course):
    from progress.models import Content

    return list(
        Content.objects.filter(module__course=course).prefetch_related("questions__choices")
    )


def test_reading_a_course_of_fifty_takes_as_many_statements_as_one():
    from progress.state.payloads import course_payload

    course = fifty_contents()
    session = a_session(course)
    events = [
        {"content_id": target.pk, "interaction_type": "view"} for target in course_contents(course)
    ]
    report(session, *events, now=at(10))
    enrollment = type(session.enrollment).objects.select_related("course", "course_progress").get()
    assert counted(lambda: course_payload(enrollment, at(20))) <= 3
