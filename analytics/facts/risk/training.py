"""Training the model on enrolments whose outcome is known: which rows, for which stages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import fitting
from .signs import features
from .signs.forest import Forest
from .signs.history import Checkpoints, Cohort, Floats
from .signs.model import Predictor, has_activity

# The stages, as shares of the time from start to due, and the window that each one learns from. The
# early days change fast, so the stages are closer together there.
STAGES = {
    0.05: (0.02, 0.08),
    0.115: (0.075, 0.165),
    0.18: (0.14, 0.23),
    0.25: (0.21, 0.295),
    0.37: (0.33, 0.42),
    0.50: (0.45, 0.55),
    0.62: (0.57, 0.67),
    0.76: (0.71, 0.81),
    0.92: (0.86, 1.00),
}
# Activity may be recorded on only a few days: then a stage needs those of its neighbours.
ACTIVITY_STAGES = {
    0.06: (0.02, 0.125),
    0.12: (0.08, 0.165),
    0.18: (0.11, 0.26),
    0.25: (0.17, 0.32),
    **{share: window for share, window in STAGES.items() if share > 0.25},
}
STEP = 10.0  # days between the moments that are learned from
MIN_ROWS = 500  # of a stage; fewer, and the stage isn't made


class NotEnoughData(Exception):
    """There isn't enough to learn from; the message says what is missing."""


@dataclass(frozen=True)
class Sample:
    """A cohort, each learner's outcome (1 not completed, 0 completed, NaN unknown), and the moments
    to learn from: each entry has a day for every learner."""

    cohort: Cohort
    outcome: Floats
    moments: Sequence[Floats]


def train(samples: Sequence[Sample], *, version: str, trained_on: dict) -> Predictor:
    """Train a model on these samples; without a forest for activity if too little was recorded.

    Raises NotEnoughData.
    """
    plain = learn(samples, with_activity=False)
    try:
        active = learn(samples, with_activity=True)
    except NotEnoughData:
        active = None
    return Predictor(version, trained_on, plain, active)


@dataclass(frozen=True)
class Rows:
    features: Floats
    elapsed: Floats
    outcome: Floats


def learn(samples: Sequence[Sample], *, with_activity: bool) -> Forest:
    """The same samples give the same forest. Raises NotEnoughData."""
    parts = [
        observe(sample, days, with_activity=with_activity)
        for sample in samples
        for days in sample.moments
        if not with_activity or has_activity(sample.cohort, days).any()
    ]
    if not parts:
        raise NotEnoughData("no learner was still active on any day that can be learned from")
    rows = Rows(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("features", "elapsed", "outcome")
        )
    )
    stages = []
    for share, (since, until) in (ACTIVITY_STAGES if with_activity else STAGES).items():
        chosen = (rows.elapsed >= since) & (rows.elapsed <= until)
        outcome = rows.outcome[chosen]
        if len(outcome) >= MIN_ROWS and 0 < outcome.sum() < len(outcome):
            values = rows.features[chosen]
            stages.append(fitting.stage(share, values, outcome, with_activity=with_activity))
    if not stages:
        raise NotEnoughData(f"no stage of the course has {MIN_ROWS} observations of both outcomes")
    return Forest(tuple(features.names(with_activity=with_activity)), tuple(stages))


def observe(sample: Sample, days: Floats, *, with_activity: bool) -> Rows:
    """The learners who were registered and active at the end of their day, as known then."""
    cohort = sample.cohort
    is_active = present(cohort, days) & ~np.isnan(sample.outcome)
    if with_activity:
        is_active &= has_activity(cohort, days)
    values = features.compute(cohort, days, with_activity=with_activity)
    return Rows(values[is_active], (days / cohort.length)[is_active], sample.outcome[is_active])


def present(cohort: Cohort, days: Floats) -> np.ndarray:
    """[N] whether each learner had started and hadn't left or finished by the end of their day."""
    gone = (cohort.left <= days) | (cohort.finished <= days)
    return ~(cohort.registered > days) & ~gone & (days >= 0) & (days <= cohort.length)


def every_ten_days(cohort: Cohort) -> list[Floats]:
    """Moments of a cohort whose learners all began on the same day, ten days apart."""
    days = np.arange(STEP, np.max(cohort.length, initial=0.0), STEP)
    recorded = cohort.activity.days if isinstance(cohort.activity, Checkpoints) else []
    return [np.full(len(cohort), day) for day in np.union1d(days, recorded)]
