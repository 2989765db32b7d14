"""Days, weeks, streaks and achievements, from spans of active time."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from progress.pages.effort import (
    HOUR_MS,
    MINUTE_MS,
    achievements,
    calendar,
    days_of,
    streak,
    week_ms,
    week_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 25)  # a Wednesday


def ms(text, zone=BERLIN):
    """A local time as epoch milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def on(*back, minutes=5):
    """Spans of so many minutes on each of these days before today."""
    return {TODAY - timedelta(days=days): minutes * MINUTE_MS for days in back}


@pytest.mark.parametrize(
    ("zone", "start", "minutes", "days"),
    [
        (BERLIN, "2026-11-24T10:00", 20, {date(2026, 11, 24): 20}),
        # Across midnight, each day has its own part.
        (BERLIN, "2026-11-24T23:50", 30, {date(2026, 11, 24): 10, date(2026, 11, 25): 20}),
        # The day on which the clocks go back has 25 hours, the one when they go forward 23.
        (
            BERLIN,
            "2026-10-25T00:00",
            26 * 60,
            {date(2026, 10, 25): 25 * 60, date(2026, 10, 26): 60},
        ),
        (
            BERLIN,
            "2026-03-29T00:00",
            24 * 60,
            {date(2026, 3, 29): 23 * 60, date(2026, 3, 30): 60},
        ),
        # There is no midnight: the day begins at one o'clock.
        (
            ZoneInfo("Africa/Cairo"),
            "2026-04-23T23:30",
            60,
            {date(2026, 4, 23): 30, date(2026, 4, 24): 30},
        ),
        # The hour before midnight comes twice, and belongs to the old day both times.
        (
            ZoneInfo("America/Santiago"),
            "2026-04-04T22:00",
            4 * 60,
            {date(2026, 4, 4): 3 * 60, date(2026, 4, 5): 60},
        ),
    ],
)
def test_a_day_is_a_day_of_the_learners_zone(zone, start, minutes, days):
    begin = ms(start, zone)
    found = days_of([(begin, begin + minutes * MINUTE_MS)], zone)
    assert {day: amount / MINUTE_MS for day, amount in found.items()} == days


def test_all_of_a_days_time_is_counted():
    begin = ms("2026-11-24T10:00")
    spans = [(begin + hour * HOUR_MS, begin + hour * HOUR_MS + MINUTE_MS) for hour in range(3)]
    assert days_of(spans, BERLIN) == {date(2026, 11, 24): 3 * MINUTE_MS}


def test_the_same_moment_is_another_day_elsewhere():
    span = (ms("2026-11-24T23:50"), ms("2026-11-24T23:55"))
    assert list(days_of([span], ZoneInfo("Asia/Tokyo"))) == [date(2026, 11, 25)]


def test_days_stay_those_of_the_zone_in_which_they_were_earned():
    auckland, lisbon = ZoneInfo("Pacific/Auckland"), ZoneInfo("Europe/Lisbon")
    begin = datetime(2026, 11, 16, 8, 0, tzinfo=auckland)
    spans = [
        (round(at.timestamp() * 1000), round(at.timestamp() * 1000) + MINUTE_MS)
        for at in (begin + timedelta(days=day) for day in range(7))
    ]
    before = days_of(spans, auckland)
    moved = spans[-1][1] + HOUR_MS
    later = (moved + HOUR_MS, moved + 2 * HOUR_MS)
    after = days_of([*spans, later], lisbon, [(auckland, moved)])
    assert before.keys() <= after.keys()
    assert streak(before, max(before)).longest == 7
    assert streak(after, max(after)).longest >= 7
    assert sum(after.values()) == sum(before.values()) + HOUR_MS


def test_a_stretch_over_the_change_is_counted_once_in_two_zones():
    change = ms("2026-11-24T23:50")
    found = days_of(
        [(change - HOUR_MS, change + HOUR_MS)], ZoneInfo("Asia/Tokyo"), [(BERLIN, change)]
    )
    assert found == {date(2026, 11, 24): HOUR_MS, date(2026, 11, 25): HOUR_MS}


