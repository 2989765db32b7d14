"""The models of mastery that are compared, and the comparison."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts.mastery.tracers import Rating, difficulty
from research.mastery import comparison
from research.mastery.models import Factors, GradedResponse, Knowledge, follow

MODELS = [Rating(), Factors(), Knowledge()]


# --- Models --------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", MODELS)
@given(answers=st.lists(st.tuples(st.floats(-4, 4), st.sampled_from([0.0, 1.0])), max_size=30))
def test_a_right_answer_never_predicts_less_than_a_wrong_one(model, answers):
    before = follow(model, [GradedResponse(*each) for each in answers])
    right = model.chance(model.after(before, 0.0, 1.0), 0.0)
    wrong = model.chance(model.after(before, 0.0, 0.0), 0.0)
    assert 0 <= wrong <= right <= 1


@pytest.mark.parametrize("model", [Rating(), Factors()])
def test_a_harder_question_is_less_likely_answered_right(model):
    state = model.start()
    chances = [model.chance(state, hard) for hard in (-2, 0, 2)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1]


def test_knowledge_follows_corbett_and_anderson():
    model = Knowledge(known=0.5, learned=0.1, slip=0.1, guess=0.2)
    # (.5 × .9) / (.5 × .9 + .5 × .2), and then a chance of .1 to have learned it.
    assert model.after((0.5,), 0.0, 1.0)[0] == pytest.approx(0.8363636)
    assert model.after((0.5,), 0.0, 0.0)[0] == pytest.approx(0.2)


# --- Choosing ------------------------------------------------------------------------------------
def measured(world):
    halves = comparison.halve(comparison.simulated(world, learners=160))
    assert halves.answers > 1000
    return {row.name: row.log_loss for row in comparison.compare(halves)}


def test_where_knowing_is_all_or_nothing_knowledge_tracing_is_found_best():
    losses = measured("known")
    assert losses["BKT"] < min(losses["Elo"], losses["PFA"]) < losses["baseline"]


def test_where_questions_differ_in_difficulty_it_is_not():
    losses = measured("still")
    assert max(losses["Elo"], losses["PFA"]) < min(losses["baseline"], losses["BKT"])


def test_the_shipped_model_beats_the_baseline_in_every_world():
    for world in ("known", "growing", "still"):
        losses = measured(world)
        assert losses["shipped"] < losses["baseline"] - 0.02


def test_no_learner_is_both_fitted_on_and_measured_on():
    learners = [[comparison.Response(f"{n}", 1.0)] * 3 for n in range(20)]
    halves = comparison.halve(learners)
    assert (len(halves.fitting), len(halves.measuring), halves.answers) == (10, 10, 30)
    # A question is known from the one fitted learner who answered it: (1 + 2) of 5.
    difficulties = {answer.difficulty for answers in halves.fitting for answer in answers}
    assert difficulties == {difficulty(1, 1)}
    # Of the others' questions nothing is known: average.
    other = comparison.halve([[comparison.Response("a", 1.0)], [comparison.Response("b", 0.0)]])
    assert other.measuring[0][0].difficulty == other.fitting[0][0].difficulty


def test_a_fit_finds_the_parameters_that_made_the_answers():
    halves = comparison.halve(comparison.simulated("known", learners=800))
    fitted = comparison.fit(Knowledge(0.5, 0.2, 0.2, 0.2), halves.fitting)
    law = Knowledge()
    assert (fitted.known, fitted.learned) == pytest.approx((law.known, law.learned), abs=0.05)
    assert (fitted.slip, fitted.guess) == pytest.approx((law.slip, law.guess), abs=0.05)


def test_the_command_prints_each_model_for_each_world():
    out = StringIO()
    call_command("evaluate_mastery", learners=20, stdout=out)
    output = out.getvalue()
    assert output.count("simulated: ") == 3
    assert [output.count(f"  {name} ") for name in ("baseline", "shipped", "Elo")] == [3, 3, 6]
    assert output.count("one set of parameters for all: ") == 3


def test_the_command_names_what_is_missing(tmp_path):
    with pytest.raises(CommandError, match="assessments"):
        call_command("evaluate_mastery", learners=2, oulad=tmp_path, stdout=StringIO())
    with pytest.raises(CommandError, match="--learners"):
        call_command("evaluate_mastery", learners=1)
