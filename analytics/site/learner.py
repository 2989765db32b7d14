"""A learner in a course: when they learned, what they covered, what was withheld and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.alerts import board
from analytics.mastery import insight as mastery
from analytics.models import LearnerDay, RiskScore
from analytics.paths import insight as paths
from analytics.query import charts
from analytics.query.figures import Figure
from analytics.recommending import payloads as recommending
from analytics.risk.reason_texts import insufficient_text, reason_text
from progress import slots
from progress.models import (
    ContentInteraction,
    Drift,
    Enrollment,
    LearningSession,
    QuizAttempt,
    User,
)
from progress.pages.due import due
from progress.pages.outline import module_rows
from progress.pages.words import duration
from progress.state.course_state import CourseState

from . import earlier_cycles

CONTRADICTS = "event_conflict"  # the code of an event that came again with another body
SESSIONS_SHOWN = 20
MIN_DAYS, DAYS_SHOWN = 14, 60
ATTEMPTS_SHOWN = 30


def annotations(reader: User) -> dict:
    """What `enrollment_for` reads along with the enrolment, in its statement."""
    days = LearnerDay.objects.filter(enrollment=OuterRef("pk"), user=OuterRef("user"))
    by_day = days.order_by().values("day").annotate(ms=Sum("active_ms"))
    scores = RiskScore.objects.visible_to(reader).filter(enrollment=OuterRef("pk"))
    risk = JSONObject(
        score="score",
        band="band",
        insufficient="insufficient",
        reasons="reasons",
        as_of="as_of",
        model="model__version",
    )
    drifts = Drift.objects.open().filter(enrollment=OuterRef("pk")).order_by()
    return {
        "days": ArraySubquery(by_day.values(row=JSONObject(day="day", ms="ms"))),
        "earlier": earlier_cycles.before(),
        "risk_row": Subquery(scores.values(row=risk)),
        "skill_rows": mastery.skill_rows(),
        "waiver_rows": paths.waiver_rows(),
        "drifts": Subquery(drifts.values("enrollment").annotate(count=Count("pk")).values("count")),
    }


def reading(enrollment: Enrollment, reader: User, now: datetime) -> dict:
    """What the template of a learner's page shows `reader`; `enrollment` has the `annotations`."""
    course = CourseState(enrollment, now)
    earlier = earlier_cycles.listed(enrollment.earlier)
    certified = [enrollment.pk] if course.is_complete else []
    certified += [passage.pk for passage in earlier if passage.completed_at]
    certificates = (slots.certificates(certified) if certified else None) or {}
    return {
        "figures": figures(course, now),
        "modules": module_rows(course),
        "skills": mastery.of_learner(course, enrollment.skill_rows),
        "path": paths.of_learner(course, enrollment.waiver_rows),
        "recommended": recommending.of_learner(course),
        "days": _days(enrollment.days),
        "sessions": _sessions(enrollment),
        "more_sessions": max(course.progress.total_sessions - SESSIONS_SHOWN, 0),
        "attempts": _attempts(enrollment),
        "withheld": _withheld(enrollment),
        "drifts": enrollment.drifts or 0,
        "risk": None if course.is_complete else _risk(enrollment.risk_row),
        "alerts": board.of_enrollment(enrollment.pk, reader),
        "due": None if course.is_complete else due(enrollment.due_at, now),
        "certificate": certificates.get(enrollment.pk),
        "earlier": [(passage, certificates.get(passage.pk)) for passage in earlier],
        "evidence_url": _evidence(enrollment.pk),
    }


def _risk(row: dict | None) -> dict | None:
    """How likely they are not to complete it in time, and why, or why that isn't known
    (`unknown`); None before the first scoring, and if it may not be seen."""
    if row is None:
        return None
    return {
        "score": row["score"],
        "band": bands().get(row["band"]),
        "unknown": insufficient_text(row["insufficient"]),
        "as_of": datetime.fromisoformat(row["as_of"]),
        "model": row["model"],
        "reasons": [{"text": reason_text(each), "share": each["share"]} for each in row["reasons"]],
    }


def bands() -> dict[str, str]:
    return {"low": _("Low"), "medium": _("Medium"), "high": _("High")}


def _evidence(key) -> str:
    return reverse("admin:progress_contentinteraction_changelist", query={"q": str(key)})


