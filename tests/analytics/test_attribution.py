"""What each reason is worth: as trying every set of reasons gives it, and as one would expect."""

from itertools import product
from math import comb

import numpy as np
import pytest

from analytics.facts.risk import prior
from analytics.facts.risk.signs import adaptation, attribution, features, reasons
from analytics.facts.risk.signs.attribution import REASONS, Groups
from analytics.facts.risk.signs.model import has_activity

from .cohorts import LENGTH, a_cohort

DAY = 50.0
COLUMN = {each.name: column for column, each in enumerate(features.FEATURES)}
OF_REASON = [[COLUMN[name] for name in reasons.OF_REASON[reason]] for reason in reasons.NAMES]
PLAIN_WEIGHTS = adaptation.UNCHANGED.weights


@pytest.fixture(scope="module")
def rows():
    """[60, F] of learners in the same week of a course."""
    cohort = a_cohort(activity="diary", seed=5)
    return features.compute(cohort, np.full(60, DAY), with_activity=True)


def in_one_group(others, learners, weights=PLAIN_WEIGHTS) -> Groups:
    nothing = np.zeros(learners, dtype=int)
    return Groups(nothing, others, np.zeros(len(others), dtype=int), weights[None])


def worths(rows, groups, share=DAY / LENGTH):
    count = len(rows)
    is_active = np.ones(count, dtype=bool)
    return attribution.worths(prior.prior(), rows, np.full(count, share), is_active, groups)


def log_odds(rows, weights=PLAIN_WEIGHTS, share=DAY / LENGTH):
    count = len(rows)
    found = prior.prior().contributions(rows, np.full(count, share), np.ones(count, dtype=bool))
    return adaptation.gather(found) @ np.append(weights, 1.0)


@pytest.mark.parametrize("share", [0.06, 0.2, 0.6])
def test_it_is_what_trying_every_set_of_reasons_in_every_order_gives(rows, share):
    """By the definition of Shapley, on the model itself: 512 mixtures for each pair of learners."""
    weights = np.random.default_rng(3).uniform(0, 2, len(PLAIN_WEIGHTS))
    learners, others = rows[:2], rows[2:5]
    sets = np.array(list(product([False, True], repeat=REASONS)))
    expected = np.zeros((2, REASONS))
    for number, learner in enumerate(learners):
        for other in others:
            mixed = np.tile(learner, (len(sets), 1))
            for reason, columns in enumerate(OF_REASON):
                replaced = np.flatnonzero(~sets[:, reason])
                mixed[np.ix_(replaced, columns)] = other[columns]
            value = log_odds(mixed, weights, share)
            for reason in range(REASONS):
                without = np.flatnonzero(~sets[:, reason])
                size = sets[without].sum(axis=1)
                orders = np.array([1 / (REASONS * comb(REASONS - 1, int(n))) for n in size])
                # Sets are in the order of the numbers that they are in binary, the first reason
                # being the highest digit.
                gain = value[without + (1 << (REASONS - 1 - reason))] - value[without]
                expected[number, reason] += (orders * gain).sum() / len(others)
    found = worths(learners, in_one_group(others, 2, weights), share)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert np.abs(found).max() > 0.05


def test_they_add_up_to_the_difference_from_the_others(rows):
    learners, others = rows[:20], rows[20:50]
    found = worths(learners, in_one_group(others, 20)).sum(axis=1)
    replaced = [column for columns in OF_REASON for column in columns]
    mean = np.zeros(20)
    for other in others:
        mixed = learners.copy()
        mixed[:, replaced] = other[replaced]
        mean += log_odds(mixed) / len(others)
    np.testing.assert_allclose(found, log_odds(learners) - mean)


def test_what_is_the_same_for_everybody_is_worth_nothing(rows):
    same = rows.copy()
    for column in OF_REASON[reasons.NAMES.index("scores")]:
        same[:, column] = same[0, column]
    found = worths(same[:10], in_one_group(same, 10))
    assert np.abs(found[:, reasons.NAMES.index("scores")]).max() < 1e-12
    assert np.abs(found).max() > 0.05
    alone = np.repeat(rows[:1], 12, axis=0)
    np.testing.assert_allclose(worths(alone[:1], in_one_group(alone, 1)), 0, atol=1e-12)


def test_more_silence_is_never_worth_less(rows):
    """Whatever else a learner did: days of silence moved from none to more than the course has."""
    silence = reasons.NAMES.index("silence")
    others = rows[20:]
    before = np.full(20, -np.inf)
    for days in np.linspace(0, 260, 40):
        moved = rows[:20].copy()
        moved[:, COLUMN["silence"]] = days
        now = worths(moved, in_one_group(others, 20))[:, silence]
        assert (now >= before - 1e-12).all()
        before = now
    # Who is more silent than all others has a higher risk by it, and who is less, a lower one.
    for days, rank, sign in ((260.0, 1.0, 1), (0.0, 0.0, -1)):
        moved[:, COLUMN["silence"]], moved[:, COLUMN["silence_rank"]] = days, rank
        assert (sign * worths(moved, in_one_group(others, 20))[:, silence] > 0).all()


def test_each_group_has_its_own_others_and_weights(rows):
    weights = np.stack([PLAIN_WEIGHTS, PLAIN_WEIGHTS * 0.5, PLAIN_WEIGHTS])
    # The numbers of the second group's others are mixed with those of the third.
    of_other = np.array([0] * 15 + [2, 1] * 10)
    group = np.array([1, 0, 2, 1, 0])
    found = worths(rows[:5], Groups(group, rows[20:55], of_other, weights))
    for number in range(3):
        mine = np.flatnonzero(group == number)
        alone = in_one_group(rows[20:55][of_other == number], len(mine), weights[number])
        np.testing.assert_allclose(found[mine], worths(rows[:5][mine], alone), atol=1e-12)


def test_it_is_the_same_each_time_and_in_any_order(rows):
    found = worths(rows[:20], in_one_group(rows[20:], 20))
    np.testing.assert_array_equal(found, worths(rows[:20], in_one_group(rows[20:], 20)))
    turned = worths(rows[:20][::-1], in_one_group(rows[20:][::-1], 20))[::-1]
    np.testing.assert_allclose(found, turned, atol=1e-12)


def test_learners_without_recorded_activity_are_compared_by_what_is_known():
    cohort = a_cohort(activity="checkpoints", seed=5)
    days = np.full(60, 100.0)
    rows = features.compute(cohort, days, with_activity=True)
    is_active = has_activity(cohort, days) & (np.arange(60) % 2 == 0)
    found = attribution.worths(
        prior.prior(), rows[:30], days[:30] / LENGTH, is_active[:30], in_one_group(rows[30:], 30)
    )
    activity = found[:, reasons.NAMES.index("activity")]
    assert (activity[~is_active[:30]] == 0).all()
    assert np.abs(activity[is_active[:30]]).max() > 0
