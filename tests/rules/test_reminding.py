"""Which hour of which day it is for a learner."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from progress.rules.reminding import EVERY_DAY, bit, has_passed, moment_in


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", date(2026, 11, 30), (16, 20)),
        ("Asia/Tokyo", date(2026, 12, 1), (1, 5)),  # a Tuesday already
        ("America/Los_Angeles", date(2026, 11, 30), (8, 12)),
        ("Asia/Kathmandu", date(2026, 12, 1), (-3, 1)),  # 01:45
    ],
)
def test_what_is_due_is_the_hour_and_the_three_before_it(zone, day, hours):
    moment = moment_in(datetime(2026, 11, 30, 20, 0, tzinfo=UTC), ZoneInfo(zone))
    assert (moment.day, moment.hours) == (day, hours)


def test_every_day_has_its_bit():
    assert sum(bit(day) for day in range(7)) == EVERY_DAY
    monday = moment_in(datetime(2026, 11, 30, 20, 0, tzinfo=UTC), ZoneInfo("UTC"))
    assert monday.bit == 1


def test_an_hour_has_passed_once_it_has_begun():
    now = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    assert has_passed(20, now, ZoneInfo("UTC"))
    assert not has_passed(21, now, ZoneInfo("UTC"))
