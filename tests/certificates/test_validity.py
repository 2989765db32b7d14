"""How long a certificate is valid: by completion, to a fixed day, from the previous expiry."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from certificates.validity import (
    COMPLETION,
    FIXED,
    PREVIOUS,
    Terms,
    expires_at,
    last_day,
    last_day_of,
    opens_at,
)

days = st.dates(date(2000, 1, 1), date(2090, 12, 31))
months = st.integers(1, 120)
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Asia/Tokyo", "America/Sao_Paulo", "Pacific/Apia")]
)


@pytest.mark.parametrize(
    ("completed", "months", "last"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
    ],
)
def test_from_completion(completed, months, last):
    assert last_day(Terms(COMPLETION, months), completed) == last


@pytest.mark.parametrize(
    ("completed", "minimum", "last"),
    [
        (date(2026, 3, 30), 0, date(2026, 3, 31)),
        (date(2026, 3, 31), 0, date(2027, 3, 31)),  # a day at least
        (date(2026, 1, 10), 3, date(2027, 3, 31)),  # 80 days would be too few
        (date(2025, 12, 31), 3, date(2026, 3, 31)),
        (date(2019, 5, 1), 0, date(2020, 3, 31)),  # long before the day that was named
    ],
)
def test_to_a_fixed_day_but_for_a_minimum(completed, minimum, last):
    terms = Terms(FIXED, 12, fixed_on=date(2026, 3, 31), minimum_months=minimum)
    assert last_day(terms, completed) == last


def test_from_the_previous_expiry_when_renewed_in_time():
    terms = Terms(PREVIOUS, 12)
    assert last_day(terms, date(2026, 3, 1), previous=date(2026, 4, 30)) == date(2027, 4, 30)
    assert last_day(terms, date(2026, 4, 30), previous=date(2026, 4, 30)) == date(2027, 4, 30)
    assert last_day(terms, date(2026, 5, 1), previous=date(2026, 4, 30)) == date(2027, 5, 1)
    assert last_day(terms, date(2026, 5, 1)) == date(2027, 5, 1)


@given(days, days, months, st.integers(0, 60))
def test_a_fixed_day_is_the_first_that_leaves_the_minimum(completed, fixed, months, minimum):
    terms = Terms(FIXED, months, fixed_on=fixed, minimum_months=minimum)
    day = last_day(terms, completed)
    earliest = max(completed + timedelta(days=1), completed + relativedelta(months=minimum))
    assert day >= earliest
    # Steps that lead from the named day to about the earliest one, and a few around.
    near = ((earliest.year - fixed.year) * 12 + earliest.month - fixed.month) // months
    around = [fixed + relativedelta(months=months * (near + step)) for step in range(-3, 4)]
    assert day == min(each for each in around if each >= earliest)


@given(days, months, days)
def test_in_time_never_gets_less_than_from_completion(completed, length, previous):
    by_completion = last_day(Terms(COMPLETION, length), completed)
    assert last_day(Terms(PREVIOUS, length), completed, previous) >= by_completion


@given(days, st.times(), months, zones)
def test_it_ends_at_midnight_after_its_last_day(day, moment, length, zone):
    terms = Terms(COMPLETION, length)
    completed = datetime.combine(day, moment, UTC)
    ends = expires_at(terms, completed, zone)
    assert last_day_of(ends, zone) == last_day(terms, completed.astimezone(zone).date())
    local = (ends - timedelta(microseconds=1)).astimezone(zone)
    assert local.date() == last_day_of(ends, zone)
    assert ends > completed


def test_days_are_the_organisations():
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    terms = Terms(COMPLETION, 12)
    tokyo = expires_at(terms, late, ZoneInfo("Asia/Tokyo"))
    assert tokyo == datetime(2027, 11, 24, 15, tzinfo=UTC)  # 25 November, 0:00 there
    assert expires_at(terms, late, ZoneInfo("UTC")) == datetime(2027, 11, 24, tzinfo=UTC)


def test_the_window_opens_days_before_the_last_one():
    ends = datetime(2027, 5, 1, tzinfo=UTC)
    assert opens_at(ends, 60, ZoneInfo("UTC")) == datetime(2027, 3, 1, tzinfo=UTC)
    assert opens_at(ends, 0, ZoneInfo("UTC")) == datetime(2027, 4, 30, tzinfo=UTC)
