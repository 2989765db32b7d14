"""How the model in use would have done on own past cohorts, for people who see every course.

The page shows the measures that the backtest stored with the model; it measures nothing itself.
"""

from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import RiskModel
from analytics.query import page_request
from analytics.query.charts import Bars, Unit, bars
from analytics.query.minimum_sample import is_enough
from progress.security.rights import sees_everything

DEFAULT_CALLS = 20  # of a hundred learners
MIN_USEFUL_AUC = 0.6  # an AUC below this is hardly better than chance


@dataclass(frozen=True)
class Threshold:
    """How many learners a threshold would have flagged, in percent; None where they are too few."""

    start: int
    called: int
    precision: int | None
    recall: int | None
    is_advised: bool


@dataclass(frozen=True)
class Backtest:
    """A week's measures, and the charts over all weeks; nothing of fewer than five learners."""

    weeks: list[dict]
    week: dict
    thresholds: list[Threshold]
    calls: int
    auc: Bars | None
    reliability: list[dict]
    summary: str
    advice: str


def may_open(user) -> bool:
    """Whether `user` may see figures over every course's learners."""
    return user.has_perm("analytics.view_riskmodel") and sees_everything(user)


def page(request: HttpRequest) -> HttpResponse:
    """`?week=` is the week of the course, `?calls=` how many of 100 learners can be called."""
    if not may_open(request.user):
        raise PermissionDenied
    # Imported here for its cost: every process loads this module, and numpy takes a tenth of that.
    from analytics.facts.risk.prior import prior

    page_request.check(forms.Form(request.GET), request.GET, also=("week", "calls"))
    model, weeks = measured()
    shown = {
        "title": _("How well risk is predicted"),
        "model": model,
        "backtest": backtest(weeks, request.GET) if weeks else None,
        "is_shipped": model is not None and model.version == prior().version,
    }
    frame = admin.site.each_context(request) | shown
    return TemplateResponse(request, "dashboards/backtest.html", frame)


def measured() -> tuple[RiskModel | None, list[dict]]:
    """The model in use, and the weeks of which enough learners were measured."""
    model = RiskModel.objects.filter(is_active=True).defer("document").first()
    weeks = model.metrics.get("weeks", []) if model else []
    return model, [week for week in weeks if is_enough(week["learners"])]


def backtest(weeks: list[dict], query) -> Backtest:
    calls = _between(query.get("calls", ""), 1, 100, DEFAULT_CALLS)
    numbers = [week["week"] for week in weeks]
    number = _between(query.get("week", ""), numbers[0], numbers[-1], numbers[len(numbers) // 2])
    week = min(weeks, key=lambda each: abs(each["week"] - number))
    thresholds = _thresholds(week, calls)
    return Backtest(
        weeks=weeks,
        week=week,
        thresholds=thresholds,
        calls=calls,
        auc=bars([(str(each["week"]), each["auc"] or 0, _auc(each)) for each in weeks], Unit.SHARE),
        reliability=_reliability(week["reliability"]),
        summary=_summary(weeks),
        advice=_advice(week, thresholds, calls),
    )


def _summary(weeks: list[dict]) -> str:
    """The measures in a sentence, with a warning where they are hardly better than chance."""
    measurable = [week for week in weeks if week["auc"] is not None]
    weak = [str(week["week"]) for week in measurable if week["auc"] < MIN_USEFUL_AUC]
    if not measurable:
        return _("Nothing can be said yet about how well risk is predicted.")
    if len(weak) == len(measurable):
        return _(
            "Risk is predicted hardly better than by chance here: don't decide who to call by it."
        )
    if weak:
        return ngettext(
            "In week %(weeks)s of a course, risk is predicted hardly better than by chance: "
            "don't rely on it then.",
            "In weeks %(weeks)s of a course, risk is predicted hardly better than by chance: "
            "don't rely on it then.",
            len(weak),
        ) % {"weeks": ", ".join(weak)}
    learners = sum(week["learners"] for week in measurable)
    rightly = sum(week["auc"] * week["learners"] for week in measurable) / learners
    return _(
        "Of two learners, one who completed on time and one who didn't, the score identifies the "
        "right one in %(cases)s of 100 cases."
    ) % {"cases": round(100 * rightly)}


def _reliability(rows: list[dict]) -> list[dict]:
    return [
        {
            "learners": row["learners"],
            "predicted": round(100 * row["told"]),
            "seen": round(100 * row["seen"]) if is_enough(row["learners"]) else None,
        }
        for row in rows
    ]


def _thresholds(week: dict, calls: int) -> list[Threshold]:
    """The thresholds; the advised one is the lowest that flags anyone, and no more than `calls`."""
    shares = [100 * row["called"] / week["learners"] for row in week["thresholds"]]
    within = [index for index, share in enumerate(shares) if 0 < share <= calls]
    advised = within[0] if within else None
    return [
        Threshold(
            row["from"],
            round(share),
            _percent(row["precision"]) if is_enough(row["called"]) else None,
            _percent(row["recall"]) if is_enough(row["called"]) else None,
            index == advised,
        )
        for index, (row, share) in enumerate(zip(week["thresholds"], shares, strict=True))
    ]


def _advice(week: dict, thresholds: list[Threshold], calls: int) -> str:
    """Who should be called, in a sentence: from a risk on, by rank, or no one."""
    if advised := next((each for each in thresholds if each.is_advised), None):
        return _(
            "Call learners with a risk of %(start)s or more: this reaches the most within the "
            "number you can call."
        ) % {"start": advised.start}
    calling = [row["from"] for row in week["thresholds"] if row["called"]]
    if not calling:
        return _("Nobody reached a risk of %(start)s in this week: nobody needs a call.") % {
            "start": week["thresholds"][0]["from"]
        }
    return _(
        "Even with a risk of %(start)s or more there are more learners than you can call: "
        "call those with the highest risk first, %(calls)s of a hundred."
    ) % {"start": calling[-1], "calls": calls}


def _between(text: str, low: int, high: int, default: int) -> int:
    """The number that was typed, kept within bounds; `default` for anything else."""
    return min(max(int(text), low), high) if text.isdecimal() and len(text) < 5 else default


def _percent(value: float | None) -> int | None:
    return None if value is None else round(100 * value)


def _auc(week: dict) -> str:
    return "–" if week["auc"] is None else f"{week['auc']:.2f}"
