"""The first page: the learner's courses."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from progress.models import Enrollment
from progress.reading import CourseReading

from . import showing, words


@never_cache
@login_required
@require_GET
def my_learning(request):
    """The learner's courses: what to go on with first, what is done below."""
    now = timezone.now()
    enrollments = (
        Enrollment.objects.active()
        .filter(user_id=request.user.pk, course__retired_at=None)
        .select_related("course", "course_progress", "course_progress__resume_content")
        .order_by("course__title")
    )
    rows = [_course_row(enrollment, now) for enrollment in enrollments]
    begun = [row for row in rows if row["resumed_at"] and not row["is_complete"]]
    return render(
        request,
        "pages/my_learning.html",
        {
            "open": [row for row in rows if not row["is_complete"]],
            "done": [row for row in rows if row["is_complete"]],
            "going_on": max(begun, key=lambda row: row["resumed_at"], default=None),
        },
    )


def _course_row(enrollment: Enrollment, now) -> dict:
    progress, course = enrollment.course_progress, enrollment.course
    # Read afresh only between an author's change and its refold; 0: nothing done yet.
    is_stale = progress.structure_version not in {0, course.structure_version}
    reading = CourseReading(enrollment, now) if is_stale else None
    resumed = progress.resume_content
    return {
        "course": course,
        "percent": (reading.bp if reading else progress.completion_bp) // 100,
        "is_complete": reading.is_complete if reading else progress.completed_at is not None,
        "completed_at": progress.completed_at,
        "time": words.spent(progress.time_ms),
        "due_at": enrollment.due_at,
        "resumed_at": progress.resume_updated_at,
        "resume": resumed,
        "resume_url": resumed and showing.content_url(course.pk, resumed.pk),
    }
