"""The heatmap of the week, and the texts on habits, as the page shows them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.query.minimum_sample import is_enough
from progress.pages.words import duration

from .patterns import Group, Pattern
from .queries import COMPLETED, PASSED_FIRST, Week

CELL, LABEL = 28, 40
SHADES = 5
DAYS = [
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
]
QUESTIONS = {
    "part_of_day": gettext_lazy("Time of day"),
    "days_of_week": gettext_lazy("Days of the week"),
    "length": gettext_lazy("Time per day"),
    "rhythm": gettext_lazy("On how many days of the first fourteen"),
}
KEYS = {
    "morning": gettext_lazy("Mostly in the morning, 5 to 12"),
    "afternoon": gettext_lazy("Mostly in the afternoon, 12 to 17"),
    "evening": gettext_lazy("Mostly in the evening, 17 to 22"),
    "night": gettext_lazy("Mostly at night, 22 to 5"),
    "weekdays": gettext_lazy("On weekdays, at most a tenth at weekends"),
    "both": gettext_lazy("On weekdays and at weekends"),
    "weekend": gettext_lazy("Half or more at weekends"),
    "under_15": gettext_lazy("Less than 15 minutes"),
    "15_to_30": gettext_lazy("15 to 30 minutes"),
    "30_to_60": gettext_lazy("30 to 60 minutes"),
    "over_60": gettext_lazy("An hour or more"),
    "one_day": gettext_lazy("One day"),
    "two_or_three": gettext_lazy("Two or three days"),
    "four_to_six": gettext_lazy("Four to six days"),
    "seven_and_more": gettext_lazy("Seven days or more"),
}
OUTCOMES = {
    COMPLETED: gettext_lazy("Completed the course"),
    PASSED_FIRST: gettext_lazy("Passed each quiz on the first try"),
}


# --- The week ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """Numbers are text, so that a template doesn't have to look for each one's local form."""

    hour: str
    x: str
    shade: str  # 0 nothing, up to SHADES
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    y: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Heatmap:
    rows: list[Row]
    width: int = LABEL + 24 * CELL
    height: int = 7 * CELL
    cell: int = CELL

    @property
    def hours(self) -> list[tuple[Cell, ...]]:
        """The cells of each hour, Monday first."""
        return list(zip(*(row.cells for row in self.rows), strict=True))


def heatmap(week: Week) -> Heatmap | None:
    """Returns None for fewer than five learners: it would reveal their habits."""
    if not _is_shown(week):
        return None
    highest = max(map(max, week.cells))
    return Heatmap(
        [
            Row(
                str(DAYS[day]),
                str(day * CELL),
                [_cell(hour, ms, highest) for hour, ms in enumerate(row)],
            )
            for day, row in enumerate(week.cells)
        ]
    )


def _is_shown(week: Week) -> bool:
    return is_enough(week.learners) and any(map(any, week.cells))


def _cell(hour: int, ms: int, highest: int) -> Cell:
    # Any active time at all gets at least the lightest shade.
    shade = -(-ms * SHADES // highest) if ms else 0
    text = duration(ms / 1000) if ms else "–"
    return Cell(str(hour), str(LABEL + hour * CELL), str(shade), text)


def busiest(week: Week) -> str:
    """A sentence on the busiest day and hour; empty if there is no heatmap."""
    if not _is_shown(week):
        return ""
    total = sum(map(sum, week.cells))
    by_day = [sum(row) for row in week.cells]
    by_hour = [sum(row[hour] for row in week.cells) for hour in range(24)]
    day, hour = by_day.index(max(by_day)), by_hour.index(max(by_hour))
    text = _("Most learning happens on %(day)s (%(share)s %%) and from %(hour)s to %(next)s.")
    return text % {
        "day": DAYS[day],
        "share": round(100 * by_day[day] / total),
        "hour": f"{hour}:00",
        "next": f"{(hour + 1) % 24}:00",
    }


# --- Habits --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group in percent; `low` and `high` bound its share."""

    label: str
    learners: int
    percent: int
    low: int
    high: int
    others: int
    verdict: str
    differs: bool


@dataclass(frozen=True, slots=True)
class ShownPattern:
    title: str
    groups: list[ShownGroup]
    conclusion: str
    hidden: str


def shown_pattern(pattern: Pattern) -> ShownPattern:
    groups = [_shown_group(group) for group in pattern.groups]
    hidden = ngettext(
        "%(count)s learner is in a group that is too small to be shown.",
        "%(count)s learners are in groups that are too small to be shown.",
        pattern.hidden,
    )
    return ShownPattern(
        str(QUESTIONS[pattern.question]),
        groups,
        _conclusion(groups),
        hidden % {"count": pattern.hidden} if pattern.hidden else "",
    )


def _shown_group(group: Group) -> ShownGroup:
    return ShownGroup(
        str(KEYS[group.key]),
        group.learners,
        _percent(group.share),
        _percent(group.interval.low),
        _percent(group.interval.high),
        _percent(group.others),
        _verdict(group),
        group.differs,
    )


def _verdict(group: Group) -> str:
    if not group.differs:
        return _("No clear difference from the others")
    low, high = sorted(_percent(abs(bound)) for bound in group.difference)
    points = {"low": low, "high": high}
    if not low:
        if group.difference.low > 0:
            return _("More often than the others, by up to %(high)s points") % points
        return _("Less often than the others, by up to %(high)s points") % points
    if group.difference.low > 0:
        return _("More often than the others, by %(low)s to %(high)s points") % points
    return _("Less often than the others, by %(low)s to %(high)s points") % points


def _conclusion(groups: list[ShownGroup]) -> str:
    if not groups:
        return _("Too few learners yet.")
    if not any(group.differs for group in groups):
        return _("No difference beyond what chance would explain.")
    return ""


def _percent(share: float) -> int:
    return round(100 * share)
