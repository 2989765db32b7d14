"""The named features that risk is predicted from. Each is a function of a `View` alone.

There is no personal attribute among them, and nothing that only one institution's courses have.
"""

import numpy as np

from . import rhythm, situation, work  # noqa: F401 - each adds its features to the list
from .feature import FEATURES
from .history import Cohort, Floats
from .view import View

__all__ = ["FEATURES", "compute", "names"]


def names(*, with_activity: bool) -> list[str]:
    return [each.name for each in FEATURES if with_activity or not each.needs_activity]


def compute(cohort: Cohort, day: Floats, *, with_activity: bool) -> Floats:
    """[N, F] the features of `names`, as known at the end of each learner's `day`."""
    view = View(cohort, day)
    chosen = [each for each in FEATURES if with_activity or not each.needs_activity]
    return np.stack([each.of(view) for each in chosen], axis=1)
