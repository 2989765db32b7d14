"""When an answer is right, for each type of question."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.grading import (
    Matches,
    Numbers,
    Order,
    Texts,
    is_right,
    normalized,
    number,
    shuffled,
)

IDS = st.lists(st.integers(1, 2**63 - 1), min_size=2, max_size=8, unique=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", Fraction(7, 2)),
        ("3,5", Fraction(7, 2)),
        (" +3.50 ", Fraction(7, 2)),
        ("−2", Fraction(-2)),
        ("٣٫٥", Fraction(7, 2)),
        ("１２", Fraction(12)),
        (12, Fraction(12)),
        ("1e9", None),
        ("1,000.5", None),
        ("NaN", None),
        ("", None),
        ("12 m", None),
        ("9" * 19, None),
    ],
)
def test_a_number_is_read_as_people_write_it(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["12"], True),
        (["13.0"], True),
        (["13.01"], False),
        ([12], True),
        (["twelve"], False),
        ([], False),
        (["12", "13"], False),
    ],
)
def test_a_number_may_differ_by_the_tolerance(answer, expected):
    assert is_right(Numbers(("12.5", "not a number"), "0.5"), answer) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["  fire   BRIGADE"], True),
        (["ｆｉｒｅ brigade"], True),
        (["fire\u00a0brigade"], True),
        (["STRASSE"], True),
        (["firebrigade"], False),
        ([""], False),
        ([5], False),
        ([], False),
    ],
)
def test_case_spaces_and_forms_of_characters_change_no_text(answer, expected):
    assert is_right(Texts(("Fire brigade", "Straße")), answer) is expected


@given(ids=IDS, data=st.data())
def test_only_one_order_is_right(ids, data):
    other = data.draw(st.permutations(ids))
    assert is_right(Order(tuple(ids)), other) is (other == ids)
    assert not is_right(Order(tuple(ids)), ids[:-1])


@given(ids=IDS, data=st.data())
def test_pairs_are_right_in_any_order_and_only_together(ids, data):
    offered = data.draw(st.lists(st.integers(1, 5), min_size=len(ids), max_size=len(ids)))
    pairs = [list(pair) for pair in zip(ids, offered, strict=True)]
    key = Matches(frozenset(map(tuple, pairs)))
    assert is_right(key, data.draw(st.permutations(pairs)))
    assert not is_right(key, pairs[1:])
    assert not is_right(key, [[pairs[0][0], 6], *pairs[1:]])


CHOSEN = st.frozensets(st.integers(1, 6))
KEYS = [
    frozenset({1}),
    Order((1, 2)),
    Matches(frozenset({(1, 2)})),
    Numbers(("1",)),
    Texts(("a",)),
]


@given(correct=CHOSEN.filter(bool), chosen=CHOSEN)
def test_choices_are_right_as_a_set(correct, chosen):
    for answer in itertools.islice(itertools.permutations(chosen), 3):
        assert is_right(correct, answer) is (correct == chosen)


@given(
    st.sampled_from(KEYS),
    st.lists(st.integers() | st.text() | st.lists(st.integers(), max_size=3), max_size=3),
)
def test_any_answer_can_be_judged(key, answer):
    assert is_right(key, answer) in (True, False)


@given(st.text())
def test_normalizing_twice_changes_nothing(text):
    assert normalized(normalized(text)) == normalized(text)


@given(IDS)
def test_a_shuffled_order_has_the_same_choices_and_is_never_the_right_one(ids):
    mixed = shuffled(ids)
    assert sorted(mixed) == sorted(ids)
    assert mixed != ids
