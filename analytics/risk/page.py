"""Whether to call by risk scores: where they are shown, and how the model would have done.

Instructors see where scores of their courses are shown, and how right they were. How the model in
use would have done on all past cohorts is for people who see every course. The page shows the
measures that were stored; it measures nothing itself.
"""

from dataclasses import dataclass, replace

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import RiskModel
from analytics.query import page_request
from analytics.query.charts import Bars, Unit, bars
from analytics.query.minimum_sample import is_enough
from analytics.query.scope import titles_for
from progress.security.rights import sees_everything

from .departments import departments
from .validated import validated

DEFAULT_CALLS = 20  # of a hundred learners
MIN_USEFUL_AUC = 0.6  # an AUC below this is hardly better than chance


@dataclass(frozen=True)
class Called:
    """What calling some learners would have reached, in percent: those with a risk of `start` or
    more, or the first `start` of a hundred. None where they are too few to say."""

    start: int
    called: int
    precision: int | None
    recall: int | None
    is_advised: bool = False


@dataclass(frozen=True)
class Backtest:
    """A week's measures, and the charts over all weeks; nothing of fewer than five learners.
    `is_useful`: in this week, ranking was better than chance by enough to call by it."""

    weeks: list[dict]
    week: dict
    thresholds: list[Called]
    ranks: list[Called]
    calls: int
    auc: Bars | None
    reliability: list[dict]
    summary: str
    advice: str
    is_useful: bool


def may_see_measures(user) -> bool:
    """Whether `user` may see figures over every course's learners."""
    return user.has_perm("analytics.view_riskmodel") and sees_everything(user)


def page(request: HttpRequest) -> HttpResponse:
    """`?week=` is the week of the course, `?calls=` how many of 100 learners can be called."""
    titles = titles_for(request.user)
    # Imported here for its cost: every process loads this module, and numpy takes a tenth of that.
    from analytics.facts.risk.prior import prior

    page_request.check(forms.Form(request.GET), request.GET, also=("week", "calls"))
    model, weeks = measured() if may_see_measures(request.user) else (None, [])
    shown = {
        "title": _("How well risk is predicted"),
        "validated": validated(titles),
        "departments": departments(titles),
        "may_see_measures": may_see_measures(request.user),
        "model": model,
        "backtest": backtest(weeks, request.GET) if weeks else None,
        "is_shipped": RiskModel.objects.filter(is_active=True, version=prior().version).exists(),
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
    return Backtest(
        weeks=weeks,
        week=week,
        thresholds=_called(week["thresholds"], "from", week["learners"]),
        ranks=_ranks(week, calls),
        calls=calls,
        auc=bars([(str(each["week"]), each["auc"] or 0, _auc(each)) for each in weeks], Unit.SHARE),
        reliability=_reliability(week["reliability"]),
        summary=_summary(weeks),
        advice=_advice(week, calls),
        is_useful=_is_useful(week),
    )


def _summary(weeks: list[dict]) -> str:
    """The measures in a sentence, with a warning where they are hardly better than chance."""
    measurable = [week for week in weeks if week["auc"] is not None]
    weak = [str(week["week"]) for week in measurable if not _is_useful(week)]
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
            "predicted": round(100 * row["predicted"]),
            "seen": round(100 * row["seen"]) if is_enough(row["learners"]) else None,
        }
        for row in rows
    ]


def _called(rows: list[dict], name: str, learners: int) -> list[Called]:
    return [
        Called(
            row[name],
            round(100 * row["called"] / learners),
            _percent(row["precision"]) if is_enough(row["called"]) else None,
            _percent(row["recall"]) if is_enough(row["called"]) else None,
        )
        for row in rows
    ]


def _ranks(week: dict, calls: int) -> list[Called]:
    """What calling by rank would have reached; advised is the largest number within `calls`, unless
    ranking was hardly better than chance."""
    found = _called(week.get("ranks", []), "first", week["learners"])
    within = [row.start for row in found if row.start <= calls and _is_useful(week)]
    return [replace(row, is_advised=row.start == max(within, default=0)) for row in found]


def _is_useful(week: dict) -> bool:
    return week["auc"] is not None and week["auc"] >= MIN_USEFUL_AUC


def _advice(week: dict, calls: int) -> str:
    """Who should have been called, in a sentence: by rank, so that someone is; where ranking was
    hardly better than chance, by what needs no score."""
    if not _is_useful(week):
        return _(
            "In this week the score is hardly better than chance: call those who are behind and "
            "silent."
        )
    number = max(1, week["learners"] * calls // 100)
    return ngettext(
        "Call by rank, the learner with the highest risk first: here that was "
        "%(number)s learner, %(calls)s of a hundred.",
        "Call by rank, the learner with the highest risk first: here those were "
        "%(number)s learners, %(calls)s of a hundred.",
        number,
    ) % {"number": number, "calls": calls}


def _between(text: str, low: int, high: int, default: int) -> int:
    """The number that was typed, kept within bounds; `default` for anything else."""
    return min(max(int(text), low), high) if text.isdecimal() and len(text) < 5 else default


def _percent(value: float | None) -> int | None:
    return None if value is None else round(100 * value)


def _auc(week: dict) -> str:
    return "–" if week["auc"] is None else f"{week['auc']:.2f}"
