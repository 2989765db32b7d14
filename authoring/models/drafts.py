"""Courses that are being worked on. Written by `authoring.drafting` only."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from progress.models import Course


class Draft(models.Model):
    """Changes to a course that learners don't see yet; deleted when it is published or discarded.

    `current` is the number of the version that is shown: 0 is the course as it was when the draft
    began, and undoing goes back to an earlier one. Later versions stay until the next change.
    """

    course = models.OneToOneField(Course, models.CASCADE, related_name="draft")
    current = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"draft of course {self.course_id}"


class DraftVersion(models.Model):
    """The course document after one change."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField(encoder=DjangoJSONEncoder)
    saved_by = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_version_number_once")
        ]

    def __str__(self):
        return f"version {self.number} of draft {self.draft_id}"
