"""How enrolments without fixed dates are converted to the days that the signs are measured in."""

import numpy as np

from .history import Floats

# The courses that the shipped model learned from last about eight months. Every enrolment is scaled
# to that, so that a silent week in a course of two months counts like a month in one of eight.
STANDARD_LENGTH = 240.0
PASS = 0.4  # the pass mark on the common scale of scores


def even_pace(weights: Floats) -> Floats:
    """[T] when each task is due in standard days if all weight is done at an even pace."""
    return STANDARD_LENGTH * np.cumsum(weights) / weights.sum()


def on_common_scale(score: Floats, pass_mark: Floats) -> Floats:
    """Scores from 0 to 1, scaled so that each pass mark is at `PASS`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        failed = PASS * score / pass_mark
        passed = PASS + (1 - PASS) * (score - pass_mark) / (1 - pass_mark)
    scaled = np.where(score >= pass_mark, np.where(pass_mark < 1, passed, 1.0), failed)
    return np.where(np.isnan(pass_mark), score, scaled)
