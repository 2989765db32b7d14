"""Whether a test or practice is expected to pay: what must hold whatever the numbers are."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.paths.arranging import Item, arrange
from analytics.paths.estimates import (
    NO_TRIES,
    Quiz,
    Record,
    SkillEstimate,
    advantage,
    at_least,
    chance,
    chance_to_know,
    expected_loss,
    is_worth_it,
    rate,
)

share = st.floats(0, 1)
minutes = st.floats(0.1, 500)


@st.composite
def records(draw) -> Record:
    tries = draw(st.integers(0, 500))
    return Record(tries, draw(st.integers(0, tries)))


@st.composite
def quizzes(draw) -> Quiz:
    questions = draw(st.integers(1, 12))
    return Quiz(
        questions=questions,
        needed=draw(st.integers(1, questions)),
        guess=draw(st.floats(0.01, 0.9)),
        first=draw(records()),
        again=draw(records()),
    )


@st.composite
def knowledge(draw) -> SkillEstimate:
    return SkillEstimate(draw(share), draw(st.integers(4, 100)))


# --- Chances -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("needed", "questions", "right", "expected"),
    [
        (3, 4, 0.5, 5 / 16),  # three of four by tossing a coin
        (1, 1, 0.25, 0.25),
        (0, 4, 0.1, 1),
        (4, 4, 1.0, 1),
        (5, 4, 1.0, 0),
    ],
)
def test_so_many_right_by_chance(needed, questions, right, expected):
    assert at_least(needed, questions, right) == pytest.approx(expected)


@given(quizzes(), records(), st.none() | knowledge(), st.floats(-5, 5))
def test_a_chance_is_between_0_and_1(quiz, record, known, above):
    assert 0 <= chance(quiz, record, known, above) <= 1


@given(quizzes(), records(), st.none() | knowledge())
def test_more_that_pass_never_lower_a_chance(quiz, record, known):
    more = Record(record.tries + 1, record.passed + 1)
    assert chance(quiz, more, known) >= chance(quiz, record, known) - 1e-12
    fewer = Record(record.tries + 1, record.passed)
    assert chance(quiz, fewer, known) <= chance(quiz, record, known) + 1e-12


@given(quizzes(), records(), knowledge(), share)
def test_more_mastery_never_lowers_a_chance(quiz, record, known, other):
    less, more = sorted([known, SkillEstimate(other, known.answers)])
    assert chance(quiz, record, less) <= chance(quiz, record, more) + 1e-9


@given(records(), st.lists(st.tuples(records(), st.booleans()), max_size=8))
def test_another_test_that_was_passed_raises_the_chance_and_a_failed_one_lowers_it(record, tests):
    assume(abs(advantage(tests)) < 1)
    assert advantage([*tests, (record, True)]) >= advantage([*tests, (record, False)])
    assert advantage([(record, True)]) > 0 > advantage([(record, False)])


def test_own_answers_weigh_the_more_the_more_there_are():
    quiz, record = Quiz(questions=4, needed=3), Record(100, 90)
    few, many = (
        chance(quiz, record, SkillEstimate(0.2, 4)),
        chance(quiz, record, SkillEstimate(0.2, 40)),
    )
    own = at_least(3, 4, 0.2)
    assert rate(record) > few > many > own
    assert few == pytest.approx((rate(record) + own) / 2)


def test_while_few_have_tried_a_test_is_taken_for_a_usual_one():
    assert rate(NO_TRIES) == 0.7
    assert rate(Record(10, 0)) == 0.35
    assert rate(Record(10_000, 3_000)) == pytest.approx(0.3, abs=0.001)


def test_luck_is_not_knowledge():
    coin = Quiz(questions=4, needed=3, guess=0.5)
    assert chance_to_know(coin, coin.luck) == 0
    assert chance_to_know(coin, 1.0) == 1
    four_choices = replace(coin, guess=0.25)
    assert chance_to_know(four_choices, 0.5) > chance_to_know(coin, 0.5)


# --- Pre-tests -----------------------------------------------------------------------------------
@given(quizzes(), share, share, minutes, minutes)
def test_a_higher_chance_never_removes_a_pre_test(quiz, one, other, takes, spares):
    less, more = sorted([one, other])
    assert is_worth_it(quiz, less, takes, spares) <= is_worth_it(quiz, more, takes, spares)


@given(quizzes(), share, minutes, minutes, minutes)
def test_longer_waived_content_never_removes_a_pre_test(quiz, passes, takes, spares, more):
    worth = is_worth_it(quiz, passes, takes, spares)
    assert worth <= is_worth_it(quiz, passes, takes, spares + more)


@given(quizzes(), share, minutes, minutes)
def test_a_longer_test_never_becomes_worth_it(quiz, passes, takes, spares):
    worth = is_worth_it(quiz, passes, takes, spares)
    assert is_worth_it(quiz, passes, takes + 1, spares) <= worth


def test_a_test_has_to_save_more_than_it_takes_and_to_be_passed_by_knowing():
    quiz = Quiz(questions=4, needed=3, guess=0.25)
    assert is_worth_it(quiz, 0.8, 3, 24)
    assert not is_worth_it(quiz, 0.8, 3, 3)  # no time is spared
    assert not is_worth_it(quiz, 0.3, 3, 24)  # most would fail it
    assert not is_worth_it(replace(quiz, guess=0.5), 0.6, 3, 24)  # most of them pass by luck


TEST = Item(
    9, skills=("a",), waives=(1,), minutes=3, quiz=Quiz(first=Record(20, 18)), is_required=False
)
LESSON = Item(1, skills=("a",), minutes=12)


def steps(*items, **known) -> list[tuple[int, str]]:
    skills = {skill: SkillEstimate(*each) for skill, each in known.items()}
    return [(step.id, step.reason) for step in arrange(items, skills).steps]


def offers(*items, **known) -> list[tuple[int, str]]:
    skills = {skill: SkillEstimate(*each) for skill, each in known.items()}
    return [(step.id, step.reason) for step in arrange(items, skills).offers]


@given(records(), st.none() | share, share, minutes, minutes)
def test_in_a_path_too_nothing_that_speaks_for_a_test_removes_it(record, mastery, more, took, long):
    def is_step(record, mastery, long):
        known = {} if mastery is None else {"a": (mastery, 8)}
        test = replace(TEST, minutes=took, quiz=Quiz(first=record))
        return (9, "pre_test") in steps(test, replace(LESSON, minutes=long), **known)

    worth = is_step(record, mastery, long)
    assert worth <= is_step(Record(record.tries + 1, record.passed + 1), mastery, long)
    assert worth <= is_step(record, mastery, long + took)
    if mastery is not None:
        assert worth <= is_step(record, max(mastery, more), long)


def test_a_test_that_is_not_worth_a_step_is_offered():
    assert steps(TEST, LESSON) == [(9, "pre_test"), (1, "next")]
    assert offers(TEST, LESSON) == []
    hard = replace(TEST, quiz=Quiz(first=Record(20, 4)))
    assert steps(hard, LESSON) == [(1, "next")]
    assert offers(hard, LESSON) == [(9, "pre_test")]
    short = replace(LESSON, minutes=2)
    assert offers(TEST, short) == [(9, "pre_test")]
    used = replace(hard, quiz=Quiz(tries_left=0))
    assert offers(used, LESSON) == []


def test_after_failed_tests_the_next_is_an_offer_and_after_passed_ones_a_step():
    even = Quiz(first=Record(100, 55))
    test = replace(TEST, quiz=even)
    others = [
        Item(10 + n, waives=(20 + n,), minutes=3, quiz=even, is_required=False, was_tried=True)
        for n in range(3)
    ]
    passed = [replace(each, is_done=True) for each in others]
    assert (9, "pre_test") in steps(*passed, test, LESSON)
    assert (9, "pre_test") in offers(*others, test, LESSON)


def test_a_test_waives_one_of_several_alternatives():
    film = Item(1, alternatives=(2,), minutes=4)
    book = Item(2, alternatives=(1,), minutes=4)
    test = replace(TEST, waives=(1, 2), skills=(), minutes=5)
    assert offers(test, film, book) == [(9, "pre_test")]
    long = replace(film, minutes=8)
    assert (9, "pre_test") in steps(test, long, book)


# --- Practice ------------------------------------------------------------------------------------
@given(share, share, minutes)
def test_the_likelier_a_try_passes_the_less_time_is_lost_in_tries(one, other, takes):
    less, more = sorted([one, other])
    assert expected_loss(less, takes) >= expected_loss(more, takes)


def test_half_that_pass_lose_one_try():
    assert expected_loss(0.5, 5) == 5
    assert expected_loss(1.0, 5) == 0
    assert math.isfinite(expected_loss(0.0, 5))


def failed(**changes) -> Item:
    quiz = Quiz(questions=6, needed=4, again=Record(100, 80), tries=1)
    return Item(5, skills=("a",), minutes=5, quiz=replace(quiz, **changes), was_tried=True)


PRACTICE = Item(4, skills=("a",), minutes=8, is_required=False, is_remedial=True)


def test_practice_before_another_try_takes_less_than_the_tries_that_would_be_lost():
    known = {"a": (0.45, 6)}
    assert steps(failed(), PRACTICE, **known) == [(5, "again")]
    assert offers(failed(), PRACTICE, **known) == [(4, "remedial")]
    short = replace(PRACTICE, minutes=2)
    assert steps(failed(), short, **known) == [(4, "remedial"), (5, "later")]
    hard = failed(again=Record(100, 5))
    assert steps(hard, PRACTICE, **known) == [(4, "remedial"), (5, "later")]
    weak = {"a": (0.1, 60)}
    assert steps(failed(), PRACTICE, **weak) == [(4, "remedial"), (5, "later")]


def test_no_more_practice_than_the_tries_are_worth():
    known = {"a": (0.45, 6)}
    some = [replace(PRACTICE, id=pk, minutes=2) for pk in (4, 6, 7, 8, 10)]
    brought = [pk for pk, reason in steps(failed(), *some, **known) if reason == "remedial"]
    assert brought == [4, 6]


@pytest.mark.parametrize("changes", [{"tries": 3}, {"tries_left": 1}])
def test_before_a_last_try_and_after_three_any_practice_pays(changes):
    assert steps(failed(**changes), PRACTICE, a=(0.45, 6)) == [(4, "remedial"), (5, "later")]


def test_what_was_skipped_returns_whatever_it_takes():
    skipped = Item(1, skills=("a",), minutes=90, is_done=True, is_waived=True)
    assert steps(skipped, failed(), a=(0.45, 6)) == [(1, "skipped"), (5, "later")]
