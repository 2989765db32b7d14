"""Who learners are compared with, for the reasons of their scores."""

import numpy as np
import pytest

from analytics.facts.risk import explaining
from analytics.facts.risk.active_model import ActiveModel
from analytics.facts.risk.explaining import MAX_OTHERS, MIN_WORTH, Part
from analytics.facts.risk.prior import prior
from analytics.facts.risk.signs import adaptation, features, reasons
from analytics.facts.risk.sources import Sources

from .cohorts import LENGTH, a_cohort

DAY = 50.0
BASE = "base"


@pytest.fixture(scope="module")
def rows():
    cohort = a_cohort(activity="diary", seed=5)
    return features.compute(cohort, np.full(60, DAY), with_activity=True)


def worths(rows, parts, shown=None, adaptations=None):
    predicting = Sources(ActiveModel(1, prior()), adaptations or {}, {})
    shown = [BASE] * len(rows) if shown is None else shown
    elapsed = np.full(len(rows), DAY / LENGTH)
    return explaining.worths(prior(), rows, elapsed, parts, shown, predicting)


def test_learners_are_compared_with_those_of_their_course_who_are_as_far(rows):
    found = worths(rows[:40], [Part(7, 0, 20), Part(7, 20, 40)])
    np.testing.assert_allclose(found[:20], worths(rows[:20], [Part(7, 0, 20)]), atol=1e-12)
    np.testing.assert_allclose(found[20:], worths(rows[20:40], [Part(8, 0, 20)]), atol=1e-12)


def test_where_these_are_few_with_everybody_in_the_course(rows):
    found = worths(rows[:50], [Part(7, 0, 9), Part(7, 9, 30), Part(8, 30, 50)])
    together = worths(rows[:30], [Part(7, 0, 30)])
    np.testing.assert_allclose(found[:9], together[:9], atol=1e-12)
    assert np.abs(found[9:30] - together[9:30]).max() > 0.01


def test_where_even_they_are_few_nothing_is_compared(rows):
    found = worths(rows[:28], [Part(7, 0, 9), Part(8, 9, 28)])
    assert np.isnan(found[:9]).all() and not np.isnan(found[9:]).any()


def test_only_shown_scores_are_explained_each_by_its_own_source(rows):
    half = adaptation.Adaptation(adaptation.UNCHANGED.weights * 0.5, 0.0, np.zeros(4))
    shown = [BASE, "organisation", None] * 10
    found = worths(rows[:30], [Part(7, 0, 30)], shown, {None: half})
    base = worths(rows[:30], [Part(7, 0, 30)])
    np.testing.assert_allclose(found[::3], base[::3], atol=1e-12)
    np.testing.assert_allclose(found[1::3], base[1::3] * 0.5, atol=1e-12)
    assert np.isnan(found[2::3]).all()


def test_of_a_large_course_some_are_compared_evenly_spaced(rows):
    many = np.tile(rows, (5, 1))
    (others,) = {tuple(explaining._others(part, (0, 300))) for part in (Part(7, 0, 300),)}
    assert (others[0], others[-1], len(set(others))) == (0, 299, MAX_OTHERS)
    assert max(np.diff(others)) <= 4
    found = worths(many, [Part(7, 0, 300)])
    np.testing.assert_array_equal(found, worths(many, [Part(7, 0, 300)]))


def test_what_is_next_to_nothing_or_unknown_isnt_shown():
    by_path = np.arange(len(reasons.NAMES), dtype=float)
    worth = np.zeros(len(reasons.NAMES))
    for total, expected, basis in (
        (MIN_WORTH, worth, "others"),
        (0.9 * MIN_WORTH, by_path, "alike"),
        (np.nan, by_path, "few"),
    ):
        worth[0] = total
        shown, said = explaining.chosen(worth, by_path)
        assert shown is expected and said == basis
