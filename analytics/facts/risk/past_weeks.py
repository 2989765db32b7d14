"""What the model in use would have seen in each past week: from what was known then."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from . import backtest
from .active_model import ActiveModel
from .histories import CourseHistory
from .signs import features
from .signs.history import Floats
from .training import present


def by_week(
    history: CourseHistory, model: ActiveModel, now: datetime, wanted: np.ndarray
) -> Iterator[tuple[datetime, np.ndarray, Floats]]:
    """Of the learners `wanted` [N], those who were active: the moment, their indices, and their
    contributions [n, F + 1]. Several times for a moment, as learners are compared in groups."""
    for moment in backtest.moments(history, now):
        days = history.days(moment)
        for chosen in history.bands(moment):
            cohort = history.cohort.only(chosen)
            counted = present(cohort, days[chosen]) & wanted[chosen]
            if counted.any():
                rows = features.compute(cohort, days[chosen], with_activity=True)[counted]
                share = (days[chosen] / cohort.length)[counted]
                has_activity = np.ones(len(rows), dtype=bool)
                found = model.predictor.contributions(rows, share, has_activity)
                yield moment, chosen[counted], found
