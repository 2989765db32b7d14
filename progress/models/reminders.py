"""Reminders to learn, which learners choose. Written by `progress.mail.study_reminders` only."""

from django.db import models
from django.db.models import Q

from progress.rules.reminding import EVERY_DAY


class StudyReminder(models.Model):
    """A learner's wish to be reminded by mail. Who has none gets no reminder."""

    user = models.OneToOneField(
        "progress.User", models.CASCADE, primary_key=True, related_name="study_reminder"
    )
    hour = models.PositiveSmallIntegerField(help_text="In the learner's own time zone.")
    weekdays = models.PositiveSmallIntegerField(help_text="Bits: 1 is Monday, 64 is Sunday.")
    looked_on = models.DateField(
        null=True, blank=True, help_text="The last day on which it was sent, or nothing was due."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="reminder_hour_of_a_day"),
            models.CheckConstraint(
                condition=Q(weekdays__gte=1, weekdays__lte=EVERY_DAY), name="reminder_has_a_day"
            ),
        ]

    def __str__(self):
        return f"reminder of user {self.user_id}"
