"""Until when answers count, and until when they may arrive."""

import pytest

from progress.rules.time_limits import Deadline, deadline, is_late, is_overdue

DAY = 86_400_000


@pytest.mark.parametrize(
    ("limit", "grace", "percent", "wanted"),
    [
        (60, 0, 100, (60_000, 60_000)),
        (60, None, 100, (60_000, 660_000)),
        (60, 120, 100, (60_000, 180_000)),
        (60, 120, 125, (75_000, 195_000)),
        (60, 120, 150, (90_000, 210_000)),
        (60, 120, 200, (120_000, 240_000)),
        (60, 30 * 86_400, 100, (60_000, 60_000 + 7 * DAY)),  # no later than any late event
    ],
)
def test_the_deadline_follows_from_the_beginning(limit, grace, percent, wanted):
    found = deadline(1000, limit, grace, percent=percent, late_event_ms=7 * DAY)
    assert found == Deadline(1000 + wanted[0], 1000 + wanted[1])


@pytest.mark.parametrize(
    ("moment", "late"), [(0, False), (60_000, False), (65_000, False), (65_001, True)]
)
def test_the_way_to_the_server_makes_no_answer_late(moment, late):
    assert is_late(moment, 60_000) is late
    assert is_overdue(moment, 60_000) is late
