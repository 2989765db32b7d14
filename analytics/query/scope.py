"""Whose progress a user may see: applied where rows are selected, for every page of the
dashboards."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from progress.models import Content, Course, Enrollment
from progress.security.rights import sees_everything


def courses_for(user) -> QuerySet[Course]:
    """The courses whose learners `user` may see: those they teach, or all with the permission.

    Raises PermissionDenied for a user who may see nobody's progress.
    """
    if not user.has_perm("progress.view_courseprogress"):
        raise PermissionDenied
    courses = Course.objects.active()
    return courses if sees_everything(user) else courses.filter(instructors=user)


class NoCourses(PermissionDenied):
    """A user may see only the learners of their own courses, and has none."""

    def __init__(self) -> None:
        super().__init__(
            "You don't teach any courses, so there are no learners whose progress you may see."
        )


def titles_for(user) -> dict[int, str]:
    """The same courses as ids and titles, ordered by title.

    Raises NoCourses if figures over no course would read as if nobody learned anything.
    """
    titles = dict(courses_for(user).values_list("pk", "title"))
    if not titles and not sees_everything(user):
        raise NoCourses
    return titles


def course_for(user, pk: int) -> Course:
    """Raises Http404 for someone else's course, as for one that doesn't exist."""
    course = courses_for(user).filter(pk=pk).first()
    if course is None:
        raise Http404("No such course")
    return course


def content_for(user, pk: int) -> Content:
    """Raises Http404 also for a content that was removed from its course."""
    content = (
        Content.objects.active()
        .filter(pk=pk, module__retired_at=None, module__course__in=courses_for(user))
        .select_related("module__course")
        .first()
    )
    if content is None:
        raise Http404("No such content")
    return content


def enrollment_for(user, course_id: int, learner_id: int, **annotations) -> Enrollment:
    """The learner's current enrolment in a course. Raises Http404 if there is none, or it may not
    be seen.

    `annotations` are expressions over the enrolment, read in the same statement.
    """
    enrollment = (
        Enrollment.objects.current()
        .filter(course__in=courses_for(user), course=course_id, user=learner_id)
        .with_progress("user", "course")
        .annotate(**annotations)
        .first()
    )
    if enrollment is None:
        raise Http404("No such learner")
    return enrollment
