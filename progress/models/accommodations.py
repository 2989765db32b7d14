"""What a learner gets that others don't, so that both have the same chance. Set by staff."""

from django.db import models
from django.db.models import Q


class Accommodation(models.Model):
    """How much of a quiz's time limit a learner has; more of it counts for open attempts, too."""

    class QuizTime(models.IntegerChoices):
        NO_EXTRA = 100, "As everyone"
        QUARTER_MORE = 125, "A quarter more"
        HALF_MORE = 150, "Half as much again"
        TWICE = 200, "Twice as much"

    user = models.OneToOneField(
        "progress.User", models.CASCADE, related_name="accommodation", verbose_name="learner"
    )
    quiz_time_percent = models.PositiveSmallIntegerField("time for quizzes", choices=QuizTime)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiz_time_percent__in=[100, 125, 150, 200]),
                name="accommodation_quiz_time_known",
            ),
        ]

    def __str__(self):
        return f"user {self.user_id}: {self.get_quiz_time_percent_display()}"
