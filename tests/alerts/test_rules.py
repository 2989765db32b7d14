"""When an alert is raised: each rule, by its cases."""

from datetime import timedelta

import pytest

from analytics.alerts import rules
from analytics.alerts.rules import AlertEvidence, FailedQuiz
from analytics.models import AlertThresholds
from analytics.models.placeholders import fill, unknown
from tests.factories import NOON

DAY = timedelta(days=1)
LIMITS = AlertThresholds()


def facts(**changes) -> AlertEvidence:
    """Someone who began thirty days ago and was here this morning."""
    usual = {"enrolled_at": NOON - 30 * DAY, "sessions": 3, "last_seen": NOON - DAY / 4}
    return AlertEvidence(1, 2, 3, **(usual | changes))


def kinds(of: AlertEvidence, limits=LIMITS) -> list[str]:
    return [cause.kind for cause in rules.causes(of, limits, NOON)]


def days_ago(*numbers: int):
    return [(NOON - number * DAY).date() for number in numbers]


DAILY = days_ago(20, 19, 18, 17, 16, 15)
WEEKLY = days_ago(50, 43, 36, 29, 22, 15)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"sessions": 0, "last_seen": None}, ["never_started"]),
        ({"sessions": 0, "last_seen": None, "enrolled_at": NOON - 6.9 * DAY}, []),
        # Silent: after three times the usual gap, never before a week nor after four.
        ({"days": DAILY, "last_seen": NOON - 6.9 * DAY}, []),
        ({"days": DAILY, "last_seen": NOON - 7 * DAY}, ["inactive"]),
        ({"days": WEEKLY, "last_seen": NOON - 20.9 * DAY}, []),
        ({"days": WEEKLY, "last_seen": NOON - 21 * DAY}, ["inactive"]),
        ({"days": days_ago(130, 110, 90, 70, 50), "last_seen": NOON - 28 * DAY}, ["inactive"]),
        ({"days": DAILY[:4], "last_seen": NOON - 13.9 * DAY}, []),
        ({"days": DAILY[:4], "last_seen": NOON - 14 * DAY}, ["inactive"]),
        # Half of the time gone: 25 points behind is at 25 %.
        ({"due_at": NOON + 30 * DAY, "completion_bp": 2599}, ["pace"]),
        ({"due_at": NOON + 30 * DAY, "completion_bp": 2600}, []),
        ({"due_at": NOON + 100 * DAY}, []),  # 23 % of the time: too early to tell
        ({"due_at": NOON, "completion_bp": 9900}, ["pace"]),
        ({"due_at": NOON - 40 * DAY}, ["pace"]),  # due before the enrolment
        ({"due_at": NOON + DAY, "sessions": 0, "last_seen": None}, ["never_started"]),
        ({"failed_quiz": FailedQuiz("Quiz", 1, NOON)}, []),
        ({"failed_quiz": FailedQuiz("Quiz", 2, NOON)}, ["failing"]),
        # Two minutes and 30 % of what was reached or played.
        ({"unseen_ms": 120_000, "reached_ms": 400_000}, ["skipping"]),
        ({"unseen_ms": 120_000, "reached_ms": 400_001}, []),
        ({"unseen_ms": 119_000, "reached_ms": 119_000}, []),
        ({"withheld_ms": 120_000, "covered_ms": 280_000}, ["skipping"]),
        ({"withheld_ms": 120_000, "covered_ms": 281_000}, []),
        ({"doubts": 2}, []),
        ({"doubts": 3}, ["integrity"]),
        ({"drifts": 1}, ["integrity"]),
        ({"risk": 71, "risk_as_of": NOON}, ["risk"]),
        ({"risk": 71, "sessions": 0, "enrolled_at": NOON - DAY}, []),
        ({"risk": 100, "due_at": NOON - DAY}, ["pace"]),
    ],
)
def test_causes(changes, expected):
    assert kinds(facts(**changes)) == expected


def test_a_kind_that_is_switched_off_is_silent():
    limits = AlertThresholds(switched_off=["failing"])
    assert kinds(facts(failed_quiz=FailedQuiz("Quiz", 9, NOON), doubts=9), limits) == ["integrity"]


def test_a_rhythm_is_what_four_of_five_gaps_dont_exceed():
    assert rules.usual_gap(days_ago(20, 19, 18, 17)) is None
    assert rules.usual_gap(days_ago(30, 29, 28, 27, 26, 6)) == 1
    assert rules.usual_gap(days_ago(30, 29, 28, 18, 8)) == 10


def test_pace_counts_from_when_it_fell_behind():
    (cause,) = rules.causes(facts(due_at=NOON + 30 * DAY), LIMITS, NOON)
    assert cause.since == NOON - 15 * DAY
    assert cause.facts == {"done_percent": 0, "even_percent": 50, "is_overdue": False}


def test_letters_are_filled_with_text_and_nothing_else():
    values = {"name": "{course}", "course": "Ladders"}
    assert fill("{name}: {course}, {other} {0} {name.x}", values) == (
        "{course}: Ladders, {other} {0} {name.x}"
    )
    assert unknown("{name} {nmae} {nmae} { due }") == ["nmae"]
