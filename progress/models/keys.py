"""What is known of an API key beside its digest: its name, scopes and last use."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy


class Scope(models.TextChoices):
    READ_PROGRESS = "progress:read", gettext_lazy("Read progress, courses and enrolments")
    READ_PEOPLE = "people:read", gettext_lazy("Read personal data: people, certificates")
    REPORT = "progress:report", gettext_lazy("Report learning: sessions and their events")
    MANAGE_PEOPLE = "people:manage", gettext_lazy("Manage people, enrolments and alerts")
    MANAGE_COURSES = "courses:manage", gettext_lazy("Manage courses")
    READ_REPORTS = "reports:read", gettext_lazy("Read reports and dashboards")


class KeyDetails(models.Model):
    """One key. Without scopes it may do all that its account may do; with scopes, never more."""

    token = models.OneToOneField(
        "knox.AuthToken", models.CASCADE, primary_key=True, related_name="details"
    )
    name = models.CharField(max_length=100, blank=True, help_text="What it is used for.")
    scopes = ArrayField(
        models.CharField(max_length=30, choices=Scope.choices),
        default=list,
        blank=True,
        help_text="Without any, all that the account may do.",
    )
    is_test = models.BooleanField(
        "test key",
        default=False,
        db_default=False,
        help_text="Works with test learners and test courses only, and marks what it creates.",
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="To the minute."
    )

    def __str__(self):
        return self.name or "key"
