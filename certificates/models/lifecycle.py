"""The validity of a course's certificates, doubts about them, and reminders before expiry."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from certificates.validity import COMPLETION, FIXED, PREVIOUS, Terms
from progress.models.learner_keys import LearnerForeignKey, LearnerRow, learner_column

from .certificate import Certificate

MAX_MONTHS = 600
MAX_DAYS = 730


def default_reminders() -> list[int]:
    return [30, 7]


class Validity(models.Model):
    """The terms by which a course's next certificates expire. Without a row they don't.

    Certificates that were issued keep their expiry.
    """

    class CountedFrom(models.TextChoices):
        COMPLETION = COMPLETION, "the completion"
        FIXED = FIXED, "a fixed day"
        PREVIOUS = PREVIOUS, "the previous expiry, when renewed in time"

    class Renewal(models.TextChoices):
        LEARNER = "learner", "started by the learner"
        AUTOMATIC = "automatic", "starts automatically"

    course = models.OneToOneField(
        "progress.Course", models.CASCADE, primary_key=True, related_name="validity"
    )
    counted_from = models.CharField(
        max_length=12, choices=CountedFrom.choices, default=CountedFrom.COMPLETION
    )
    months = models.PositiveSmallIntegerField(
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_MONTHS)],
        help_text="How long a certificate is valid; for fixed days, the time between two of them.",
    )
    fixed_on = models.DateField(
        null=True, blank=True, help_text="For fixed days: any one of them, such as 31 March."
    )
    minimum_months = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MAX_MONTHS)],
        help_text="For fixed days: a learner who would have less time gets the next fixed day.",
    )
    opens_days = models.PositiveSmallIntegerField(
        "renewal opens, days before the end",
        default=60,
        validators=[MaxValueValidator(MAX_DAYS)],
        help_text="How many days before its last day a certificate may be renewed.",
    )
    renewal = models.CharField(max_length=12, choices=Renewal.choices, default=Renewal.LEARNER)
    remind_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(MAX_DAYS)]),
        default=default_reminders,
        blank=True,
        size=10,
        help_text="How many days before the last day the learner is reminded, such as 30, 7.",
        verbose_name="reminders, days before the end",
    )

    class Meta:
        verbose_name = "terms of validity"
        verbose_name_plural = "terms of validity"
        constraints = [
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=MAX_MONTHS), name="validity_has_months"
            ),
            models.CheckConstraint(
                condition=~Q(counted_from=FIXED) | Q(fixed_on__isnull=False),
                name="validity_fixed_day_is_named",
            ),
        ]

    def __str__(self):
        return f"{self.course}: {self.months} months"

    def clean(self):
        if self.counted_from == FIXED and self.fixed_on is None:
            raise ValidationError({"fixed_on": "Which day? Any one of them, such as 31 March."})

    @property
    def terms(self) -> Terms:
        return Terms(self.counted_from, self.months, self.fixed_on, self.minimum_months)


class ReviewQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)


class Review(models.Model):
    """A doubt about a certificate, such as a score that was changed later, until it is settled."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "upheld"
        REVOKED = "revoked", "revoked"
        REISSUED = "reissued", "re-issued"

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="reviews")
    reason = models.CharField(max_length=255)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        "progress.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the system did, because a score was changed.",
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "progress.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    note = models.CharField(max_length=255, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(closed_at=None), name="review_open_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="review_has_a_reason"),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="")
                | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="review_ends_with_an_outcome",
            ),
        ]

    def __str__(self):
        return f"{self.certificate_id}: {self.reason}"


class Reminder(LearnerRow):
    """A mail about a certificate that expires soon: written as a row first, then sent."""

    certificate = LearnerForeignKey(Certificate, models.PROTECT, related_name="reminders")
    user = learner_column()
    days_before = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True, help_text="Why it can never be sent.")

    class Meta:
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "days_before"], name="reminder_once_for_each_day"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, error=""), name="reminder_to_send"
            ),
        ]

    def __str__(self):
        return f"{self.certificate_id}: {self.days_before} days before"
