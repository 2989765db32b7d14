"""What learners write down for themselves. Written by `progress.pages.notes` only."""

from django.db import models
from django.utils import timezone

MAX_NOTE_LENGTH = 4000


class Note(models.Model):
    """A learner's note on a content or, with a position, on a place in it; a bookmark has no text.

    Only the learner sees it. `position_milli` is in thousandths of the content's unit: of a
    second, of a page, or of a whole text.
    """

    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+", db_index=False)
    content = models.ForeignKey("progress.Content", models.CASCADE, related_name="+")
    position_milli = models.PositiveBigIntegerField(null=True, blank=True)
    text = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position_milli", "pk"]
        # The notes of a content's page, and of a course.
        indexes = [models.Index(fields=["user", "content"], name="note_by_learner")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text="", position_milli=None), name="note_is_not_empty"
            ),
        ]

    def __str__(self):
        return f"note of user {self.user_id} on content {self.content_id}"
