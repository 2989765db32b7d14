"""The days of completions elsewhere: which are accepted, and when they count."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from progress.rules.outside import problems, validity

TODAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("completed_on", "valid_until", "wrong"),
    [
        (TODAY, None, set()),
        (date(2026, 5, 5), None, {"completed_on"}),
        (date(1949, 12, 31), None, {"completed_on"}),
        (date(1950, 1, 1), TODAY, set()),
        (TODAY, TODAY, set()),
        (TODAY, date(2026, 5, 3), {"valid_until"}),
        (TODAY, date(3000, 1, 1), {"valid_until"}),
        (date(2026, 5, 6), date(2026, 5, 5), {"completed_on", "valid_until"}),
    ],
)
def test_a_day_that_cannot_be_is_named(completed_on, valid_until, wrong):
    assert set(problems(completed_on, valid_until, TODAY)) == wrong


def test_it_counts_from_the_first_moment_of_its_day_to_the_last_of_its_validity():
    berlin = ZoneInfo("Europe/Berlin")
    found = validity(date(2026, 3, 29), date(2026, 10, 25), berlin)
    assert found.begins == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert found.ends == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert validity(TODAY, None, berlin).ends is None
    assert validity(TODAY, TODAY, berlin).ends - validity(TODAY, TODAY, berlin).begins
