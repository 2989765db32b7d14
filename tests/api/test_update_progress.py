"""Reports over HTTP: what they answer, and how each wrong one is refused."""

import json
import uuid
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from progress.models import ContentInteraction
from tests.factories import (
    NOON,
)
from tests.support.employee_api import END, START, UPDATE, Learner, beat, error_of

pytestmark = pytest.mark.django_db


def test_the_briefs_flat_call_answers_what_the_learner_now_has(learner, video, clock):
    clock.shift(30)
    body = beat(video, 45.2, 30, completion_percentage=75.5)
    answer_body = learner.update(body).json()
    [event] = answer_body["events"]
    assert event["status"] == "accepted"
    assert (event["credited_seconds"], event["covered_seconds"]) == (30, 30)
    assert answer_body["contents"] == [
        {
            "content_id": video.pk,
            "module_id": video.module_id,
            "completion_percentage": 50,
            "is_complete": False,
            "is_waived": False,
            "time_spent_seconds": 30,
            "last_position": 45.2,
        }
    ]
    assert answer_body["modules"][0]["completion_percentage"] == 50
    assert answer_body["course"]["completion_percentage"] == 50
    assert answer_body["certificate"] is None


@pytest.mark.parametrize("path", [START, UPDATE, END])
def test_a_trailing_slash_works_too(learner, path):
    assert learner.client.post(path + "/", {}).status_code == 400


BAD_FIELDS = [
    ({"position": -1}, "position"),
    ({"position": 604_801}, "position"),
    ({"position": "45"}, "position"),
    ({"position": True}, "position"),
    ({"duration_seconds": -5}, "duration_seconds"),
    ({"duration_seconds": 1e300}, "duration_seconds"),
    ({"segments": "0-5"}, "segments"),
    ({"segments": [[1]]}, "segments"),
    ({"segments": [[0, "5"]]}, "segments"),
    ({"segments": [[-1, 5]]}, "segments"),
    ({"playback_rate": 0}, "playback_rate"),
    ({"completion_percentage": 100.5}, "completion_percentage"),
    ({"page": 0}, "page"),
    ({"page": 1.5}, "page"),
    ({"span": [0, 2]}, "span"),
    ({"reading_position": -0.1}, "reading_position"),
    ({"is_active": "yes"}, "is_active"),
    ({"event_id": "not-a-uuid"}, "event_id"),
    ({"sequence": -1}, "sequence"),
    ({"occurred_at": "yesterday"}, "occurred_at"),
    ({"interaction_type": "dance"}, "interaction_type"),
    ({"interaction_type": None}, "interaction_type"),
    ({"content_id": "1"}, "content_id"),
    ({"content_id": 10**30}, "content_id"),
    ({"content_id": 999_999}, "content_id"),
]


@pytest.mark.parametrize(("wrong", "attr"), BAD_FIELDS)
def test_a_single_bad_event_gets_400_with_its_field(learner, video, wrong, attr):
    answer = learner.update(beat(video, 5, 5) | wrong)
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
    assert error_of(answer)["attr"] == attr


@pytest.mark.parametrize(("wrong", "attr"), BAD_FIELDS)
def test_valid_events_beside_a_bad_one_still_count(learner, video, clock, wrong, attr):
    clock.shift(30)
    batch = [beat(video, 10, 10), beat(video, 5, 5) | wrong, beat(video, 20, 10)]
    body = learner.update({"events": batch}).json()
    assert [event["status"] for event in body["events"]] == ["accepted", "rejected", "accepted"]
    assert body["events"][1]["errors"][0]["attr"] == attr
    assert body["contents"][0]["completion_percentage"] == 33.33


@pytest.mark.parametrize(
    "literal",
    ["NaN", "Infinity", "-Infinity", "1e999", pytest.param("9" * 5000, id="5000 digits")],
)
def test_non_numeric_literals_only_reject_their_own_event(learner, video, clock, literal):
    clock.shift(30)
    good = json.dumps(beat(video, 15))
    bad = good.replace('"position": 15', f'"position": {literal}')
    token = learner.started["session_token"]
    answer = APIClient().post(
        UPDATE,
        f'{{"session_token": "{token}", "events": [{good}, {bad}]}}',
        content_type="application/json",
    )
    events = answer.json()["events"]
    assert [event["status"] for event in events] == ["accepted", "rejected"]
    assert events[1]["errors"][0]["attr"] == "position"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"null", 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 60_000, 400),
        (b'{"events": ' + b"[" * 400 + b"]" * 400 + b"}", 200),
        (b'{"position": ' + b"9" * 5_000 + b"}", 400),
        (b'{"events": 5}', 400),
        (b'{"sent_at": 5}', 400),
        (b'{"events": [{"content_id": "\\u0000\\ud800"}]}', 200),
        (b" " * 65_537, 413),
        (b"x" * 10_000_000, 413),
        (b'{"events": [' + b",".join([b"{}"] * 201) + b"]}", 413),
        (b'{"events": []}', 200),
    ],
)
def test_malformed_bodies_get_400_or_413(learner, body, status):
    answer = APIClient().post(
        UPDATE,
        body,
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Session {learner.started['session_token']}",
    )
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["errors"]


def test_a_rejected_event_is_stored_as_evidence(learner, video):
    learner.update(beat(video, -1))
    [row] = ContentInteraction.objects.all()
    assert (row.status, json.loads(row.record)["event"]["position"]) == ("rejected", -1)


def test_the_same_id_with_another_body_is_409_for_a_flat_event(learner, video, clock):
    clock.shift(60)
    name = str(uuid.uuid4())
    learner.update(beat(video, 15, event_id=name))
    assert learner.update(beat(video, 15, event_id=name)).json()["events"][0]["status"] == (
        "duplicate"
    )
    answer = learner.update(beat(video, 30, event_id=name))
    assert (answer.status_code, error_of(answer)["code"]) == (409, "event_conflict")


def test_a_client_clock_that_is_a_year_off_has_no_effect(learner, video, clock):
    clock.shift(60)
    wrong = NOON - timedelta(days=365)
    event = beat(video, 15, occurred_at=wrong.isoformat())
    sent = (wrong + timedelta(seconds=20)).isoformat()
    body = learner.update({"events": [event], "sent_at": sent}).json()
    assert body["events"][0]["credited_seconds"] == 15
    row = ContentInteraction.objects.get()
    assert row.occurred_at == NOON + timedelta(seconds=40)


def test_too_many_requests_get_429_with_retry_after(learner):
    answers = [learner.update({"events": []}) for _ in range(122)]
    assert [answer.status_code for answer in answers[:120]] == [200] * 120
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1
    other = Learner(learner.course)
    other.start()
    assert other.update({"events": []}).status_code == 200  # per session, never per address
