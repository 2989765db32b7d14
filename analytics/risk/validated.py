"""In which weeks of which courses scores are shown, and how right they were there, for a page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.models import RiskSource, RiskValidation

from .reason_texts import verdict_label


@dataclass(frozen=True)
class ValidatedWeek:
    """A week of a course; measures are None where too few enrolments have ended. `label` says
    whether scores are shown, or why not."""

    course: str
    week: int
    outcomes: int
    is_shown: bool
    source: str
    auc: float | None
    auc_low: float | None
    calibration_error: float | None
    label: str


@dataclass(frozen=True)
class Validated:
    """What is shown in the reader's courses: a first sentence, and a row for each week."""

    summary: str
    weeks: list[ValidatedWeek]


def validated(titles: Mapping[int, str]) -> Validated:
    """Of the courses with these titles, by id. One statement."""
    weeks = _weeks(titles)
    return Validated(_summary([each for each in weeks if each.is_shown], titles), weeks)


def _weeks(titles: Mapping[int, str]) -> list[ValidatedWeek]:
    rows = RiskValidation.objects.filter(course__in=list(titles), base__is_active=True)
    # Of a week, the source that is shown or else the one with most outcomes comes last.
    by_week = {
        (row.course_id, row.week): row for row in rows.order_by("is_chosen", "outcomes", "auc_low")
    }
    order = {course_id: number for number, course_id in enumerate(titles)}
    keys = sorted(by_week, key=lambda key: (order[key[0]], key[1]))
    return [_week(titles[key[0]], by_week[key]) for key in keys]


def _week(title: str, row: RiskValidation) -> ValidatedWeek:
    is_measured = row.verdict != RiskValidation.Verdict.TOO_FEW
    return ValidatedWeek(
        course=title,
        week=row.week,
        outcomes=row.outcomes,
        is_shown=row.is_chosen,
        source=_sources()[row.source],
        auc=row.auc if is_measured else None,
        auc_low=row.auc_low if is_measured else None,
        calibration_error=row.calibration_error if is_measured else None,
        label=verdict_label(row.verdict),
    )


def _sources() -> dict[str, str]:
    return {
        RiskSource.BASE: _("the model as it is"),
        RiskSource.ORGANISATION: _("the model, adapted to your organisation"),
        RiskSource.COURSE: _("the model, adapted to this course"),
    }


def _summary(shown: Collection[ValidatedWeek], titles: Mapping[int, str]) -> str:
    """Whether to call by the score, with how often it ranks rightly and by how much it is off."""
    if not shown:
        return _(
            "Don't call by a risk score: in none of your courses have scores turned out to be "
            "right often enough, so none is shown. Call those who are behind and silent."
        )
    outcomes = sum(each.outcomes for each in shown)
    rightly = sum((each.auc or 0) * each.outcomes for each in shown) / outcomes
    off = sum((each.calibration_error or 0) * each.outcomes for each in shown) / outcomes
    courses = len({each.course for each in shown})
    return _(
        "You can call by the risk score where it is shown, in %(courses)s of %(all)s courses. Of "
        "two learners, one who completed on time and one who didn't, it identified the right one "
        "in %(cases)s of 100 cases, and it was off by %(points)s points on average."
    ) % {
        "courses": courses,
        "all": len(titles),
        "cases": round(100 * rightly),
        "points": round(100 * off),
    }
