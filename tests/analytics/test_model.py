"""The model: deterministic, monotone, additive, and refused when it isn't one."""

import copy
import dataclasses
import json

import numpy as np
import pytest

from analytics.facts.risk import fitting, prior
from analytics.facts.risk.signs import features
from analytics.facts.risk.signs.forest import BadModel, Stage, from_json, probability, to_json
from analytics.facts.risk.signs.linear import LIMIT, Linear
from analytics.facts.risk.signs.model import Predictor, has_activity, read_document
from analytics.facts.risk.training import NotEnoughData, Sample, learn, train

from .cohorts import LENGTH, a_cohort, a_sample

NAMES = features.names(with_activity=False)
NO_LINEAR = Linear(np.zeros(0, dtype=int), *np.zeros((4, 0)))
EVERYTHING = [each.name for each in features.FEATURES]


@pytest.fixture(scope="module")
def samples():
    return [a_sample(seed=seed, activity="checkpoints") for seed in (1, 2)]


@pytest.fixture(scope="module")
def model(samples):
    return train(samples, version="test", trained_on={"presentations": []})


def days(count, day=100.0):
    return np.full(count, day)


def test_the_same_samples_make_the_same_model(samples, model):
    again = train(samples, version="test", trained_on={"presentations": []})
    assert json.dumps(again.document()) == json.dumps(model.document())


def test_what_is_written_scores_as_what_was_learned(model, tmp_path):
    prior.write(model, tmp_path / "model.json")
    back = read_document(json.loads((tmp_path / "model.json").read_text()))
    cohort = a_cohort(activity="checkpoints", seed=5)
    np.testing.assert_array_equal(
        back.risk(cohort, days(60, 42.0)), model.risk(cohort, days(60, 42.0))
    )
    assert back.document() == model.document()


def test_it_separates_those_who_fail_from_those_who_do_not(model):
    sample = a_sample(seed=9)
    risk = model.risk(sample.cohort, days(400))
    assert risk[sample.outcome == 1].mean() > risk[sample.outcome == 0].mean() + 0.2


def test_contributions_add_up_to_the_scores_log_odds(model):
    cohort = a_cohort(activity="checkpoints", seed=5)
    rows = features.compute(cohort, days(60, 42.0), with_activity=True)
    contributions = model.contributions(
        rows, days(60, 42.0) / LENGTH, has_activity(cohort, days(60, 42.0))
    )
    risk = model.risk(cohort, days(60, 42.0))
    np.testing.assert_allclose(contributions.sum(axis=1), np.log(risk / (1 - risk)))
    np.testing.assert_array_equal(probability(contributions), risk)


@pytest.fixture(scope="module")
def separable():
    """Rows whose outcome hangs on two features, one of them unknown for every fifth."""
    rows = np.random.default_rng(3).normal(size=(900, len(NAMES)))
    rows[::5, 3] = np.nan
    noise = np.random.default_rng(4).normal(size=900)
    return rows, (np.nan_to_num(rows[:, 3]) + rows[:, 9] + noise > 0).astype(float)


PLAIN = [each for each in features.FEATURES if not each.needs_activity]


