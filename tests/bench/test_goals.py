"""The table of goals says of each what it must be, what was found, and whether that is enough."""

import pytest

from bench import goals


def line_of(figure: str, found: dict[str, float]) -> str:
    place = [goal.figure for goal in goals.GOALS].index(figure)
    return goals.rows(found)[1 + place]


@pytest.mark.parametrize(
    ("figure", "value", "end"),
    [
        (goals.BATCH_20, 6_000.0, "≥ 6,000     6,000  met"),
        (goals.BATCH_20, 5_999.0, "≥ 6,000     5,999  MISSED"),
        (goals.START, 7.0, "≤ 7.00 ms      7.00  met"),
        (goals.START, 7.01, "≤ 7.00 ms      7.01  MISSED"),
        (goals.STEADY, 347.9, "≤ 100 ms       348  MISSED"),
        (goals.SINGLE_TO_EMPTY, 0.31, "≥ 0.33      0.31  MISSED"),
    ],
)
def test_a_figure_is_compared_with_its_limit(figure, value, end):
    assert line_of(figure, {figure: value}).endswith(end)


def test_what_was_not_measured_is_neither_met_nor_missed():
    lines = goals.rows({})[1:]
    assert len(lines) == len(goals.GOALS)
    assert all(line.endswith("not measured") for line in lines)
