"""Time is bounded by the server's clock; moments are milliseconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.timing import (
    Claim,
    active_span,
    begin_elapsed,
    elapsed_ms,
    place,
    spend,
    tail,
    touch,
)

HOUR = 3_600_000
TIMEOUT = 1_800_000


def placed(claims, *, sent=None, received=HOUR, start=0):
    return place(
        [Claim(*claim) for claim in claims], sent=sent, received=received, session_start=start
    )


def test_an_event_is_as_old_as_the_client_says():
    assert placed([(1_000, 0)], sent=5_000) == [HOUR - 4_000]


@pytest.mark.parametrize("wrong_by", [0, 365 * 24 * HOUR, -365 * 24 * HOUR])
def test_a_wrong_client_clock_moves_nothing(wrong_by):
    assert placed([(1_000 + wrong_by, 0)], sent=5_000 + wrong_by) == [HOUR - 4_000]


def test_no_event_leaves_its_session():
    assert placed([(0, 0), (9 * HOUR, 0)], sent=8 * HOUR, start=HOUR - 10) == [HOUR - 10, HOUR]


def test_without_times_a_batch_lies_end_to_end_backwards_from_receipt():
    claims = [(None, 15_000), (None, 15_000), (None, 30_000)]
    assert placed(claims) == [HOUR - 45_000, HOUR - 30_000, HOUR]


def test_without_sent_at_the_newest_event_is_now():
    assert placed([(1_000, 0), (4_000, 0)]) == [HOUR - 3_000, HOUR]


def test_two_tabs_for_ten_minutes_are_ten_minutes():
    spans, first = spend((), (0, 600_000))
    spans, second = spend(spans, (0, 600_000))
    spans, third = spend(spans, (300_000, 900_000))
    assert (first, second, third) == (600_000, 0, 300_000)
    assert spans == ((0, 900_000),)


def test_credited_time_of_a_crowded_batch_lies_inside_the_session():
    assert active_span(5_000, 10_000, session_start=5_000, received=15_000) == (5_000, 15_000)
    assert active_span(5_000, 0, session_start=0, received=15_000) is None


def test_a_long_silence_buys_nothing_until_an_event_fills_it():
    silent = touch(begin_elapsed(0), HOUR, HOUR, TIMEOUT)
    assert elapsed_ms(silent) == 0
    assert elapsed_ms(touch(silent, HOUR // 2, HOUR // 2, TIMEOUT)) == HOUR


def test_an_event_after_a_long_silence_counts_for_as_long_as_it_lasted():
    silent = touch(begin_elapsed(0), HOUR - 15_000, HOUR, TIMEOUT)
    assert elapsed_ms(silent) == 15_000


def test_the_tail_of_an_open_session_counts_unless_it_is_a_silence():
    elapsed = begin_elapsed(0)
    assert elapsed_ms(elapsed, tail(elapsed, 10_000, TIMEOUT)) == 10_000
    assert tail(elapsed, TIMEOUT + 2, TIMEOUT) == ()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.randoms())
def test_elapsed_spans_are_the_same_in_any_order_of_events(minutes, random):
    def grown(moments):
        spans = begin_elapsed(0)
        for minute in moments:
            spans = touch(spans, minute * 600_000, minute * 600_000, TIMEOUT)
        return spans

    shuffled = list(minutes)
    random.shuffle(shuffled)
    assert grown(minutes) == grown(shuffled)


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(-(10**12), 10**12)), st.integers(0, 10**6))
    ),
    st.one_of(st.none(), st.integers(-(10**12), 10**12)),
)
def test_every_moment_lies_between_start_and_receipt(claims, sent):
    assert all(1_000 <= moment <= HOUR for moment in placed(claims, sent=sent, start=1_000))
