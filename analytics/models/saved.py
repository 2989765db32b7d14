"""Reports that users saved, with their filters. Written by `analytics.reporting.saving`."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The user's own reports and those shared by others; the rows in them depend on each
        reader's rights."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedReport(models.Model):
    """A report with the filters in `query` (as in an address), mailed to its owner by `schedule`.

    `sent_on` is the day, in the owner's time zone, on which it was last mailed; `error` why it
    wasn't.
    """

    class Schedule(models.TextChoices):
        NEVER = "never", _("Never")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every Monday")
        MONTHLY = "monthly", _("On the first of the month")

    owner = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, db_index=False)
    query = models.CharField(max_length=500, blank=True)
    is_shared = models.BooleanField(default=False)
    schedule = models.CharField(max_length=7, choices=Schedule.choices, default=Schedule.NEVER)
    ending = models.CharField(max_length=4, default="xlsx")
    sent_on = models.DateField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_report_name_once"),
        ]

    def __str__(self):
        return self.name
