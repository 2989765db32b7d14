"""The texts of reasons for a risk, for people who can help the learner."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.facts.risk.rule import is_behind_and_silent
from analytics.models import RiskScore, RiskValidation

LOW_RESULTS = 50


def reason_text(reason: dict) -> str:
    """A reason of `RiskScore.reasons` as a sentence, with its numbers where they are known."""
    text_of = _BY_NAME.get(reason["reason"])
    return text_of(reason["facts"], reason["raises"]) if text_of else reason["reason"]


def compared_with(reason: dict) -> str:
    """What a reason of `RiskScore.reasons` is compared with. Scores of an earlier release, which
    are computed anew within a day, don't say so."""
    return reason.get("compared_with", RiskScore.ComparedWith.OTHERS)


def comparison_text(reasons: Sequence[dict]) -> str:
    """What reasons of a score are, and what their shares are parts of."""
    texts = {
        RiskScore.ComparedWith.OTHERS: _(
            "Reasons are what sets the learner apart from others of the course who are as far, the "
            "strongest first, each with its share."
        ),
        RiskScore.ComparedWith.ALIKE: _(
            "Nothing sets the learner apart from others of the course who are as far. Reasons are "
            "what is different from the learners that the model has learned from, the strongest "
            "first, each with its share."
        ),
        RiskScore.ComparedWith.FEW: _(
            "There are too few others in the course to compare with. Reasons are what is different "
            "from the learners that the model has learned from, the strongest first, each with its "
            "share."
        ),
        RiskScore.ComparedWith.DUE_DATE: _("The due date has passed, so no model was needed."),
    }
    return texts[compared_with(reasons[0])] if reasons else ""


def insufficient_text(insufficient: str) -> str:
    """Why there is no score (`RiskScore.insufficient`); empty where there is one."""
    return {
        RiskScore.Insufficient.JUST_STARTED: _("Too little time has passed to tell."),
        RiskScore.Insufficient.NO_TIME: _(
            "Neither a due date nor others' completions show when it should be completed."
        ),
        RiskScore.Insufficient.NO_TASKS: _("The course has too few contents to judge by."),
        RiskScore.Insufficient.UNVALIDATED: _(
            "It hasn't been shown yet that scores are right in this week of the course."
        ),
    }.get(insufficient, "")


def verdict_text(verdict: str, outcomes: int) -> str:
    """Why scores of a week of a course aren't shown; empty where they are."""
    texts = {
        RiskValidation.Verdict.TOO_FEW: _(
            "No score: too few enrolments have ended to know whether scores are right in this week "
            "of the course (%(outcomes)s so far)."
        ),
        RiskValidation.Verdict.NOT_RANKED: _(
            "No score: among %(outcomes)s enrolments that have ended, those in this week of the "
            "course who didn't complete on time hadn't clearly had higher scores than the others."
        ),
        RiskValidation.Verdict.NOT_CALIBRATED: _(
            "No score: among %(outcomes)s enrolments that have ended, scores in this week of the "
            "course were too high or too low."
        ),
        RiskValidation.Verdict.DRIFTED: _(
            "No score: scores in this week of the course were right before, but not for the "
            "enrolments that have ended lately."
        ),
    }
    return texts[verdict] % {"outcomes": outcomes} if verdict in texts else ""


def verdict_label(verdict: str) -> str:
    """The same in a few words, for a table."""
    return {
        RiskValidation.Verdict.VALID: _("Shown"),
        RiskValidation.Verdict.TOO_FEW: _("Too few have ended"),
        RiskValidation.Verdict.NOT_RANKED: _("Didn't rank rightly"),
        RiskValidation.Verdict.NOT_CALIBRATED: _("Too high or too low"),
        RiskValidation.Verdict.DRIFTED: _("Not right lately"),
    }.get(verdict, "")


def unvalidated_text(known: dict | None) -> str:
    """`RiskScore.unvalidated` as a sentence; empty where a score is shown."""
    return verdict_text(known["verdict"], known["outcomes"]) if known else ""


def rule_text(known: dict | None) -> str:
    """What `RiskScore.unvalidated` says of a learner without any model: `Behind and silent for 9
    days.` Empty where the rule doesn't apply."""
    if not known or not is_behind_and_silent(known):
        return ""
    days = known["silent_days"]
    return ngettext(
        "Behind and silent for %(days)s day.", "Behind and silent for %(days)s days.", days
    ) % {"days": days}


def _silence(numbers: dict, raises: bool) -> str:
    if "days" not in numbers:
        return _("No activity yet.")
    days = numbers["days"]
    if days < 1:
        return _("Active today.")
    return ngettext("No activity for %(days)s day.", "No activity for %(days)s days.", days) % {
        "days": days
    }


def _activity(numbers: dict, raises: bool) -> str:
    if "percent" not in numbers or "own" not in numbers:
        return _("Seldom active.") if raises else _("Often active.")
    return _("Recently active on %(percent)s %% of the days, %(own)s %% before.") % numbers


def _pace(numbers: dict, raises: bool) -> str:
    missed, due = numbers.get("missed"), numbers.get("due")
    if not missed or not due:
        return _("Behind an even pace.") if raises else _("Keeps an even pace.")
    return _(
        "Has not done %(missed)s of %(due)s contents that an even pace would have completed."
    ) % {
        "missed": missed,
        "due": due,
    }


def _scores(numbers: dict, raises: bool) -> str:
    if "percent" not in numbers:
        return _("No results yet.")
    if not raises:
        return _("Results so far: %(percent)s %% on average.") % numbers
    if numbers["percent"] < LOW_RESULTS:
        return _("Results are low: %(percent)s %% on average.") % numbers
    return (
        _("Results of %(percent)s %% on average: behind others, counting what is missing.")
        % numbers
    )


def _timing(numbers: dict, raises: bool) -> str:
    if numbers.get("done") == 0:
        return _("Has submitted nothing.")
    return _("Finishes things late.") if raises else _("Finishes things early.")


def _attempts(numbers: dict, raises: bool) -> str:
    count = numbers.get("attempts", 0)
    if not count:
        return _("Takes the course for the first time.")
    return ngettext(
        "Has taken the course %(count)s time before.",
        "Has taken the course %(count)s times before.",
        count,
    ) % {"count": count}


def _elsewhere(numbers: dict, raises: bool) -> str:
    if raises:
        return _("Has left other courses, or not completed them on time.")
    return _("Completes other courses.")


def _load(numbers: dict, raises: bool) -> str:
    if raises:
        return _("How many courses are taken at the same time.")
    return _("Takes few courses at the same time.")


def _registration(numbers: dict, raises: bool) -> str:
    return _("When the learner was enrolled.")


def _overdue(numbers: dict, raises: bool) -> str:
    return _("The due date has passed.")


_BY_NAME = {
    "silence": _silence,
    "activity": _activity,
    "pace": _pace,
    "scores": _scores,
    "timing": _timing,
    "attempts": _attempts,
    "elsewhere": _elsewhere,
    "load": _load,
    "registration": _registration,
    "overdue": _overdue,
}
REASONS = tuple(_BY_NAME)
