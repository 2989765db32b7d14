"""Questions about enrolments."""

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db.models import Q

from .learner_keys import LearnerRows
from .marks import within_reach
from .teams import looks_after


class EnrollmentQuerySet(LearnerRows):
    def current(self):
        """The cycle that counts today, one for each learner and course."""
        return self.filter(is_current=True)

    def active(self):
        """Current cycles of people who are still enrolled."""
        return self.current().filter(unenrolled_at=None)

    def with_progress(self, *relations: str):
        """With `relations` and the course progress, but not its spans: only ingest needs those."""
        wide = ("course_progress__active_spans", "course_progress__elapsed_spans")
        # Each enrolment has one. Said here, it is an inner join, which all of a learner's rows
        # on one machine can make.
        found = self.filter(course_progress__isnull=False)
        return found.select_related(*relations, "course_progress").defer(*wide)

    def completed(self):
        return self.filter(course_progress__completed_at__isnull=False)

    def followed(self, pairs: Collection[tuple[int, int]]):
        """The enrolments that streams follow, by `(user id, course id)`: those of active learners.

        `pairs` must not be empty.
        """
        learners: dict[int, list[int]] = {}
        for user_id, course_id in pairs:
            learners.setdefault(course_id, []).append(user_id)
        of_course = (Q(course=course, user__in=users) for course, users in learners.items())
        return self.active().filter(reduce(or_, of_course), user__is_active=True)

    def visible_to(self, user, permission: str = "progress.view_enrollment"):
        """Own enrolments, those of courses that `user` teaches and of their team, or all with the
        permission."""
        rows = within_reach(self, user)
        if user.sees_all(permission):
            return rows.all()
        return rows.filter(Q(user_id=user.pk) | looks_after(user))

    def own_or_taught(self, user):
        """The same without the team: what compares a learner with others is not for managers."""
        rows = within_reach(self, user)
        if user.sees_all("progress.view_enrollment"):
            return rows.all()
        return rows.filter(Q(user_id=user.pk) | Q(course__in=user.courses_taught.values("pk")))
