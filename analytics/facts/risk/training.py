"""Learning the model from passages whose outcome is known: which rows, for which stages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import fitting
from .signs import features
from .signs.forest import Forest
from .signs.history import Checkpoints, Cohort, Floats
from .signs.model import Predictor, has_activity

# Where the stages stand, as shares of the time from start to due, and between which shares each one
# learns. Early days change fast, so the stages stand closer there.
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
# Activity may be recorded on a few days only: then a stage needs those of its neighbours.
WATCHED = {
    0.06: (0.02, 0.125),
    0.12: (0.08, 0.165),
    0.18: (0.11, 0.26),
    0.25: (0.17, 0.32),
    **{share: window for share, window in STAGES.items() if share > 0.25},
}
STEP = 10.0  # days between the days that are learned from
LEAST_ROWS = 500  # of a stage; fewer, and the stage isn't made


class TooLittle(Exception):
    """There isn't enough to learn from; says what is missing."""


@dataclass(frozen=True)
class Sample:
    """A cohort, each learner's outcome (1 not completed, 0 completed, NaN not known), and the days
    to learn from: each entry holds a day for every learner, all of one moment."""

    cohort: Cohort
    outcome: Floats
    moments: Sequence[Floats]


def train(samples: Sequence[Sample], *, version: str, trained_on: dict) -> Predictor:
    """A model of these samples; without a forest of activity where too little was recorded.

    Raises TooLittle.
    """
    plain = learn(samples, with_activity=False)
    try:
        active = learn(samples, with_activity=True)
    except TooLittle:
        active = None
    return Predictor(version, trained_on, plain, active)


@dataclass(frozen=True)
class Rows:
    features: Floats
    elapsed: Floats
    outcome: Floats


def learn(samples: Sequence[Sample], *, with_activity: bool) -> Forest:
    """The same samples give the same forest. Raises TooLittle."""
    parts = [
        observe(sample, days, with_activity=with_activity)
        for sample in samples
        for days in sample.moments
        if not with_activity or has_activity(sample.cohort, days).any()
    ]
    if not parts:
        raise TooLittle("nobody was still at it on any day that can be learned from")
    rows = Rows(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("features", "elapsed", "outcome")
        )
    )
    stages = []
    for share, (since, until) in (WATCHED if with_activity else STAGES).items():
        chosen = (rows.elapsed >= since) & (rows.elapsed <= until)
        outcome = rows.outcome[chosen]
        if len(outcome) >= LEAST_ROWS and 0 < outcome.sum() < len(outcome):
            known = rows.features[chosen]
            stages.append(fitting.stage(share, known, outcome, with_activity=with_activity))
    if not stages:
        raise TooLittle(f"no stage of the course has {LEAST_ROWS} observations of both outcomes")
    return Forest(tuple(features.names(with_activity=with_activity)), tuple(stages))


def observe(sample: Sample, days: Floats, *, with_activity: bool) -> Rows:
    """Who was registered and still at it at the end of their day, as known then."""
    cohort = sample.cohort
    at_it = present(cohort, days) & ~np.isnan(sample.outcome)
    if with_activity:
        at_it &= has_activity(cohort, days)
    told = features.compute(cohort, days, with_activity=with_activity)
    return Rows(told[at_it], (days / cohort.length)[at_it], sample.outcome[at_it])


def present(cohort: Cohort, days: Floats) -> np.ndarray:
    """[N] whether each learner had come and hadn't left or finished by the end of their day."""
    gone = (cohort.left <= days) | (cohort.finished <= days)
    return ~(cohort.registered > days) & ~gone & (days >= 0) & (days <= cohort.length)


def every_ten_days(cohort: Cohort) -> list[Floats]:
    """Moments of a cohort whose learners all began on the same day."""
    days = np.arange(STEP, np.max(cohort.length, initial=0.0), STEP)
    recorded = cohort.activity.days if isinstance(cohort.activity, Checkpoints) else []
    return [np.full(len(cohort), day) for day in np.union1d(days, recorded)]
