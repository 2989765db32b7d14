"""Whose progress a user may see: applied where rows are selected, for every page of the
dashboards.

There are two scopes. `courses_for` and `titles_for` are the courses all of whose learners a user
may see: sums over a whole course, and whatever is stored of one, are for them. `seen_by` has the
courses of the user's team as well; its rows are limited to the team by `Filters.apply`.
"""

from collections.abc import Iterator, Mapping

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, QuerySet
from django.http import Http404

from analytics.models import Requirement
from progress.models import Content, Course, Enrollment, User, has_team, marks, team_of
from progress.security.rights import sees_everything

MAY_SEE_PROGRESS = "progress.view_courseprogress"
NOBODY = Q(pk__in=[])


class SeenCourses(Mapping[int, str]):
    """Courses by id, with their titles, and whose learners of each `reader` may see: everybody's
    of those in `whole`, and of the others the reader's team only."""

    def __init__(self, titles: Mapping[int, str], whole: frozenset[int], reader: User):
        self._titles, self.whole, self.reader = dict(titles), whole, reader

    def __getitem__(self, course: int) -> str:
        return self._titles[course]

    def __iter__(self) -> Iterator[int]:
        return iter(self._titles)

    def __len__(self) -> int:
        return len(self._titles)

    def only(self, course: int) -> "SeenCourses":
        return SeenCourses({course: self._titles[course]}, self.whole, self.reader)

    @property
    def is_limited(self) -> bool:
        """Whether some of the learners of these courses aren't seen."""
        return not self._titles.keys() <= self.whole

    def learners(self, course: str, user: str) -> Q:
        """Whether a row is about a learner who is seen; the lookups lead to its course and user."""
        team = Q(**{f"{user}__in": team_of(self.reader)})
        whole = sorted(self._titles.keys() & self.whole)
        return team | Q(**{f"{course}__in": whole}) if whole else team


def may_look_at_learners(user) -> bool:
    """Whether `user` may see anybody's progress in the dashboards."""
    return user.has_perm(MAY_SEE_PROGRESS) or has_team(user)


def _counted_courses() -> QuerySet[Course]:
    return marks.counted(Course.objects.active())


def courses_for(user) -> QuerySet[Course]:
    """The courses all of whose learners `user` may see: those they teach, or all with the
    permission. No test courses: everything here is about real learners.

    Raises PermissionDenied for a user who may see no course's progress.
    """
    if not user.has_perm(MAY_SEE_PROGRESS):
        raise PermissionDenied
    courses = _counted_courses()
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


def seen_by(user) -> SeenCourses:
    """The courses of which `user` may see learners, ordered by title: as above, and those that
    their team takes or has to take.

    Raises PermissionDenied for a user who may see nobody's progress, and NoCourses for one who
    teaches nothing and has no team.
    """
    may_see = user.has_perm(MAY_SEE_PROGRESS)
    if may_see and sees_everything(user):
        titles = dict(_counted_courses().values_list("pk", "title"))
        return SeenCourses(titles, frozenset(titles), user)
    if not may_see and not has_team(user):
        raise PermissionDenied
    own = Q(pk__in=user.courses_taught.order_by().values("pk")) if may_see else NOBODY
    is_whole = ExpressionWrapper(own, BooleanField())
    found = _counted_courses().annotate(is_whole=is_whole).filter(own | _of_team(user))
    rows = list(found.values_list("pk", "title", "is_whole"))
    if not rows and not has_team(user):
        raise NoCourses
    whole = frozenset(pk for pk, _title, is_whole in rows if is_whole)
    return SeenCourses({pk: title for pk, title, _is_whole in rows}, whole, user)


def _of_team(user) -> Q:
    """Whether a course is one that someone in the team was ever enrolled in, or is required of
    them."""
    enrolled = marks.counted(Enrollment.objects.filter(user__in=team_of(user)).order_by())
    team = marks.counted(User.objects.filter(pk__in=team_of(user)).order_by())
    departments = ArraySubquery(team.values("department").distinct())
    required = Requirement.objects.filter(is_active=True).filter(
        Q(Exists(team), departments=[]) | Q(departments__overlap=departments)
    )
    return Q(pk__in=enrolled.values("course_id")) | Q(pk__in=required.values("course_id"))


def course_for(user, pk: int) -> Course:
    """Raises Http404 for someone else's course, as for one that doesn't exist."""
    course = courses_for(user).filter(pk=pk).first()
    if course is None:
        raise Http404("No such course")
    return course


def seen_course(user, pk: int) -> tuple[Course, SeenCourses]:
    """A course, and whose learners of it `user` sees. Raises Http404 as above."""
    try:
        seen = seen_by(user)
    except NoCourses:
        raise Http404("No such course") from None
    course = Course.objects.filter(pk=pk).first() if pk in seen else None
    if course is None:
        raise Http404("No such course")
    return course, seen.only(pk)


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
    """The current enrolment of a learner that `user` sees. Raises Http404 if there is none, or it
    may not be seen.

    It has `is_of_own_course`: whether the user sees the whole course, or the learner only, as
    their manager. `annotations` are further expressions, read in the same statement.
    """
    of_own_course, seen = _seen_enrollments(user)
    enrollment = (
        marks.counted(Enrollment.objects.current())
        .filter(seen, course__retired_at=None, course__is_test=False)
        .filter(course=course_id, user=learner_id)
        .with_progress("user", "course")
        .annotate(is_of_own_course=ExpressionWrapper(of_own_course, BooleanField()), **annotations)
        .first()
    )
    if enrollment is None:
        raise Http404("No such learner")
    return enrollment


def _seen_enrollments(user) -> tuple[Q, Q]:
    """Conditions for enrolments: in a course of which everybody is seen, and seen at all.

    Raises PermissionDenied for a user who may see nobody's progress.
    """
    team = Q(user__in=team_of(user))
    if not user.has_perm(MAY_SEE_PROGRESS):
        if not has_team(user):
            raise PermissionDenied
        return NOBODY, team
    if sees_everything(user):
        return ~NOBODY, Q()
    own = Q(course__in=user.courses_taught.order_by().values("pk"))
    return own, own | team
