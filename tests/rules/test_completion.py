"""From contents to modules and courses: exactly 100.00 when all is complete, never before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.rules.completion import Part, fold, is_complete, share_bp

parts = st.lists(
    st.builds(Part, st.integers(1, 1000), st.integers(0, 10_000), st.booleans()), max_size=60
)


@pytest.mark.parametrize(
    ("part", "whole", "bp"),
    [(1, 3, 3333), (2, 3, 6666), (89_999, 100_000, 8999), (5, 0, 0), (12, 10, 10_000)],
)
def test_shares_are_rounded_down(part, whole, bp):
    assert share_bp(part, whole) == bp


def test_complete_contents_count_whole_others_their_own():
    folded = fold([Part(1, 9_000, True), Part(1, 5_000, False)])
    assert (folded.bp, folded.is_complete) == (7_500, False)
    assert fold([Part(3, 0, True), Part(1, 0, False)]).bp == 7_500


def test_without_required_content_nothing_applies():
    folded = fold([])
    assert (folded.bp, folded.is_complete, folded.is_applicable) == (0, False, False)


@pytest.mark.parametrize(
    ("bp", "own", "done"), [(8_999, None, False), (9_000, None, True), (9_000, 9_500, False)]
)
def test_a_content_completes_at_its_threshold(bp, own, done):
    assert is_complete(bp, own, 9_000) is done


@given(parts)
def test_a_course_is_100_exactly_when_all_is_complete(many):
    folded = fold(many)
    everything = bool(many) and all(part.is_complete for part in many)
    assert (folded.bp == 10_000) == everything == folded.is_complete


@given(parts, st.data())
def test_progress_in_one_content_never_lowers_the_course(many, data):
    if not many:
        return
    index = data.draw(st.integers(0, len(many) - 1))
    old = many[index]
    better = Part(old.weight, data.draw(st.integers(old.bp, 10_000)), old.is_complete)
    assert fold([*many[:index], better, *many[index + 1 :]]).bp >= fold(many).bp
