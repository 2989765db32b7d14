"""What learners decide about their path. Written by `analytics.paths.choosing` only."""

from django.db import models
from django.utils import timezone


class PathChoice(models.Model):
    """An enrolment whose learner wants the course's own order, and since when."""

    enrollment = models.OneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="+"
    )
    chosen_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"enrolment {self.enrollment_id} in the course's own order"
