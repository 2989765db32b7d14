"""The engagement score, the week, and habits: by their definitions, and honest about chance."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from analytics.engagement import patterns, queries
from analytics.engagement.score import EngagementTotals, parts, per_hour, score, weakest
from analytics.facts.rollups import course_days, folding
from analytics.facts.rollups.habits import ActiveDay, Habit, habit_of
from analytics.models import CourseDay, LearnerDay
from analytics.query.filters import filters_from
from analytics.query.intervals import newcombe, newcombe_paired, wilson
from progress.jobs import Run
from progress.models import ContentProgress, CourseProgress
from tests.factories import a_course_of
from tests.support.admin import VIDEO
from tests.support.learners import A_QUIZ, DAY, fail, learn, someone

HOUR = 3_600_000
counts = st.integers(0, 500)
engagement_totals = st.builds(
    lambda complete, left, busy, done, distractions, minutes: EngagementTotals(
        complete + left + busy,
        complete,
        left,
        (complete + left + busy) * done,
        distractions,
        minutes * 60_000,
    ),
    counts,
    counts,
    counts,
    st.integers(0, 10_000),
    counts,
    st.integers(0, 5000),
)


# --- The score -----------------------------------------------------------------------------------
def test_a_content_that_everybody_finishes_without_a_distraction_scores_100():
    assert score(EngagementTotals(10, 10, 0, 100_000, 0, HOUR)) == 100


def test_the_score_is_the_mean_of_its_known_parts():
    shown = EngagementTotals(
        begun=10, complete=3, left=1, completion_bp=50_000, distractions=6, active_ms=HOUR
    )
    assert parts(shown) == {"finish": 0.75, "seen": 0.5, "attention": 0.5}
    assert score(shown) == round(100 * (0.45 * 0.75 + 0.35 * 0.5 + 0.2 * 0.5))
    unknown = EngagementTotals(begun=10, complete=3, left=1, completion_bp=50_000)
    assert score(unknown) == round(100 * (0.45 * 0.75 + 0.35 * 0.5) / 0.8)
    assert weakest(shown) == "seen"


def test_there_is_no_score_if_nobody_began():
    assert (
        score(EngagementTotals(active_ms=HOUR)) is None
        and per_hour(EngagementTotals(distractions=9)) is None
    )


@given(engagement_totals)
def test_a_score_is_within_0_and_100(shown):
    value = score(shown)
    assert value is None or 0 <= value <= 100


@given(engagement_totals, st.integers(1, 100))
def test_leaving_and_distractions_never_raise_the_score(shown, more):
    before = score(shown)
    if before is None:
        return
    if shown.complete or shown.left:
        left = EngagementTotals(
            shown.begun + more,
            shown.complete,
            shown.left + more,
            shown.completion_bp,
            shown.distractions,
            shown.active_ms,
        )
        assert score(left) <= before
    distracted = shown + EngagementTotals(distractions=more)
    assert score(distracted) <= before


@given(engagement_totals, engagement_totals)
def test_added_up_contents_score_between_their_parts(one, other):
    both = parts(one + other)
    for name in set(parts(one)) & set(parts(other)):
        low, high = sorted((parts(one)[name], parts(other)[name]))
        assert low - 1e-9 <= both[name] <= high + 1e-9


# --- Shares --------------------------------------------------------------------------------------
def test_intervals_are_those_that_were_published():
    """Newcombe (1998), Statistics in Medicine 17: 81/263 by Wilson, 56/70 against 48/80."""
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = newcombe((56, 70), (48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ((36, 12, 2, 0), (0.0569, 0.3404)),  # Newcombe (1998), Statistics in Medicine 17:2635
        ((14, 5, 0, 22), (0.0115, 0.2265)),  # Altman et al. (2000), Statistics with confidence
        ((1, 1, 7, 12), (-0.5069, -0.0256)),  # Bentur et al. (2009), by Fagerland et al. (2014)
    ],
)
def test_intervals_of_pairs_are_those_that_were_published(pairs, expected):
    low, high = newcombe_paired(*pairs)
    assert (round(low, 4), round(high, 4)) == expected


@given(st.tuples(*[st.integers(0, 200)] * 4).filter(any))
def test_an_interval_of_pairs_holds_their_difference_and_has_no_side(pairs):
    both, first, second, neither = pairs
    low, high = newcombe_paired(*pairs)
    assert low - 1e-9 <= (first - second) / sum(pairs) <= high + 1e-9
    mirrored = newcombe_paired(both, second, first, neither)
    assert (-mirrored.high, -mirrored.low) == pytest.approx((low, high))


def test_pairs_that_are_alike_have_a_narrower_interval_than_two_groups():
    alike, apart = newcombe_paired(40, 10, 0, 50), newcombe((50, 100), (40, 100))
    assert alike.low > 0 > apart.low and alike.high < apart.high


@given(st.integers(1, 300), st.data())
def test_an_interval_holds_its_share(whole, data):
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-12 and part / whole - 1e-12 <= high <= 1


def some(count, reached, **changes):
    usual = {"first_day": date(2026, 3, 2), "parts_ms": (0, HOUR, 0, 0), "weekend_ms": 0, "days": 1}
    groups = Habit(**(usual | changes)).groups
    return Counter({(groups, True): reached, (groups, False): count - reached})


def pattern_of(question, habits):
    return next(each for each in patterns.find_patterns(habits) if each.question == question)


def test_a_clear_difference_is_shown_and_chance_is_not():
    clear = some(100, 90) + some(100, 50, parts_ms=(0, 0, 0, HOUR))
    shown = {group.key: group for group in pattern_of("part_of_day", clear).groups}
    assert shown["morning"].differs and shown["evening"].differs
    assert (shown["morning"].share, shown["morning"].others) == (0.9, 0.5)
    even = some(100, 52) + some(100, 50, parts_ms=(0, 0, 0, HOUR))
    assert not any(group.differs for group in pattern_of("part_of_day", even).groups)


def test_more_comparisons_ask_for_more_evidence():
    two = some(80, 48) + some(80, 36, days=2)
    one_of_two = pattern_of("rhythm", two).groups[0]
    four = two + some(20, 12, days=5) + some(20, 12, days=9)
    one_of_four = pattern_of("rhythm", four).groups[0]
    assert one_of_four.difference.high - one_of_four.difference.low > 0
    assert one_of_two.interval == one_of_four.interval


def test_fewer_than_five_are_hidden():
    few, more = some(4, 4, parts_ms=(HOUR, 0, 0, 0)), some(9, 4, parts_ms=(0, 0, 0, HOUR))
    shown = pattern_of("part_of_day", some(20, 10) + few + more)
    assert shown.hidden == 4
    assert sorted(group.learners for group in shown.groups) == [9, 20]


def test_without_active_time_nobody_has_habits():
    assert habit_of([]) is None
    assert habit_of([ActiveDay(date(2026, 3, 2), 0, [0] * 24)]) is None
    assert not any(shown.groups or shown.hidden for shown in patterns.find_patterns(Counter()))


def hours(**of):
    """`hours(at_9=5)`: five minutes from nine on."""
    return [of.get(f"at_{hour}", 0) * 60_000 for hour in range(24)]


def a_day(number, **of):
    """The days are counted from a Monday."""
    by_hour = hours(**of)
    return ActiveDay(date(2026, 3, 2) + timedelta(days=number), sum(by_hour), by_hour)


@pytest.mark.parametrize(
    ("days", "groups"),
    [
        ([a_day(0, at_4=1)], ("night", "weekdays", "under_15", "one_day")),
        ([a_day(0, at_5=15)], ("morning", "weekdays", "15_to_30", "one_day")),
        ([a_day(5, at_16=59)], ("afternoon", "weekend", "30_to_60", "one_day")),
        ([a_day(6, at_17=30, at_21=30)], ("evening", "weekend", "over_60", "one_day")),
        ([a_day(0, at_22=2), a_day(1, at_9=1)], ("night", "weekdays", "under_15", "two_or_three")),
        # A day may come in parts, and a tenth at weekends is little.
        ([a_day(0, at_9=5)] * 2, ("morning", "weekdays", "under_15", "one_day")),
        ([a_day(4, at_9=9), a_day(5, at_9=1)], ("morning", "weekdays", "under_15", "two_or_three")),
        ([a_day(4, at_9=8), a_day(5, at_9=1)], ("morning", "both", "under_15", "two_or_three")),
        # The fifteenth day doesn't count, however much was done.
        (
            [a_day(n, at_9=1) for n in range(6)] + [a_day(14, at_22=300)],
            ("morning", "both", "under_15", "four_to_six"),
        ),
        (
            [a_day(13, at_9=1), *(a_day(n, at_9=1) for n in range(6))],
            ("morning", "both", "under_15", "seven_and_more"),
        ),
    ],
)
def test_what_somebody_did_at_first_decides_the_groups(days, groups):
    assert habit_of(days).groups == groups
    assert habit_of(days[::-1]).groups == groups


# --- From the rows -------------------------------------------------------------------------------
@pytest.fixture
def course(db):
    return a_course_of(VIDEO, A_QUIZ, title="Fire safety")


def filters_of(course, **asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return filters_from(query, {course.pk: course.title})


def fold():
    folding.fold_new(Run("fold", timezone.now()))


def test_engagement_with_contents_is_what_the_rows_say(course):
    for number in range(6):
        learn(course, someone(course), ago=DAY * (20 if number < 2 else 1))
    fold()
    video, quiz = queries.content_engagement(filters_of(course), timezone.now())
    rows = list(ContentProgress.objects.filter(content=video.content_id))
    assert video.totals.begun == len(rows) == 6
    assert video.totals.left == 2 and video.totals.complete == 0
    assert video.totals.completion_bp == sum(row.completion_bp for row in rows)
    assert video.totals.active_ms == sum(row.time_ms for row in rows)
    assert quiz.totals == EngagementTotals()


def test_the_week_adds_up_the_learners_days(course):
    for number in range(5):
        # In Tokyo it may already be tomorrow.
        learn(course, someone(course, time_zone="Asia/Tokyo"), ago=DAY * (number + 1))
    fold()
    week = queries.week(filters_of(course))
    brute = [[0] * 24 for _ in range(7)]
    for row in LearnerDay.objects.all():
        for hour, ms in enumerate(row.hours_ms):
            brute[row.day.isoweekday() - 1][hour] += ms
    assert week.cells == brute and sum(map(sum, brute)) == 5 * 15_000
    assert week.learners == 5
    assert all(type(ms) is int for row in week.cells for ms in row)


def test_days_that_are_not_added_up_yet_are_read_from_the_learners(course):
    for number in range(5):
        learn(course, someone(course), ago=DAY * (number + 1))
    fold()
    whole = queries.week(filters_of(course)).cells
    CourseDay.objects.update(hours_ms=[7] * 24)
    assert queries.week(filters_of(course)).cells != whole
    course_days.mark([(course.pk, CourseDay.objects.first().day)])
    assert queries.week(filters_of(course)).cells == whole
    course_days.add_up()
    CourseDay.objects.update(is_stale=True)
    course_days.add_up()
    assert queries.week(filters_of(course)).cells == whole


def test_the_week_of_a_group_is_of_its_learners(course):
    for number in range(6):
        person = someone(course, department="Care" if number else "Night shift")
        learn(course, person, ago=DAY * (number + 1))
    fold()
    week = queries.week(filters_of(course, department="Care"))
    assert (week.learners, sum(map(sum, week.cells))) == (5, 5 * 15_000)


def test_habits_are_of_the_first_fourteen_days(course):
    early, late, new = someone(course), someone(course), someone(course)
    for ago in (40, 39, 20):
        learn(course, early, ago=DAY * ago)
    learn(course, late, ago=DAY * 35)
    learn(course, new, ago=DAY * 3)
    fold()
    found = queries.habits(filters_of(course), timezone.now())
    assert {groups.rhythm: count for (groups, _), count in found.items()} == {
        "one_day": 1,
        "two_or_three": 1,
    }
    assert not any(has_outcome for _, has_outcome in found)
    CourseProgress.objects.filter(user=early).update(
        completed_at=timezone.now(), completion_bp=10_000
    )
    found = queries.habits(filters_of(course), timezone.now())
    assert {groups.rhythm: reached for groups, reached in found} == {
        "one_day": False,
        "two_or_three": True,
    }


def test_passing_at_the_first_try_covers_only_those_who_were_marked(course):
    person = someone(course)
    learn(course, person, ago=DAY * 40)
    learn(course, someone(course), ago=DAY * 40)
    fail(course, person, "c2", times=2, ago=DAY * 39)
    fold()
    found = queries.habits(filters_of(course), timezone.now(), queries.PASSED_FIRST)
    assert list(found.values()) == [1]
    assert not any(has_outcome for _, has_outcome in found)
