"""Courses that people may enrol themselves in. Written by `authoring.self_enrolling` only."""

from django.db import models
from django.db.models import Q

from progress.models import Course

MAX_DUE_DAYS = 3650


class SelfEnrollment(models.Model):
    """Who may enrol themselves in a course: whoever has its link, finds it in the catalogue, or
    both. Without a row, or with neither, it isn't possible."""

    course = models.OneToOneField(Course, models.CASCADE, related_name="self_enrollment")
    is_listed = models.BooleanField(default=False)
    # Part of the link's address; whoever has it may enrol.
    link_key = models.CharField(max_length=43, null=True, blank=True, unique=True)
    due_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            # A due date has to be a date.
            models.CheckConstraint(
                condition=Q(due_days=None) | Q(due_days__gte=1, due_days__lte=MAX_DUE_DAYS),
                name="self_enrollment_due_days",
            ),
        ]

    def __str__(self):
        return f"self-enrolment in course {self.course_id}"
