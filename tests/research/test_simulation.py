"""Adaptive paths against the fixed order: repeatable, and nothing comes out of nothing."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command

from analytics.paths.estimates import NO_TRIES, Record
from research.management.commands.simulate_paths import PARAMETERS
from research.paths.simulation import ADAPTIVE, FIXED, Part, Past, Walk, compare, scenarios

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
    assert found["minutes"].low <= 0.02 * found["minutes"].fixed
    assert found["completed"].high >= 0
    assert found["knowledge"].high >= -0.005


def test_pass_rates_come_from_earlier_learners_only():
    course, scenario = SCENARIOS["mixed"]
    few = compare(course, scenario, learners=10, seed=7)
    first = [Walk(course, scenario, f"7 {n}", FIXED).outcome() for n in range(10)]
    assert few[0].fixed == pytest.approx(sum(each.minutes for each in first) / 10)
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
    assert found["minutes"].adaptive < found["minutes"].fixed / 2


def test_an_interval_holds_its_mean_and_the_mean_is_the_difference():
    for found in differences("mixed").values():
        assert found.low < found.mean < found.high
        assert found.mean == pytest.approx(found.adaptive - found.fixed)


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
