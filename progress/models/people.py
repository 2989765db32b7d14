"""Who learns, and in what: accounts and enrolments."""

import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

MINUTES_OF_A_WEEK = 7 * 24 * 60


def check_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            "%(name)r is not a time zone such as Europe/Paris.", "invalid", {"name": name}
        ) from None


class User(AbstractUser):
    """Anyone with an account: a learner, an instructor, an integrator's service account.

    What someone is follows from enrolments (learner), `Course.instructors` (instructor) and
    Django permissions (integrator, administrator); there is no role column to contradict them.
    """

    first_name = None
    last_name = None
    full_name = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=120, blank=True, db_index=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    external_id = models.CharField(
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        help_text="The person's id in the system that they come from.",
    )

    weekly_goal_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MINUTES_OF_A_WEEK)],
        help_text="How long the learner wants to learn each week; set by the learner.",
    )

    class Meta:
        ordering = ["username"]
        constraints = [
            # Time is shared out against it: nought divides nothing, and a week is a week.
            models.CheckConstraint(
                condition=Q(weekly_goal_minutes=None)
                | Q(weekly_goal_minutes__gte=1, weekly_goal_minutes__lte=MINUTES_OF_A_WEEK),
                name="user_weekly_goal_within_a_week",
            ),
        ]

    def get_full_name(self):
        return self.full_name or self.username

    def get_short_name(self):
        return self.get_full_name()

    def sees_all(self, permission: str) -> bool:
        """Whether a view permission shows every row, or only those of courses that one teaches.

        An instructor (staff) holds it to be let into the admin at all; it reaches further
        together with `view_all_progress` only. A service account's means what it says.
        """
        if self.is_staff:
            return self.has_perm("progress.view_all_progress") and self.has_perm(permission)
        return self.has_perm(permission)


class EnrollmentQuerySet(models.QuerySet):
    def current(self):
        """The cycle that counts today, one for each learner and course."""
        return self.filter(is_current=True)

    def active(self):
        """Current cycles of people who are still enrolled."""
        return self.current().filter(unenrolled_at=None)

    def completed(self):
        return self.filter(course_progress__completed_at__isnull=False)

    def followed(self, user_id: int, course_id: int):
        """The enrolment that a stream follows: current, of an active learner."""
        return self.active().filter(user_id=user_id, user__is_active=True, course_id=course_id)

    def visible_to(self, user, permission: str = "progress.view_enrollment"):
        """Own enrolments, those of courses that `user` teaches, or all with the permission."""
        if user.sees_all(permission):
            return self.all()
        return self.filter(Q(user_id=user.pk) | Q(course__in=user.courses_taught.values("pk")))


class Enrollment(models.Model):
    """One passage of a learner through a course. A retake or recertification is a new cycle.

    Progress hangs on the enrolment, so a new cycle starts from nothing and changes nothing of
    the old one. Leaving a course sets `unenrolled_at`; the row and its evidence stay.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="enrollments")
    course = models.ForeignKey("progress.Course", models.PROTECT, related_name="enrollments")
    cycle = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    enrolled_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)
    unenrolled_at = models.DateTimeField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course", "cycle"], name="enrollment_cycle_once"
            ),
            # Two current cycles would make "the learner's progress in the course" ambiguous.
            models.UniqueConstraint(
                fields=["user", "course"],
                condition=Q(is_current=True),
                name="enrollment_one_current",
            ),
            models.CheckConstraint(condition=Q(cycle__gte=1), name="enrollment_cycle_from_1"),
        ]

    def __str__(self):
        return (
            f"enrolment {self.pk}: user {self.user_id}, course {self.course_id}, cycle {self.cycle}"
        )
