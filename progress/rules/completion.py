"""From coverage to percentages, and from contents to modules and courses. Basis points."""

from collections.abc import Iterable
from typing import NamedTuple

WHOLE_BP = 10_000


def share_bp(part: int, whole: int) -> int:
    """`part` of `whole`, rounded down, at most 100 %."""
    return min(WHOLE_BP * part // whole, WHOLE_BP) if whole > 0 else 0


def is_complete(bp: int, complete_at_bp: int | None, default_bp: int) -> bool:
    return bp >= (default_bp if complete_at_bp is None else complete_at_bp)


class Part(NamedTuple):
    """A required content as its module and course see it.

    Where many are made for each event, a plain tuple of the same three does as well.
    """

    weight: int
    bp: int
    is_complete: bool


class Fold(NamedTuple):
    """A module's or course's progress. Without required content it isn't applicable."""

    bp: int
    is_complete: bool
    is_applicable: bool


class Sum(NamedTuple):
    """Parts added up: their weights, what is earned of them, and whether all are complete."""

    weight: int
    earned: int
    is_complete: bool


def add_up(parts: Iterable[tuple[int, int, bool]]) -> Sum:
    """A complete part counts whole, any other its own percentage, which is less."""
    total = earned = 0
    complete = True
    for weight, bp, is_done in parts:
        total += weight
        if is_done:
            earned += weight * WHOLE_BP
        else:
            earned += weight * (bp if bp < WHOLE_BP else WHOLE_BP - 1)
            complete = False
    return Sum(total, earned, complete)


def fold(parts: Iterable[Part]) -> Fold:
    """The weighted mean over required contents, rounded down.

    So it is exactly 100.00 when everything is complete, and never before.
    """
    return fold_sums([add_up(parts)])


def fold_sums(sums: Iterable[Sum]) -> Fold:
    """`fold` of all parts that were added up."""
    total = earned = 0
    complete = True
    for weight, part, is_complete in sums:
        total += weight
        earned += part
        complete = complete and is_complete
    if total == 0:
        return Fold(0, False, False)
    return Fold(earned // total, complete, True)
