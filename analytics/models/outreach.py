"""Mail about learners: letters to them, and digests for instructors.

Written by `analytics.alerts` only; templates are edited by staff, in the admin. Each mail is a row
first, then it is sent, once at most.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.models.placeholders import unknown

from .alerts import Alert, AlertKind


def check_placeholders(text: str) -> None:
    """Raises ValidationError for a placeholder that no letter can fill."""
    if names := unknown(text):
        raise ValidationError(
            _("There is no value to fill in for %(names)s."),
            "placeholder",
            {"names": ", ".join(f"{{{name}}}" for name in names)},
        )


class OutreachTemplate(models.Model):
    """A letter to start from, for alerts of one kind or of any; placeholders as in
    `placeholders`."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(
        max_length=13, choices=AlertKind.choices, blank=True, help_text=_("Empty: for any.")
    )
    subject = models.CharField(max_length=200, validators=[check_placeholders])
    body = models.TextField(
        max_length=5000,
        validators=[check_placeholders],
        help_text=_("Filled in: {name}, {course}, {percent}, {due}, {last_seen}, {link}, {sender}"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("letter template"), _("letter templates")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Mail(models.Model):
    """A mail with its text, waiting until it is sent or has failed for good."""

    subject = models.CharField(max_length=255)
    body = models.TextField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True, help_text=_("Why it can never be sent."))

    class Meta:
        abstract = True


class Outreach(Mail):
    """A letter to the learner of an alert, who gets it by mail only."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="outreach")
    written_by = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("letter"), _("letters")
        ordering = ["-written_at", "-pk"]
        constraints = [
            # Two at once would write to the learner twice.
            models.UniqueConstraint(
                fields=["alert"], condition=Q(sent_at=None, error=""), name="outreach_one_open"
            ),
        ]

    def __str__(self):
        return f"to the learner of alert {self.alert_id}"


class DigestChoice(models.Model):
    """How often a user wants to hear about alerts. The default is weekly."""

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("daily")
        WEEKLY = "weekly", _("weekly")
        OFF = "off", _("never")

    user = models.OneToOneField(
        "progress.User", models.CASCADE, primary_key=True, related_name="alert_digest"
    )
    rhythm = models.CharField(max_length=6, choices=Rhythm.choices, default=Rhythm.WEEKLY)

    def __str__(self):
        return f"user {self.user_id}: {self.rhythm}"


class Digest(Mail):
    """The digest for an instructor about their courses on a day: amounts, never names."""

    user = models.ForeignKey(
        "progress.User", models.CASCADE, related_name="alert_digests", db_index=False
    )
    day = models.DateField()

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day"),
        ]
        indexes = [
            models.Index(fields=["day"], condition=Q(sent_at=None, error=""), name="digest_to_send")
        ]

    def __str__(self):
        return f"digest of user {self.user_id} on {self.day}"
