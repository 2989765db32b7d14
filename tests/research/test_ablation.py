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
    shown, by_path = found
    assert shown.learners == by_path.learners > 20
    assert shown.correlation > max(0.9, by_path.correlation)


def test_what_others_have_in_common_is_worth_nothing(presentations):
    """Where everybody has the same features, replacing them changes nothing."""
    (each,) = presentations
    load = reasons.NAMES.index("load")  # everyone studies as much here
    found = list(ablation.worths(prior(), each, 60))
    assert found
    for worths in found:
        assert worths.shown.shape == worths.ablated.shape == (len(worths.shown), REASONS)
        assert np.abs(worths.ablated[:, load]).max() == pytest.approx(0)
        assert np.abs(worths.ablated).max() > 0


def test_the_product_and_the_ablation_are_given_different_learners(presentations, monkeypatch):
    given = []

    def compared(self, others):
        given.append((self.rows, others))
        return np.ones((len(self.rows), REASONS))

    def ablated(self, others, chance):
        given.append((self.rows, others))
        return np.ones((len(self.rows), REASONS))

    monkeypatch.setattr(ablation._Explained, "compared", compared)
    monkeypatch.setattr(ablation._Explained, "ablated", ablated)
    # What is known of a learner is the number of the learner alone.
    monkeypatch.setattr(
        ablation.features,
        "compute",
        lambda cohort, days, with_activity: np.tile(cohort.learners[:, None], (1, 72)).astype(
            float
        ),
    )
    monkeypatch.setattr(ablation.reasons, "gather", lambda found: np.ones((len(found), REASONS)))
    list(ablation.worths(prior(), presentations[0], 60))
    for (rows, products), (_, ours) in zip(given[::2], given[1::2], strict=True):
        named = [set(part[:, 0]) for part in (rows, products, ours)]
        assert min(map(len, named)) >= 5
        assert sum(map(len, named)) == len(set.union(*named))


def test_after_everybody_has_left_there_is_nobody(presentations):
    shown, by_path = ablation.compare(prior(), presentations, 5_000)
    assert shown.learners == by_path.learners == 0
