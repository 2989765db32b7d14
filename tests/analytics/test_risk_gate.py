"""Scores are shown only where those that were stored at the time turned out to be right."""

import numpy as np
import pytest

from analytics.facts.risk import gate
from analytics.facts.risk.gate import Verdict, validate
from analytics.models import RiskValidation


def a_past(learners: int, *, seed: int = 1, shift: float = 0.0, turned: bool = False):
    """Outcomes that follow a calibrated risk; `shift` raises what was predicted, in log-odds, and
    `turned` predicts the opposite."""
    chance = np.random.default_rng(seed)
    odds = chance.normal(0, 1.6, size=learners)
    failed = (chance.uniform(size=learners) < 1 / (1 + np.exp(-odds))).astype(float)
    predicted = (-odds if turned else odds) + shift
    return failed, 1 / (1 + np.exp(-predicted))


@pytest.mark.parametrize(
    ("past", "verdict"),
    [
        (a_past(0), Verdict.TOO_FEW),
        (a_past(gate.MIN_OUTCOMES - 1), Verdict.TOO_FEW),
        (a_past(300), Verdict.VALID),
        (a_past(300, turned=True), Verdict.NOT_RANKED),
        (a_past(300, shift=1.5), Verdict.NOT_CALIBRATED),
        (a_past(300, shift=-1.5), Verdict.NOT_CALIBRATED),
    ],
)
def test_the_verdict_follows_the_outcomes(past, verdict):
    assert validate(*past).verdict is verdict


def test_nearly_all_with_the_same_outcome_are_too_few():
    failed, risk = np.zeros(400), np.linspace(0, 1, 400)
    failed[-gate.MIN_PER_OUTCOME + 1 :] = 1
    assert validate(failed, risk).verdict is Verdict.TOO_FEW


@pytest.mark.parametrize("seed", range(40))
def test_risks_that_say_the_opposite_are_never_shown(seed):
    for learners in (60, 100, 300, 2_000):
        assert validate(*a_past(learners, seed=seed, turned=True)).verdict is not Verdict.VALID


def test_most_pasts_of_a_hundred_suffice_where_risks_are_right():
    verdicts = [validate(*a_past(100, seed=seed)).verdict for seed in range(100)]
    assert verdicts.count(Verdict.VALID) > 60


def test_risks_that_say_nothing_are_hardly_ever_shown():
    chance = np.random.default_rng(2)
    shown = 0
    for _ in range(200):
        failed = (chance.uniform(size=100) < 0.5).astype(float)
        shown += validate(failed, chance.uniform(0.4, 0.6, size=100)).verdict is Verdict.VALID
    assert shown <= 4


def test_a_sudden_change_closes_it():
    before, after = a_past(240), a_past(gate.RECENT, seed=9, turned=True)
    failed, risk = (np.concatenate(pair) for pair in zip(before, after, strict=True))
    assert validate(*before).verdict is Verdict.VALID
    assert validate(failed, risk).verdict is not Verdict.VALID


def test_what_was_true_long_ago_doesnt_count():
    old, new = a_past(2_000), a_past(gate.MAX_OUTCOMES, seed=9, turned=True)
    failed, risk = (np.concatenate(pair) for pair in zip(old, new, strict=True))
    found = validate(failed, risk)
    assert (found.verdict, found.outcomes) == (Verdict.NOT_RANKED, gate.MAX_OUTCOMES)


def test_of_valid_sources_the_surest_is_shown():
    sure, unsure = validate(*a_past(300)), validate(*a_past(300, turned=True))
    assert gate.best({"base": unsure, "course": sure}) == "course"
    assert gate.best({"base": sure, "course": sure}) == "base"
    assert gate.best({"base": unsure}) is None
    assert gate.best({}) is None


def test_every_verdict_can_be_stored():
    assert {each.value for each in Verdict} == set(RiskValidation.Verdict.values)
