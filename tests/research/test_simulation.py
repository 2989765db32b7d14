"""Adaptive paths against the fixed order: repeatable, and nothing comes out of nothing."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analytics.paths.estimates import NO_TRIES, Record
from research.management.commands.simulate_paths import PARAMETERS
from research.paths.simulation import (
    ADAPTIVE,
    FIXED,
    PRETESTS,
    Part,
    Past,
    Walk,
    compare,
    scenarios,
)

SCENARIOS = {
    name: (course, scenario)
    for name, course, scenario in scenarios(json.loads(PARAMETERS.read_text("utf-8")))
}


def differences(name: str, *, seed: int = 7, **changes):
    course, scenario = SCENARIOS[name]
    found = compare(course, replace(scenario, **changes), learners=80, seed=seed)
    return {each.measure: each for each in found}


def test_the_same_seed_gives_the_same_result_and_another_one_differs():
    assert differences("mixed") == differences("mixed")
    assert differences("mixed") != differences("mixed", seed=8)


@pytest.mark.parametrize("name", ["null", "mixed", "guessing"])
def test_where_there_is_little_to_gain_little_is_lost(name):
    found = differences(name)
    assert found["minutes"].low <= 0.02 * found["minutes"].other
    assert found["completed"].high >= 0
    assert found["knowledge"].high >= -0.005


def test_pass_rates_come_from_earlier_learners_only():
    course, scenario = SCENARIOS["mixed"]
    few = compare(course, scenario, learners=10, seed=7)
    first = [Walk(course, scenario, f"7 {n}", FIXED).outcome() for n in range(10)]
    assert few[0].other == pytest.approx(sum(each.minutes for each in first) / 10)
    past = Past()
    walk = Walk(course, scenario, "7 0", ADAPTIVE, past)
    walk.outcome()
    assert past == Past()
    assert all(item.quiz.first == NO_TRIES for item in walk.items.values() if item.quiz)


def test_later_learners_take_no_test_that_hardly_anyone_passed():
    course, scenario = SCENARIOS["null"]
    past = Past()
    begins = []
    for number in range(60):
        walk = Walk(course, scenario, f"7 {number}", ADAPTIVE, past)
        begins.append(walk.parts[walk._next()].kind)
        walk.outcome()
        past.add(walk)
    assert begins[0] == "test"
    assert set(begins[40:]) == {"lesson"}
    test = Part("test", 0)
    assert past.first[test].tries < 40
    assert past.again.get(test) is None


def test_second_tries_count_where_the_first_one_failed():
    course, scenario = SCENARIOS["mixed"]
    past = Past()
    walk = Walk(course, scenario, "7 0", FIXED)
    walk.tries = {0: [False], 3: [False, True], 4: [True]}
    past.add(walk)
    past.add(walk)
    assert past.first[walk.parts[0]] == Record(2, 0)
    assert past.first[walk.parts[3]] == Record(2, 0)
    assert past.first[walk.parts[4]] == Record(2, 2)
    assert past.again == {walk.parts[3]: Record(2, 2)}


def test_a_learner_who_knows_it_all_skips_most_of_it():
    found = differences("experienced", prior_mean=4.0, prior_sd=0.1)
    assert found["minutes"].adaptive < found["minutes"].other / 2


def test_an_interval_holds_its_mean_and_the_mean_is_the_difference():
    for found in differences("mixed").values():
        assert found.low < found.mean < found.high
        assert found.mean == pytest.approx(found.adaptive - found.other)


def test_a_patient_learner_completes_in_either_order():
    course, scenario = SCENARIOS["mixed"]
    patient = replace(scenario, patience_minutes=1e9)
    for arm in (ADAPTIVE, FIXED):
        assert Walk(course, patient, "7 1", arm).outcome().completed == 1


def test_the_fixed_order_has_every_lesson_once_and_no_pre_test():
    course, scenario = SCENARIOS["mixed"]
    walk = Walk(course, replace(scenario, patience_minutes=1e9), "7 2", FIXED)
    done = []
    do = walk._do
    walk._do = lambda pk: (done.append(walk.parts[pk].kind), do(pk))
    walk.outcome()
    assert done.count("lesson") == len(course.modules) * course.lessons
    assert not {"test", "remedial"} & set(done)


def test_the_command_prints_each_scenario():
    out = StringIO()
    call_command("simulate_paths", learners=5, stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2 + 3 * len(SCENARIOS)
    assert all("to" in line for line in lines[2:])


# --- a third arm, and harsher assumptions --------------------------------------------------------
def walked(arm: str, name: str = "mixed", *, common_luck: bool = False, **changes) -> Walk:
    course, scenario = SCENARIOS[name]
    patient = {"patience_minutes": 1e9} | changes
    walk = Walk(course, replace(scenario, **patient), "7 2", arm, Past(), common_luck)
    walk.outcome()
    return walk


def test_with_pretests_for_everybody_each_is_taken_once_before_its_module():
    walk = walked(PRETESTS, "null")
    tests = [pk for pk, part in walk.parts.items() if part.kind == "test"]
    assert [len(walk.tries[pk]) for pk in tests] == [1] * len(tests)
    assert not any(
        walk.items[pk].is_done for pk, part in walk.parts.items() if part.kind == "remedial"
    )


def test_who_knows_it_all_skips_the_lessons_after_each_pretest():
    walk = walked(PRETESTS, "experienced", prior_mean=9.0, prior_sd=0.0)
    lessons = [walk.items[pk] for pk, part in walk.parts.items() if part.kind == "lesson"]
    assert all(item.is_waived for item in lessons)


def test_with_common_luck_an_arm_compared_with_itself_differs_in_nothing():
    course, scenario = SCENARIOS["mixed"]
    one, other = (Walk(course, scenario, "7 5", FIXED, Past(), True).outcome() for _ in range(2))
    assert one == other
    found = compare(course, scenario, learners=20, seed=7, against=ADAPTIVE, common_luck=True)
    assert all((row.mean, row.low, row.high) == (0, 0, 0) for row in found)


def test_what_isnt_practised_is_forgotten_but_not_below_the_start():
    kept, forgotten = walked(FIXED), walked(FIXED, forgetting=5.0)
    assert sum(forgotten.ability) < sum(kept.ability)
    assert all(
        now >= first for now, first in zip(forgotten.ability, forgotten.at_first, strict=True)
    )


def test_how_hard_questions_are_is_estimated_from_earlier_learners():
    course, scenario = SCENARIOS["mixed"]
    past, part = Past(), Part("quiz", 0)
    assert past.difficulty(part, 0) == 0  # no one has answered it yet
    for number in range(200):
        walk = Walk(course, scenario, f"7 {number}", FIXED, past, estimated=True)
        walk.outcome()
        past.add(walk)
    asked = [past.difficulty(part, question) for question in range(course.quiz_questions)]
    given = past.answers[part, 0]
    assert given.tries > 100 and 0 < given.passed < given.tries
    assert max(asked) - min(asked) > 0.2
    found = compare(course, scenario, learners=30, seed=7, estimated=True)
    assert found == compare(course, scenario, learners=30, seed=7, estimated=True)
    assert found != compare(course, scenario, learners=30, seed=7)


def test_failed_tries_discourage():
    steady, easily = (walked(FIXED, gain=0.1, discouragement=share) for share in (0.0, 1.0))
    assert any(False in tries for tries in steady.tries.values())
    assert easily.minutes < steady.minutes


def test_the_command_takes_other_assumptions_and_another_arm(tmp_path):
    out = StringIO()
    options = ("--learners", "5", "--against", "pretests", "--common-luck")
    options += ("--estimated-difficulties",)
    call_command("simulate_paths", *options, "--scenarios", str(HARSHER), stdout=out)
    said = out.getvalue()
    assert "pretests" in said and "forgetful" in said and "discouraged" in said
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    with pytest.raises(CommandError, match=r"--scenarios: .*broken\.json"):
        call_command("simulate_paths", "--scenarios", str(broken))


HARSHER = PARAMETERS.with_name("harsher.json")
