"""What learners don't want recommended, and what similar learners needed. Written by
`analytics.recommending` only."""

from datetime import datetime

from django.db import models
from django.utils import timezone


class DismissalQuerySet(models.QuerySet):
    def in_force(self, now: datetime) -> "DismissalQuerySet":
        """Those that still keep a content from being recommended."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=now))


class Dismissal(models.Model):
    """A content that a learner doesn't want recommended: in this cycle, or `until` a moment."""

    enrollment = models.ForeignKey("progress.Enrollment", models.CASCADE, related_name="+")
    content = models.ForeignKey(
        "progress.Content", models.CASCADE, related_name="+", db_index=False
    )
    dismissed_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = DismissalQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "content"], name="dismissal_once"),
        ]

    def __str__(self):
        return f"content {self.content_id} for enrolment {self.enrollment_id}"


class PeerContent(models.Model):
    """How many of those who failed a quiz and passed it later were at a content in between."""

    quiz = models.ForeignKey("progress.Content", models.CASCADE, related_name="+", db_index=False)
    content = models.ForeignKey("progress.Content", models.CASCADE, related_name="+")
    learners = models.PositiveIntegerField()
    went_back = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quiz", "content"], name="peer_content_once"),
            models.CheckConstraint(
                condition=models.Q(went_back__lte=models.F("learners")),
                name="peer_content_share",
            ),
        ]

    def __str__(self):
        return f"content {self.content_id} for quiz {self.quiz_id}"
