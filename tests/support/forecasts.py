"""Courses in which forecasts are shown, and enrolments that have ended."""

from datetime import datetime, timedelta

from django.utils import timezone

from analytics.models import ForecastValidation
from progress.ingest.evidence import GENESIS
from progress.models import Content, ContentProgress, Course, CourseProgress, Enrollment
from tests.factories import a_user

DAY = timedelta(days=1)


def show_forecasts(course: Course, *, level: float = 0.8, enrollments: int = 120) -> None:
    """Earlier forecasts of each part of the course's time count as right."""
    ForecastValidation.objects.filter(course=course).delete()
    ForecastValidation.objects.bulk_create(
        ForecastValidation(
            course=course,
            part=part,
            verdict=ForecastValidation.Verdict.VALID,
            enrollments=enrollments,
            forecasts=2 * enrollments,
            coverage=0.8,
            coverage_low=0.72,
            coverage_high=0.86,
            width_days=9,
            level=level,
            is_calibrated=True,
            late_expected=0.4,
            late_seen=0.4,
            late_error=0.05,
            is_late_valid=True,
            measured_at=timezone.now(),
        )
        for part in range(6)
    )


def ended(enrollment: Enrollment, at: datetime) -> None:
    CourseProgress.objects.filter(pk=enrollment.pk).update(
        completion_bp=10_000, completed_at=at, total_sessions=1
    )


def settled_past(course: Course, *, number: int) -> None:
    """So many who enrolled long ago, for forty days. Each did the contents one after another,
    three in four all of them, on the thirtieth day at the latest."""
    contents = list(Content.objects.filter(module__course=course).order_by("position", "pk"))
    began = timezone.now() - 120 * DAY
    for at in range(number):
        user = a_user()
        each = Enrollment.objects.create(
            user=user, course=course, enrolled_at=began, due_at=began + 40 * DAY
        )
        is_complete = at % 4 != 0
        last = began + (22 + at % 8) * DAY
        CourseProgress.objects.create(
            enrollment=each,
            user=user,
            course=course,
            chain_hash=GENESIS,
            total_sessions=1,
            completion_bp=10_000 if is_complete else 3_000,
            completed_at=last if is_complete else None,
        )
        done = contents if is_complete else contents[:1]
        ContentProgress.objects.bulk_create(
            ContentProgress(
                enrollment=each,
                user=user,
                content=one,
                completion_bp=10_000,
                completed_at=last - (len(contents) - 1 - place) * 3 * DAY,
                first_event_at=began,
                last_event_at=last,
            )
            for place, one in enumerate(done)
        )
