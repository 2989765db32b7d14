"""Broken events beside good ones: the bounded form of `bench/fuzz.py`."""

import json

import pytest

from bench import fuzz
from tests.factories import a_course, content

pytestmark = pytest.mark.django_db


def test_five_thousand_fuzzed_events_cost_no_neighbour_and_no_server_error():
    counts, faults = fuzz.run(5000, seed=17)
    assert not faults, faults[:5]
    assert counts["neighbours accepted"] >= 5000
    assert counts["rejected"] > 1000
    assert counts["accepted"] > 500


LONG = "9" * 5000
BROKEN = {
    "an integer of 5,000 digits": f'"interaction_type":"view","position":{LONG}',
    "a negative one": f'"interaction_type":"view","sequence":-{LONG}',
    "a huge exponent": '"interaction_type":"view","position":1e999',
    "NaN": '"interaction_type":"view","duration_seconds":NaN',
    "-Infinity": '"interaction_type":"seek","position":-Infinity',
    "deep lists": f'"interaction_type":"progress","segments":{"[" * 9000}{"]" * 9000}',
    "deep objects": '"interaction_type":"view","page":' + '{"a":' * 5000 + "1" + "}" * 5000,
    "half a character": '"interaction_type":"\\ud800"',
    "a null character": '"interaction_type":"view\\u0000"',
    "a moment before all time": (
        '"interaction_type":"view","occurred_at":"0001-01-01T00:00:00+25:00"'
    ),
    "no object": None,
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_event_is_rejected_and_its_neighbours_count(name):
    course = a_course()
    video = content(course, "video").pk
    good = json.dumps({"content_id": video, "interaction_type": "view"})
    fields = BROKEN[name]
    broken = "[1]" if fields is None else f'{{"content_id":{video},{fields}}}'
    answer = fuzz.a_sender(course)('{"events":[' + ",".join([good, broken, good]) + "]}")
    assert answer.status_code == 200, answer.content
    statuses = [event["status"] for event in answer.json()["events"]]
    assert statuses == ["accepted", "rejected", "accepted"]
    assert answer.json()["events"][1]["errors"][0]["attr"]
