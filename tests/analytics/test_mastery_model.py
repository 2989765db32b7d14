"""Own answers teach how the next ones are predicted; what is learned is used only where proven."""

import copy
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random

import numpy as np
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from analytics.facts.mastery import fitting, learning, tracing
from analytics.facts.mastery.states import (
    FEATURES,
    Difficulties,
    Question,
    SkillAnswer,
    State,
    difficulties,
    follow,
)
from analytics.facts.mastery.tracers import logistic
from analytics.facts.mastery.trees import BadTrees, Trees, read_document
from analytics.models import LearnerSkill, MasteryModel, TraceDue
from analytics.tasks import learn_mastery
from tests.factories import a_course_of, a_learner
from tests.support.quiz_answers import a_quiz, answer, traced

BEGIN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def some_learners(number: int, *, seed=1, skills=6, answers=30, ability=1.2):
    """Learners who are good at everything or at nothing; a skill's questions differ in difficulty.

    With an ability of 0 all are alike, and nothing can be learned beyond how hard questions are.
    """
    chance = Random(seed)
    hard = {(s, q): chance.gauss(0, 1) for s in range(skills) for q in range(5)}
    found = []
    for _ in range(number):
        able = chance.gauss(0.5, ability) if ability else 0.5
        own = []
        for _ in range(answers):
            skill, question = chance.choice(list(hard))
            right = chance.random() < logistic(able - hard[skill, question])
            own.append(SkillAnswer((skill, question), (f"s{skill}",), float(right)))
        found.append(own)
    return found


@pytest.fixture(scope="module")
def fitted() -> Trees:
    return fitting.fit(fitting.divide(some_learners(150)))


# --- The model -----------------------------------------------------------------------------------
def rows_of(learners) -> np.ndarray:
    return np.array(follow(learners, difficulties(learners))[0])


def test_the_same_answers_make_the_same_model(fitted):
    again = fitting.fit(fitting.divide(some_learners(150)))
    assert json.dumps(again.document()) == json.dumps(fitted.document())


def test_what_is_written_predicts_as_what_was_fitted(fitted):
    back = read_document(json.loads(json.dumps(fitted.document())))
    rows = rows_of(some_learners(20, seed=2))
    np.testing.assert_array_equal(back.chance(rows), fitted.chance(rows))
    assert back.document() == fitted.document()


def test_trees_walk_as_those_of_scikit_learn_do():
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = rows_of(some_learners(60))
    right = np.array(follow(some_learners(60), difficulties(some_learners(60)))[1])
    theirs = HistGradientBoostingClassifier(
        monotonic_cst=list(FEATURES.values()),
        random_state=fitting.SEED,
        max_iter=fitting.MIN_TREES,
        **fitting.SETTINGS,
    ).fit(rows, right)
    ours = fitting._fitted(rows, right)
    np.testing.assert_allclose(ours.chance(rows), theirs.predict_proba(rows)[:, 1], atol=2e-3)


@pytest.mark.parametrize("name", [name for name, direction in FEATURES.items() if direction])
def test_more_of_what_is_good_never_lowers_a_chance(fitted, name):
    column = list(FEATURES).index(name)
    rows = rows_of(some_learners(20, seed=2))[:200]
    for low, high in [(-3, -1), (-1, 0), (0, 0.5), (0.5, 1), (1, 3)]:
        before, after = rows.copy(), rows.copy()
        before[:, column], after[:, column] = low, high
        assert (FEATURES[name] * (fitted.chance(after) - fitted.chance(before)) >= 0).all()


def test_a_right_answer_never_predicts_less_than_a_wrong_one(fitted):
    learners = some_learners(40, seed=5)
    known = difficulties(learners)
    for answers in learners:
        chances = []
        for right in (0.0, 1.0):
            state = State()
            for each in [*answers[:-1], answers[-1]._replace(right=right)]:
                state.add(each, known)
            row = state.row(answers[-1].skills[0], Question(0.0, 0.0, 20))
            chances.append(fitted.chance(np.array([row]))[0])
        assert chances[0] <= chances[1]


def test_it_is_known_how_long_ago_a_skill_was_answered_and_how_hard_the_last_question_was():
    names = ("answers_since_skill", "skill_among_newest", "last_difficulty")
    answers = [
        SkillAnswer("first", ("a",), 1.0),
        SkillAnswer("second", ("b", "a"), 0.0),
        *(SkillAnswer(f"b{number}", ("b",), 1.0) for number in range(3)),
    ]
    known = Difficulties({"first": -1.5, "second": 2.5}, {"b": 0.5}, {})
    state, seen = State(), []
    for each in [*answers, SkillAnswer("last", ("c",), 1.0)]:
        row = dict(zip(FEATURES, state.row("a", Question(0.0, 0.0, 20)), strict=True))
        seen.append(tuple(row[name] for name in names))
        state.add(each, known)
    nothing, *rest = seen
    assert np.isnan(nothing[0]) and nothing[1] == 0 and np.isnan(nothing[2])
    assert rest == [(0, 1, -1.5), (0, 2, 2.5), (1, 2, 0.5), (2, 2, 0.5), (3, 2, 0.5)]
    for number in range(10):
        state.add(SkillAnswer(f"c{number}", ("c",), 1.0), known)
    row = dict(zip(FEATURES, state.row("a", Question(0.0, 0.0, 20)), strict=True))
    assert (row["answers_since_skill"], row["skill_among_newest"]) == (14, 0)


