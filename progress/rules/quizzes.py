"""Quiz scoring and what it means for completion."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .completion import QUIZ_OPEN_MAX_BP, WHOLE_BP, share_bp

AnswerKey = Mapping[int, frozenset[int]]  # question id → ids of its correct choices


@dataclass(frozen=True, slots=True)
class Score:
    right: frozenset[int]
    questions: int
    bp: int
    passed: bool | None  # None without a pass mark


def score(key: AnswerKey, answers: Mapping[int, Collection[int]], pass_bp: int | None) -> Score:
    """Score an attempt: a question is right when the chosen set equals the correct set."""
    right = frozenset(
        question
        for question, correct in key.items()
        if question in answers and frozenset(answers[question]) == correct
    )
    bp = share_bp(len(right), len(key))
    return Score(right, len(key), bp, None if pass_bp is None else bp >= pass_bp)


def answered_bp(key: AnswerKey, answers: Mapping[int, Collection[int]]) -> int:
    """The share of the questions that have an answer."""
    return share_bp(sum(1 for question in key if answers.get(question)), len(key))


def progress_bp(answered: int, *, is_done: bool) -> int:
    """A quiz's percentage: 100 when passed (or submitted, without a pass mark)."""
    return WHOLE_BP if is_done else min(answered, QUIZ_OPEN_MAX_BP)
