"""The page of a learner in a course: its charts, rows and texts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.alerts import board
from analytics.mastery import insight as mastery
from analytics.models import RiskScore
from analytics.paths import insight as paths
from analytics.query import charts
from analytics.recommending import payloads as recommending
from analytics.risk.reason_texts import (
    compared_with,
    comparison_text,
    insufficient_text,
    reason_text,
    rule_text,
    unvalidated_text,
)
from progress import slots
from progress.models import LearningSession, QuizAttempt, User
from progress.pages.due import due
from progress.pages.outline import module_rows
from progress.pages.words import duration

from .learner import SESSIONS_SHOWN, LearnedDay, LearnerInsight, away_ms, length_ms

MIN_DAYS, DAYS_SHOWN = 14, 60


def page_context(shown: LearnerInsight, reader: User) -> dict:
    """What the template shows `reader`."""
    enrollment, course, now = shown.enrollment, shown.course, shown.as_of
    outside = shown.outside_completion
    is_fulfilled = course.is_complete or (outside is not None and outside.is_valid)
    certified = [enrollment.pk] if course.is_complete else []
    certified += [passage.pk for passage in shown.earlier if passage.completed_at]
    certificates = (slots.certificates(certified) if certified else None) or {}
    # To a manager: nothing that compares with other people, and no pages that count them.
    is_whole = enrollment.is_of_own_course
    return {
        "has_links": is_whole,
        "figures": shown.figures,
        "modules": module_rows(course),
        "skills": mastery.of_learner(course, enrollment.skill_rows),
        "path": paths.of_learner(course, enrollment.waiver_rows) if is_whole else None,
        "recommended": recommending.of_learner(course) if is_whole else None,
        "days": _days(shown.days),
        "sessions": _sessions(shown.sessions),
        "more_sessions": max(course.progress.total_sessions - SESSIONS_SHOWN, 0),
        "attempts": [_attempt(each) for each in shown.attempts],
        "withheld": [_withheld(each) for each in shown.withheld],
        "drifts": shown.drifts,
        "outside": outside,
        "risk": None if is_fulfilled else _risk(enrollment.risk_row),
        "alerts": board.of_enrollment(enrollment.pk, reader),
        "due": None if is_fulfilled else due(enrollment.due_at, now),
        "certificate": certificates.get(enrollment.pk),
        "earlier": [(passage, certificates.get(passage.pk)) for passage in shown.earlier],
        "evidence_url": _evidence(enrollment.pk),
    }


def _risk(row: dict | None) -> dict | None:
    """How likely they are not to complete it in time, and why, or why that isn't known (`unknown`)
    and what is known without a score (`notice`); None before the first scoring, and if it may not
    be seen."""
    if row is None:
        return None
    return {
        "score": row["score"],
        "band": _bands().get(row["band"]),
        "unknown": unvalidated_text(row["unvalidated"]) or insufficient_text(row["insufficient"]),
        "notice": rule_text(row["unvalidated"]),
        "as_of": datetime.fromisoformat(row["as_of"]),
        "model": row["model"],
        "reasons": [{"text": reason_text(each), "share": each["share"]} for each in row["reasons"]],
        "comparison": comparison_text(row["reasons"]),
        "is_overdue": any(
            compared_with(each) == RiskScore.ComparedWith.DUE_DATE for each in row["reasons"]
        ),
    }


def _bands() -> dict[str, str]:
    return {"low": _("Low"), "medium": _("Medium"), "high": _("High")}


def _evidence(key) -> str:
    return reverse("admin:progress_contentinteraction_changelist", query={"q": str(key)})


# --- When ----------------------------------------------------------------------------------------
def _days(rows: list[LearnedDay]) -> charts.Bars | None:
    """The days up to the last one with learning, two weeks to sixty days, in the learner's own
    zone."""
    found = {each.day: each.active_ms for each in rows}
    if not found:
        return None
    last = max(found)
    first = max(min(found), last - timedelta(days=DAYS_SHOWN - 1))
    first = min(first, last - timedelta(days=MIN_DAYS - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    times = [(day, found.get(day, 0)) for day in days]
    return charts.bars(
        [(date_format(day, "D j M Y"), ms, duration(ms / 1000)) for day, ms in times],
        charts.Unit.MILLISECONDS,
    )


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session; shares are in percent of the longest one shown, side by side."""

    start: datetime
    end: datetime | None
    device: str
    active: str
    idle: str
    away: str
    distractions: int
    active_share: float
    idle_share: float
    away_share: float
    evidence_url: str

    @property
    def idle_from(self) -> float:
        return self.active_share

    @property
    def away_from(self) -> float:
        return self.active_share + self.idle_share


def _sessions(rows: list[LearningSession]) -> list[SessionRow]:
    """Active, idle, and the rest, in which the page was hidden or silent."""
    longest = (
        max((max(length_ms(row), row.active_ms + row.idle_ms) for row in rows), default=0) or 1
    )
    devices: dict[str, int] = {}
    for row in reversed(rows):
        devices.setdefault(row.device_id, len(devices) + 1)
    return [_session(row, longest, devices[row.device_id]) for row in rows]


def _session(session: LearningSession, longest: int, device: int) -> SessionRow:
    away = away_ms(session)
    known = _("Device %(number)s") % {"number": device}
    return SessionRow(
        start=session.start_time,
        end=session.end_time,
        device=known if session.device_id else _("Unknown device"),
        active=duration(session.active_ms / 1000),
        idle=duration(session.idle_ms / 1000),
        away=duration(away / 1000),
        distractions=session.distractions,
        active_share=round(session.active_ms * 100 / longest, 2),
        idle_share=round(session.idle_ms * 100 / longest, 2),
        away_share=round(away * 100 / longest, 2),
        evidence_url=_evidence(session.pk),
    )


# --- Attempts, and what wasn't counted -----------------------------------------------------------
def _attempt(attempt: QuizAttempt) -> dict:
    return {
        "quiz": attempt.content.title,
        "number": attempt.number,
        "started_at": attempt.started_at,
        "percent": None if attempt.score_bp is None else attempt.score_bp // 100,
        "result": _result(attempt),
        "time": duration(attempt.time_ms / 1000),
    }


def _result(attempt: QuizAttempt) -> str:
    if attempt.submitted_at is None:
        return _("Open")
    results = {None: _("Submitted"), True: _("Passed"), False: _("Not passed")}
    return results[attempt.passed]


def _withheld(row: dict) -> dict:
    return {
        "content": row["content__title"] or _("The course"),
        "why": _reasons().get(row["withheld_reason"], row["withheld_reason"]),
        "events": row["events"],
        "coverage": duration(row["covered_ms"] / 1000) if row["covered_ms"] else "–",
        "time": duration(row["active_ms"] / 1000) if row["active_ms"] else "–",
    }


def _reasons() -> dict[str, str]:
    """Why something was withheld or refused, without accusing anyone."""
    return {
        "": _("Sent again with other content: the first is kept"),
        "rate": _("Faster than it can be played"),
        "clock": _("More than the time that had passed"),
        "event_limit": _("More than one report may claim"),
        "observed": _("Counted, although it was more than the time that had passed"),
    }
