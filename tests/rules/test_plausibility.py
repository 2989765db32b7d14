"""Coverage is bought with time; what isn't credited is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.limits import Limits
from progress.rules.plausibility import (
    active_time,
    coverage_budget,
    idle_time,
    media_coverage,
    split_claim,
)

LIMITS = Limits()
ms = st.integers(0, 10**7)


@pytest.mark.parametrize(
    ("claimed", "elapsed", "before", "granted", "withheld", "reason"),
    [
        (15_000, 60_000, 0, 15_000, 0, ""),
        (15_000, 60_000, 50_000, 10_000, 5_000, "clock"),
        (15_000, 10_000, 20_000, 0, 15_000, "clock"),
        (600_000, 900_000, 0, 120_000, 480_000, "event_limit"),
    ],
)
def test_active_time_is_bounded_by_the_clock(claimed, elapsed, before, granted, withheld, reason):
    got = active_time(claimed, elapsed, before, LIMITS, observe=False)
    assert (got.granted, got.withheld, got.reason) == (granted, withheld, reason)


def test_observation_credits_the_claim_and_returns_what_would_have_been_withheld():
    got = active_time(600_000, 10_000, 0, LIMITS, observe=True)
    assert (got.granted, got.withheld, got.reason) == (600_000, 590_000, "observed")


def test_coverage_costs_time_at_twice_the_speed_and_three_seconds_are_free():
    assert coverage_budget(10_000, 0, LIMITS) == 23_000
    assert coverage_budget(10_000, 22_000, LIMITS) == 1_000
    assert coverage_budget(10_000, 99_000, LIMITS) == 0


def test_one_event_covers_at_most_what_its_longest_time_can_play():
    got = media_coverage(500_000, 10**9, LIMITS, observe=False)
    assert (got.granted, got.withheld, got.reason) == (240_000, 260_000, "event_limit")
    assert media_coverage(10_000, 4_000, LIMITS, observe=False).reason == "rate"


def test_idle_time_fits_what_active_time_left():
    assert idle_time(60_000, 100_000, 70_000, observe=False) == 30_000
    assert idle_time(60_000, 100_000, 120_000, observe=False) == 0


@given(ms, ms, ms, st.booleans())
def test_nothing_is_lost_between_granted_and_withheld(claimed, allowed, limit, observe):
    got = split_claim(claimed, allowed, limit, "rate", observe=observe)
    assert got.granted == claimed if observe else got.granted + got.withheld == claimed
    assert bool(got.reason) == bool(got.withheld)


@given(st.lists(ms, max_size=30), ms)
def test_credited_time_never_exceeds_the_clock(claims, elapsed):
    credited = 0
    for claim in claims:
        credited += active_time(claim, elapsed, credited, LIMITS, observe=False).granted
    assert credited <= elapsed
