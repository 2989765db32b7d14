"""Which questions an attempt asks, and in which order. All of it follows from the attempt.

An order is made by sorting by a hash of the attempt and the item. So it is the same on every
device, can be computed again from the evidence, and says nothing about another attempt's.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence


def seed_of(enrollment: int, content: int, number: int) -> str:
    """What everything that is drawn for an attempt follows from."""
    return f"{enrollment}:{content}:{number}"


def mixed(items: Iterable[int], seed: str, purpose: str) -> list[int]:
    """The items in an order of their own for each seed and purpose, whatever order they came in."""
    return sorted(
        items, key=lambda item: hashlib.sha256(f"{seed}:{purpose}:{item}".encode()).digest()
    )


def draw(
    questions: Sequence[tuple[int, str]], pools: Mapping[str, int], seed: str, *, is_mixed: bool
) -> list[int]:
    """The questions of an attempt: of each pool as many as it says, and all that are in none.

    `questions` are ids with the name of their pool, in the author's order, which stays unless
    `is_mixed`. Of a pool with fewer questions all are drawn.
    """
    drawn = {question for question, pool in questions if pool not in pools}
    for name, wanted in pools.items():
        members = (question for question, pool in questions if pool == name)
        drawn.update(mixed(members, seed, "draw")[:wanted])
    asked = [question for question, _pool in questions if question in drawn]
    return mixed(asked, seed, "order") if is_mixed else asked
