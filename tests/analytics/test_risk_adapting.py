"""What an own past changes in the model: little if it is small, much if it is large."""

import numpy as np
import pytest

from analytics.facts.risk import adapting
from analytics.facts.risk.adapting import Evidence, learn
from analytics.facts.risk.signs import adaptation, features, measures
from analytics.facts.risk.signs.adaptation import NAMES, UNCHANGED, read_document

SILENCE, SCORES = NAMES.index("silence"), NAMES.index("scores")


def a_past(learners: int, *, silence=1.0, shift=0.0, weeks=4, seed=1, seasons=None) -> Evidence:
    """Learners whose silence counts `silence` times what the model says, and who all fail more
    often by `shift` log-odds; scores count as the model says."""
    chance = np.random.default_rng(seed)
    gathered = np.zeros((learners, len(NAMES) + 1))
    gathered[:, SILENCE] = chance.normal(0, 1, size=learners)
    gathered[:, SCORES] = chance.normal(0, 1, size=learners)
    season = np.zeros(learners, dtype=int) if seasons is None else np.arange(learners) % 4
    odds = silence * gathered[:, SILENCE] + gathered[:, SCORES] + shift
    if seasons is not None:
        odds += np.asarray(seasons)[season]
    failed = (chance.uniform(size=learners) < 1 / (1 + np.exp(-odds))).astype(float)
    number = np.repeat(np.arange(learners), weeks)
    return Evidence(number, gathered[number], season[number], failed[number])


def mean_risk(learned, evidence) -> float:
    odds = learned.log_odds(evidence.gathered, evidence.season)
    return float((1 / (1 + np.exp(-odds))).mean())


def test_many_enrolments_are_believed():
    learned = learn(a_past(4_000, silence=0.2, shift=1.0), UNCHANGED)
    assert learned.weights[SILENCE] == pytest.approx(0.2, abs=0.1)
    assert learned.weights[SCORES] == pytest.approx(1.0, abs=0.15)
    assert learned.shift + learned.by_season[0] == pytest.approx(1.0, abs=0.15)


def test_few_enrolments_change_the_level_first():
    past = a_past(60, silence=0.0, shift=1.5)
    learned = learn(past, UNCHANGED)
    assert 0.3 < learned.shift < 1.5
    assert 0.3 < learned.weights[SILENCE] < 1.0
    before = abs(mean_risk(UNCHANGED, past) - past.failed.mean())
    assert abs(mean_risk(learned, past) - past.failed.mean()) < before / 2


def test_where_the_model_is_right_nothing_changes_much():
    learned = learn(a_past(4_000), UNCHANGED)
    assert learned.weights[[SILENCE, SCORES]] == pytest.approx([1, 1], abs=0.15)
    assert abs(learned.shift + learned.by_season[0]) < 0.15


def test_no_weight_is_negative_where_everything_is_the_other_way_round():
    past = a_past(2_000, silence=-2.0)
    learned = learn(past, UNCHANGED)
    assert learned.weights.min() >= 0
    assert learned.weights[SILENCE] < 0.05


def test_a_season_has_its_own_level():
    learned = learn(a_past(4_000, seasons=[0, 0, 0, 1.5]), UNCHANGED)
    by_season = learned.by_season
    assert by_season[3] - by_season[:3].mean() > 1.0


def test_a_course_starts_from_its_organisation():
    organisation = learn(a_past(4_000, silence=0.2, shift=1.0), UNCHANGED)
    course = learn(a_past(60, silence=0.2, shift=1.0, seed=2), organisation)
    alone = learn(a_past(60, silence=0.2, shift=1.0, seed=2), UNCHANGED)
    assert abs(course.weights[SILENCE] - 0.2) < abs(alone.weights[SILENCE] - 0.2)


def test_a_learner_counts_once_however_long_they_were_observed():
    once, often = (learn(a_past(300, silence=0.3, weeks=weeks), UNCHANGED) for weeks in (1, 20))
    assert once.weights == pytest.approx(often.weights, abs=1e-3)
    assert once.shift == pytest.approx(often.shift, abs=1e-3)


def test_an_adapted_model_ranks_new_learners_better():
    learned = learn(a_past(400, silence=0.0, seed=1), UNCHANGED)
    new = a_past(4_000, silence=0.0, weeks=1, seed=2)
    own, shipped = (
        measures.auc(new.failed, each.log_odds(new.gathered, new.season))
        for each in (learned, UNCHANGED)
    )
    assert own > shipped + 0.01


def test_the_same_past_gives_the_same_adaptation():
    one, other = (learn(a_past(300, silence=0.5), UNCHANGED).document() for _ in range(2))
    assert one == other
    assert read_document(one).document() == one


@pytest.mark.parametrize(
    "change",
    [{"weights": {}}, {"by_season": [0.0]}, {"shift": float("nan")}, {"shift": "x"}],
)
def test_a_damaged_document_is_refused(change):
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_document(UNCHANGED.document() | change)


def test_a_negative_weight_is_refused():
    document = UNCHANGED.document()
    document["weights"]["silence"] = -1.0
    with pytest.raises(ValueError, match="not negative"):
        read_document(document)


@pytest.mark.parametrize(("failed", "completed"), [(19, 60), (60, 19), (29, 30), (20, 39)])
def test_too_few_of_an_outcome_arent_enough(failed, completed):
    outcomes = np.repeat([1.0, 0.0], [failed, completed])
    number = np.arange(len(outcomes))
    gathered = np.zeros((len(outcomes), len(NAMES) + 1))
    evidence = Evidence(number, gathered, np.zeros(len(outcomes), dtype=int), outcomes)
    assert not evidence.is_enough()


def test_sixty_with_twenty_of_each_are_enough():
    outcomes = np.repeat([1.0, 0.0], [20, 40])
    gathered = np.zeros((60, len(NAMES) + 1))
    assert Evidence(np.arange(60), gathered, np.zeros(60, dtype=int), outcomes).is_enough()
    assert not adapting.join([]).is_enough()


def test_adapted_contributions_add_up_to_the_adapted_log_odds():
    chance = np.random.default_rng(4)
    contributions = chance.normal(size=(30, len(features.FEATURES) + 1))
    season = np.arange(30) % 4
    changed = adaptation.Adaptation(chance.uniform(0, 2, len(NAMES)), 0.4, np.arange(4) / 10)
    added = changed.contributions(contributions, season).sum(axis=1)
    gathered = adaptation.gather(contributions)
    assert added == pytest.approx(changed.log_odds(gathered, season))
    assert UNCHANGED.contributions(contributions, season) == pytest.approx(contributions)


def test_seasons_are_quarters_of_the_year():
    days = [np.datetime64(day).astype("datetime64[D]").astype(float) for day in DAYS]
    assert adaptation.season_of(np.array(days)).tolist() == [0, 0, 1, 2, 3]


DAYS = ("2026-01-01", "2026-03-31", "2026-04-01", "2026-09-30", "2026-12-31")