SPOILS = {
    "format": lambda document: document.update(format=99),
    "features": lambda document: document["features"].pop(),
    "a loop": lambda document: document["trees"][0][0].__setitem__(2, 0),
    "a node that isn't there": lambda document: document["trees"][0][0].__setitem__(3, 999),
    "a feature that isn't there": lambda document: document["trees"][0][0].__setitem__(0, 99),
    "no number": lambda document: document["trees"][0][0].__setitem__(4, "much"),
    "no trees": lambda document: document.pop("trees"),
    "an empty tree": lambda document: document["trees"].append([]),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_what_is_no_model_is_refused(fitted, spoil):
    document = copy.deepcopy(fitted.document())
    spoil(document)
    with pytest.raises(BadTrees):
        read_document(document)


@pytest.mark.parametrize(("rows", "trees"), [(0, 30), (15_000, 30), (20_000, 40), (10**6, 150)])
def test_few_answers_make_few_trees(rows, trees):
    assert fitting.trees_of(rows) == trees


# --- The proof -----------------------------------------------------------------------------------
def test_learners_who_are_good_at_everything_are_better_predicted():
    proof = fitting.prove(some_learners(200))
    assert proof.is_better and proof.log_loss < proof.rating_log_loss
    assert (proof.answers, proof.learners) == (6_000, 200)
    assert proof.calibration_error < 0.05


def test_answers_that_say_nothing_about_each_other_prove_nothing():
    """Where each answer is a coin's, a model that had seen what it predicts would seem better."""
    chance = Random(3)
    learners = [
        [SkillAnswer(number * 10 + n, ("s",), float(chance.random() < 0.5)) for n in range(4)]
        for number in range(120)
    ]
    proof = fitting.prove(learners)
    assert proof.log_loss > 0.68  # that of a coin is .693


# --- In the product ------------------------------------------------------------------------------
@pytest.fixture
def enough(monkeypatch):
    """Twenty learners count as enough here."""
    monkeypatch.setattr(learning, "MIN_ANSWERS", 100)
    monkeypatch.setattr(learning, "MIN_LEARNERS", 20)
    monkeypatch.setitem(fitting.SETTINGS, "min_samples_leaf", 10)
    monkeypatch.setattr(fitting, "MIN_TREES", fitting.MAX_TREES)


def a_past(learners=24):
    """Half of them know everything, half nothing, on three skills."""
    course = a_course_of(*(a_quiz(f"s{n}") for n in range(3)))
    for number in range(learners):
        learner = a_learner(course)
        for quiz in range(3):
            right = 4 if number % 2 else quiz % 2
            answer(learner, course, right, at=BEGIN + timedelta(days=quiz), code=f"c{quiz + 1}")
    return course


@pytest.mark.django_db
def test_a_proven_model_is_used_and_everybody_is_traced_by_it(enough):
    course = a_past()
    newcomer = a_learner(course)
    answer(newcomer, course, 4, at=BEGIN)
    before = traced()[newcomer.pk, "s0"].mastery
    learn_mastery()
    row = MasteryModel.objects.get()
    assert (row.attempts, row.metrics["learners"]) == (73, 25)
    assert row.metrics["gain_low"] > 0
    assert TraceDue.objects.count() == 25
    after = traced()[newcomer.pk, "s0"].mastery
    assert after != before and 0.5 < after < 1
    assert LearnerSkill.objects.count() == 3 * 24 + 1


@pytest.mark.django_db
def test_with_too_few_answers_there_is_none():
    a_past(2)
    assert learning.learn(BEGIN) is None
    assert not MasteryModel.objects.exists()


@pytest.mark.django_db
def test_it_is_learned_again_when_there_are_a_fifth_more_answers(enough):
    course = a_past()
    assert learning.learn(BEGIN) is not None
    assert learning.learn(BEGIN) is None
    assert learning.learn(BEGIN, anew=True) is not None
    for _ in range(15):
        answer(a_learner(course), course, 4, at=BEGIN)
    assert learning.learn(BEGIN).learners == 39


@pytest.mark.django_db
def test_what_is_no_longer_proven_is_no_longer_used(enough, monkeypatch):
    a_past()
    learning.learn(BEGIN)
    traced()
    monkeypatch.setattr(learning, "MAX_CALIBRATION_ERROR", -1.0)
    learning.learn(BEGIN, anew=True)
    assert not MasteryModel.objects.exists()
    assert TraceDue.objects.count() == 24


@pytest.mark.django_db
def test_a_model_of_another_release_isnt_used_and_is_learned_anew(enough):
    a_past()
    learning.learn(BEGIN)
    MasteryModel.objects.update(document={"format": 99})
    assert tracing.model_in_use() is None
    assert traced()
    assert learning.learn(BEGIN) is not None
    assert tracing.model_in_use() is not None


@pytest.mark.django_db
def test_test_learners_teach_nothing(enough):
    course = a_past()
    answer(a_learner(course, is_test=True), course, 4, at=BEGIN)
    assert learning.learn(BEGIN).learners == 24


@pytest.mark.django_db
def test_of_very_many_attempts_those_of_some_learners_are_read_whole(enough, monkeypatch):
    a_past(48)
    monkeypatch.setattr(learning, "MAX_ATTEMPTS", 100)
    proof = learning.learn(BEGIN)
    assert 20 <= proof.learners <= 28
    assert proof.answers == 12 * proof.learners


@pytest.mark.django_db
def test_there_is_one_model_at_most():
    MasteryModel.objects.create(document={}, attempts=1, trained_at=BEGIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        MasteryModel.objects.create(pk=2, document={}, attempts=1, trained_at=BEGIN)


@pytest.mark.django_db
def test_the_command_says_what_is_used(enough):
    out = StringIO()
    call_command("train_mastery", stdout=out)
    assert "Too little to learn from" in out.getvalue()
    a_past()
    call_command("train_mastery", stdout=out)
    assert "288 answers of 24 learners predicted" in out.getvalue()
    assert "In use: the fitted model." in out.getvalue()
