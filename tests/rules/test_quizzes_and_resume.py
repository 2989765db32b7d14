"""Quiz scores, and where to go on."""

import pytest

from progress.rules.quizzes import answered_bp, progress_bp, score
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


def test_an_open_quiz_stays_below_the_threshold():
    assert answered_bp(KEY, {1: [10], 2: [21], 3: []}) == 5_000
    assert progress_bp(10_000, is_done=False) == 8_999
    assert progress_bp(5_000, is_done=True) == 10_000


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
def test_a_content_that_is_all_but_over_resumes_at_its_beginning(position, extent, resumed):
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
