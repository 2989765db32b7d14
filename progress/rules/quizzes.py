"""Quiz scoring and what it means for completion."""

from collections.abc import Mapping
from dataclasses import dataclass

from .completion import WHOLE_BP, share_bp
from .grading import Answer, Key, is_right

# Of a quiz that isn't complete, in basis points: what answering earns, and what the score earns.
ANSWERED_BP = 5_000
SCORED_BP = 3_999

AnswerKey = Mapping[int, Key]  # by question id


@dataclass(frozen=True, slots=True)
class Score:
    right: frozenset[int]
    questions: int
    bp: int
    passed: bool | None  # None without a pass mark


def score(key: AnswerKey, answers: Mapping[int, Answer], pass_bp: int | None) -> Score:
    """Score an attempt: each question is right or wrong, and all weigh the same."""
    right = frozenset(
        question
        for question, correct in key.items()
        if question in answers and is_right(correct, answers[question])
    )
    bp = share_bp(len(right), len(key))
    return Score(right, len(key), bp, None if pass_bp is None else bp >= pass_bp)


def answered_bp(key: AnswerKey, answers: Mapping[int, Answer]) -> int:
    """The share of the questions that have an answer."""
    return share_bp(sum(1 for question in key if answers.get(question)), len(key))


def answered_questions(answered_bp: int, questions: int) -> int:
    """The number of today's questions that a stored share stands for, rounded down."""
    count = -(-answered_bp * questions // WHOLE_BP)
    return count if share_bp(count, questions) == answered_bp else max(count - 1, 0)


def progress_bp(answered_bp: int, questions: int, best_bp: int | None, pass_bp: int | None) -> int:
    """The percentage of a quiz that isn't complete: answering is half of it, the score the rest.

    `50 × share answered + 39.99 × min(1, best score / pass mark)`, rounded down: so it stays below
    90 before the quiz is passed. Without a pass mark only the first part.
    """
    part, whole = _exact_share(answered_bp, questions)
    if not pass_bp or best_bp is None:
        return ANSWERED_BP * part // whole
    scored = SCORED_BP * min(best_bp, pass_bp)
    return (ANSWERED_BP * part * pass_bp + scored * whole) // (whole * pass_bp)


def _exact_share(answered_bp: int, questions: int) -> tuple[int, int]:
    """The fraction itself (a third is stored as 3333), while the quiz keeps its questions."""
    count = answered_questions(answered_bp, questions)
    if share_bp(count, questions) == answered_bp and questions:
        return count, questions
    return answered_bp, WHOLE_BP
