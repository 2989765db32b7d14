"""What a feature is, and the list of all features.

`direction` says what a larger value may do to risk: 1 only raise it, -1 only lower it, 0 either.
The models are trained under that constraint, so "more silence never lowers risk" holds by
construction.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .history import Floats
from .view import View


@dataclass(frozen=True)
class Feature:
    name: str
    of: Callable[[View], Floats]
    direction: int = 0
    needs_activity: bool = False


FEATURES: list[Feature] = []


def feature(direction: int = 0, *, needs_activity: bool = False):
    """Adds the decorated function to `FEATURES` under its own name."""

    def add(function: Callable[[View], Floats]) -> Callable[[View], Floats]:
        FEATURES.append(Feature(function.__name__, function, direction, needs_activity))
        return function

    return add
