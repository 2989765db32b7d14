"""Features see nothing of the future, have a direction, and mean what they say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts.risk.signs import features
from analytics.facts.risk.signs.view import View, rank

from .cohorts import a_cohort

KINDS = ["", "checkpoints", "diary"]
EVERYTHING = [each.name for each in features.FEATURES]
COLUMN = {name: column for column, name in enumerate(EVERYTHING)}


def computed(cohort, day):
    return features.compute(cohort, np.full(len(cohort), float(day)), with_activity=True)


def of_first(cohort, day, name):
    return computed(cohort, day)[0, COLUMN[name]]


def with_task(cohort, task, **changes):
    """The cohort, with the first learner's `task` changed."""
    changed = {}
    for name, value in changes.items():
        table = getattr(cohort, name).copy()
        table[0, task] = value
        changed[name] = table
    return replace(cohort, **changed)


@pytest.mark.parametrize("kind", KINDS)
@given(day=st.integers(1, 230), seed=st.integers(0, 20))
def test_what_happens_later_changes_nothing(kind, day, seed):
    cohort = a_cohort(30, seed=1, activity=kind)
    chance = np.random.default_rng(seed)
    later = cohort.submitted > day
    future = replace(
        cohort,
        submitted=np.where(later, day + chance.uniform(0.01, 300, later.shape), cohort.submitted),
        score=np.where(later, chance.uniform(size=later.shape), cohort.score),
        left=np.where(cohort.left > day, day + chance.uniform(0.01, 99, 30), cohort.left),
        finished=np.where(chance.uniform(size=30) < 0.5, day + 1.0, np.nan),
        seen=np.full((30, 1), day + 0.5),
    )
    if kind == "diary":
        diary = cohort.activity
        future = replace(
            future, activity=replace(diary, volume=np.where(diary.days > day, 999, diary.volume))
        )
    if kind == "checkpoints":
        points = cohort.activity
        later = points.days > day
        future = replace(
            future,
            activity=replace(
                points,
                active=np.where(later, 55.0, points.active),
                volume=np.where(later, 999.0, points.volume),
            ),
        )
    np.testing.assert_array_equal(computed(cohort, day), computed(future, day))


def test_the_past_does_change_something():
    cohort = a_cohort(30)
    before = computed(cohort, 100)
    assert not np.array_equal(
        before, computed(with_task(cohort, 0, submitted=np.nan, score=np.nan), 100), equal_nan=True
    )


@pytest.mark.parametrize(
    ("name", "changes", "more"),
    [
        ("done_share", {"submitted": np.nan, "score": np.nan}, False),
        ("missed_count", {"submitted": np.nan, "score": np.nan}, True),
        ("missed_share", {"submitted": np.nan, "score": np.nan}, True),
        ("score_of_due", {"score": 0.0}, False),
        ("score_mean", {"score": 0.0}, False),
        ("score_standing", {"score": 0.0}, False),
        ("lead_mean", {"submitted": 99.0}, False),
        ("late_share", {"submitted": 99.0}, True),
    ],
)
def test_features_follow_what_was_done(name, changes, more):
    cohort = with_task(a_cohort(), 0, submitted=20.0, score=0.9)
    before, after = (
        of_first(cohort, 100, name),
        of_first(with_task(cohort, 0, **changes), 100, name),
    )
    assert after > before if more else after < before


def test_silence_counts_from_the_last_activity_of_any_kind():
    cohort = with_task(a_cohort(), slice(None), submitted=np.nan, score=np.nan)
    cohort = with_task(cohort, 0, submitted=20.0, score=0.5)
    assert of_first(cohort, 50, "silence") == 30
    assert of_first(replace(cohort, seen=np.full((60, 1), 45.0)), 50, "silence") == 5


def test_tasks_missed_in_a_row_end_with_the_last_one_done():
    cohort = with_task(a_cohort(), slice(None), submitted=np.nan, score=np.nan)
    assert of_first(cohort, 150, "missed_in_a_row") == 4
    cohort = with_task(cohort, 1, submitted=60.0, score=0.5)
    assert of_first(cohort, 150, "missed_in_a_row") == 2


def test_fewer_active_days_lower_every_feature_of_activity():
    cohort = a_cohort(activity="diary")
    days = cohort.activity.days.copy()
    days[0, days[0] > 90] = np.nan
    quiet = replace(cohort, activity=replace(cohort.activity, days=days))
    names = [each.name for each in features.FEATURES if each.needs_activity]
    assert len(names) >= 7
    for name in names:
        assert of_first(quiet, 100, name) <= of_first(cohort, 100, name), name
    assert of_first(quiet, 100, "active_lately") < of_first(cohort, 100, "active_lately")


def test_a_fortnight_is_looked_at_by_itself():
    cohort = a_cohort(activity="diary")
    away = cohort.activity.days[0]
    away[(away > 72) & (away <= 86)] = np.nan  # the fortnight before the last one of day 100
    away[(away > 44) & (away <= 58)] = np.nan
    assert of_first(cohort, 100, "silent_fortnights") == 2
    assert of_first(cohort, 50, "silent_fortnights") == 0
    assert of_first(cohort, 100, "fortnight_before_rank") < 0.1
    assert of_first(cohort, 100, "fortnight_before_volume_rank") < 0.1
    assert of_first(cohort, 100, "fortnight_before_level") < 0
    later = of_first(cohort, 115, "fortnight_before_rank")
    assert later > of_first(cohort, 100, "fortnight_before_rank")


