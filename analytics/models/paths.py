"""What learners decide about their path (written only by `analytics.paths.order_choice`), and how
many pass a quiz (written only by `analytics.paths.quiz_records`)."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class PathChoice(models.Model):
    """An enrolment whose learner wants the course's own order, and since when."""

    enrollment = models.OneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="+"
    )
    chosen_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"enrolment {self.enrollment_id} in the course's own order"


class QuizRecord(models.Model):
    """How everyone's first tries at a quiz with a pass mark went, and the second after a first
    that failed. Counted by enrolment, from submitted attempts."""

    content = models.OneToOneField(
        "progress.Content", models.CASCADE, primary_key=True, related_name="quiz_record"
    )
    first_tries = models.PositiveIntegerField()
    first_passed = models.PositiveIntegerField()
    next_tries = models.PositiveIntegerField()
    next_passed = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_passed__lte=F("first_tries"), next_passed__lte=F("next_tries")),
                name="quiz_record_passed_of_tries",
            ),
        ]

    def __str__(self):
        return f"content {self.content_id}"
