"""Coverage is a union of half-open spans, never a playhead."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.completion import share_bp
from progress.rules.coverage import add, clip, earn, gaps, heartbeat_stretch, length, union

EXTENT = 60_000
PLENTY = 10**9

spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 200)).map(lambda p: (min(p), max(p) + 1)),
    max_size=12,
)


@pytest.mark.parametrize(
    ("segments", "percent"),
    [
        ([(0, 30_000), (0, 30_000)], 50),  # the same beat, delivered twice
        ([(30_000, 60_000), (0, 30_000)], 100),  # out of order
        ([(55_000, 60_000)], 8.33),  # jumping to the end earns the end only
        ([(0, 10_000), (20_000, 30_000), (5_000, 25_000)], 50),  # a bridge between two islands
        ([(0, 59_999)], 99.99),  # rounded down, never up
        ([], 0),
    ],
)
def test_coverage_is_a_union(segments, percent):
    covered = length(earn((), segments, PLENTY).coverage)
    assert share_bp(covered, EXTENT) / 100 == percent


@pytest.mark.parametrize(
    ("span", "expected"),
    [((0, 10), (0, 10)), ((50, 70), (50, 60)), ((70, 80), None), ((60, 61), None)],
)
def test_a_segment_is_clipped_to_the_extent(span, expected):
    assert clip(span, 0, 60) == expected


@pytest.mark.parametrize(
    ("position", "duration", "rate", "expected"),
    [
        (45_000, 30_000, 1000, (15_000, 45_000)),
        (45_000, 15_000, 2000, (15_000, 45_000)),
        (10_000, 30_000, 1000, (0, 10_000)),  # clipped at the start
        (0, 30_000, 1000, None),
        (45_000, 0, 1000, None),
    ],
)
def test_a_simple_client_played_the_stretch_before_its_position(position, duration, rate, expected):
    assert heartbeat_stretch(position, duration, rate) == expected


def test_over_budget_each_segment_counts_from_its_start_in_the_order_sent():
    earned = earn((), [(40, 60), (0, 30)], 25)
    assert earned.coverage == ((0, 5), (40, 60))
    assert (earned.covered, earned.withheld, earned.replayed) == (25, 25, 0)


def test_replay_costs_no_budget_and_earns_nothing():
    earned = earn(((0, 50),), [(0, 50), (40, 60)], 10)
    assert earned.coverage == ((0, 60),)
    assert (earned.covered, earned.replayed, earned.withheld) == (10, 60, 0)


@given(spans)
def test_a_union_holds_exactly_the_integers_of_its_spans(many):
    merged = union(many)
    assert {i for a, b in merged for i in range(a, b)} == {i for a, b in many for i in range(a, b)}
    assert all(a < b for a, b in merged)
    assert all(one[1] < two[0] for one, two in itertools.pairwise(merged))


@given(spans, st.randoms())
def test_any_order_any_repetition_gives_the_same_coverage(many, random):
    again = many + [random.choice(many) for _ in many]
    random.shuffle(again)
    assert earn((), many, PLENTY).coverage == earn((), again, PLENTY).coverage


@given(spans, st.integers(0, 12))
def test_any_batching_gives_the_same_coverage(many, cut):
    first = earn((), many[:cut], PLENTY).coverage
    assert earn(first, many[cut:], PLENTY).coverage == earn((), many, PLENTY).coverage


@given(spans, spans, st.integers(0, 500))
def test_coverage_never_shrinks_nor_exceeds_its_budget(before, segments, budget):
    known = union(before)
    earned = earn(known, segments, budget)
    assert union(known, earned.coverage) == earned.coverage
    assert length(earned.coverage) - length(known) == earned.covered <= budget
    assert earned.covered + earned.replayed + earned.withheld >= length(union(segments))


@given(spans, st.integers(0, 200), st.integers(0, 200))
def test_gaps_are_the_parts_that_the_spans_leave_open(many, low, size):
    merged = union(many)
    open_ = gaps(merged, low, low + size)
    inside = {i for a, b in merged for i in range(a, b)}
    assert {i for a, b in open_ for i in range(a, b)} == set(range(low, low + size)) - inside


@given(spans, st.integers(0, 200), st.integers(1, 50))
def test_adding_one_span_is_a_union(many, start, size):
    merged = union(many)
    assert add(merged, (start, start + size)) == union(merged, [(start, start + size)])
