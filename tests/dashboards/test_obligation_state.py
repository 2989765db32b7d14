"""The state of one person in a requirement, by dates alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.compliance.obligation_state import Cycle, ObligationState, due_day, state, step_due
from tests.support.learners import DAY

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
TODAY = NOON.date()
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def state_of(*cycles, due_on=None, is_exempt=False):
    return state(cycles, due_on=due_on, today=TODAY, now=NOON, is_exempt=is_exempt)


OPEN = Cycle(None, is_open=True)
DONE = Cycle(NOON - 30 * DAY, is_open=True)


@pytest.mark.parametrize(
    ("cycles", "due_in", "expected"),
    [
        ([], None, ObligationState.NOT_ENROLLED),
        ([], -1, ObligationState.OVERDUE),
        ([OPEN], None, ObligationState.OPEN),
        ([OPEN], 15, ObligationState.OPEN),
        ([OPEN], 14, ObligationState.DUE_SOON),
        ([OPEN], 0, ObligationState.DUE_SOON),  # until the day is over
        ([OPEN], -1, ObligationState.OVERDUE),
        ([DONE], -1, ObligationState.COMPLETE),
        (
            [Cycle(NOON - DAY, is_open=False)],
            -1,
            ObligationState.COMPLETE,
        ),  # whoever left has it all the same
        ([Cycle(NOON - DAY, True, expires_at=NOON)], 5, ObligationState.EXPIRED),
        ([Cycle(NOON - DAY, True, expires_at=NOON + DAY)], 5, ObligationState.COMPLETE),
        ([Cycle(NOON - DAY, True, revoked_at=NOON)], 5, ObligationState.EXPIRED),
        ([Cycle(NOON - DAY, False, expires_at=NOON), OPEN], 5, ObligationState.EXPIRED),
        ([Cycle(NOON - DAY, False, expires_at=NOON), DONE], 5, ObligationState.COMPLETE),
    ],
)
def test_the_state_of_an_obligation(cycles, due_in, expected):
    due_on = None if due_in is None else TODAY + timedelta(days=due_in)
    assert state_of(*cycles, due_on=due_on) is expected


def test_exempt_people_owe_nothing_and_their_completions_count():
    assert state_of(due_on=TODAY - DAY, is_exempt=True) is ObligationState.EXEMPT
    assert state_of(DONE, is_exempt=True) is ObligationState.COMPLETE


@given(moments, st.none() | moments, st.none() | moments, moments)
def test_what_holds_was_completed_and_neither_ended_nor_revoked(done, ends, revoked, moment):
    holds = Cycle(done, True, 0, ends, revoked).is_valid_at(moment)
    gone = [each for each in (ends, revoked) if each is not None and each <= moment]
    assert holds == (done <= moment and not gone)


@given(st.lists(st.integers(-60, 60)), st.integers(-90, 90))
def test_the_latest_step_that_has_come(days, late):
    found = step_due(days, TODAY - timedelta(days=late), TODAY)
    come = [each for each in days if each <= late]
    assert found == (max(come) if come else None)


def test_the_due_day_counts_from_joining_and_not_from_before_it_was_required():
    starts, joined = date(2026, 3, 1), date(2026, 3, 10)
    assert due_day(None, 30, starts, joined) == date(2026, 4, 9)
    assert due_day(None, 30, starts, date(2020, 1, 1)) == date(2026, 3, 31)
    assert due_day(date(2026, 6, 1), None, starts, joined) == date(2026, 6, 1)
    assert due_day(None, None, starts, joined) is None
    assert due_day(None, 2**31 - 1, starts, joined) is None
    assert step_due([0, 10**9, -(10**9)], joined, joined) == 0
