"""Whether a question of its type can have an answer. Wrong ones are answers, too."""

from progress.rules import grading
from progress.state.question_specs import QuestionSpec

from .given_answers import GivenPart
from .outcome import INVALID, NOT_A_NUMBER, Refused


def check_answer(question: QuestionSpec, answer: tuple[GivenPart, ...]) -> None:
    """Raises Refused for an answer that a question of this type can't have."""
    match question.key:
        case grading.Numbers():
            _check_single(answer)
            if answer and grading.number(answer[0]) is None:
                raise Refused(NOT_A_NUMBER, "answer", "Must be a number, such as 3.5.")
        case grading.Texts():
            _check_single(answer)
            if answer and not isinstance(answer[0], str):
                raise Refused(INVALID, "answer", "Must be a text.")
        case grading.Matches():
            _check_pairs(question, answer)
        case _:
            if not question.choices.issuperset(answer):
                raise Refused(INVALID, "answer", "This question has no such choice.")


def _check_single(answer) -> None:
    if len(answer) > 1 or any(isinstance(each, tuple) for each in answer):
        raise Refused(INVALID, "answer", "Must be a list of one number or text.")


def _check_pairs(question: QuestionSpec, answer) -> None:
    if any(not isinstance(each, tuple) for each in answer):
        raise Refused(INVALID, "answer", "Must be a list of pairs [choice id, choice id].")
    prompts = [prompt for prompt, _ in answer]
    if len(set(prompts)) < len(prompts):
        raise Refused(INVALID, "answer", "A choice is matched twice.")
    offered = question.choices - question.prompts
    if not question.prompts.issuperset(prompts) or any(each not in offered for _, each in answer):
        raise Refused(INVALID, "answer", "This question has no such choice.")
