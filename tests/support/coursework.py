"""Coursework made of the rhythms in `rhythms`, without any tables."""

import numpy as np

from analytics.facts.forecast.coursework import USUAL, Coursework, pace_of
from analytics.facts.forecast.futures import Course
from tests.support.rhythms import CONTENTS, DAYS, Rhythm

START, APART = 20_000.0, 100.0
SECONDS, MINUTES = 600.0, 15.0


def coursework(
    rhythm: Rhythm, *, cohorts: int = 3, learners: int = 60, seed: int = 1
) -> Coursework:
    """Cohorts that begin one after another, as known when all of them are over."""
    lives = [rhythm(np.random.default_rng([seed, number]), learners) for number in range(cohorts)]
    width = max(int(life.active.sum(axis=1).max()) for life in lives)
    active = np.full((cohorts * learners, width), np.nan)
    for row, days in enumerate(day for life in lives for day in life.active):
        found = np.flatnonzero(days) + 0.1
        active[row, : len(found)] = found
    done = np.concatenate([life.done for life in lives])
    finished = done.max(axis=1)
    number = len(done)
    return Coursework(
        course_id=1,
        now=START + cohorts * APART,
        ids=np.arange(1, number + 1),
        users=np.arange(1, number + 1),
        is_open=np.isnan(finished),
        started=START + APART * np.repeat(np.arange(cohorts), learners),
        due=np.full(number, float(DAYS)),
        left=np.full(number, np.nan),
        finished=finished,
        seconds=np.full(CONTENTS, SECONDS),
        done=done,
        active=active,
        minutes=np.where(np.isnan(active), np.nan, MINUTES),
    )


def day_of(cohort: int, day: float) -> float:
    """A day of a cohort, in days since 1970."""
    return START + cohort * APART + day


def prepared(work: Coursework) -> Course:
    return Course(work, pace_of(work, USUAL))


def left_of(work: Coursework, index: int) -> float:
    """Seconds of work that are left."""
    return work.whole - float(work.at(np.array([index]), work.observed[[index]]).done[0])
