"""Forecasts are shown only where earlier ones, as they were stored, were right often enough."""

import numpy as np
import pytest

from analytics.facts.forecast import gate
from analytics.facts.forecast.gate import MIN_ENROLLMENTS, Settled, Verdict, part_of, validate
from analytics.facts.forecast.intervals import GRID


def settled(inside, *, calibrated=True, late=None, was_late=None, each=1, named=True) -> Settled:
    """A forecast for each of `inside`, of which `each` are of one enrolment."""
    inside = np.array(inside, dtype=bool)
    number = len(inside)
    nothing = np.full(number, np.nan)
    return Settled(
        enrollment=np.arange(number) // each,
        is_named=np.full(number, named),
        inside=inside,
        by_level=np.repeat(inside[:, None], len(GRID), axis=1),
        is_calibrated=np.full(number, calibrated),
        width=np.full(number, 9.0),
        late=nothing if late is None else np.array(late, dtype=float),
        was_late=nothing if was_late is None else np.array(was_late, dtype=float),
    )


def of(share: float, number: int) -> list[bool]:
    """So many, of which a share is inside, spread evenly."""
    return [int((at + 1) * share) > int(at * share) for at in range(number)]


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [
        ([], Verdict.TOO_FEW),
        (of(0.8, MIN_ENROLLMENTS - 1), Verdict.TOO_FEW),
        (of(0.8, MIN_ENROLLMENTS), Verdict.VALID),
        (of(0.74, 100), Verdict.TOO_NARROW),
        (of(0.75, 100), Verdict.VALID),
        (of(0.85, 100), Verdict.VALID),
        (of(0.86, 100), Verdict.TOO_WIDE),
        # Right for long, but not for the last thirty.
        (of(1, 90) + of(0.4, 30), Verdict.DRIFTED),
    ],
)
def test_verdicts(inside, verdict):
    assert validate(settled(inside)).verdict is verdict


def test_several_forecasts_of_an_enrolment_count_as_one():
    found = validate(settled(of(0.8, 100), each=2))
    assert (found.verdict, found.enrollments, found.forecasts) == (Verdict.TOO_FEW, 50, 100)


def test_forecasts_that_named_no_day_have_no_coverage():
    assert validate(settled(of(0.8, 100), named=False)).verdict is Verdict.TOO_FEW


def test_only_the_newest_count():
    found = validate(settled(of(0.1, 200) + of(0.8, gate.MAX_ENROLLMENTS)))
    assert found.verdict is Verdict.VALID and found.coverage == pytest.approx(0.8)


def test_forecasts_that_were_made_before_there_were_outcomes_decide_nothing():
    before, after = settled(of(0.8, 100), calibrated=False), settled(of(0.76, 60))
    found = validate(before)
    assert (found.verdict, found.is_calibrated) == (Verdict.TOO_FEW, True), "new ones will be"
    names = Settled.__dataclass_fields__
    both = Settled(
        *(np.concatenate([getattr(before, name), getattr(after, name)]) for name in names)
    )
    both.enrollment[100:] += 1_000
    found = validate(both)
    assert (found.verdict, found.enrollments) == (Verdict.VALID, 60)
    assert found.coverage == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("chance", "seen", "is_valid"), [(0.3, 0.3, True), (0.3, 0.39, True), (0.3, 0.5, False)]
)
def test_chances_to_be_late_have_to_be_right_as_well(chance, seen, is_valid):
    inside = of(0.8, 100)
    found = validate(settled(inside, late=[chance] * 100, was_late=of(seen, 100)))
    assert found.is_late_valid is is_valid
    assert (found.late_expected, found.late_seen) == (pytest.approx(chance), pytest.approx(seen))


def test_without_due_dates_nothing_is_said_about_being_late():
    assert not validate(settled(of(0.8, 100))).is_late_valid


@pytest.mark.parametrize(
    ("share", "part"), [(0, 1), (0.24, 1), (0.25, 2), (0.99, 4), (1, 5), (7, 5)]
)
def test_parts_of_the_time(share, part):
    assert part_of(share) == part
