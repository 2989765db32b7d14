"""A question as its page asks it: which fields it has, and what is answered so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from progress.models import Question
from progress.rules.grading import AnswerPart, shuffled

Type = Question.Type


@dataclass(frozen=True, slots=True)
class Asked:
    """`choices` in the order shown; of a matching question `prompts` are matched with them.

    `chosen` are the ids of chosen choices, or what was typed.
    """

    question: Any
    type: str
    choices: list
    chosen: list[AnswerPart]
    prompts: list[tuple[Any, int | None]] = field(default_factory=list)  # with the match chosen

    @property
    def is_multiple(self) -> bool:
        return self.type == Type.MULTIPLE

    @property
    def is_chosen(self) -> bool:
        return self.type not in Question.NOT_CHOSEN

    @property
    def typed(self) -> str:
        return str(self.chosen[0]) if self.chosen else ""


def ask(question: Any, question_type: str, choices: Sequence, answer: list) -> Asked:
    """`choices` are the active ones; of each only `pk`, `text` and `match_code` are read."""
    if question_type in Question.TYPED:
        return Asked(question, question_type, [], answer)
    if question_type == Type.ORDERING:
        return Asked(question, question_type, _ordered(choices, answer), answer)
    if question_type == Type.MATCHING:
        chosen = dict(answer)
        prompts = _mixed([each for each in choices if each.match_code])
        offered = _mixed([each for each in choices if not each.match_code])
        pairs = [(each, chosen.get(each.pk)) for each in prompts]
        return Asked(question, question_type, offered, answer, pairs)
    return Asked(question, question_type, list(choices), answer)


def _ordered(choices: Sequence, answer: list) -> list:
    """As the learner left them; what was added since comes last."""
    places = {pk: place for place, pk in enumerate(answer)}
    return sorted(_mixed(choices), key=lambda each: places.get(each.pk, len(places)))


def _mixed(choices: Sequence) -> list:
    by_id = {each.pk: each for each in choices}
    return [by_id[pk] for pk in shuffled(list(by_id))]
