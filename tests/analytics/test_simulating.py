"""Adaptive paths against the fixed order: repeatable, and nothing comes out of nothing."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command

from analytics.management.commands.simulate_paths import PARAMETERS
from analytics.paths.simulating import ADAPTIVE, FIXED, Walk, compare, scenarios

TOLD = {
    name: (course, scenario)
    for name, course, scenario in scenarios(json.loads(PARAMETERS.read_text("utf-8")))
}


def differences(name: str, *, seed: int = 7, **changes):
    course, scenario = TOLD[name]
    found = compare(course, replace(scenario, **changes), learners=80, seed=seed)
    return {each.measure: each for each in found}


def test_the_same_seed_says_the_same_and_another_one_something_else():
    assert differences("mixed") == differences("mixed")
    assert differences("mixed") != differences("mixed", seed=8)


def test_where_there_is_nothing_to_gain_nothing_is_gained():
    found = differences("null")
    assert found["minutes"].low > 0
    assert found["completed"].mean <= 0
    assert found["knowledge"].mean <= 0


def test_who_knows_it_all_before_is_spared_most_of_it():
    found = differences("experienced", prior_mean=4.0, prior_sd=0.1)
    assert found["minutes"].adaptive < found["minutes"].fixed / 2


def test_an_interval_holds_its_mean_and_the_mean_is_the_difference():
    for found in differences("mixed").values():
        assert found.low < found.mean < found.high
        assert found.mean == pytest.approx(found.adaptive - found.fixed)


def test_whoever_has_patience_completes_in_either_order():
    course, scenario = TOLD["mixed"]
    patient = replace(scenario, patience_minutes=1e9)
    for arm in (ADAPTIVE, FIXED):
        assert Walk(course, patient, "7 1", arm).outcome().completed == 1


def test_the_fixed_order_has_every_lesson_once_and_no_pre_test():
    course, scenario = TOLD["mixed"]
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
    assert len(lines) == 2 + 3 * len(TOLD)
    assert all("to" in line for line in lines[2:])
