"""Which of a quiz's questions an attempt asks: as drawn when it began, or all of them."""

from collections.abc import Collection, Sequence

from progress.rules import drawing
from progress.rules.quizzes import AnswerKey

from .structure import ContentSpec


def draw_for(content: ContentSpec, enrollment_id: int, number: int) -> list[int] | None:
    """The questions that a new attempt asks; None where each asks all, in the author's order."""
    if not (content.pools or content.shuffles_questions):
        return None
    return drawing.draw(
        [(question.id, question.pool) for question in content.questions],
        dict(content.pools),
        drawing.seed_of(enrollment_id, content.id, number),
        is_mixed=content.shuffles_questions,
    )


def asked_key(content: ContentSpec, drawn: Collection[int] | None) -> AnswerKey:
    """The answer key of the questions of an attempt, in the order in which it asks them.

    What its author has retired since is asked no more. If that is everything that was drawn, the
    quiz as it is now is asked.
    """
    key = content.answer_key
    if drawn is None:
        return key
    return {question: key[question] for question in drawn if question in key} or key


def choices_in_order(
    content: ContentSpec, enrollment_id: int, number: int, choices: Sequence[int]
) -> list[int]:
    """The choices of a question in the order in which an attempt shows them."""
    if not content.shuffles_choices:
        return list(choices)
    return drawing.mixed(choices, drawing.seed_of(enrollment_id, content.id, number), "choices")
