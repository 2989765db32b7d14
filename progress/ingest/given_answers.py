"""An answer to a question as sent: a list of choice ids (in their order for an ordering question),
of pairs of them (matching), or of one number or text."""

import math

from progress.validation.storable import MAX_ID, is_storable

GivenPart = int | str | tuple[int, int]

MAX_CHARACTERS = 1000


def read_answer(value) -> tuple[GivenPart, ...]:
    """The answer's parts in the order sent, each once. Raises ValueError."""
    if not isinstance(value, list):
        raise ValueError("Must be a list.")
    return tuple(dict.fromkeys(_part(each) for each in value))


def _part(value) -> GivenPart:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ValueError("A pair is [choice id, choice id].")
        first, second = map(_id, value)
        return first, second
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("Must be a list of choice ids, of pairs of them, or of one text.")
    if value != int(value) or value < 0:
        return _text(repr(value))
    return _id(value)


def _text(value: str) -> str:
    if len(value) > MAX_CHARACTERS:
        raise ValueError(f"A text has at most {MAX_CHARACTERS} characters.")
    if not is_storable(value):
        raise ValueError("Has a character that no text can have.")
    return value


def _id(value) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("A pair is [choice id, choice id].")
    if not 0 <= value <= MAX_ID:
        raise ValueError(f"Must be a number from 0 to {MAX_ID}.")
    return int(value)
