"""What a forecast says, and why there is none, in words."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.models import CompletionForecast, ForecastValidation

Insufficient = CompletionForecast.Insufficient


def reasons() -> dict[str, str]:
    """Why no day is named."""
    return {
        Insufficient.JUST_STARTED: _("Too early to say."),
        Insufficient.NO_TIME: _(
            "Without a due date, it can't be said before ten learners have completed the course."
        ),
        Insufficient.NO_TASKS: _("Nothing is left that counts."),
        Insufficient.UNVALIDATED: _(
            "Not shown: earlier forecasts of this course haven't yet turned out to be right often "
            "enough."
        ),
        Insufficient.UNLIKELY: _(
            "No day can be named: fewer than one in five like this learner complete the course by "
            "then."
        ),
    }


def reason_text(insufficient: str) -> str:
    """Why no day is named; empty if one is."""
    return reasons().get(insufficient, "")


def verdict_text(verdict: str) -> str:
    """Whether forecasts are shown in a part of a course's time, or why not."""
    verdicts = ForecastValidation.Verdict
    return {
        verdicts.VALID: _("Shown"),
        verdicts.TOO_FEW: _("Not shown: too few enrolments have ended"),
        verdicts.TOO_NARROW: _("Not shown: too many were completed outside the interval"),
        verdicts.TOO_WIDE: _("Not shown: the intervals were wider than they say"),
        verdicts.DRIFTED: _("Not shown: they were right before, but not lately"),
    }[verdict]


def part_text(part: int) -> str:
    """A part of the time until the due date."""
    return {
        0: _("The whole time"),
        1: _("First quarter"),
        2: _("Second quarter"),
        3: _("Third quarter"),
        4: _("Last quarter"),
        5: _("After the due date"),
    }[part]


def span_text(first: datetime | None, last: datetime | None) -> str:
    """`12 May 2026 – 20 May 2026`, or `12 May 2026 or later`, in the current time zone; empty
    without a first day."""
    if first is None:
        return ""
    if last is None:
        return _("%(day)s or later") % {"day": _day(first)}
    days = [_day(first), _day(last)]
    return days[0] if days[0] == days[1] else " – ".join(days)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j M Y")
