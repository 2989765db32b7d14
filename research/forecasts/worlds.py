"""Four simulated organisations, whose learners work at different rhythms.

A course of ten contents of different lengths is taken by one cohort after another, each for ten
weeks. What all of a cohort have in common, such as how many give up, differs between cohorts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analytics.facts.forecast.coursework import Coursework, Floats

START, DAYS, APART = 20_000.0, 70, 100.0
SECONDS = np.array([300, 600, 600, 900, 1200, 600, 300, 900, 600, 1500], dtype=float)
CONTENTS = len(SECONDS)
WEEKLY = np.arange(1, CONTENTS + 1) * 7.0 - 1
EFFORT = 1.3  # minutes of learning for a minute of work
LATE = 28.0  # days after the due date on which some still finish


@dataclass(frozen=True)
class Lives:
    """[N, DAYS + LATE] whether each is active on a day, [N, CONTENTS] when each content is done."""

    active: np.ndarray
    done: Floats


World = Callable[[np.random.Generator, int], Lives]


def semester(chance: np.random.Generator, learners: int) -> Lives:
    """A content each week; four in ten fall silent at some time; some are a week behind."""
    gives_up = chance.uniform(size=learners) < np.clip(chance.normal(0.4, 0.04), 0, 1)
    stop = np.where(gives_up, chance.uniform(8, 60, learners), np.inf)
    behind = np.where(chance.uniform(size=learners) < 0.2, chance.uniform(3, 12, learners), 0.0)
    done = WEEKLY + behind[:, None] + chance.normal(0, 2, (learners, CONTENTS))
    return _until(chance, stop, done, 0.4)


def mooc(chance: np.random.Generator, learners: int) -> Lives:
    """Seven in ten leave, most of them early; who stays learns in bursts."""
    stays = chance.uniform(size=learners) < np.clip(chance.normal(0.3, 0.03), 0, 1)
    stop = np.where(stays, np.inf, 4 + chance.exponential(18, learners))
    done = WEEKLY + chance.normal(0, 4, (learners, CONTENTS)) + chance.normal(0, 3, (learners, 1))
    return _until(chance, stop, done, 0.25)


def cramming(chance: np.random.Generator, learners: int) -> Lives:
    """Hardly anybody does anything for eight weeks; then six in ten do it all at the deadline, one
    in twenty of them after it."""
    will = chance.uniform(size=learners) < np.clip(chance.normal(0.6, 0.04), 0, 1)
    begin = chance.uniform(56, 66, (learners, 1))
    begin += np.where(chance.uniform(size=(learners, 1)) < 0.05, chance.uniform(5, 15), 0)
    days = chance.uniform(2, 4, (learners, 1))
    done = np.where(will[:, None], begin + days * np.cumsum(SECONDS) / SECONDS.sum(), np.nan)
    day = np.arange(DAYS + LATE)
    return Lives(will[:, None] & (day >= begin - 0.1) & (day < begin + days), done)


def slow_but_steady(chance: np.random.Generator, learners: int) -> Lives:
    """Everybody is active each week at an own pace; some finish in time, some after it, and the
    slowest not at all."""
    pace = chance.normal(0.145, 0.03, learners).clip(0.06, 0.3) + chance.normal(0, 0.003)
    done = np.cumsum(SECONDS) / SECONDS.mean() / pace[:, None]
    done = done + chance.normal(0, 1, (learners, CONTENTS))
    return _until(chance, np.full(learners, DAYS + LATE), done, 0.35)


WORLDS: dict[str, World] = {
    "semester": semester,
    "mooc": mooc,
    "cramming": cramming,
    "slow but steady": slow_but_steady,
}


def _until(chance: np.random.Generator, stop: Floats, done: Floats, share: float) -> Lives:
    """Active on a share of the days, and working, until the day of `stop`."""
    end = np.minimum(stop, DAYS + LATE)[:, None]
    done = np.maximum.accumulate(np.clip(done, 0.5, None), axis=1)
    day = np.arange(DAYS + LATE)
    active = (chance.uniform(size=(len(done), len(day))) < share) & (day < end)
    return Lives(active, np.where(done < end, done, np.nan))


def coursework(world: World, *, cohorts: int, learners: int, seed: int) -> Coursework:
    """The cohorts' whole lives, as known when all of them are over."""
    lives = [world(np.random.default_rng([seed, number]), learners) for number in range(cohorts)]
    done = np.concatenate([each.done for each in lives])
    finished = done.max(axis=1)
    number = np.arange(1, len(done) + 1)
    active, minutes = _diary(np.concatenate([each.active for each in lives]), done, finished)
    return Coursework(
        course_id=1,
        now=START + (cohorts + 1) * APART,
        ids=number,
        users=number,
        is_open=np.isnan(finished),
        started=START + APART * np.repeat(np.arange(cohorts), learners),
        due=np.full(len(done), float(DAYS)),
        left=np.full(len(done), np.nan),
        finished=finished,
        seconds=SECONDS,
        done=done,
        active=active,
        minutes=minutes,
    )


def _diary(active: np.ndarray, done: Floats, finished: Floats) -> tuple[Floats, Floats]:
    """[N, S] days of activity, none after the end, and the minutes of each, which add up to the
    effort that the work took."""
    rows = [
        np.flatnonzero(days & ~(np.arange(len(days)) > end)) + 0.1
        for days, end in zip(active, finished, strict=True)
    ]
    width = max(len(row) for row in rows)
    table = np.full((len(rows), width), np.nan)
    for at, row in enumerate(rows):
        table[at, : len(row)] = row
    work = np.where(np.isnan(done), 0.0, SECONDS).sum(axis=1) * EFFORT / 60
    each = work / np.maximum((~np.isnan(table)).sum(axis=1), 1)
    return table, np.where(np.isnan(table), np.nan, np.maximum(each, 5.0)[:, None])
