"""When open enrolments will be completed, what was said at the time, and how it turned out.

Each table has one writer in `facts.forecast`: `CompletionForecast` forecasting, `ForecastRecord`
recording, `ForecastValidation` validating.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from progress.models import looks_after
from progress.models.learner_keys import (
    LearnerForeignKey,
    LearnerOneToOneField,
    LearnerRow,
    LearnerRows,
)


class ForecastQuerySet(LearnerRows):
    def visible_to(self, user):
        """Forecasts of the courses that `user` teaches and of their team, or all with the
        permission. Not the user's own: what it says of being late is for planners."""
        if user.sees_all("analytics.view_completionforecast"):
            return self.all()
        return self.filter(looks_after(user))


class CompletionForecast(LearnerRow):
    """When an open enrolment will be completed, as forecast at `as_of`, or why that isn't said.

    Of 100 such enrolments about 80 are completed between `first_at` and `last_at`; without a
    `last_at` they may also be completed after `horizon_at`, or never. `late_chance` is the chance
    to miss the due date. `left_seconds` and `left_contents` are what is still to be done.
    """

    class Insufficient(models.TextChoices):
        JUST_STARTED = "just_started"
        NO_TIME = "no_time"
        NO_TASKS = "no_tasks"
        UNVALIDATED = "unvalidated"
        UNLIKELY = "unlikely"

    enrollment = LearnerOneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="forecast"
    )
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    as_of = models.DateTimeField()
    part = models.PositiveSmallIntegerField()
    left_seconds = models.PositiveIntegerField()
    left_contents = models.PositiveIntegerField()
    first_at = models.DateTimeField(null=True)
    median_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    horizon_at = models.DateTimeField(null=True)
    late_chance = models.FloatField(null=True)
    insufficient = models.CharField(max_length=12, choices=Insufficient.choices, blank=True)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            # A course's learners, whoever is most likely to be late first.
            models.Index(
                fields=["course", "-late_chance", "enrollment"], name="forecast_of_course"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(late_chance=None) | Q(late_chance__gte=0, late_chance__lte=1),
                name="forecast_late_chance",
            ),
            # "We don't know" is never a day, and a day is never without its reason to be shown.
            models.CheckConstraint(
                condition=(Q(first_at=None, last_at=None, median_at=None) & ~Q(insufficient=""))
                | Q(first_at__isnull=False, horizon_at__isnull=False, insufficient=""),
                name="forecast_or_why_not",
            ),
            models.CheckConstraint(
                condition=Q(last_at=None) | Q(last_at__gte=F("first_at")),
                name="forecast_in_order",
            ),
        ]

    def __str__(self):
        return f"forecast of enrolment {self.enrollment_id}"


class ForecastRecord(LearnerRow):
    """What was first forecast for an enrolment in a week of it, shown or not: never changed.

    `hours` are the hours from `predicted_at` until completion at even levels of probability, null
    for later than `horizon_at` or never. The outcome is known once the horizon is over, whatever
    happened before: `finished_at` is null if it wasn't completed by then.
    """

    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.CASCADE, related_name="+", db_index=False
    )
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    week = models.PositiveSmallIntegerField()
    part = models.PositiveSmallIntegerField()
    predicted_at = models.DateTimeField()
    hours = ArrayField(models.IntegerField(null=True))
    horizon_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    level = models.FloatField()
    is_calibrated = models.BooleanField()
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    late_chance = models.FloatField(null=True)
    is_shown = models.BooleanField()
    is_settled = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)
    is_inside = models.BooleanField(null=True)
    was_late = models.BooleanField(null=True)

    class Meta:
        indexes = [
            # Forecasts of a course whose outcome is known, for its validation.
            models.Index(
                fields=["course", "predicted_at"],
                condition=Q(is_settled=True),
                name="forecast_record_settled",
            ),
            # Those that wait for it.
            models.Index(
                fields=["horizon_at"],
                condition=Q(is_settled=False),
                name="forecast_record_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "week"], name="forecast_record_once"),
            models.CheckConstraint(
                condition=Q(late_chance=None) | Q(late_chance__gte=0, late_chance__lte=1),
                name="forecast_record_late_chance",
            ),
        ]

    def __str__(self):
        return f"forecast for enrolment {self.enrollment_id} in week {self.week}"


class ForecastValidation(models.Model):
    """How forecasts have turned out in a part of a course's time, or of all (`course` is null).

    Days are shown where the `verdict` is valid, chances to be late where `is_late_valid` as well.
    `level` is what new intervals are made with. Measures are null where nothing can be measured.
    """

    class Verdict(models.TextChoices):
        VALID = "valid"
        TOO_FEW = "too_few"
        TOO_NARROW = "too_narrow"
        TOO_WIDE = "too_wide"
        DRIFTED = "drifted"

    course = models.ForeignKey(
        "progress.Course", models.CASCADE, null=True, related_name="+", db_index=False
    )
    part = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    enrollments = models.PositiveIntegerField()
    forecasts = models.PositiveIntegerField()
    coverage = models.FloatField(null=True)
    coverage_low = models.FloatField(null=True)
    coverage_high = models.FloatField(null=True)
    width_days = models.FloatField(null=True)
    level = models.FloatField()
    is_calibrated = models.BooleanField()
    late_expected = models.FloatField(null=True)
    late_seen = models.FloatField(null=True)
    late_error = models.FloatField(null=True)
    is_late_valid = models.BooleanField()
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["course", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "part"], nulls_distinct=False, name="forecast_validation_once"
            ),
        ]

    def __str__(self):
        return f"course {self.course_id or 'all'}, part {self.part}: {self.verdict}"
