"""What a delivery needed is gone with it: nothing waits for Python to look for cycles."""

import gc
from datetime import timedelta

import pytest

from tests.factories import NOON, a_course_of, a_session, content, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return a_course_of(
        {"content_type": "video", "duration_seconds": 600},
        {"content_type": "document", "page_count": 3},
    )


@pytest.mark.parametrize("count", [1, 40])
def test_a_delivery_leaves_no_cycles(course, count):
    session, film = a_session(course), content(course, "c1").pk
    beat = {"content_id": film, "interaction_type": "progress", "duration_seconds": 5}
    for minute in (1, 2):  # the first one loads what stays
        events = [
            beat | {"segments": [[at, at + 5]], "position": at + 5}
            for at in range(minute, 5 * count + minute, 5)
        ]
        gc.collect()
        gc.disable()
        try:
            report(session, *events, now=NOON + timedelta(minutes=minute))
            unreachable = gc.collect()
        finally:
            gc.enable()
    assert unreachable == 0
