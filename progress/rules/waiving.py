"""Contents that need not be done because others were: by pre-tests and alternatives."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple


class Link(NamedTuple):
    """A learner who completes `source` need not do `target`."""

    source: int
    target: int
    is_pre_test: bool


def due(
    links: Iterable[Link],
    is_complete: Callable[[int], bool],
    decided: Collection[int],
) -> list[Link]:
    """The waivers that are to be granted: one for each target, in the order of `links`.

    Nothing is waived that is complete, or `decided`: waived already, or declined by the learner.
    """
    found: dict[int, Link] = {}
    for link in links:
        if link.target in decided or link.target in found:
            continue
        if is_complete(link.source) and not is_complete(link.target):
            found[link.target] = link
    return list(found.values())
