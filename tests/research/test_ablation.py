"""Reasons as shown, compared with taking each of them away."""

import numpy as np
import pytest

from analytics.facts.risk.prior import prior
from analytics.facts.risk.signs import reasons
from research.risk import ablation, oulad
from tests.research.test_oulad import write_folder

REASONS = len(reasons.NAMES)


@pytest.fixture(scope="module")
def presentations(tmp_path_factory):
    return oulad.load(write_folder(tmp_path_factory.mktemp("oulad"), [("AAA", "2019J")]))


def test_the_same_shares_agree_and_opposite_ones_dont():
    worth = np.random.default_rng(1).normal(size=(50, REASONS))
    same = ablation.agreement(60, worth, 3 * worth)
    assert (same.correlation, same.largest) == (pytest.approx(1), 1.0)
    opposite = ablation.agreement(60, worth, -worth)
    assert opposite.correlation == pytest.approx(-1)
    assert opposite.largest < 0.5


def test_learners_without_any_raising_reason_arent_counted_for_the_largest():
    found = ablation.agreement(60, -np.ones((3, REASONS)), np.ones((3, REASONS)))
    assert np.isnan(found.largest) and np.isnan(found.correlation)
    nobody = np.zeros((0, REASONS))
    assert ablation.agreement(60, nobody, nobody).learners == 0


def test_it_is_measured_and_repeatable(presentations):
    found = ablation.compare(prior(), presentations, 60)
    assert found == ablation.compare(prior(), presentations, 60)
    assert found.learners > 50
    assert found.correlation > 0.5


def test_what_others_have_in_common_is_worth_nothing(presentations):
    """Where everybody has the same features, replacing them changes nothing."""
    (each,) = presentations
    shown, worth = ablation._worths(prior(), each, 60)
    assert shown.shape == worth.shape == (len(shown), REASONS)
    load = reasons.NAMES.index("load")  # everyone studies as much here
    assert np.abs(worth[:, load]).max() == pytest.approx(0)
    assert np.abs(worth).max() > 0


def test_after_everybody_has_left_there_is_nobody(presentations):
    assert ablation.compare(prior(), presentations, 5_000).learners == 0
