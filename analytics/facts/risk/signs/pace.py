"""How passages without fixed days are brought onto the days that the signs are measured in."""

import numpy as np

from .history import Floats

# What the shipped model learned from lasts about eight months. Every passage is stretched to that,
# so that a week of silence in a course of two months weighs as a month in one of eight.
STANDARD_LENGTH = 240.0
PASS = 0.4  # where the pass mark lies on the common scale of scores


def even_pace(weights: Floats) -> Floats:
    """[T] when each task is due in standard days if all weight is done at an even pace."""
    return STANDARD_LENGTH * np.cumsum(weights) / weights.sum()


def on_common_scale(score: Floats, pass_mark: Floats) -> Floats:
    """Scores of 0 to 1, so that each one's pass mark comes to lie at `PASS`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        failed = PASS * score / pass_mark
        passed = PASS + (1 - PASS) * (score - pass_mark) / (1 - pass_mark)
    known = np.where(score >= pass_mark, np.where(pass_mark < 1, passed, 1.0), failed)
    return np.where(np.isnan(pass_mark), score, known)
