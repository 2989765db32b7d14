"""How predictions are measured: within a week and a course, and how certain that is."""

import numpy as np
import pytest

from analytics.facts.risk.signs import measures


def test_the_week_alone_is_no_prediction():
    """Everyone in a week has the same risk, and later weeks have fewer who fail."""
    week = np.repeat([1, 2, 3], 100)
    failed = np.concatenate([np.arange(100) < share for share in (80, 50, 20)]).astype(float)
    risk = 1 - week / 4
    assert measures.auc(failed, risk) > 0.7
    assert measures.auc_within(failed, risk, week) == pytest.approx(0.5)


def test_within_a_single_group_it_is_the_plain_auc():
    chance = np.random.default_rng(3)
    risk = chance.uniform(size=200)
    failed = (chance.uniform(size=200) < risk).astype(float)
    within = measures.auc_within(failed, risk, np.zeros(200))
    assert within == pytest.approx(measures.auc(failed, risk))
    assert measures.auc_interval(failed, risk).auc == pytest.approx(within)


def test_without_both_outcomes_in_any_group_nothing_is_measured():
    assert np.isnan(measures.auc_within(np.array([1.0, 0.0]), np.array([0.9, 0.1]), np.arange(2)))
    assert np.isnan(measures.auc_interval(np.ones(3), np.arange(3.0)).low)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """A normal score that is one deviation higher for those who fail has an AUC of .7602."""
    chance = np.random.default_rng(5)
    failed = np.repeat([0.0, 1.0], [60, 40])
    below = sum(
        measures.auc_interval(failed, chance.normal(failed, 1.0)).low < 0.7602 for _ in range(400)
    )
    assert 0.94 <= below / 400 <= 0.995


def test_the_interval_narrows_with_more_learners():
    chance = np.random.default_rng(5)
    few, many = (np.repeat([0.0, 1.0], size) for size in (20, 2_000))
    widths = [
        found.auc - found.low
        for truth in (few, many)
        for found in [measures.auc_interval(truth, chance.normal(truth, 1.0))]
    ]
    assert widths[1] < widths[0] / 5


def test_chance_alone_is_hardly_an_error_of_calibration():
    chance = np.random.default_rng(11)
    errors, by_width = [], []
    for _ in range(100):
        risk = chance.uniform(size=100)
        failed = (chance.uniform(size=100) < risk).astype(float)
        errors.append(measures.calibration_error_by_rank(failed, risk))
        by_width.append(measures.calibration_error(failed, risk))
    assert np.mean(errors) < 0.075 < np.mean(by_width)


def test_risks_that_are_all_too_high_are_an_error_of_calibration():
    failed = np.tile([1.0, 0.0, 0.0, 0.0], 25)
    assert measures.calibration_error_by_rank(failed, np.full(100, 0.75)) == pytest.approx(0.5)
    assert np.isnan(measures.calibration_error_by_rank(np.zeros(0), np.zeros(0)))
