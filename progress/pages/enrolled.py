"""The signed-in learner in one of their courses."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from progress import slots
from progress.models import Enrollment
from progress.state.course_state import CourseState


def with_expected_days(rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """With the days between which each will be completed, as far as that is known."""
    days = slots.expected_days()
    return rows if days is None else rows.annotate(expected_days=days)


def expected_days(state: CourseState) -> dict | None:
    """Those days; None once it is complete."""
    return None if state.is_complete else getattr(state.enrollment, "expected_days", None)


def course_state(request: HttpRequest, course_id: int, **annotations) -> CourseState:
    """The learner's progress in a course; 404 if they aren't enrolled in it.

    `annotations` are expressions over the enrolment, read in the same statement.
    """
    enrollment = get_object_or_404(
        with_expected_days(Enrollment.objects.active().with_progress("course")).annotate(
            **annotations
        ),
        user_id=request.user.pk,
        course_id=course_id,
        course__retired_at=None,
    )
    return CourseState(enrollment, timezone.now())
