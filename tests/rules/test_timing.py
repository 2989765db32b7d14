"""Time is bounded by the server's clock; moments are milliseconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules import timing
from progress.rules.coverage import length
from progress.rules.timing import (
    Claim,
    active_span,
    begin_elapsed,
    corrected_moments,
    elapsed_ms,
    spend,
    tail,
    touch,
)

HOUR = 3_600_000
TIMEOUT = 1_800_000


def placed(claims, *, sent=None, received=HOUR, start=0):
    return corrected_moments(
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


# --- Jitter --------------------------------------------------------------------------------------
def adjoined(span, *ends, received=10**9):
    return timing.adjoin(span, ends, session_start=0, received=received)


@pytest.mark.parametrize(
    ("span", "end", "moved"),
    [
        ((15_700, 30_700), 15_000, (15_000, 30_000)),  # a little late
        ((14_100, 29_100), 15_000, (15_000, 30_000)),  # a little early
        ((17_000, 32_000), 15_000, (15_000, 30_000)),  # two seconds, and no more
        ((17_001, 32_001), 15_000, (17_001, 32_001)),
        ((12_999, 27_999), 15_000, (12_999, 27_999)),
        ((15_000, 30_000), 15_000, (15_000, 30_000)),
    ],
)
def test_a_span_adjoins_its_sessions_previous_one_within_two_seconds(span, end, moved):
    assert adjoined(span, end) == moved


def test_no_span_is_moved_beyond_the_moment_it_was_received():
    assert adjoined((14_000, 29_000), 15_000, received=29_400) == (14_400, 29_400)


def test_the_nearest_end_counts():
    assert adjoined((10_000, 12_000), 8_500, 10_400, 20_000) == (10_400, 12_400)


def film(offsets, length_ms=15_000):
    """A session of beats that each come up to 2 s early or late; answers the union and the sum."""
    spans, ends, total, received = (), [], 0, 0
    for beat, offset in enumerate(offsets, 1):
        # A request arrives after the one before it.
        received = max(received, 5_000 + beat * length_ms + offset)
        span = timing.active_span(received, length_ms, session_start=0, received=received)
        span = timing.adjoin(span, ends[-1:], session_start=0, received=received)
        spans, fresh = timing.spend(spans, span)
        ends.append(span[1])
        total += fresh
    return spans, total, received


@given(st.lists(st.integers(-900, 900), min_size=1, max_size=200))
def test_a_steady_film_is_one_span_and_loses_nothing(offsets):
    # The first beat may come latest of all; what follows adjoins it as far as it has arrived.
    spans, total, received = film([900, *offsets])
    lost = (len(offsets) + 1) * 15_000 - total
    assert lost <= 1_800
    assert len(spans) == 1
    assert spans[-1][1] <= received


moments = st.integers(0, 100_000)


@given(
    st.lists(
        st.tuples(moments, st.integers(1, 20_000), st.integers(0, 5_000)), min_size=1, max_size=40
    ),
    st.integers(0, 5_000),
)
def test_moving_makes_no_time_that_the_clock_had_not(events, session_start):
    """Whatever the order: within the session and before its receipt, and no longer than it was."""
    spans, ends, received_last = (), [], session_start
    for moment, length_ms, delay in events:
        received = max(moment, session_start) + delay
        received_last = max(received_last, received)
        moment = max(moment, session_start)
        span = timing.active_span(moment, length_ms, session_start=session_start, received=received)
        if span is None:
            continue
        moved = timing.adjoin(span, ends, session_start=session_start, received=received)
        assert moved[1] - moved[0] == span[1] - span[0]
        assert abs(moved[0] - span[0]) <= timing.JITTER_MS
        assert session_start <= moved[0]
        assert moved[1] <= received
        ends.append(moved[1])
        before = length(spans)
        spans, fresh = timing.spend(spans, moved)
        assert length(spans) == before + fresh
    assert length(spans) <= received_last - session_start
