"""The signed-in learner in one of their courses."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from progress.models import Enrollment
from progress.state.course_state import CourseState


def course_state(request: HttpRequest, course_id: int, **annotations) -> CourseState:
    """The learner's progress in a course; 404 if they aren't enrolled in it.

    `annotations` are expressions over the enrolment, read in the same statement.
    """
    enrollment = get_object_or_404(
        Enrollment.objects.active().with_progress("course").annotate(**annotations),
        user_id=request.user.pk,
        course_id=course_id,
        course__retired_at=None,
    )
    return CourseState(enrollment, timezone.now())
