"""The questions of an attempt: drawn fairly, the same every time, and each attempt for itself."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from progress.rules.drawing import draw, mixed, seed_of

ids = st.integers(1, 2**63 - 1)
names = st.sampled_from(["", "doors", "alarms", "gone"])
questions = st.dictionaries(ids, names, max_size=12).map(lambda found: list(found.items()))
pools = st.dictionaries(st.sampled_from(["doors", "alarms"]), st.integers(1, 5))
seeds = st.builds(seed_of, ids, ids, st.integers(1, 50))


@given(questions, pools, seeds, st.booleans())
def test_each_pool_gives_as_many_as_it_says_and_the_rest_is_asked_whole(
    questions, pools, seed, is_mixed
):
    drawn = draw(questions, pools, seed, is_mixed=is_mixed)
    pool_of = dict(questions)
    assert len(set(drawn)) == len(drawn)
    sizes, given_by = Counter(pool_of.values()), Counter(pool_of[each] for each in drawn)
    for name, size in sizes.items():
        assert given_by[name] == min(pools.get(name, size), size)


@given(questions, pools, seeds)
def test_without_shuffling_the_order_is_the_author_s(questions, pools, seed):
    drawn = draw(questions, pools, seed, is_mixed=False)
    order = [question for question, _pool in questions]
    assert drawn == [question for question in order if question in set(drawn)]


@given(questions, pools, seeds, st.randoms(use_true_random=False))
def test_the_draw_follows_from_the_attempt_alone(questions, pools, seed, dice):
    again = questions[:]
    dice.shuffle(again)
    assert draw(questions, pools, seed, is_mixed=True) == draw(again, pools, seed, is_mixed=True)


@given(st.sets(ids, min_size=2, max_size=12), ids, seeds)
def test_a_question_that_is_added_takes_the_place_of_one_at_most(members, added, seed):
    before = draw([(each, "p") for each in sorted(members)], {"p": 2}, seed, is_mixed=False)
    more = sorted(members | {added})
    after = draw([(each, "p") for each in more], {"p": 2}, seed, is_mixed=False)
    assert len(set(before) - set(after)) <= 1


def test_every_question_is_drawn_as_often_as_the_others():
    pool = [(number, "p") for number in range(1, 11)]
    drawn = Counter(
        question
        for learner, attempt in product(range(1, 1001), range(1, 4))
        for question in draw(pool, {"p": 3}, seed_of(learner, 7, attempt), is_mixed=False)
    )
    # 3,000 attempts draw 9,000 times: 900 of each, within five standard deviations.
    assert set(drawn) == set(range(1, 11))
    assert all(abs(count - 900) < 5 * 25.1 for count in drawn.values()), drawn


def test_one_learner_s_order_says_nothing_about_another_s():
    firsts = Counter()
    for learner in range(1, 5001):
        mine = mixed(range(5), seed_of(learner, 7, 1), "order")[0]
        theirs = mixed(range(5), seed_of(learner + 1, 7, 1), "order")[0]
        firsts[mine, theirs] += 1
    # 25 pairs, 200 of each if neither tells the other; the statistic has 24 degrees of freedom.
    statistic = sum((firsts[pair] - 200) ** 2 / 200 for pair in product(range(5), repeat=2))
    assert statistic < 62, firsts  # one in 30,000


def test_the_next_attempt_is_drawn_anew():
    pool = [(number, "p") for number in range(1, 31)]
    draws = {
        tuple(draw(pool, {"p": 5}, seed_of(1, 7, attempt), is_mixed=True))
        for attempt in range(1, 21)
    }
    assert len(draws) == 20