def figures(course: CourseState, now: datetime) -> list[Figure]:
    progress = course.progress
    return [
        Figure(
            "percent",
            _("Done"),
            f"{course.bp // 100} %",
            _("What the learner sees: the weighted share of the required contents."),
            now,
            _moment(progress.completed_at) if progress.completed_at else "",
            amount=course.bp // 100,
            unit="percent",
        ),
        Figure(
            "time",
            _("Time spent"),
            duration(progress.time_ms / 1000),
            _("Credited active time; a minute on two devices is one minute."),
            now,
            amount=progress.time_ms // 1000,
            unit="seconds",
        ),
        Figure(
            "sessions",
            _("Sessions"),
            str(progress.total_sessions),
            _("Visits to the course, on all devices."),
            now,
            _("%(time)s on average") % {"time": duration(float(progress.avg_session_duration) * 60)}
            if progress.ended_sessions
            else "",
            amount=progress.total_sessions,
        ),
    ]


def _moment(at: datetime) -> str:
    """In the format of the page's other times."""
    return date_format(timezone.localtime(at), "j M Y, H:i")


# --- When ----------------------------------------------------------------------------------------
def _days(rows: list[dict]) -> charts.Bars | None:
    """The days up to the last one with learning, two weeks to sixty days, in the learner's own
    zone."""
    found = {date.fromisoformat(each["day"]): each["ms"] for each in rows}
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


def newest_sessions(enrollment: Enrollment) -> list[LearningSession]:
    return list(
        LearningSession.objects.filter(enrollment=enrollment, user=enrollment.user_id)
        .only(
            "start_time",
            "end_time",
            "device_id",
            "active_ms",
            "idle_ms",
            "distractions",
            "last_activity_at",
        )
        .order_by("-start_time")[:SESSIONS_SHOWN]
    )


def _sessions(enrollment: Enrollment) -> list[SessionRow]:
    """The newest sessions: active, idle, and the rest, in which the page was hidden or silent."""
    rows = newest_sessions(enrollment)
    longest = max((max(_length(row), row.active_ms + row.idle_ms) for row in rows), default=0) or 1
    devices: dict[str, int] = {}
    for row in reversed(rows):
        devices.setdefault(row.device_id, len(devices) + 1)
    return [_session(row, longest, devices[row.device_id]) for row in rows]


def _length(session: LearningSession) -> int:
    end = session.end_time or session.last_activity_at
    return max(round((end - session.start_time).total_seconds() * 1000), 0)


def away_ms(session: LearningSession) -> int:
    return max(_length(session) - session.active_ms - session.idle_ms, 0)


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
def newest_attempts(enrollment: Enrollment) -> list[QuizAttempt]:
    rows = QuizAttempt.objects.filter(enrollment=enrollment, user=enrollment.user_id)
    return list(rows.select_related("content").order_by("-started_at")[:ATTEMPTS_SHOWN])


def _attempts(enrollment: Enrollment) -> list[dict]:
    return [
        {
            "quiz": row.content.title,
            "number": row.number,
            "started_at": row.started_at,
            "percent": None if row.score_bp is None else row.score_bp // 100,
            "result": _result(row),
            "time": duration(row.time_ms / 1000),
        }
        for row in newest_attempts(enrollment)
    ]


def _result(attempt: QuizAttempt) -> str:
    if attempt.submitted_at is None:
        return _("Open")
    results = {None: _("Submitted"), True: _("Passed"), False: _("Not passed")}
    return results[attempt.passed]


def withheld_by_reason(enrollment: Enrollment) -> list[dict]:
    """Time and coverage that weren't counted, and contradictory events, by content and reason.

    Read from the evidence of this one enrolment, along the index of its chain.
    """
    events = ContentInteraction.objects.filter(
        ~Q(withheld_reason="") | Q(code=CONTRADICTS), enrollment=enrollment
    )
    rows = (
        events.order_by()
        .values("content_id", "content__title", "withheld_reason")
        .annotate(
            events=Count("pk"), covered_ms=Sum("withheld_ms"), active_ms=Sum("withheld_active_ms")
        )
        .order_by("content__title", "withheld_reason")
    )
    return list(rows)


def _withheld(enrollment: Enrollment) -> list[dict]:
    return [
        {
            "content": row["content__title"] or _("The course"),
            "why": reasons().get(row["withheld_reason"], row["withheld_reason"]),
            "events": row["events"],
            "coverage": duration(row["covered_ms"] / 1000) if row["covered_ms"] else "–",
            "time": duration(row["active_ms"] / 1000) if row["active_ms"] else "–",
        }
        for row in withheld_by_reason(enrollment)
    ]


def reasons() -> dict[str, str]:
    """Why something was withheld or refused, without accusing anyone."""
    return {
        "": _("Sent again with other content: the first is kept"),
        "rate": _("Faster than it can be played"),
        "clock": _("More than the time that had passed"),
        "event_limit": _("More than one report may claim"),
        "observed": _("Counted, although it was more than the time that had passed"),
    }
