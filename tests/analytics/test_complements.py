"""Which groups stay hidden: those of few people, and what would tell of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.query.minimum_sample import SMALLEST_GROUP, hidden

SIZES = st.lists(st.integers(0, 12), max_size=8)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ([], []),
        ([5, 9], [5, 9]),
        ([4], []),
        ([9, 4, 30], [30]),  # the total less thirty tells of thirteen
        ([4, 1, 9], [9]),  # five stay hidden together
        ([1, 3, 9, 30], [30]),
        ([0, 30, 9], [30]),  # nobody was active, and yet there may be something to tell
        ([9, 9, 4, 9], [9, 9]),
    ],
)
def test_groups_that_stay_hidden(sizes, told):
    untold = hidden(sizes)
    assert [size for place, size in enumerate(sizes) if place not in untold] == told


@given(SIZES)
def test_no_group_of_few_is_shown(sizes):
    untold = hidden(sizes)
    assert all(size >= SMALLEST_GROUP for at, size in enumerate(sizes) if at not in untold)


@given(SIZES)
def test_the_total_less_what_is_shown_is_of_nobody_or_of_five_in_two_groups(sizes):
    untold = hidden(sizes)
    if untold and len(untold) < len(sizes):
        left = sum(sizes) - sum(size for at, size in enumerate(sizes) if at not in untold)
        assert left >= SMALLEST_GROUP and len(untold) > 1


@given(SIZES)
def test_nothing_is_hidden_in_vain(sizes):
    """Whatever is hidden is small, or the others that are hidden would be worked out."""
    untold = hidden(sizes)
    for place in untold:
        others = sum(sizes[other] for other in untold - {place})
        assert sizes[place] < SMALLEST_GROUP or others < SMALLEST_GROUP


@given(SIZES, st.randoms())
def test_the_order_of_groups_says_nothing(sizes, random):
    shuffled = random.sample(sizes, len(sizes))
    assert sorted(sizes[at] for at in hidden(sizes)) == sorted(
        shuffled[at] for at in hidden(shuffled)
    )
