"""`evaluate_mastery --answers` measures on any answers, and learns nothing from those measured."""

import csv
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from analytics.facts.mastery import fitting
from analytics.facts.mastery.states import SkillAnswer, difficulties, follow
from analytics.facts.mastery.tracers import logistic
from research.mastery import answers as files

HEAD = ["learner", "item", "skill", "correct", "order"]


def some_rows(learners=60, *, seed=1, skills=4):
    """Abilities over all skills, items of spread difficulty, and some skills that are harder."""
    random = Random(seed)
    hard = {
        (skill, item): skill / 2 + random.gauss(0, 1)
        for skill in range(skills)
        for item in range(8)
    }
    for learner in range(learners):
        ability = random.gauss(0.8, 1.2)
        for order in range(30):
            skill, item = random.choice(list(hard))
            right = random.random() < logistic(ability - hard[skill, item])
            yield [f"l{learner}", f"i{skill}-{item}", f"s{skill}", int(right), order]


def write(path, rows, head=HEAD):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def evaluate(path, *options) -> dict[str, list[float]]:
    out = StringIO()
    call_command("evaluate_mastery", "--answers", str(path), *options, stdout=out)
    lines = out.getvalue().splitlines()
    assert "answers of" in lines[0]
    return {
        " ".join(line.split()[:-3]): [float(each) for each in line.split()[-3:]]
        for line in lines[2:]
    }


def test_models_are_measured_and_better_than_chance(tmp_path):
    found = evaluate(write(tmp_path / "a.csv", some_rows()), "--folds", "4")
    assert list(found) == ["rating", "overall", "fitted trees"]
    assert all(auc > 0.6 and error < 0.15 for auc, _, error in found.values())


def test_a_learner_who_is_good_at_everything_is_known_by_the_overall_rating(tmp_path):
    rows = list(some_rows(150, skills=12))
    found = evaluate(write(tmp_path / "a.csv", rows), "--folds", "3")
    assert found["overall"][0] > found["rating"][0]
    assert found["overall"][1] < found["rating"][1]


def test_the_order_of_lines_and_the_seed_of_python_change_nothing(tmp_path):
    rows = list(some_rows(30))
    shuffled = list(rows)
    Random(3).shuffle(shuffled)
    one = evaluate(write(tmp_path / "a.csv", rows), "--folds", "3")
    other = evaluate(write(tmp_path / "b.csv", shuffled), "--folds", "3")
    assert one == other


def test_an_answer_says_nothing_about_its_own_prediction():
    """Nor do later ones: the rows before an answer are those without it and what follows."""
    learners = _learners(30)
    known = difficulties(learners[10:])
    rows, _, who = follow(learners[:10], known)
    changed = [
        [*answers[:12], *(each._replace(right=1 - each.right) for each in answers[12:])]
        for answers in learners[:10]
    ]
    rows_then, _, _ = follow(changed, known)
    for learner in range(10):
        before = slice(30 * learner, 30 * learner + 13)
        assert str(rows[before]) == str(rows_then[before])
        assert str(rows[30 * learner : 30 * learner + 30]) != str(
            rows_then[30 * learner : 30 * learner + 30]
        )
    assert who == [number for number in range(10) for _ in range(30)]


def test_no_learner_is_in_two_folds():
    learners = _learners(31)
    parts = fitting.divide(learners, 4)
    ids = [id(answers) for part in parts for answers in part]
    assert sorted(ids) == sorted(map(id, learners))
    assert {len(part) for part in parts} == {7, 8}


def test_an_unseen_item_is_as_hard_as_its_skill():
    known = difficulties([[SkillAnswer("a", ("s",), 0.0)], [SkillAnswer("b", ("s",), 0.0)]])
    assert known.of("new", "s") == known.skills["s"] > 0
    assert known.of("new", "other") == 0
    assert known.of("a", "s") == known.items["a"] < known.skills["s"]


def test_only_the_first_answer_says_how_hard_an_item_is():
    again = [SkillAnswer("a", ("s",), 0.0), *[SkillAnswer("a", ("s",), 1.0)] * 9]
    assert difficulties([again]) == difficulties([again[:1]])


def _learners(number):
    found: dict[str, list[SkillAnswer]] = {}
    for learner, item, skill, right, _ in some_rows(number):
        found.setdefault(learner, []).append(SkillAnswer(item, (skill,), float(right)))
    return list(found.values())


# --- files --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({0: ""}, "line 2: learner and item"),
        ({1: ""}, "line 2: learner and item"),
        ({3: "yes"}, "line 2: correct must be a number, not 'yes'"),
        ({3: "2"}, "line 2: correct must be from 0 to 1"),
        ({3: ""}, "line 2: correct must be a number"),
        ({3: "nan"}, "line 2: correct is missing"),
        ({4: "first"}, "line 2: order must be a number"),
    ],
)
def test_a_bad_line_is_named(tmp_path, change, words):
    rows = list(some_rows(30))
    for column, value in change.items():
        rows[0][column] = value
    with pytest.raises(CommandError, match=words):
        evaluate(write(tmp_path / "a.csv", rows))


def test_a_missing_column_and_a_missing_file_are_named(tmp_path):
    rows = [row[:-1] for row in some_rows(30)]
    with pytest.raises(CommandError, match="no column order"):
        evaluate(write(tmp_path / "a.csv", rows, HEAD[:-1]))
    with pytest.raises(CommandError, match="--answers"):
        evaluate(tmp_path / "none.csv")


def test_too_few_learners_are_refused(tmp_path):
    with pytest.raises(CommandError, match="3 learners; at least"):
        evaluate(write(tmp_path / "a.csv", some_rows(3)))


@pytest.mark.parametrize(("folds_given", "words"), [("2", "at least three"), ("99", "at most")])
def test_folds_are_checked(tmp_path, folds_given, words):
    with pytest.raises(CommandError, match=words):
        evaluate(write(tmp_path / "a.csv", some_rows(30)), "--folds", folds_given)


def test_answers_of_the_same_order_stay_as_in_the_file(tmp_path):
    rows = [
        [f"l{n}", item, "", 1, 0] for n in range(files.MIN_LEARNERS) for item in ("b", "a", "c")
    ]
    learners = files.read(write(tmp_path / "a.csv", rows))
    assert [answer.item for answer in learners[0]] == ["b", "a", "c"]
