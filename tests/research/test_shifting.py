"""A cohort that fails more often than those before it is predicted as high as it fails."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.facts.risk.prior import prior
from analytics.facts.risk.signs import measures
from research.risk import evaluation, oulad, shifting
from tests.research.test_oulad import write_folder


def a_cohort(rate: float, learners: int, seed: int):
    """Learners who fail at this rate, and the risk of a model that expects half of them to: failing
    ones differ from the others in the same way, whatever the rate."""
    chance = np.random.default_rng(seed)
    failed = (chance.uniform(size=learners) < rate).astype(float)
    sign = chance.normal(1.5 * failed, 1.0)
    odds = 1.5 * sign - 1.5**2 / 2  # the log of how much likelier the sign is if they fail
    return failed, 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("rate", [0.2, 0.35, 0.5, 0.7])
def test_the_rate_is_found_without_any_outcome(rate):
    failed, risk = a_cohort(rate, 6_000, seed=3)
    estimated = shifting.estimated_rate(risk, 0.5, 0.5)
    assert estimated == pytest.approx(failed.mean(), abs=0.04)
    corrected = shifting.adjusted(risk, 0.5, estimated)
    assert measures.calibration_error(failed, corrected) < 0.04
    assert measures.auc(failed, corrected) == pytest.approx(measures.auc(failed, risk))


def test_a_small_cohort_stays_near_its_season():
    _, risk = a_cohort(0.9, 10, seed=3)
    assert shifting.estimated_rate(risk, 0.5, 0.5) < 0.6
    assert shifting.estimated_rate(np.zeros(0), 0.5, 0.3) == pytest.approx(0.3)


def test_without_a_change_risks_stay():
    risk = np.linspace(0, 1, 11)
    assert shifting.adjusted(risk, 0.4, 0.4) == pytest.approx(risk)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_of_none_or_all_is_no_certainty(rate):
    found = shifting.adjusted(np.array([0.0, 0.3, 1.0]), 0.5, rate)
    assert np.isfinite(found).all() and 0 < found[1] < 1


@pytest.fixture(scope="module")
def presentations(tmp_path_factory):
    known = [("AAA", "2013B"), ("AAA", "2013J"), ("AAA", "2014B")]
    return oulad.load(write_folder(tmp_path_factory.mktemp("oulad"), known, learners=150))


def test_the_rate_of_a_season_is_drawn_towards_that_of_all(presentations):
    trained = presentations[:2]
    own = shifting.failure_rate([presentations[0]], 60)
    everyone = shifting.failure_rate(trained, 60)
    season = shifting.season_rate(trained, "B", 60)
    assert min(own, everyone) <= season <= max(own, everyone)
    assert shifting.season_rate(trained[1:], "B", 60) == shifting.failure_rate(trained[1:], 60)


@pytest.mark.parametrize("method", shifting.METHODS.values(), ids=shifting.METHODS)
def test_no_outcome_of_the_measured_cohort_is_used(presentations, method):
    *trained, tested = presentations
    found = evaluation.predict(prior(), [tested], 60)
    turned = replace(found, outcome=1 - found.outcome)
    assert method(found, trained).tolist() == method(turned, trained).tolist()