def test_trees_walk_as_those_of_scikit_learn_do(separable):
    """The evaluator against an independent one, apart from the rounding of the file."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, outcome = separable
    directions = [each.direction for each in PLAIN]
    theirs = [
        HistGradientBoostingClassifier(
            monotonic_cst=directions, random_state=seed, **fitting.SETTINGS
        ).fit(rows, outcome)
        for seed in fitting.SEEDS
    ]
    base, trees = fitting._trees(rows, outcome, PLAIN)
    ours = Stage(0.5, base / 2, NO_LINEAR, trees)
    np.testing.assert_allclose(
        ours.contributions(rows).sum(axis=1),
        np.mean([each.decision_function(rows) for each in theirs], axis=0) / 2,
        atol=2e-3,
    )


def test_the_linear_part_is_the_ridge_regression_of_scikit_learn(separable):
    """Without directions; where something is unknown, a column says so."""
    from sklearn.linear_model import LogisticRegression

    rows, outcome = separable
    used = [at for at, each in enumerate(PLAIN) if each.name not in fitting.CALENDAR]
    free = [dataclasses.replace(each, direction=0) for each in PLAIN]
    base, ours = fitting._linear(rows, outcome, free)
    contributions = np.zeros((900, len(NAMES) + 1))
    ours.add_contributions(rows, contributions)
    known = np.clip((rows - np.nanmean(rows, axis=0)) / np.nanstd(rows, axis=0), -LIMIT, LIMIT)
    columns = np.column_stack([np.nan_to_num(known)[:, used], np.isnan(rows[:, 3])])
    theirs = LogisticRegression(C=1 / fitting.RIDGE, tol=1e-8, max_iter=1000).fit(columns, outcome)
    np.testing.assert_allclose(
        base + 2 * contributions.sum(axis=1), theirs.decision_function(columns), atol=0.02
    )


def test_a_slope_keeps_to_its_direction_whatever_was_seen(separable):
    rows, outcome = separable
    wrong = [dataclasses.replace(each, direction=-1) for each in PLAIN]
    _, kept = fitting._linear(rows, outcome, wrong)
    assert (kept.slope <= 0).all()
    _, free = fitting._linear(rows, 1 - outcome, wrong)
    assert {3, 9} <= set(free.feature[free.slope < -0.1])


def test_what_lies_far_outside_counts_as_the_limit(separable):
    _, linear = fitting._linear(*separable, PLAIN)
    far = np.full((3, len(NAMES)), [[LIMIT + 1.0], [LIMIT * 2], [1e9]])
    contributions = np.zeros((3, len(NAMES) + 1))
    linear.add_contributions(far, contributions)
    assert np.ptp(contributions, axis=0).max() == 0
    assert np.abs(contributions).max() > 0


@pytest.mark.parametrize("which", ["trained", "shipped"])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.2, 0.5, 0.9])
def test_more_of_what_raises_risk_never_lowers_it(which, share, model):
    """Every feature with a direction, silence among them, moved alone over its whole range."""
    one = model if which == "trained" else prior.prior()
    chance = np.random.default_rng(4)
    base = chance.uniform(-1, 8, size=(12, len(EVERYTHING)))
    base[chance.uniform(size=base.shape) < 0.1] = np.nan
    is_active = chance.uniform(size=12) < 0.5
    values = np.linspace(-2, 300, 60)
    directed = [(at, each) for at, each in enumerate(features.FEATURES) if each.direction]
    # By feature, value and learner; all in one call, because each tree costs by the call.
    rows = np.tile(base, (len(directed), len(values), 1, 1))
    for moving, (column, _) in enumerate(directed):
        rows[moving, :, :, column] = values[:, None]
    count = rows.size // len(EVERYTHING)
    contributions = one.contributions(
        rows.reshape(count, -1),
        np.full(count, share),
        np.broadcast_to(is_active, rows.shape[:3]).ravel(),
    )
    steps = np.diff(contributions.sum(axis=1).reshape(rows.shape[:3]), axis=1)
    for moving, (_, each) in enumerate(directed):
        assert (steps[moving] * each.direction >= -1e-9).all(), each.name
    assert (steps != 0).any()


def test_the_calendar_alone_makes_no_jump(model):
    cohort = a_cohort(seed=5)
    rows = np.repeat(features.compute(cohort.only([0]), days(1), with_activity=True), 200, axis=0)
    shares = np.linspace(0.05, 0.95, 200)
    risk = probability(model.contributions(rows, shares, np.zeros(200, dtype=bool)))
    assert np.abs(np.diff(risk)).max() < 0.1


def test_activity_has_no_weight_where_it_was_not_trained_on(model):
    """Whatever was learned of the first weeks: late in a course, others must decide."""
    active = dataclasses.replace(model.active, stages=model.active.stages[:2])
    early_only = dataclasses.replace(model, active=active)
    rows = features.compute(a_cohort(activity="diary"), days(60), with_activity=True)

    def contributions(share, watched):
        return early_only.contributions(rows, np.full(60, share), np.full(60, watched)).sum(axis=1)

    early, late = active.stages[-1].share, 0.9
    assert not np.array_equal(contributions(early, True), contributions(early, False))
    np.testing.assert_array_equal(contributions(late, True), contributions(late, False))


def test_what_was_seen_in_the_first_weeks_counts_to_the_end():
    """The shipped data record activity for eight weeks: what it showed stays known."""
    cohort = a_cohort(activity="checkpoints")
    quiet = dataclasses.replace(
        cohort.activity, active=cohort.activity.active * 0.1, volume=np.zeros((60, 4))
    )
    late = days(60, 150.0)
    before, after = (
        prior.prior().risk(each, late)[0]
        for each in (cohort, dataclasses.replace(cohort, activity=quiet))
    )
    assert before != after


def test_too_little_data_is_an_error():
    with pytest.raises(NotEnoughData, match="500 observations"):
        learn([a_sample(20)], with_activity=False)
    everybody = a_sample()
    with pytest.raises(NotEnoughData):
        learn([Sample(everybody.cohort, np.zeros(400), everybody.moments)], with_activity=False)
    with pytest.raises(NotEnoughData, match="no learner was still active"):
        learn([], with_activity=False)


def test_without_recorded_activity_there_is_no_forest_of_it():
    model = train([a_sample(seed=1)], version="test", trained_on={})
    assert isinstance(model, Predictor)
    assert model.active is None
    assert model.risk(a_cohort(activity="diary"), days(60)).shape == (60,)


SPOILS = {
    "no version": lambda d: d.pop("version"),
    "another format": lambda d: d["plain"].update(format=99),
    "an unknown feature": lambda d: d["plain"]["features"].__setitem__(0, "shoe_size"),
    "no stage": lambda d: d["plain"].update(stages=[]),
    "stages in disorder": lambda d: d["plain"]["stages"].reverse(),
    "a circle": lambda d: d["plain"]["stages"][0]["trees"].insert(
        0, [["silence", 1.0, True, 0, 0, 0.1]]
    ),
    "a branch to nowhere": lambda d: d["plain"]["stages"][0]["trees"].insert(
        0, [["silence", 1.0, True, 1, 7, 0.1], [0.1]]
    ),
    "a slope twice": lambda d: d["plain"]["stages"][0].update(
        linear=[["silence", 3.0, 1.0, 0.1, 0.0]] * 2
    ),
    "a unit of nothing": lambda d: d["plain"]["stages"][0].update(
        linear=[["silence", 3.0, 0.0, 0.1, 0.0]]
    ),
    "a slope cut short": lambda d: d["plain"]["stages"][0].update(linear=[["silence", 3.0]]),
    "words for numbers": lambda d: d["plain"]["stages"][0].update(base="much"),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_what_is_no_model_is_refused(spoil, model):
    document = copy.deepcopy(model.document())
    read_document(document)
    spoil(document)
    with pytest.raises(BadModel):
        read_document(document)


def test_no_object_is_no_model():
    with pytest.raises(BadModel):
        read_document([])
    with pytest.raises(BadModel):
        from_json({"format": 1}, NAMES)


def test_the_shipped_model_is_read_by_this_code():
    model = prior.prior()
    assert model.active is not None
    assert model.trained_on["learners"] > 20_000
    assert to_json(model.plain)["features"] == NAMES
    assert prior.PATH.stat().st_size < 1_200_000