def test_what_was_not_recorded_is_unknown_and_not_nothing():
    cohort = a_cohort(activity="checkpoints")
    assert of_first(cohort, 42, "active_share") > 0
    assert of_first(cohort, 49, "active_share") > 0  # a record stays good for a week
    assert np.isnan(of_first(cohort, 50, "active_share"))
    assert np.isnan(of_first(cohort, 13, "active_share"))
    assert np.isnan(of_first(a_cohort(), 42, "active_share"))


def test_the_first_weeks_stay_known_when_they_are_over():
    cohort = a_cohort(activity="checkpoints")
    names = [name for name in EVERYTHING if name.startswith("first_weeks")]
    assert len(names) == 6
    for name in names:
        assert np.isnan(of_first(cohort, 55, name)), name
        assert not np.isnan(of_first(cohort, 200, name)), name
    assert of_first(cohort, 200, "first_weeks_share") == cohort.activity.active[0, -1] / 56
    assert np.isnan(of_first(a_cohort(), 200, "first_weeks_share"))


def of_one(**tasks):
    """A cohort whose first learner did just these of its six tasks, due on 25, 65, 105 …:
    t1=(day, score)."""
    cohort = with_task(a_cohort(), slice(None), submitted=np.nan, score=np.nan)
    for name, (day, score) in tasks.items():
        cohort = with_task(cohort, int(name[1:]), submitted=float(day), score=score)
    return cohort


@pytest.mark.parametrize(
    ("name", "day", "cohort", "value"),
    [
        ("needed_of_rest", 50, of_one(t0=(20, 0.9)), (0.4 * 6 - 0.9) / 5),
        ("needed_of_rest", 50, of_one(), 0.4 * 6 / 5),
        ("needed_of_rest", 239, of_one(t0=(20, 0.9)), 3.0),  # nothing is left to do
        ("needed_of_rest", 239, of_one(t0=(20, 1.0), t1=(60, 1.0), t2=(99, 1.0)), -2.0),
        ("longest_gap", 150, of_one(t0=(20, 0.9), t1=(60, 0.5), t2=(70, 0.5)), 40.0),
        ("done_lately", 150, of_one(t0=(20, 0.9), t3=(140, 0.5)), 1 / 3),
        ("score_spread", 150, of_one(t0=(20, 0.9), t1=(60, 0.5)), 0.2),
    ],
)
def test_features_are_what_they_say(name, day, cohort, value):
    assert of_first(cohort, day, name) == pytest.approx(value)


def test_one_task_has_no_gap_and_a_learner_without_any_no_spread():
    assert np.isnan(of_first(of_one(t0=(20, 0.9)), 150, "longest_gap"))
    assert np.isnan(of_first(of_one(), 150, "score_spread"))
    assert np.isnan(of_first(of_one(), 150, "standing_trend"))


def test_who_is_worse_than_before_has_a_falling_standing():
    falling = of_one(t0=(20, 1.0), t1=(60, 0.0))
    rising = of_one(t0=(20, 0.0), t1=(60, 1.0))
    assert of_first(falling, 70, "standing_trend") < 0 < of_first(rising, 70, "standing_trend")


def test_early_hands_are_ranked_among_those_who_did_the_task():
    early, late = of_one(t0=(1, 0.5)), of_one(t0=(24.9, 0.5))
    assert of_first(early, 30, "last_lead_rank") > 0.9
    assert of_first(late, 30, "last_lead_rank") < of_first(early, 30, "last_lead_rank")


def test_recent_leavers_are_a_feature_of_the_cohort():
    cohort = a_cohort()
    left = np.full(60, np.nan)
    left[:6], left[6:10] = 80.0, 20.0
    assert of_first(replace(cohort, left=left), 100, "cohort_leaving") == 6 / 56
    assert of_first(replace(cohort, left=left), 60, "cohort_leaving") == 0


def test_ranks_share_ties_and_want_company():
    assert rank(np.arange(20.0))[[0, 19]].tolist() == [0.025, 0.975]
    assert set(rank(np.zeros(20))) == {0.5}
    assert np.isnan(rank(np.arange(9.0))).all()


def test_a_cohort_without_tasks_or_learners_is_no_error():
    cohort = a_cohort(5)
    empty = replace(
        cohort,
        weight=cohort.weight[:0],
        **{name: getattr(cohort, name)[:, :0] for name in ("due", "submitted", "score", "carried")},
    )
    assert computed(empty, 30).shape == (5, len(EVERYTHING))
    assert np.isnan(computed(empty, 30)[:, COLUMN["done_share"]]).all()
    assert computed(cohort.only(np.zeros(5, dtype=bool)), 30).shape == (0, len(EVERYTHING))


def test_no_feature_knows_a_person():
    words = {word for name in EVERYTHING for word in name.split("_")}
    assert not words & {"gender", "sex", "age", "region", "disability", "imd", "education"}


def test_only_keeps_the_learners_that_are_chosen():
    cohort = a_cohort(30, activity="diary")
    some = cohort.only(np.array([3, 7]))
    assert some.learners.tolist() == [3, 7]
    view = View(some, np.full(2, 90.0))
    assert view.is_due.shape == (2, 6)
    np.testing.assert_array_equal(some.activity.days, cohort.activity.days[[3, 7]])
