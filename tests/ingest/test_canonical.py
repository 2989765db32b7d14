"""One spelling for one value, however it is written: chains of earlier releases must verify."""

import hashlib
import json
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progress.ingest.canonical import canonical_json, canonical_plain
from progress.ingest.events import (
    INTERACTION_TYPES,
    InvalidEvent,
    parse_event,
)
from progress.models import ContentInteraction
from tests.factories import NOON, a_course_of, a_session, content, report

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
seconds = st.floats(0, 604_800, allow_nan=False) | st.integers(0, 604_800)
fraction = st.floats(0, 1, allow_nan=False)
whole = st.integers(0, 2**63 - 1)
GOOD = {
    "position": seconds,
    "from_position": seconds,
    "duration_seconds": seconds,
    "idle_seconds": seconds,
    "segments": st.lists(st.lists(seconds, min_size=2, max_size=2), max_size=5),
    "playback_rate": st.floats(0.01, 16),
    "completion_percentage": st.floats(0, 100),
    "page": st.integers(1, 100_000),
    "reading_position": fraction,
    "span": st.lists(fraction, min_size=2, max_size=2),
    "question_id": whole,
    "answer": st.lists(whole, max_size=4),
    "attempt": st.integers(1, 2**31 - 1),
    "base_revision": st.integers(0, 2**31 - 1),
    "distractions": st.integers(0, 100_000),
    "is_active": st.booleans(),
    "event_id": st.uuids().map(str),
    "sequence": whole,
    "occurred_at": st.datetimes().map(lambda moment: moment.isoformat()),
}
events = st.fixed_dictionaries(
    {"content_id": whole, "interaction_type": st.sampled_from(INTERACTION_TYPES)},
    optional=GOOD,
)
anything = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.just([[1]])
odd_events = st.dictionaries(
    st.sampled_from(["content_id", "interaction_type", *GOOD]) | st.text(max_size=3), anything
)


@unhurried
@given(events)
def test_an_understood_event_is_spelled_as_the_standard_library_spells_it(raw):
    event = parse_event(raw)
    claim = event.claim()
    spelled = canonical_plain(claim)
    assert spelled == event.claimed() == canonical_json(claim)
    assert spelled == json.dumps(claim, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize("rate", [1, 1.0, 1.0002, 0.9996, 2])
def test_a_rate_that_rounds_to_the_usual_one_is_left_out(rate):
    event = parse_event({"content_id": 1, "interaction_type": "play", "playback_rate": rate})
    assert event.claimed() == canonical_json(event.claim())
    assert (b"rate" in event.claimed()) is (rate == 2)


@pytest.mark.parametrize("name", [*GOOD, "content_id"])
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), True, "1", 1.5, 1e300, 10**30, [], {}]
)
def test_odd_values_are_read_alike_at_once_and_by_field(name, value):
    sent = {"content_id": 1, "interaction_type": "progress", name: value}
    with patch("progress.ingest.events._read_at_once", return_value=None):
        try:
            known = parse_event(sent)
        except InvalidEvent as wrong:
            known = wrong.errors
    try:
        assert parse_event(sent) == known
    except InvalidEvent as wrong:
        assert wrong.errors == known


@unhurried
@given(events, odd_events)
def test_an_event_is_read_at_once_as_it_is_read_field_by_field(raw, odd):
    """The fields are named in our order, whatever order they were sent in."""

    def read(sent):
        try:
            return parse_event(sent)
        except InvalidEvent as wrong:
            return wrong.errors, wrong.event_id

    def read_each(sent):
        with patch("progress.ingest.events._read_at_once", return_value=None):
            return read(sent)

    mixed = raw | odd
    backwards = dict(reversed(mixed.items()))
    assert read(raw) == read_each(raw)
    assert read(mixed) == read(backwards) == read_each(mixed)
    # An error more makes it be read field by field; without it the rest is the same.
    if not isinstance(read(mixed), tuple):
        with pytest.raises(InvalidEvent) as caught:
            parse_event(mixed | {"content_id": "x"})
        assert [error.attr for error in caught.value.errors][:1] == ["content_id"]


@pytest.mark.django_db
def test_stored_records_are_canonical_whatever_was_sent():
    course = a_course_of(
        {"content_type": "video", "duration_seconds": 600},
        {
            "content_type": "quiz",
            "pass_percentage": 60,
            "questions": [
                {
                    "code": str(number),
                    "text": "?",
                    "choices": [{"text": "a", "correct": True}, {"text": "b"}],
                }
                for number in range(3)
            ],
        },
    )
    session = a_session(course)
    film, quiz = content(course, "c1").pk, content(course, "c2")
    question = quiz.questions.first()
    answer = {"question_id": question.pk, "answer": [question.choices.get(is_correct=True).pk]}
    again = {"content_id": film, "interaction_type": "view", "event_id": str(uuid4())}
    report(
        session,
        again,
        again,
        again | {"position": 4},
        {"content_id": film, "interaction_type": "progress", "segments": [[0.1, 7.0049]]},
        {
            "content_id": film,
            "interaction_type": "progress",
            "segments": [[3, 9]],
            "playback_rate": 0,
        },
        {"content_id": quiz.pk, "interaction_type": "answer"} | answer,
        {"content_id": quiz.pk, "interaction_type": "submit"},
        {"content_id": film, "interaction_type": "\u00e9\x7f\x00\ud83d\u2028", "x": float("inf")},
        "text",
        now=NOON + timedelta(seconds=60),
    )
    rows = list(ContentInteraction.objects.order_by("chain_index"))
    assert [row.status for row in rows].count("accepted") == 5
    for row in rows:
        record = json.loads(row.record)
        assert row.record == json.dumps(record, sort_keys=True, separators=(",", ":"))
        if row.fingerprint:
            claim = json.dumps(record["event"], sort_keys=True, separators=(",", ":"))
            assert bytes(row.fingerprint) == hashlib.sha256(claim.encode()).digest()
