"""What a learner is likely to come to next: by what others who hadn't been there did lately."""

import numpy as np
import pytest

from research.recommending import arrivals, visits
from research.recommending.arrivals import WEIGHTS, likely, table, weights
from research.recommending.visits import CourseVisits, evaluate

NEVER = np.nan
START = np.array([each.weight for each in WEIGHTS.values()])


def a_course(*, learners=60, contents=30, seed=4) -> np.ndarray:
    """Three contents a week appear, and most come to them within a few days."""
    chance = np.random.default_rng(seed)
    appears = np.arange(contents) // 3 * 7.0
    first = appears + chance.exponential(4.0, (learners, contents))
    return np.where(chance.uniform(size=first.shape) < 0.8, first, NEVER)


def at_an_own_pace(*, learners=300, contents=40, seed=5) -> np.ndarray:
    """Everything is there from the start. Learners begin at any time, and go through it in its
    order: what many came to lately is where others are."""
    chance = np.random.default_rng(seed)
    begins = chance.uniform(0, 60, (learners, 1))
    return begins + np.cumsum(chance.exponential(2.0, (learners, contents)), axis=1)


def until(first: np.ndarray, day: float) -> np.ndarray:
    return np.where(first <= day, first, NEVER)


def ranked(known, day, learner=0) -> list[int]:
    worth = np.where(np.isnan(known[learner]), likely(known, day)[learner], -np.inf)
    return [int(each) for each in np.argsort(-worth) if np.isfinite(worth[each])]


def a_table(*columns, learners=30) -> np.ndarray:
    """The first learner has been nowhere but at the first content, with everybody else."""
    known = np.full((learners, len(columns) + 1), NEVER)
    known[:, 0] = 29.0
    for number, days in enumerate(columns, start=1):
        known[1 : 1 + len(days), number] = days
    return known


def test_where_more_of_those_who_had_not_been_there_came_lately_is_likelier():
    many, few = np.full(12, 27.0), np.full(4, 27.0)
    assert ranked(a_table(few, many), 30.0) == [2, 1]
    assert ranked(a_table(many, few), 30.0) == [1, 2]


def test_of_two_that_as_many_came_to_the_one_that_few_have_left_to_do_is_likelier():
    """Popularity lately can't tell them apart; of those still to come, more came to the second."""
    new, old = np.full(5, 27.0), np.concatenate([np.full(5, 27.0), np.full(20, 25.5)])
    known = a_table(new, old)
    known[:, 2] = np.where(known[:, 2] == 25.5, 22.0, known[:, 2])
    found = arrivals.features(known, 30.0)["came"]
    assert found[2] > found[1]
    assert visits.lately(known, 30.0)[1] == visits.lately(known, 30.0)[2]


def test_what_no_learner_came_to_for_long_is_less_likely():
    assert ranked(a_table(np.full(10, 20.0), np.full(10, 5.0)), 30.0) == [1, 2]


def test_where_contents_appear_week_by_week_it_is_better_than_first_visits_lately():
    course = CourseVisits([str(n) for n in range(60)], [f"c{n:02}" for n in range(30)], a_course())
    found = {each.name: each for each in evaluate({"A": course}, draws=100).results}
    best = found["likely to come next"]
    assert best.over_low > 0
    assert best.over == pytest.approx(best.ndcg - found["first visits in seven days"].ndcg)
    assert found["first visits in seven days"].over == 0


def test_weights_follow_the_earlier_weeks_of_the_course():
    first, day = at_an_own_pace(), 63.0
    known = until(first, day)
    adapted = weights(known, day)
    assert np.abs(adapted - START).max() > 0.3
    seen = ~np.isnan(known)
    right = (first > day) & (first <= day + 7)
    chosen = seen.any(axis=1) & right.any(axis=1)
    offered = ~seen & seen.any(axis=0)

    def gain(weight):
        worth = np.where(offered, table(known, day) @ weight, -np.inf)
        return visits.ndcg(worth[chosen], right[chosen]).mean()

    assert gain(adapted) > gain(START) + 0.01


def test_few_earlier_weeks_change_little_and_none_nothing():
    first = a_course(learners=8)
    np.testing.assert_array_equal(weights(until(first, 6.0), 6.0), START)
    assert np.abs(weights(until(first, 20.0), 20.0) - START).max() < 0.1


def test_weights_are_those_that_explain_the_earlier_weeks_best():
    """No small step makes the penalised likelihood larger."""
    known = until(a_course(), 42.0)
    choices = arrivals._joined(list(arrivals._earlier(known, 42.0)))

    def loss(weight):
        worth = choices.features @ weight
        total = 0.0
        for learner in range(choices.learner[-1] + 1):
            here = choices.learner == learner
            chance = np.exp(worth[here]) / np.exp(worth[here]).sum()
            total -= (choices.share[here] * np.log(chance)).sum()
        return total + arrivals.STRENGTH / 2 * ((weight - START) ** 2).sum()

    found = arrivals._adapted(choices, START)
    for step in np.concatenate([np.eye(len(START)), -np.eye(len(START))]) * 0.01:
        assert loss(found + step) > loss(found)
    shares = np.bincount(choices.learner, weights=choices.share)
    np.testing.assert_allclose(shares, 1)


def test_what_happens_after_a_day_changes_nothing():
    first, day = a_course(), 30.0
    chance = np.random.default_rng(9)
    scrambled = np.where(first <= day, first, chance.uniform(30.1, 300, first.shape))
    assert not np.array_equal(first, scrambled, equal_nan=True)
    np.testing.assert_array_equal(
        likely(until(first, day), day), likely(until(scrambled, day), day)
    )


def test_the_order_of_learners_and_of_contents_changes_nothing():
    known = until(a_course(learners=40), 30.0)
    chance = np.random.default_rng(10)
    people, contents = chance.permutation(40), chance.permutation(30)
    found = likely(known[np.ix_(people, contents)], 30.0)
    offered = ~np.isnan(known).all(axis=0)[contents]  # what no learner has visited isn't offered
    expected = likely(known, 30.0)[np.ix_(people, contents)]
    np.testing.assert_allclose(found[:, offered], expected[:, offered], atol=1e-9)


def test_without_visits_or_with_one_content_there_is_nothing_to_fail_on():
    for shape in ((3, 4), (1, 1)):
        nothing = np.full(shape, NEVER)
        assert np.isfinite(likely(nothing, 10.0)).all()
    assert np.isfinite(likely(np.array([[1.0]]), 10.0)).all()
