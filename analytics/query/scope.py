"""Whose progress somebody may look at: held where rows are selected, for every page here."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from progress.admin.scope import sees_everything
from progress.models import Content, Course, Enrollment


def courses_for(user) -> QuerySet[Course]:
    """The courses whose learners `user` may look at: those taught, or all by permission.

    Raises PermissionDenied for who may see nobody's progress.
    """
    if not user.has_perm("progress.view_courseprogress"):
        raise PermissionDenied
    courses = Course.objects.active()
    return courses if sees_everything(user) else courses.filter(instructors=user)


class NoCourses(PermissionDenied):
    """Somebody who looks at learners of own courses only, and has none."""

    def __init__(self) -> None:
        super().__init__("You teach no course, so there is nobody whose progress you may see.")


def titles_for(user) -> dict[int, str]:
    """The same courses: their ids and titles, in the order of titles.

    Raises NoCourses where figures over no course would read as if nobody learned anything.
    """
    titles = dict(courses_for(user).values_list("pk", "title"))
    if not titles and not sees_everything(user):
        raise NoCourses
    return titles


def course_for(user, pk: int) -> Course:
    """Raises Http404 for a course of others, as for one that doesn't exist."""
    course = courses_for(user).filter(pk=pk).first()
    if course is None:
        raise Http404("No such course")
    return course


def content_for(user, pk: int) -> Content:
    """Raises Http404, too, for a content that left its course."""
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
    """The learner's current cycle in a course; Http404 when there is none to be seen.

    `besides` are expressions over the enrolment, read in the same statement.
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
