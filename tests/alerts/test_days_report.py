"""How many days after letters, beside similar learners without one: a world in which letters help
by a known number of days, and one in which they don't."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.alerts.letter_days import (
    FOLLOWED,
    MIN_PAIRS,
    LearnerHistory,
    difference,
    pairs,
)
from analytics.models import Alert, Outreach
from progress.models import Enrollment
from tests.factories import NOON, a_course_of, a_session
from tests.support.admin import VIDEO
from tests.support.learners import an_instructor_of, someone
from tests.support.reports import API, in_api

DAY = timedelta(days=1)
ADDRESS = f"{API}outreach-days/"


def silent(user_id: int, **changes) -> LearnerHistory:
    """Enrolled sixty days ago, half done, silent since the twentieth day."""
    usual = LearnerHistory(
        course_id=1,
        user_id=user_id,
        enrolled_at=NOON - 60 * DAY,
        left_at=None,
        completed_at=None,
        contents=10,
        sessions=[NOON - 50 * DAY, NOON - 40 * DAY],
        done=[NOON - 45 * DAY] * 5,
    )
    return replace(usual, **changes)


WRITTEN = silent(1, written_at=NOON - 30 * DAY)


@pytest.mark.parametrize(
    ("other", "paired"),
    [
        ({}, True),
        ({"course_id": 2}, False),
        ({"user_id": 1}, False),
        ({"written_at": NOON - 29 * DAY}, False),
        # Ten days of silence for WRITTEN: about seven to thirteen are similar.
        ({"sessions": [NOON - 37.5 * DAY]}, True),
        ({"sessions": [NOON - 37 * DAY]}, False),
        ({"sessions": [NOON - 43 * DAY]}, True),
        ({"sessions": [NOON - 44 * DAY]}, False),
        # Half done: four to six of ten are similar.
        ({"done": [NOON - 45 * DAY] * 4}, True),
        ({"done": [NOON - 45 * DAY] * 6}, True),
        ({"done": [NOON - 45 * DAY] * 3}, False),
        # What was done after the letter says nothing about before.
        ({"done": [NOON - 45 * DAY] * 5 + [NOON - 20 * DAY] * 5}, True),
        # Still there, and followed for four weeks.
        ({"left_at": NOON - 31 * DAY}, False),
        ({"left_at": NOON - 29 * DAY}, True),
        ({"completed_at": NOON - 31 * DAY}, False),
        (
            {
                "enrolled_at": NOON - 57 * DAY,
                "sessions": [NOON - 37 * DAY],
                "done": [NOON - 42 * DAY] * 5,
            },
            False,
        ),
    ],
)
def test_who_is_comparable(other, paired):
    found = pairs([WRITTEN, silent(**{"user_id": 2, **other})], NOON)
    assert [(pair.written_to, pair.compared_with) for pair in found] == ([(1, 2)] if paired else [])


def test_the_nearest_is_taken_and_only_once():
    near, far = silent(3), silent(2, sessions=[NOON - 41.5 * DAY])
    second = replace(WRITTEN, user_id=4)
    found = pairs([far, near, WRITTEN, second], NOON)
    assert [(p.written_to, p.compared_with) for p in found] == [(1, 3), (4, 2)]
    assert pairs([WRITTEN, second], NOON) == []


def test_a_letter_whose_four_weeks_arent_over_is_not_counted():
    late = replace(WRITTEN, written_at=NOON - 27 * DAY, sessions=[NOON - 37 * DAY])
    assert pairs([late, silent(2, sessions=[NOON - 37 * DAY])], NOON) == []


def test_days_are_counted_from_the_same_age():
    back = replace(
        WRITTEN, sessions=[*WRITTEN.sessions, NOON - 27 * DAY], completed_at=NOON - 20 * DAY
    )
    later = silent(
        2,
        enrolled_at=NOON - 70 * DAY,
        sessions=[NOON - 50 * DAY, NOON - 35 * DAY],
        done=[NOON - 55 * DAY] * 5,
    )
    (pair,) = pairs([back, later], NOON)
    assert (pair.activity, pair.compared_activity) == (3, 5)
    assert (pair.completion, pair.compared_completion) == (10, FOLLOWED.days)


# --- Two worlds -----------------------------------------------------------------------------------
def world(helps_by: float, number: int, seed: int) -> list[LearnerHistory]:
    """Each comes back by an own rhythm, whoever got a letter so many days sooner. How long they
    were silent says how long they will be: without pairs, the two groups would differ anyway,
    since the longer someone is silent, the likelier they get a letter."""
    chance = np.random.default_rng(seed)
    found = []
    for user_id in range(number):
        silence = chance.uniform(4, 20)
        is_written = chance.uniform() < silence / 30
        back = 5 + 0.6 * silence + chance.normal(0, 2) - (helps_by if is_written else 0)
        found.append(
            silent(
                user_id,
                sessions=[
                    NOON - 30 * DAY - silence * DAY,
                    NOON - 30 * DAY + max(back, 0.1) * DAY,
                ],
                written_at=NOON - 30 * DAY if is_written else None,
            )
        )
    return found


@pytest.mark.parametrize("helps_by", [0.0, 3.0])
def test_the_interval_has_what_letters_changed(helps_by):
    """In nineteen of twenty worlds; of these forty, at most five may miss it."""
    missed = 0
    for seed in range(40):
        found = pairs(world(helps_by, 200, seed), NOON)
        each = difference([p.activity for p in found], [p.compared_activity for p in found])
        assert each is not None
        missed += not each.low <= -helps_by <= each.high
        if helps_by:
            assert each.high < 0, "letters clearly helped"
    assert missed <= 5


def test_without_pairs_the_difference_would_be_another():
    """In the world where letters do nothing, those who get one come back later all the same."""
    everyone = world(0.0, 2_000, 1)
    moment = NOON - 30 * DAY
    with_letter, without = (
        np.mean([e.days_to_activity(moment) for e in everyone if (e.written_at is None) is no])
        for no in (False, True)
    )
    assert with_letter - without > 1


@pytest.mark.parametrize(("number", "is_said"), [(MIN_PAIRS - 1, False), (MIN_PAIRS, True)])
def test_below_twenty_pairs_nothing_is_said(number, is_said):
    assert (difference([3.0] * number, [5.0] * number) is not None) is is_said


def test_the_interval_is_that_of_pairs():
    """Pairs that are alike make it narrow, however different they are from each other."""
    chance = np.random.default_rng(2)
    compared = chance.uniform(0, 28, 50)
    each = difference((compared - 1).tolist(), compared.tolist())
    assert each is not None and each.low == pytest.approx(-1) and each.high == pytest.approx(-1)


# --- As a report ----------------------------------------------------------------------------------
def a_learner_with(course, *, written: bool, back: float) -> None:
    now = timezone.now()
    person = someone(course, enrolled_ago=50 * DAY)
    a_session(course, person, now=now - 45 * DAY)
    a_session(course, person, now=now - (32 - back) * DAY)
    if written:
        enrollment = Enrollment.objects.get(user=person)
        alert = Alert.objects.create(
            enrollment=enrollment,
            user=person,
            course=course,
            kind="inactive",
            opened_at=now - 33 * DAY,
            since=now - 40 * DAY,
        )
        sent = now - 32 * DAY
        Outreach.objects.create(alert=alert, subject="a", body="b", written_at=sent, sent_at=sent)


def rows(course) -> list[dict]:
    since = (timezone.localdate() - 40 * DAY).isoformat()
    return in_api(an_instructor_of(course)).get(f"{ADDRESS}?since={since}").json()["results"]


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_the_report_says_when_there_are_too_few_pairs_and_then_how_many_days():
    course = a_course_of(VIDEO, title="Working at height")
    assert rows(course) == []
    for number in range(MIN_PAIRS - 1):
        a_learner_with(course, written=True, back=2 + number % 3)
        a_learner_with(course, written=False, back=6 + number % 3)
    first = rows(course)[0]
    assert (first["pairs"], first["days"]) == (MIN_PAIRS - 1, None)
    assert first["finding"] == f"Too few pairs: {MIN_PAIRS} are needed."
    a_learner_with(course, written=True, back=3)
    a_learner_with(course, written=False, back=7)
    again, completed = rows(course)
    assert (again["course"], again["measure"]) == ("All courses", "Learned again")
    assert (again["pairs"], again["days"], again["compared_days"]) == (MIN_PAIRS, 3, 7)
    assert again["difference_low"] <= -4 <= again["difference_high"] < 0
    assert again["finding"] == "Sooner after a letter"
    assert (completed["days"], completed["finding"]) == (28, "No clear difference")


@pytest.mark.django_db
def test_many_letters_cost_as_many_statements_as_few():
    course = a_course_of(VIDEO)
    client = in_api(an_instructor_of(course))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    for number in range(2):
        a_learner_with(course, written=number == 0, back=3)
    statements()
    few = statements()
    for number in range(20):
        a_learner_with(course, written=number % 2 == 0, back=3)
    assert statements() == few


@pytest.mark.django_db
def test_letters_of_other_courses_are_not_counted():
    mine, other = a_course_of(VIDEO), a_course_of(VIDEO)
    for number in range(4):
        a_learner_with(other, written=number % 2 == 0, back=3)
    assert rows(mine) == []
