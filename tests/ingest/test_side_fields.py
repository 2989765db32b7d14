"""A doubtful side field costs an event nothing of what it shows; too many segments are refused."""

import json
import time
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from progress.ingest.events import InvalidEvent, parse_event
from progress.models import ContentInteraction, ContentProgress
from progress.security.tokens import SessionClaims, issue_session_token
from tests.factories import NOON, a_course_of, a_session, content, report

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 600}
NAN = float("nan")


@pytest.fixture
def video():
    course = a_course_of(
        VIDEO, {"content_type": "document", "page_count": 3}, {"content_type": "text"}
    )
    return course, a_session(course)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def played(target, **more):
    event = {"content_id": target.pk, "interaction_type": "progress", "segments": [[0, 10]]}
    return event | {"duration_seconds": 10} | more


def one(session, event, now=None):
    [outcome] = report(session, event, now=now or at(10)).outcomes
    return outcome.as_payload()


@pytest.mark.parametrize("rate", [0, -1, NAN, float("inf"), "fast", "1", True, [], {}, 99, None])
def test_a_doubtful_rate_beside_segments_is_ignored_and_named(video, rate):
    course, session = video
    payload = one(session, played(content(course, "c1"), playback_rate=rate))
    assert payload["status"] == "accepted"
    assert payload["ignored"] == ["playback_rate"]
    assert (payload["covered_seconds"], payload["credited_seconds"]) == (10, 10)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("position", -1),
        ("position", NAN),
        ("position", "12"),
        ("from_position", 10**9),
        ("idle_seconds", -3),
        ("completion_percentage", 101),
        ("reading_position", 2),
        ("distractions", -1),
        ("distractions", 1.5),
        ("page", 0),
        ("span", [1]),
        ("is_active", "yes"),
        ("sequence", -1),
        ("occurred_at", "yesterday"),
        ("attempt", "first"),
    ],
)
def test_any_doubtful_side_field_is_ignored_and_named(video, name, odd):
    course, session = video
    payload = one(session, played(content(course, "c1"), **{name: odd}))
    assert (payload["status"], payload["ignored"], payload["covered_seconds"]) == (
        "accepted",
        [name],
        10,
    )


def test_a_doubtful_duration_credits_no_time_and_keeps_the_segments(video):
    course, session = video
    payload = one(session, played(content(course, "c1"), duration_seconds=-5))
    assert (payload["ignored"], payload["credited_seconds"]) == (["duration_seconds"], 0)
    assert payload["covered_seconds"] > 0


@pytest.mark.parametrize(("code", "evidence"), [("c2", {"page": 2}), ("c3", {"span": [0, 1]})])
def test_what_was_read_is_kept_beside_a_doubtful_field(video, code, evidence):
    course, session = video
    target = content(course, code)
    event = {"content_id": target.pk, "interaction_type": "progress", "duration_seconds": 10}
    answer = one(session, event | evidence | {"playback_rate": 0, "position": -1})
    assert answer["status"] == "accepted"
    assert sorted(answer["ignored"]) == ["playback_rate", "position"]
    assert ContentProgress.objects.get(content=target).coverage


@pytest.mark.parametrize("odd", [{"playback_rate": 0}, {"playback_rate": "x"}, {"position": -1}])
def test_without_segments_the_field_is_needed_and_named(video, odd):
    course, session = video
    event = {"content_id": content(course, "c1").pk, "interaction_type": "progress"}
    answer = one(session, event | {"position": 10, "duration_seconds": 10} | odd)
    assert answer["status"] == "rejected"
    assert [error["attr"] for error in answer["errors"]] == list(odd)
    assert "ignored" not in answer


@pytest.mark.parametrize(
    "odd",
    [{"event_id": 7}, {"content_id": "x"}, {"interaction_type": "watch"}, {"segments": [[0, NAN]]}],
)
def test_what_an_event_is_is_never_ignored(video, odd):
    course, session = video
    answer = one(session, played(content(course, "c1")) | odd)
    assert answer["status"] == "rejected"
    assert [error["attr"] for error in answer["errors"]] == list(odd)


def test_an_answer_is_never_ignored(video):
    with pytest.raises(InvalidEvent):
        parse_event(
            {
                "content_id": 1,
                "interaction_type": "answer",
                "question_id": 1,
                "answer": "all",
                "segments": [[0, 1]],
            }
        )


def test_a_rate_that_is_missing_is_nothing_to_name(video):
    course, session = video
    assert "ignored" not in one(session, played(content(course, "c1")))


def test_the_same_event_again_is_a_duplicate_also_when_its_side_field_was_mended(video):
    course, session = video
    event = played(content(course, "c1"), event_id=str(uuid.uuid4()))
    assert one(session, event | {"playback_rate": 0})["status"] == "accepted"
    assert one(session, event | {"playback_rate": 0}, at(11))["status"] == "duplicate"
    assert one(session, event | {"playback_rate": 1}, at(12))["status"] == "duplicate"
    assert one(session, event | {"segments": [[0, 9]]}, at(13))["status"] == "conflict"


def test_what_was_ignored_is_in_the_evidence(video):
    course, session = video
    one(session, played(content(course, "c1"), playback_rate=-2))
    assert json.loads(ContentInteraction.objects.get().record)["ignored"] == ["playback_rate"]


def test_200_segments_are_taken_and_201_are_refused_with_their_neighbours_going_on(video):
    course, session = video
    target = content(course, "c1")
    many = [[second, second + 0.5] for second in range(200)]
    outcomes = report(
        session,
        played(target, segments=many),
        played(target, segments=[*many, [300, 301]]),
        played(target, segments=[[400, 401]]),
        now=at(300),
    ).outcomes
    payloads = [outcome.as_payload() for outcome in outcomes]
    assert [each["status"] for each in payloads] == ["accepted", "rejected", "accepted"]
    assert [each["covered_seconds"] for each in payloads] == [100, 0, 1]
    assert payloads[1]["code"] == "too_many_segments"
    assert payloads[1]["errors"][0]["attr"] == "segments"


def test_a_flat_event_with_too_many_segments_is_a_400_that_says_so(video):
    course, session = video
    event = played(content(course, "c1"), segments=[[0, 0.001]] * 4_000)
    claims = SessionClaims(session.pk, session.user_id, session.course_id, session.enrollment_id)
    token = issue_session_token(claims)
    answer = Client().post(
        "/api/employee/update_progress",
        {"session_token": token, **event},
        content_type="application/json",
    )
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["attr"], error["code"]) == ("segments", "too_many_segments")


def test_the_most_segments_that_a_batch_can_hold_cost_little(video):
    """40,000 segments with gaps between them: more than 64 KiB could hold."""
    course, session = video
    target = content(course, "c1")
    events = [
        played(
            target,
            segments=[[(200 * n + k) / 70, (200 * n + k) / 70 + 0.004] for k in range(200)],
            duration_seconds=1,
        )
        for n in range(200)
    ]
    began = time.process_time()
    receipt = report(session, *events, now=at(1700))
    spent = time.process_time() - began
    assert all(outcome.status == "accepted" for outcome in receipt.outcomes)
    assert len(ContentProgress.objects.get(content=target).coverage) > 10_000
    assert spent < 20
