"""What an enrolment's attempts at a quiz add to its questions. Pure.

A question's amounts are a list: seven numbers, then a mapping of whole seconds to answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

AMOUNTS = (
    "answers",
    "right",
    "first_answers",
    "first_right",
    "first_rest",
    "first_rest_squared",
    "first_right_rest",
)
MAX_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submitted attempt. Question ids; times in ms, of questions that have any."""

    number: int
    answered: frozenset[int]
    right: frozenset[int]
    question_ms: Mapping[int, int]


def contribution(attempts: Iterable[Attempt]) -> dict[str, list]:
    """`{question id: [the seven amounts, {seconds: answers}]}`; ids and seconds as strings."""
    found: dict[str, list] = {}
    for place, attempt in enumerate(sorted(attempts, key=lambda attempt: attempt.number)):
        for question in sorted(attempt.answered):
            amounts = found.setdefault(str(question), [*[0] * len(AMOUNTS), {}])
            _add(amounts, attempt, question, is_first=place == 0)
    return found


def _add(amounts: list, attempt: Attempt, question: int, *, is_first: bool) -> None:
    is_right = question in attempt.right
    amounts[0] += 1
    amounts[1] += is_right
    if is_first:
        rest = len(attempt.right) - is_right
        amounts[2] += 1
        amounts[3] += is_right
        amounts[4] += rest
        amounts[5] += rest * rest
        amounts[6] += rest * is_right
    if question in attempt.question_ms:
        seconds = str(min(attempt.question_ms[question] // 1000, MAX_SECONDS))
        amounts[-1][seconds] = amounts[-1].get(seconds, 0) + 1


def difference(new: dict[str, list], old: dict[str, list]) -> dict[int, tuple[list[int], dict]]:
    """What to add so that `old` becomes `new`: `{question id: (amounts, {seconds: answers})}`."""
    none = [*[0] * len(AMOUNTS), {}]
    found = {}
    for question in new.keys() | old.keys():
        now, was = new.get(question, none), old.get(question, none)
        if now != was:
            amounts = [a - b for a, b in zip(now[:-1], was[:-1], strict=True)]
            seconds = {
                int(second): now[-1].get(second, 0) - was[-1].get(second, 0)
                for second in now[-1].keys() | was[-1].keys()
            }
            found[int(question)] = (amounts, seconds)
    return found
