"""Quiz scores, and where to resume."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.quizzes import answered_bp, answered_questions, progress_bp, score
from progress.rules.resume import Sighting, is_newer, restart

KEY = {1: frozenset({10, 12}), 2: frozenset({20}), 3: frozenset({30}), 4: frozenset({40})}


@pytest.mark.parametrize(
    ("answers", "bp", "passed"),
    [
        ({1: [12, 10], 2: [20], 3: [30], 4: [40]}, 10_000, True),
        ({1: [10], 2: [20], 3: [30], 4: [40]}, 7_500, True),  # half of a set is wrong
        ({1: [10, 11, 12], 2: [20], 3: [30]}, 5_000, False),  # so is too much of it
        ({}, 0, False),
        ({9: [90]}, 0, False),  # a question that is gone
    ],
)
def test_a_question_is_right_when_the_sets_are_equal(answers, bp, passed):
    got = score(KEY, answers, 7_500)
    assert (got.bp, got.passed) == (bp, passed)
    assert score(KEY, answers, None).passed is None


def test_a_question_is_answered_by_any_choice():
    assert answered_bp(KEY, {1: [10], 2: [21], 3: []}) == 5_000


@pytest.mark.parametrize(
    ("answered", "questions", "best", "mark", "percent"),
    [
        (5, 5, 2_000, 8_000, 59.99),  # all answered, 20 % of the 80 that are needed: 50 + 9.9975
        (5, 5, 7_999, 8_000, 89.98),
        (5, 5, 0, 8_000, 50),
        (5, 5, None, 8_000, 50),  # answered, not submitted
        (2, 5, None, 8_000, 20),
        (1, 3, None, 8_000, 16.66),
        (2, 3, 3_333, 8_000, 49.99),  # 33.33… + 16.66…: of whole questions, not of 33.33
        (5, 5, None, None, 50),  # without a pass mark only the first part
        (0, 5, None, 0, 0),
        (5, 5, None, 0, 50),
    ],
)
def test_answering_is_half_of_a_quiz_and_the_score_the_rest(
    answered, questions, best, mark, percent
):
    share = 10_000 * answered // questions
    assert progress_bp(share, questions, best, mark) == round(percent * 100)


@given(
    st.integers(1, 300).flatmap(lambda all: st.tuples(st.integers(0, all), st.just(all))),
    st.integers(1, 10_000),
    st.data(),
)
def test_an_unpassed_quiz_is_what_the_formula_says_and_below_90(answered, mark, data):
    part, questions = answered
    best = data.draw(st.integers(0, mark - 1))
    exact = 5000 * Fraction(part, questions) + 3999 * Fraction(best, mark)
    got = progress_bp(10_000 * part // questions, questions, best, mark)
    assert got == exact // 1
    assert got < 9000
    assert answered_questions(10_000 * part // questions, questions) == part


@pytest.mark.parametrize(
    ("position", "extent", "resumed"),
    [
        (30_000, 60_000, 30_000),
        (56_999, 60_000, 56_999),
        (57_000, 60_000, 0),  # 5 % of a minute are 3 s
        (595_000, 600_000, 0),  # never more than 5 s
        (594_999, 600_000, 594_999),
        (594_999, None, 594_999),
    ],
)
def test_a_content_that_is_nearly_over_resumes_at_its_beginning(position, extent, resumed):
    assert restart(position, extent) == resumed


@pytest.mark.parametrize(
    ("new", "known", "same_session", "newer"),
    [
        ((5, None), None, True, True),
        ((5, None), (4, None), False, True),
        ((3, None), (4, None), False, False),
        ((3, 9), (4, 8), True, True),  # the session's own sequence orders
        ((5, 7), (4, 8), True, False),
        ((5, 7), (4, 8), False, True),  # but not across sessions
    ],
)
def test_newer_is_by_sequence_within_a_session_and_by_time_across(new, known, same_session, newer):
    known = known and Sighting(*known)
    assert is_newer(Sighting(*new), known, same_session=same_session) is newer
