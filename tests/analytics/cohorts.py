"""Cohorts made of a seed: plausible enough to learn from, small enough to read."""

import numpy as np

from analytics.facts.risk.signs.history import Checkpoints, Cohort, Diary, Elsewhere
from analytics.facts.risk.training import Sample, every_ten_days

LENGTH = 240.0
TASKS = 6


def a_cohort(learners: int = 60, *, seed: int = 1, activity: str = "") -> Cohort:
    """Learners of different diligence, who do tasks early, late or never, and may leave.

    `activity` is "", "checkpoints" or "diary".
    """
    chance = np.random.default_rng(seed)
    diligence = chance.uniform(size=learners)
    due = np.broadcast_to(np.linspace(25, 225, TASKS), (learners, TASKS))
    done = chance.uniform(size=due.shape) < 0.3 + 0.7 * diligence[:, None]
    when = due + chance.normal(-3, 6, size=due.shape)
    left = np.where(
        chance.uniform(size=learners) < 0.4 * (1 - diligence),
        chance.uniform(10, 220, size=learners),
        np.nan,
    )
    done &= ~(when > left[:, None])
    score = np.clip(chance.normal(0.4 + 0.5 * diligence[:, None], 0.15, size=due.shape), 0, 1)
    nothing = np.full((learners, 2), np.nan)
    return Cohort(
        name="course 1",
        course="course",
        learners=np.arange(learners),
        length=np.full(learners, LENGTH),
        registered=chance.uniform(-60, 0, size=learners),
        left=left,
        finished=np.full(learners, np.nan),
        attempts_before=chance.integers(0, 2, size=learners).astype(float),
        load=chance.choice([60.0, 120.0], size=learners),
        due=due,
        weight=np.ones(TASKS),
        submitted=np.where(done, when, np.nan),
        score=np.where(done, score, np.nan),
        carried=np.zeros(due.shape),
        seen=np.full((learners, 0), np.nan),
        elsewhere=Elsewhere(nothing, nothing, nothing),
        activity=_activity(activity, diligence, chance),
    )


def a_sample(learners: int = 400, *, seed: int = 1, activity: str = "") -> Sample:
    """A cohort with its outcomes: failed is who left, or did less than two thirds."""
    cohort = a_cohort(learners, seed=seed, activity=activity)
    done = (~np.isnan(cohort.submitted)).mean(axis=1)
    failed = (~np.isnan(cohort.left)) | (done < 0.66)
    return Sample(cohort, failed.astype(float), every_ten_days(cohort))


def _activity(kind: str, diligence, chance):
    days = np.broadcast_to(np.arange(1.0, LENGTH), (len(diligence), int(LENGTH) - 1))
    active = chance.uniform(size=days.shape) < diligence[:, None]
    if kind == "checkpoints":
        counts = np.cumsum(active, axis=1)[:, 13:56:14].astype(float)
        return Checkpoints(np.array([14.0, 28.0, 42.0, 56.0]), counts, counts * 10)
    if kind == "diary":
        return Diary(np.where(active, days, np.nan), active * 10.0, np.ones(len(diligence)))
    return None
