"""A page or a stretch of text is read once it was looked at for long enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.limits import Limits
from progress.rules.reading import (
    BINS,
    dwell,
    page_bins,
    page_need_ms,
    read_spans,
    span_bins,
    span_need_ms,
)

LIMITS = Limits()


def read_pages(*dwells, pages=10):
    shares = None
    for page, ms in dwells:
        shares = dwell(shares, page_bins(page), ms, page_need_ms(LIMITS), pages)
    return read_spans(shares)


def test_a_page_is_read_after_two_seconds_in_all():
    assert read_pages((1, 1_999)) == ()
    assert read_pages((1, 1_999), (1, 1)) == ((0, 1),)
    assert read_pages((1, 2_000), (2, 2_000), (10, 5_000)) == ((0, 2), (9, 10))


def test_thirds_of_the_dwell_make_a_whole():
    need = 3_000
    shares = None
    for _ in range(3):
        shares = dwell(shares, (0, 1), 1_000, need, 1)
    assert read_spans(shares) == ((0, 1),)


@pytest.mark.parametrize(
    ("span", "reading_seconds", "need"),
    [
        ((0, 1_000_000), 80, 20_000),  # a quarter of the reading time
        ((0, 500_000), 80, 10_000),
        ((0, 10_000), 80, 2_000),  # never below a page's
        ((0, 1_000_000), 0, 2_000),  # unknown reading time
    ],
)
def test_a_stretch_needs_a_quarter_of_its_reading_time(span, reading_seconds, need):
    assert span_need_ms(*span, reading_seconds, LIMITS) == need


@pytest.mark.parametrize(
    ("span", "bins"),
    [
        ((0, 1_000_000), (0, 1000)),
        ((100_000, 290_000), (100, 290)),
        ((100_500, 290_001), (100, 291)),  # what is touched
    ],
)
def test_a_span_touches_thousandths(span, bins):
    assert span_bins(*span) == bins


def test_a_glance_at_everything_and_glances_at_pieces_earn_only_their_worth():
    shares = dwell(None, (0, BINS), 2_000, 20_000, BINS)
    for start in range(0, BINS, 100):
        shares = dwell(shares, (start, start + 100), 100, 2_000, BINS)
    assert read_spans(shares) == ()


views = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 5), st.integers(0, 3_000), st.integers(1, 4_000))
)


@given(views, st.randoms())
def test_reading_is_the_same_in_any_order(seen, random):
    def read(order):
        shares = None
        for start, size, ms, need in order:
            shares = dwell(shares, (start, start + size), ms, need, 12)
        return shares or []

    shuffled = list(seen)
    random.shuffle(shuffled)
    assert read(seen) == read(shuffled)