@pytest.mark.parametrize(
    ("first_weekday", "day", "first"),
    [
        (0, TODAY, date(2026, 11, 23)),
        (0, date(2026, 11, 29), date(2026, 11, 23)),
        (6, date(2026, 11, 29), date(2026, 11, 29)),
        (6, date(2026, 11, 28), date(2026, 11, 22)),
        (5, date(2026, 11, 28), date(2026, 11, 28)),
        (5, date(2026, 11, 27), date(2026, 11, 21)),
    ],
)
def test_a_week_begins_with_its_first_weekday(first_weekday, day, first):
    assert week_of(day, first_weekday) == first
    [week] = calendar(on(0), day, weeks=1, first_weekday=first_weekday)
    assert (week.first, len(week.days)) == (first, 7)


def test_this_week_is_counted_from_its_first_day():
    # Wednesday, Tuesday, Monday, Sunday, Saturday.
    days = on(0, 1, 2, 3, 4)
    assert [week_ms(days, TODAY, each) // MINUTE_MS for each in (0, 6, 5)] == [15, 20, 25]


def test_a_week_that_begins_on_monday_leaves_the_sunday_before_it_out():
    # Wednesday, Tuesday, Monday; the Sunday before belongs to last week.
    assert week_ms(on(0, 1, 2, 3), TODAY) == 15 * MINUTE_MS


@pytest.mark.parametrize(
    ("back", "length", "longest"),
    [
        ([], 0, 0),
        ([0], 1, 1),
        ([0, 1, 2], 3, 3),
        ([1, 2], 2, 2),  # today may still get learning
        ([2, 3, 4], 0, 3),  # yesterday had none
        ([0, 2, 3, 4, 5], 1, 4),
    ],
)
def test_a_streak_is_days_in_a_row_up_to_today_or_yesterday(back, length, longest):
    found = streak(on(*back), TODAY)
    assert (found.length, found.longest, found.has_today) == (length, longest, 0 in back)


def test_the_calendar_has_twelve_whole_weeks_the_last_one_this():
    weeks = calendar(on(0, 2, 83), TODAY)
    assert [len(week.days) for week in weeks] == [7] * 12
    assert weeks[-1].first == date(2026, 11, 23)
    assert [day.is_future for day in weeks[-1].days] == [False] * 3 + [True] * 4
    assert (weeks[-1].ms, weeks[-1].days_with_learning) == (10 * MINUTE_MS, 2)
    assert weeks[0].first == TODAY - timedelta(days=79)
    assert sum(week.days_with_learning for week in weeks) == 2


@pytest.mark.parametrize(("minutes", "level"), [(0, 0), (1, 1), (10, 2), (30, 3), (60, 4)])
def test_a_busier_day_has_a_higher_level(minutes, level):
    [week] = calendar(on(0, minutes=minutes), TODAY, weeks=1)
    assert week.days[2].level == level


def reached(days, **firsts):
    none = {"first_content": None, "first_course": None, "first_try": None}
    return {each.code: each for each in achievements(days, **none | firsts)}


def test_seven_days_in_a_row_are_an_achievement_that_stays():
    found = reached(on(*range(10, 18)))["streak"]
    assert found.reached_on == TODAY - timedelta(days=11)
    six = reached(on(*range(6), 20))["streak"]
    assert (six.reached_on, six.part, six.whole) == (None, 6, 7)


def test_ten_hours_are_reached_on_the_day_that_completes_them():
    found = reached(on(2, 4, 8, minutes=300))["hours"]
    assert found.reached_on == TODAY - timedelta(days=4)
    less = reached(on(4, 8, minutes=240))["hours"]
    assert (less.reached_on, less.part) == (None, 8 * HOUR_MS)


def test_first_achievements_have_their_day():
    found = reached({}, first_content=TODAY)
    assert found["first_content"].reached_on == TODAY
    assert found["first_course"].reached_on is None
