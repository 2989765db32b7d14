"""A learner in a course: when they learned, what they tried, what was withheld. For the page and
the API alike."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.mastery import insight as mastery
from analytics.models import LearnerDay, RiskScore
from analytics.paths import insight as paths
from analytics.query.figures import Figure
from progress.models import (
    ContentInteraction,
    Drift,
    Enrollment,
    LearningSession,
    QuizAttempt,
    User,
)
from progress.pages.words import duration
from progress.state import outside
from progress.state.course_state import CourseState
from progress.state.outside import OutsideShown

from . import earlier_cycles
from .earlier_cycles import EarlierCycle

CONTRADICTS = "event_conflict"  # the code of an event that came again with another body
SESSIONS_SHOWN = 20
ATTEMPTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class LearnedDay:
    """Credited active time on a day, in the learner's own zone."""

    day: date
    active_ms: int

    @property
    def active_seconds(self) -> int:
        return self.active_ms // 1000


@dataclass(frozen=True, slots=True)
class LearnerInsight:
    """What is shown of a learner in a course, on their page and by the API. The newest come first,
    except for the days."""

    enrollment: Enrollment
    course: CourseState
    as_of: datetime
    figures: list[Figure]
    days: list[LearnedDay]
    sessions: list[LearningSession]
    attempts: list[QuizAttempt]
    withheld: list[dict]
    drifts: int
    earlier: list[EarlierCycle]
    outside_completion: OutsideShown | None


def annotations(reader: User) -> dict:
    """What `enrollment_for` reads along with the enrolment, in its statement."""
    days = LearnerDay.objects.filter(enrollment=OuterRef("pk"), user=OuterRef("user"))
    by_day = days.order_by().values("day").annotate(ms=Sum("active_ms"))
    scores = RiskScore.objects.visible_to(reader).filter(
        enrollment=OuterRef("pk"), user=OuterRef("user")
    )
    risk = JSONObject(
        score="score",
        band="band",
        insufficient="insufficient",
        reasons="reasons",
        unvalidated="unvalidated",
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
        "outside_row": outside.latest_row(),
        "drifts": Subquery(drifts.values("enrollment").annotate(count=Count("pk")).values("count")),
    }


def insight(enrollment: Enrollment, now: datetime) -> LearnerInsight:
    """`enrollment` has the `annotations`."""
    course = CourseState(enrollment, now)
    days = [LearnedDay(date.fromisoformat(each["day"]), each["ms"]) for each in enrollment.days]
    return LearnerInsight(
        enrollment=enrollment,
        course=course,
        as_of=now,
        figures=_figures(course, now),
        days=sorted(days, key=lambda each: each.day),
        sessions=_newest_sessions(enrollment),
        attempts=_newest_attempts(enrollment),
        withheld=_withheld_by_reason(enrollment),
        drifts=enrollment.drifts or 0,
        earlier=earlier_cycles.listed(enrollment.earlier),
        outside_completion=outside.shown(enrollment.outside_row, now),
    )


def _figures(course: CourseState, now: datetime) -> list[Figure]:
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


# --- Sessions, attempts, and what wasn't counted -------------------------------------------------
def _newest_sessions(enrollment: Enrollment) -> list[LearningSession]:
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


def length_ms(session: LearningSession) -> int:
    end = session.end_time or session.last_activity_at
    return max(round((end - session.start_time).total_seconds() * 1000), 0)


def away_ms(session: LearningSession) -> int:
    return max(length_ms(session) - session.active_ms - session.idle_ms, 0)


def _newest_attempts(enrollment: Enrollment) -> list[QuizAttempt]:
    rows = QuizAttempt.objects.filter(enrollment=enrollment, user=enrollment.user_id)
    return list(rows.select_related("content").order_by("-started_at")[:ATTEMPTS_SHOWN])


def _withheld_by_reason(enrollment: Enrollment) -> list[dict]:
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
