"""Reads the evidence for the rules, of many enrolments in a fixed number of queries."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Count, Exists, F, Func, IntegerField, Max, OuterRef, Q, Subquery, Sum

from analytics.models import AlertThresholds, ContentEdition, LearnerContent, LearnerDay, RiskScore
from progress.models import (
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    Drift,
    Enrollment,
    LearningSession,
    QuizAttempt,
    fulfilled_outside,
    marks,
)

from .rules import AlertEvidence, FailedQuiz

RHYTHM_DAYS = 180  # the usual gap is that of the last half year
MAX_SESSION = timedelta(days=2)
MS_OF_A_SECOND = 1000
DOUBTFUL = ["clock", "event_limit"]
COLUMNS = (
    "pk",
    "user_id",
    "course_id",
    "enrollment__enrolled_at",
    "enrollment__due_at",
    "completion_bp",
    "total_sessions",
    "last_seen",
    "enrollment__risk__band",
    "enrollment__risk__score",
    "enrollment__risk__as_of",
)


class SpansEnd(Func):
    function = "upper"
    output_field = IntegerField()


class SpansLength(Func):
    template = (
        "(SELECT coalesce(sum(upper(span) - lower(span)), 0) FROM unnest(%(expressions)s) AS span)"
    )
    output_field = IntegerField()


def open_enrollments(now: datetime):
    """Returns the enrolments that can have alerts: active, in a current course, and complete
    neither here nor elsewhere; not those of test learners."""
    return marks.counted(Enrollment.objects.active()).filter(
        ~fulfilled_outside(now),
        course_progress__completed_at=None,
        course__retired_at=None,
        user__is_active=True,
    )


def read(ids: Collection[int], limits: AlertThresholds, now: datetime) -> list[AlertEvidence]:
    """Returns the evidence about these enrolments: six queries, however many they are."""
    recent = now - timedelta(days=limits.recent_days)
    progress = _progress(ids)
    days = _days(ids, recent.date(), now)
    failed = _failed_quizzes(ids)
    skipped = _skipped(ids)
    doubts = _doubts(ids, recent)
    drifts = _drifts(ids)
    return [
        AlertEvidence(
            *columns,
            failed_quiz=failed.get(columns[0]),
            doubts=doubts.get(columns[0], 0),
            drifts=drifts.get(columns[0], 0),
            risk=score if band == RiskScore.Band.HIGH else None,
            risk_as_of=as_of,
            **days.get(columns[0], {}),
            **skipped.get(columns[0], {}),
        )
        for *columns, band, score, as_of in progress
    ]


def _progress(ids: Collection[int]) -> list[tuple]:
    sessions = LearningSession.objects.filter(
        enrollment=OuterRef("pk"), user=OuterRef("user")
    ).order_by("-start_time")
    rows = CourseProgress.objects.filter(pk__in=ids).annotate(
        last_seen=Subquery(sessions.values("last_activity_at")[:1])
    )
    return list(rows.order_by("pk").values_list(*COLUMNS))


def _days(ids: Collection[int], recent: date, now: datetime) -> dict[int, dict]:
    rows = (
        LearnerDay.objects.filter(
            enrollment__in=ids, day__gte=now.date() - timedelta(days=RHYTHM_DAYS)
        )
        .order_by()
        .values("enrollment_id")
        .annotate(
            days=ArrayAgg("day", distinct=True, order_by="day", filter=Q(events__gt=0)),
            withheld=Sum("withheld_ms", filter=Q(day__gte=recent), default=0),
            covered=Sum("covered_ms", filter=Q(day__gte=recent), default=0),
        )
    )
    return {
        row["enrollment_id"]: {
            "days": row["days"] or (),
            "withheld_ms": int(row["withheld"]),
            "covered_ms": int(row["covered"]),
        }
        for row in rows
    }


def _failed_quizzes(ids: Collection[int]) -> dict[int, FailedQuiz]:
    """Returns the quiz of each enrolment that was tried most often and never passed."""
    rows = (
        QuizAttempt.objects.filter(
            enrollment__in=ids, submitted_at__isnull=False, content__retired_at=None
        )
        .order_by()
        .values("enrollment_id", "content_id", "content__title")
        .annotate(attempts=Count("pk"), passed_once=BoolOr("passed"), at=Max("submitted_at"))
        # A quiz without a pass mark is neither passed nor failed.
        .filter(passed_once=False)
        .order_by("attempts", "content_id")
        .values_list("enrollment_id", "content__title", "attempts", "at")
    )
    return {enrollment: FailedQuiz(title, attempts, at) for enrollment, title, attempts, at in rows}


def _skipped(ids: Collection[int]) -> dict[int, dict]:
    """Returns how far incomplete media were seen in their newest edition, and how much was skipped.

    Buckets of media are seconds.
    """
    newer = ContentEdition.objects.filter(
        content=OuterRef("edition__content"), pk__gt=OuterRef("edition")
    )
    complete = ContentProgress.objects.filter(
        user=OuterRef("enrollment__user"),
        enrollment=OuterRef("enrollment"),
        content=OuterRef("edition__content"),
        completed_at__isnull=False,
    )
    rows = (
        LearnerContent.objects.filter(
            ~Exists(newer),
            ~Exists(complete),
            enrollment__in=ids,
            edition__kind=ContentEdition.Kind.MEDIA,
            edition__content__retired_at=None,
        )
        .order_by()
        .values_list("enrollment_id")
        .annotate(
            reached=Sum(SpansEnd(F("seen")), default=0),
            unseen=Sum(SpansEnd(F("seen")) - SpansLength(F("seen")), default=0),
        )
    )
    return {
        enrollment: {
            "reached_ms": int(reached) * MS_OF_A_SECOND,
            "unseen_ms": int(unseen) * MS_OF_A_SECOND,
        }
        for enrollment, reached, unseen in rows
    }


def _doubts(ids: Collection[int], recent: datetime) -> dict[int, int]:
    """Counts recent events that reported more than the clock allows, or conflict with another.

    Reads only the evidence of enrolments with recent activity.
    """
    active = CourseProgress.objects.filter(pk__in=ids, updated_at__gte=recent)
    rows = ContentInteraction.objects.filter(
        Q(withheld_reason__in=DOUBTFUL) | Q(code="event_conflict"),
        enrollment__in=list(active.values_list("pk", flat=True)),
        session_started_at__gte=recent - MAX_SESSION,
        received_at__gte=recent,
    )
    return dict(rows.order_by().values_list("enrollment_id").annotate(count=Count("pk")))


def _drifts(ids: Collection[int]) -> dict[int, int]:
    rows = Drift.objects.open().filter(enrollment__in=ids).order_by()
    return dict(rows.values_list("enrollment_id").annotate(count=Count("pk")))
