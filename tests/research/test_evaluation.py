"""What `evaluate_risk` prints beside its measures: other models, parts, provenance."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from analytics.facts.risk import fitting, prior, training
from analytics.facts.risk.signs import measures
from analytics.facts.risk.signs.features import FEATURES
from research.risk import comparing, oulad, provenance
from tests.research.test_oulad import write_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    known = [("AAA", "2013J"), ("BBB", "2013J"), ("AAA", "2019J"), ("BBB", "2019J")]
    return write_folder(tmp_path_factory.mktemp("oulad"), known, learners=200)


@pytest.fixture
def small_models(monkeypatch):
    monkeypatch.setitem(fitting.SETTINGS, "max_iter", 2)
    monkeypatch.setattr(training, "STAGES", {0.25: (0.15, 0.45)})
    monkeypatch.setattr(training, "ACTIVITY_STAGES", {})


def evaluate(folder, *options) -> str:
    out = StringIO()
    call_command("evaluate_risk", "--dataset", "oulad", str(folder), *options, stdout=out)
    return out.getvalue()


# --- which model, which presentations -----------------------------------------------------------
def test_a_model_in_a_file_is_measured_like_the_shipped_one_that_it_is(folder, tmp_path):
    path = tmp_path / "model.json"
    prior.write(prior.prior(), path)
    options = ("--test", "2019J", "--cutoffs", "60")
    assert evaluate(folder, *options, "--model", str(path)) == evaluate(folder, *options)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 1}', "no json"])
def test_a_file_that_is_no_model_is_named(folder, tmp_path, text):
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=r"--model: .*model\.json"):
        evaluate(folder, "--test", "2019J", "--model", str(path))


def test_a_file_that_isnt_there_is_named(folder, tmp_path):
    with pytest.raises(CommandError, match="--model"):
        evaluate(folder, "--test", "2019J", "--model", str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ("BBB", "on AAA 2019J\n"),
        ("BBB 2019J", "on AAA 2019J\n"),
        ("AAA 2019J , AAA  2013J", "on BBB 2019J\n"),
        ("2013J", "on AAA 2019J, BBB 2019J\n"),
    ],
)
def test_what_is_excluded_isnt_measured(folder, exclude, left):
    assert left in evaluate(folder, "--test", "2019J", "--cutoffs", "60", "--exclude", exclude)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--exclude", "QQQ"), "--exclude: no module or presentation QQQ"),
        (("--exclude", "2019J"), "--test: no presentation 2019J"),
        (("--plain",), "--plain"),
        (("--calibrate", "shift"), "--calibrate"),
        (("--shipped", "--draws", "0"), "--draws"),
        (("--train", "2013J", "--model", "x.json"), "--model"),
    ],
)
def test_options_that_contradict_are_refused(folder, options, words):
    with pytest.raises(CommandError, match=words):
        evaluate(folder, "--test", "2019J", *options)


# --- beside other models ------------------------------------------------------------------------
def test_a_model_is_no_better_than_itself(folder):
    said = evaluate(folder, "--test", "2019J", "--cutoffs", "60", "--shipped", "--draws", "20")
    line = next(each for each in said.splitlines() if each.startswith("shipped ("))
    assert line.endswith("+0.0000  +0.0000 to +0.0000")


def test_plain_models_stand_beside_it(folder, small_models):
    options = ("--train", "2013J", "--test", "2019J", "--cutoffs", "60", "--plain")
    said = evaluate(folder, *options, "--draws", "20")
    assert said == evaluate(folder, *options, "--draws", "20")
    assert said.count("logistic regression (0.") == said.count("boosted trees (0.") == 1


def test_calibration_changes_no_ranking(folder, small_models):
    options = ("--train", "2013J", "--test", "2019J", "--cutoffs", "60")
    plain, season, shift = (
        evaluate(folder, *options, *more)
        for more in ((), ("--calibrate", "season"), ("--calibrate", "shift"))
    )
    # Presentations of other dates are shifted differently, those of one date alike.
    rows = [said.split("worst presentation\n")[1].split() for said in (plain, season, shift)]
    assert rows[0][:4] == rows[1][:4] == rows[2][:4]
    assert rows[0] != rows[2]


def test_an_interval_holds_no_difference_where_there_is_none_and_excludes_a_large_one():
    chance = np.random.default_rng(2)
    failed = (chance.uniform(size=800) < 0.4).astype(float)
    good, alike = (failed + chance.normal(0, 1, 800) for _ in range(2))
    bad = chance.uniform(size=800)
    learner = np.arange(800) // 2  # each is in two presentations
    small = comparing.auc_difference(failed, good, alike, learner, 200)
    large = comparing.auc_difference(failed, good, bad, learner, 200)
    assert small.low < 0 < small.high
    assert large.low > 0.1 and large.low < large.value < large.high
    assert large.value == measures.auc(failed, good) - measures.auc(failed, bad)
    assert large == comparing.auc_difference(failed, good, bad, learner, 200)


def test_learners_are_drawn_with_all_their_rows():
    learner = np.array([5, 7, 5, 9, 5])
    for rows in comparing._draws(learner, 50):
        counted = np.bincount(learner[rows], minlength=10)
        assert counted[5] % 3 == 0
        assert counted[5] // 3 + counted[7] + counted[9] == 3


def test_of_one_outcome_there_is_no_difference():
    same = np.ones(10)
    found = comparing.auc_difference(same, np.arange(10.0), np.arange(10.0), np.arange(10), 5)
    assert np.isnan(found.value) and np.isnan(found.low)


# --- parts and provenance -----------------------------------------------------------------------
def test_presentations_modules_and_reliability_add_up(folder):
    said = evaluate(folder, "--test", "2019J", "--cutoffs", "60", "--details")
    lines = said.split("part  ")[1].splitlines()[1:]
    parts = {line[:14].strip(): int(line[14:26].replace(",", "")) for line in lines[:4]}
    assert list(parts) == ["AAA 2019J", "BBB 2019J", "AAA", "BBB"]
    assert parts["AAA"] == parts["AAA 2019J"]
    rows = lines[5:]
    assert lines[4].split() == ["learners", "predicted", "failed"]
    assert sum(int(row.split()[0].replace(",", "")) for row in rows if row.strip()) == (
        parts["AAA"] + parts["BBB"]
    )


def test_groups_say_how_far_predictions_are_off(folder):
    said = evaluate(folder, "--test", "2019J", "--cutoffs", "60")
    line = next(each for each in said.splitlines() if each.startswith("gender             F"))
    failed, *_, predicted, off = (float(each) for each in line.split()[3:])
    assert off == pytest.approx(predicted - failed, abs=0.0011)


def test_every_feature_has_its_provenance(folder):
    (cohort,) = (each.cohort for each in oulad.load(folder) if each.cohort.name == "AAA 2019J")
    found = {each.feature: each.sources for each in provenance.trace(cohort, 60)}
    assert list(found) == [each.name for each in FEATURES]
    assert all(found.values())
    assert found["registration_day"] == [provenance.SOURCES["registered"]]
    assert provenance.SOURCES["score"] in found["score_mean"]
    assert provenance.SOURCES["score"] not in found["done_share"]
    assert "date_submitted" in evaluate(
        folder, "--test", "2019J", "--cutoffs", "60", "--provenance"
    )


def test_no_field_of_a_cohort_is_left_undescribed():
    assert not provenance.undescribed_fields()


def test_a_model_that_names_no_presentations_is_measured(folder, tmp_path):
    document = prior.prior().document()
    document["trained_on"] = {}
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document))
    assert "on AAA 2019J" in evaluate(
        folder, "--test", "2019J", "--cutoffs", "60", "--model", str(path)
    )
