"""A forecast uses what was known, the same again and again; more work done never makes it later."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts.forecast import intervals
from analytics.facts.forecast.coursework import USUAL, pace_of
from analytics.facts.forecast.futures import QUANTILES, Course, Plan, Task, _survival
from tests.support import rhythms
from tests.support.coursework import coursework, day_of, left_of, prepared

WORLDS = {
    name: coursework(getattr(rhythms, name))
    for name in ("semester", "mooc", "cramming", "slow_but_steady")
}
COURSES = {
    (name, day): prepared(work.as_of(day_of(2, day)))
    for name, work in WORLDS.items()
    for day in (3.5, 24.5, 59.5)
}


def open_of(course: Course) -> np.ndarray:
    work = course.work
    return np.flatnonzero(work.is_open & (work.observed < work.span))


# --- More is never later --------------------------------------------------------------------------
@given(
    world=st.sampled_from(list(COURSES)),
    learner=st.integers(0, 10_000),
    less=st.floats(0, 20),
    more=st.floats(0, 20),
)
def test_more_hours_in_the_coming_week_never_make_it_later(world, learner, less, more):
    course = COURSES[world]
    index = int(open_of(course)[learner % len(open_of(course))])
    task = Task(index, left_of(course.work, index))
    low, high = (course.distribution(task, Plan(hours)) for hours in sorted((less, more)))
    assert (high.quantiles() <= low.quantiles() + 1e-9).all()
    for day in (1, 7, 20, 50):
        assert high.by(day) >= low.by(day) - 1e-9


@given(
    world=st.sampled_from(list(COURSES)),
    learner=st.integers(0, 10_000),
    shares=st.tuples(st.floats(0.01, 1.3), st.floats(0.01, 1.3)),
)
def test_less_that_is_left_never_makes_it_later(world, learner, shares):
    course = COURSES[world]
    index = int(open_of(course)[learner % len(open_of(course))])
    left = left_of(course.work, index)
    less, more = (course.distribution(Task(index, left * share)) for share in sorted(shares))
    assert (less.quantiles() <= more.quantiles() + 1e-9).all()


def test_hours_that_are_enough_complete_it_within_the_week():
    course = COURSES["cramming", 24.5]
    index = int(open_of(course)[0])
    found = course.distribution(Task(index, left_of(course.work, index)), Plan(40))
    assert found.quantiles().max() <= 7


def test_nothing_is_completed_before_it_is_released():
    course = COURSES["semester", 59.5]
    index = int(open_of(course)[0])
    found = course.distribution(Task(index, 60.0, opens=12.0))
    assert found.quantiles().min() == 12


# --- What is known --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", WORLDS)
def test_what_happens_after_the_moment_changes_nothing(name):
    work, now = WORLDS[name], day_of(2, 31.5)
    chance = np.random.default_rng(5)
    day = (now - work.started)[:, None]

    def scrambled(values):
        later = ~(values <= (day if values.ndim == 2 else day[:, 0]))
        return np.where(later, values + chance.uniform(0.5, 40, values.shape), values)

    other = replace(
        work,
        now=work.now + 100,
        done=scrambled(np.where(np.isnan(work.done), 1e3, work.done)),
        active=scrambled(work.active),
        finished=scrambled(np.where(np.isnan(work.finished), 1e3, work.finished)),
        left=scrambled(np.full(len(work), 1e3)),
    )
    mine, theirs = (prepared(each.as_of(now)) for each in (work, other))
    assert mine.pace == theirs.pace
    for index in open_of(mine):
        task = Task(int(index), left_of(mine.work, index))
        assert (mine.distribution(task).quantiles() == theirs.distribution(task).quantiles()).all()


def test_what_happens_before_the_moment_does_change_it():
    """The comparison above would find a difference."""
    work = WORLDS["semester"].as_of(day_of(2, 31.5))
    course = prepared(work)
    index = int(open_of(course)[0])
    task = Task(index, left_of(work, index))
    quicker = prepared(replace(work, done=work.done * 0.5))
    before, after = course.distribution(task), quicker.distribution(task)
    assert (before.quantiles() != after.quantiles()).any()


def test_the_same_values_give_the_same_forecast():
    course, again = COURSES["mooc", 24.5], prepared(COURSES["mooc", 24.5].work)
    for index in open_of(course)[:20]:
        task = Task(int(index), left_of(course.work, index))
        assert (course.distribution(task).days == again.distribution(task).days).all()


def test_other_enrolments_of_the_same_day_change_no_own_future():
    """Random numbers belong to an enrolment, not to its place in a list."""
    work = WORLDS["semester"].as_of(day_of(0, 10.5))
    few = replace(
        work,
        **{
            name: getattr(work, name)[5:]
            for name in vars(work)
            if isinstance(getattr(work, name), np.ndarray) and len(getattr(work, name)) == len(work)
        },
    )
    pace = pace_of(work, USUAL)
    mine = Course(work, pace).distribution(Task(7, 3_000.0))
    assert (mine.days == Course(few, pace).distribution(Task(2, 3_000.0)).days).all()


def test_open_enrolments_count_as_not_yet():
    """Half finish on day 5; of the others, followed for three days only, as many will."""
    days = np.array([5.0, 5.0, np.inf, np.inf, np.inf, np.inf])
    followed = np.array([90.0, 90.0, 90.0, 90.0, 3.0, 3.0])
    found, weights = _survival(days, followed, np.ones(6))
    assert found.tolist() == [5, 5] and weights.sum() == pytest.approx(0.5)


def test_who_was_followed_for_long_enough_shares_what_others_leave_open():
    days, followed = np.array([1.0, 4.0, np.inf, 9.0]), np.array([9.0, 9.0, 2.0, 9.0])
    found, weights = _survival(days, followed, np.ones(4))
    assert found.tolist() == [1, 4, 9]
    # A quarter on day 1; the rest of the two who are left has three eighths each.
    assert weights.tolist() == pytest.approx([0.25, 0.375, 0.375])


def test_without_due_dates_the_time_is_what_nine_of_ten_finishers_took():
    work = WORLDS["semester"]
    free = replace(work, due=np.full(len(work), np.nan))
    took = work.finished[~np.isnan(work.finished)]
    assert free.span[0] == pytest.approx(np.quantile(took, 0.9))
    # As known in the first cohort's first week, nobody had finished.
    assert np.isnan(free.as_of(day_of(0, 6.0)).span).all()


# --- The own pace ---------------------------------------------------------------------------------
def test_with_nobody_to_compare_with_a_quicker_pace_is_earlier():
    work = WORLDS["semester"].as_of(day_of(0, 30.5))
    course = Course(work, USUAL)
    active = (~np.isnan(work.active)).sum(axis=1)
    there = open_of(course)
    quick, slow = there[active[there].argmax()], there[active[there].argmin()]
    assert course.distribution(Task(int(quick), 3_000.0)).similar == 0
    first, last = (course.distribution(Task(int(i), 3_000.0)).by(30) for i in (quick, slow))
    assert first > last


def test_a_pace_is_drawn_towards_what_is_above_it():
    nobody = WORLDS["semester"].as_of(day_of(0, 0.0))
    assert pace_of(nobody, USUAL) == USUAL
    for above in (0.1, 0.9):
        few = WORLDS["mooc"].as_of(day_of(0, 3.0))
        found = [
            pace_of(each, replace(USUAL, active=above)).active for each in (few, WORLDS["mooc"])
        ]
        own = pace_of(WORLDS["mooc"], replace(USUAL, active=found[1])).active
        assert abs(found[1] - own) < abs(found[0] - own) < abs(above - own)


# --- Intervals ------------------------------------------------------------------------------------
def test_an_interval_has_the_probability_that_it_says():
    chance = np.random.default_rng(3)
    days = np.sort(chance.exponential(20, (400, QUANTILES)), axis=1)
    outcome = chance.exponential(20, 400)
    for level in (0.5, 0.8, 0.95):
        inside = intervals.is_inside(days, outcome, level).mean()
        assert inside == pytest.approx(level, abs=0.06)


@pytest.mark.parametrize(
    ("never", "first", "last"),
    [
        (0, 4, 36),  # the middle 32 of 40
        (8, 0, 31),  # all that are completed at all
        (16, 8, np.inf),  # the last 32, and those are open
    ],
)
def test_where_completion_is_unsure_an_interval_has_no_end(never, first, last):
    days = np.arange(QUANTILES, dtype=float)
    days[QUANTILES - never :] = np.inf
    begin, end = intervals.interval(days[None], 0.8)
    assert begin[0] == pytest.approx(first, abs=1)
    assert end[0] == (last if np.isinf(last) else pytest.approx(last, abs=1))


def test_below_one_chance_in_five_no_day_is_named():
    days = np.full((1, QUANTILES), np.inf)
    days[0, :8] = 3.0
    assert not intervals.names_days(days)[0]
    days[0, 8] = 3.0
    assert intervals.names_days(days)[0]


def test_intervals_that_were_too_narrow_become_wider_until_the_coverage_holds():
    chance = np.random.default_rng(4)
    days = np.sort(chance.normal(30, 2, (500, QUANTILES)), axis=1)  # surer than they should be
    outcome = chance.normal(30, 4, 500)
    past, new = slice(0, 250), slice(250, 500)
    before = intervals.is_inside(days[new], outcome[new], 0.8).mean()
    level = intervals.calibrated_level(intervals.inside_by_level(days[past], outcome[past]))
    after = intervals.is_inside(days[new], outcome[new], level).mean()
    assert before < 0.65 and level > 0.9
    assert after > before + 0.1


def test_intervals_that_were_too_wide_become_narrower():
    chance = np.random.default_rng(4)
    days = np.sort(chance.normal(30, 8, (2_000, QUANTILES)), axis=1)
    outcome = chance.normal(30, 4, 2_000)
    level = intervals.calibrated_level(intervals.inside_by_level(days[:1_000], outcome[:1_000]))
    assert level < 0.7
    assert 0.75 <= intervals.is_inside(days[1_000:], outcome[1_000:], level).mean() <= 0.85
