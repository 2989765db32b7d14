"""That test data was erased: who asked for it, and when. Written by `progress.ingest.erasing`
only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """An erasing of test learners and test courses with all that hangs on them.

    It erases the chosen ones, or all that there are when it begins. Unfinished until
    `finished_at`: a job goes on with it. The record stays, and names nobody.
    """

    requested_by = models.ForeignKey(
        "progress.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    requested_at = models.DateTimeField(_("asked for"))
    learner_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    course_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    learners = models.PositiveIntegerField(_("learners"), default=0)
    courses = models.PositiveIntegerField(_("courses"), default=0)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("erasing of test data")
        verbose_name_plural = _("erasings of test data")
        ordering = ["-pk"]
        indexes = [
            # What the job goes on with.
            models.Index(
                fields=["id"], condition=models.Q(finished_at=None), name="erasure_unfinished"
            ),
        ]

    def __str__(self):
        return f"erasure {self.pk}"
