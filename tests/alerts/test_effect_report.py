"""What followed letters, beside what followed without: pairs, counts, an interval, no names."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.alerts.effect_report import EFFECT, _row
from analytics.alerts.matched_pairs import MAX_CANDIDATES, AlertHistory, Pair, pairs
from analytics.models import Alert, Outreach
from tests.factories import NOON, a_course_of, a_session
from tests.support.admin import VIDEO, text_of
from tests.support.alerts import the_enrollment
from tests.support.learners import an_instructor_of, someone

DAY = timedelta(days=1)
ADDRESS = "/admin/insight/reports/outreach-effect/"


def watched(user_id: int, **changes) -> AlertHistory:
    """Silent for ten days as the alert opened, thirty days ago; it still stands."""
    usual = AlertHistory(
        course_id=1,
        kind="inactive",
        user_id=user_id,
        enrolled_at=NOON - 60 * DAY,
        opened_at=NOON - 30 * DAY,
        closed_at=None,
        written_at=None,
        sessions=[NOON - 40 * DAY],
    )
    return replace(usual, **changes)


# Written to on the second day, and back on the fourth.
WRITTEN = watched(1, written_at=NOON - 28 * DAY, sessions=[NOON - 40 * DAY, NOON - 26 * DAY])


@pytest.mark.parametrize(
    ("other", "paired"),
    [
        ({}, True),
        ({"course_id": 2}, False),
        ({"kind": "failing"}, False),
        ({"written_at": NOON - 29 * DAY}, False),
        ({"user_id": 1}, False),
        # Twelve days of silence for WRITTEN: nine to fifteen or so are similar.
        ({"sessions": [NOON - 37.01 * DAY]}, True),
        ({"sessions": [NOON - 36 * DAY]}, False),
        ({"sessions": [NOON - 44 * DAY]}, True),
        ({"sessions": [NOON - 45 * DAY]}, False),
        # It has to have stood for as long, and to have been watched for a week after.
        ({"closed_at": NOON - 28 * DAY}, False),
        ({"closed_at": NOON - 27 * DAY}, True),
        ({"opened_at": NOON - 8 * DAY, "sessions": [NOON - 18 * DAY]}, False),
        ({"opened_at": NOON - 9 * DAY, "sessions": [NOON - 19 * DAY]}, True),
    ],
)
def test_which_alerts_are_comparable(other, paired):
    found = pairs([WRITTEN, replace(watched(2), **other)], NOON)
    assert [(pair.written_to, pair.compared_with) for pair in found] == ([(1, 2)] if paired else [])


def test_each_is_compared_once_with_the_nearest():
    second = replace(WRITTEN, user_id=3)
    near, far = watched(4), watched(5, sessions=[NOON - 41 * DAY])
    found = pairs([far, near, WRITTEN, second], NOON)
    assert [(p.written_to, p.compared_with) for p in found] == [(1, 4), (3, 5)]
    assert pairs([WRITTEN, second], NOON) == []


def test_only_those_that_opened_at_about_the_same_time_are_asked():
    """However many there are, a letter costs the same."""
    crowd = [
        watched(n, opened_at=NOON - 30 * DAY - n * DAY / 100, sessions=[NOON - 50 * DAY])
        for n in range(10, 10 + MAX_CANDIDATES)
    ]
    alike = watched(9, opened_at=NOON - 33 * DAY, sessions=[NOON - 43 * DAY])
    assert [p.compared_with for p in pairs([WRITTEN, *crowd[1:], alike], NOON)] == [9]
    assert pairs([WRITTEN, *crowd, alike], NOON) == []


@pytest.mark.parametrize(
    ("back", "resumed"), [(6.9, True), (7, True), (7.1, False), (0, False), (None, False)]
)
def test_resumed_is_a_session_within_seven_days(back, resumed):
    sessions = [NOON - 40 * DAY]
    if back is not None:
        sessions.append(NOON - 28 * DAY + back * DAY)
    found = pairs([replace(WRITTEN, sessions=sessions), watched(2)], NOON)
    if back == 0:
        found = pairs([replace(WRITTEN, sessions=sessions), watched(2, sessions=sessions)], NOON)
    assert [pair.resumed for pair in found] == [resumed]
    assert not any(pair.compared_resumed for pair in found)


def test_a_letter_whose_week_isnt_over_is_not_counted_yet():
    late = replace(WRITTEN, written_at=NOON - 6.9 * DAY)
    assert pairs([late, watched(2)], NOON) == []


# --- As a report ----------------------------------------------------------------------------------
def alert_of(course, number: int, *, written: bool, back: bool) -> None:
    now = timezone.now()
    person = someone(course, enrolled_ago=40 * DAY)
    if back:
        a_session(course, person, now=now - 10 * DAY)
    alert = Alert.objects.create(
        enrollment=the_enrollment(person),
        user=person,
        course=course,
        kind="never_started",
        opened_at=now - 20 * DAY + number * DAY / 1000,
        since=now - 40 * DAY,
    )
    if written:
        Outreach.objects.create(
            alert=alert, subject="a", body="b", written_at=now - 12 * DAY, sent_at=now - 12 * DAY
        )


def rows(window) -> list[list[str]]:
    table = window.get(ADDRESS).context["table"]
    return [[cell.text for cell in row] for row in table.rows]


@pytest.mark.django_db
def test_groups_under_five_stay_hidden(course, sign_in):
    window = sign_in(an_instructor_of(course))
    assert rows(window) == []
    for number in range(4):
        alert_of(course, number, written=True, back=True)
        alert_of(course, number, written=False, back=False)
    assert [row[2:] for row in rows(window)] == [["–"] * 7] * 2
    for number in range(4, 6):
        alert_of(course, number, written=True, back=number == 4)
        alert_of(course, number, written=False, back=number == 4)
    # 5 of 6 against 1 of 6; Newcombe's interval for pairs of +67 points.
    expected = ["6", "5", "83 %", "1", "16 %"]
    found = rows(window)
    assert [row[:2] for row in found] == [
        ["All courses", "All kinds"],
        ["All courses", "Never started"],
    ]
    assert found[0][2:5] == expected[:3] and found[0][5] == "1"
    low, high = int(found[0][7].replace("−", "-")), int(found[0][8])
    assert (low, high) == (11, 86)
    page = text_of(window.get(ADDRESS))
    assert "because" not in page and "effect of" not in page


def test_the_difference_is_that_of_pairs():
    """The shares are the same, but the interval is narrower where both of a pair come back or
    neither does."""
    alike = [(True, True)] * 40 + [(True, False)] * 10 + [(False, False)] * 50
    crossed = [(True, True)] * 15 + [(True, False)] * 35
    crossed += [(False, True)] * 25 + [(False, False)] * 25
    rows = [
        _row(("All", "Kind", [Pair(1, "k", n, 100 + n, *each) for n, each in enumerate(pairs)]))
        for pairs in (alike, crossed)
    ]
    assert [row[2:7] for row in rows] == [(100, 50, 50, 40, 40)] * 2
    assert [row[7:] for row in rows] == [(4, 16), (-5, 24)]


@pytest.mark.django_db
def test_learners_with_a_letter_about_something_else_are_not_compared(course, sign_in):
    for number in range(5):
        alert_of(course, number, written=True, back=True)
        alert_of(course, number, written=False, back=False)
    window = sign_in(an_instructor_of(course))
    assert rows(window)[0][2] == "5"
    free = Alert.objects.filter(outreach=None).first()
    other = Alert.objects.create(
        enrollment=free.enrollment,
        user=free.user,
        course=course,
        kind="pace",
        opened_at=free.opened_at,
        since=free.since,
    )
    sent = timezone.now() - 12 * DAY
    Outreach.objects.create(alert=other, subject="a", body="b", written_at=sent, sent_at=sent)
    assert rows(window)[0][2] == "–"


@pytest.mark.django_db
def test_instructors_compare_own_courses_only(course, sign_in):
    for number in range(6):
        alert_of(course, number, written=True, back=True)
        alert_of(course, number, written=False, back=False)
    assert rows(sign_in(an_instructor_of(a_course_of(VIDEO)))) == []
    assert EFFECT.may_open(an_instructor_of(course))


@pytest.mark.django_db
def test_fifty_letters_cost_as_many_queries_as_five(course, sign_in):
    window = sign_in(an_instructor_of(course))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            window.get(ADDRESS)
        return len(captured)

    alert_of(course, 1, written=True, back=True)
    alert_of(course, 1, written=False, back=False)
    window.get(ADDRESS)
    one = queries()
    for number in range(10):
        alert_of(course, number, written=number % 2 == 0, back=False)
    assert queries() == one


@pytest.mark.parametrize(("size", "count"), [(1, None), (4, None), (5, 5), (9, 9)])
def test_a_group_has_figures_from_five_learners_on(size, count):
    found = [Pair(1, "k", number, 100 + number, True, False) for number in range(size)]
    assert _row(("All", "Kind", found))[2] == count
