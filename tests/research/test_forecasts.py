"""The replay of forecasts knows nothing of later, and its scores can't be gamed."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from research.forecasts import worlds
from research.forecasts.evaluation import METHODS, Made, interval_scores, measure, replay
from research.management.commands.evaluate_forecasts import Command

SIZES = {"cohorts": 2, "learners": 12, "seed": 5}


def small(name: str):
    return worlds.coursework(worlds.WORLDS[name], **SIZES)


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_a_world_is_the_same_for_the_same_seed(name):
    one, other = small(name), small(name)
    assert (np.nan_to_num(one.done, nan=-1) == np.nan_to_num(other.done, nan=-1)).all()
    assert not np.isnan(one.finished).all() and np.isnan(one.finished).any()


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_no_forecast_knows_what_happens_later(name):
    """Everything after a moment is changed; what was forecast before it stays."""
    work = small(name)
    moment = worlds.START + worlds.APART + 35.0
    limit = (moment - work.started)[:, None]
    done = np.where(work.done <= limit, work.done, np.where(limit < 500, limit + 50, work.done))
    other = replace(work, done=done, finished=done.max(axis=1))
    mine, theirs = replay(work), replay(other)
    before = [
        at
        for at, (settles, horizon) in enumerate(zip(mine.settles, mine.horizon, strict=True))
        if settles - horizon <= moment
    ]
    assert len(before) > 50
    for at in before:
        assert (mine.quantiles[at] == theirs.quantiles[at]).all()
        assert mine.points["linear"][at] == theirs.points["linear"][at]


def test_only_outcomes_that_were_known_calibrate():
    """With one cohort none is known while it lasts."""
    made = replay(worlds.coursework(worlds.semester, cohorts=1, learners=70, seed=5))
    in_time = np.array(made.part) <= 4
    assert in_time.any() and not np.array(made.is_calibrated)[in_time].any()
    assert not np.array(made.is_shown)[in_time].any()


def an_interval(low: float, high: float, outcome: float) -> float:
    made = Made(horizon=[50.0], outcome=[outcome])
    made.spans = {method: [(low, high)] for method in METHODS}
    return float(interval_scores(made, np.array([0]))["forecast"][0])


@pytest.mark.parametrize(
    ("low", "high", "outcome", "score"),
    [
        (10, 20, 15, 10),
        (10, 20, 22, 30),
        (10, 20, 7, 40),
        (10, 20, np.inf, 310),
        (10, 50, np.inf, 40),
    ],
)
def test_the_score_is_the_width_and_ten_times_the_distance(low, high, outcome, score):
    assert an_interval(low, high, outcome) == pytest.approx(score)


def test_the_honest_interval_has_the_lowest_mean_score():
    outcomes = np.random.default_rng(1).uniform(0, 40, 4_000)
    spans = {"honest": (4, 36), "narrow": (15, 25), "wide": (0, 50)}
    means = {
        name: np.mean([an_interval(*span, outcome) for outcome in outcomes[:500]])
        for name, span in spans.items()
    }
    assert min(means, key=means.__getitem__) == "honest"


def test_the_interval_of_a_coverage_is_that_of_enrolments():
    made = replay(worlds.coursework(worlds.mooc, cohorts=2, learners=30, seed=5))
    rows = np.arange(len(made.part))
    found = measure(made, rows, draws=200)
    assert found.low < found.coverage < found.high
    assert found == measure(made, rows, draws=200)
    assert found.enrollments <= 60 < found.forecasts


def test_the_command_prints_a_table_for_each_world():
    out = StringIO()
    call_command(Command(), simulated=True, cohorts=1, learners=4, stdout=out)
    assert all(name[:16] in out.getvalue() for name in worlds.WORLDS)
    with pytest.raises(CommandError, match="at least one"):
        call_command(Command(), simulated=True, cohorts=0, stdout=out)


@pytest.mark.django_db
def test_the_command_reads_own_courses_and_refuses_unknown_ones():
    out = StringIO()
    call_command(Command(), stdout=out)
    assert "inside" in out.getvalue()
    with pytest.raises(CommandError, match="no course nowhere"):
        call_command(Command(), course=["nowhere"], stdout=out)
