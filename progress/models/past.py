"""What an enrolment did long ago. Written by `progress.ingest` only."""

from django.db import models

from .learner_keys import LearnerOneToOneField, LearnerRow
from .spans import SpansField


class PastSpans(LearnerRow):
    """The older spans of an enrolment that has many, out of the way of every heartbeat.

    Read when an event comes that is older than they are, and where a learner's days are shown.
    """

    enrollment = LearnerOneToOneField(
        "progress.Enrollment",
        models.PROTECT,
        primary_key=True,
        related_name="past_spans",
        verbose_name="enrolment",
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")
    active_spans = SpansField(default=tuple)
    elapsed_spans = SpansField(default=tuple)

    class Meta:
        verbose_name_plural = "past spans"

    def __str__(self):
        return f"past spans of enrolment {self.enrollment_id}"
