"""Who may not complete a course, by which model. Written by `facts.risk.scoring` and
`.choosing`."""

from django.db import models
from django.db.models import Q

from progress.models.learner_keys import LearnerOneToOneField, LearnerRow, LearnerRows


class RiskModel(models.Model):
    """A model that scores were made with. Exactly one is active, once anything was scored.

    `document` is the whole model as JSON; `metrics` is how it did on the organisation's own past
    cohorts (`facts.risk.backtest`), or empty while there are too few.
    """

    version = models.CharField(max_length=100, unique=True)
    document = models.JSONField()
    metrics = models.JSONField(default=dict)
    trained_at = models.DateTimeField()
    is_active = models.BooleanField(default=False)

    class Meta:
        ordering = ["-trained_at"]
        constraints = [
            # Two active ones would make a score depend on which was found first.
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="risk_model_one_active"
            ),
        ]

    def __str__(self):
        return self.version


class RiskScoreQuerySet(LearnerRows):
    def visible_to(self, user):
        """Scores of the courses that `user` teaches, or all with the permission.

        Not the user's own: a number between 0 and 100 helps nobody to learn.
        """
        if user.sees_all("analytics.view_riskscore"):
            return self.all()
        return self.filter(course__in=user.courses_taught.values("pk"))


class RiskScore(LearnerRow):
    """How likely it was at `as_of` that an open enrolment won't be completed in time: 0 to 100.

    Either a score with its band and reasons, or why there is none. `reasons` are ordered by size:
    `{reason, share, raises, facts}`, with shares in percent of all that contributed.
    """

    class Band(models.TextChoices):
        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    class Insufficient(models.TextChoices):
        JUST_STARTED = "just_started"
        NO_TIME = "no_time"
        NO_TASKS = "no_tasks"

    enrollment = LearnerOneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="risk"
    )
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    as_of = models.DateTimeField()
    score = models.PositiveSmallIntegerField(null=True)
    band = models.CharField(max_length=6, choices=Band.choices, blank=True)
    insufficient = models.CharField(max_length=12, choices=Insufficient.choices, blank=True)
    reasons = models.JSONField(default=list)
    model = models.ForeignKey(RiskModel, models.PROTECT, related_name="+")

    objects = RiskScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "pk"]
        indexes = [
            # A course's learners, whoever is most at risk first.
            models.Index(fields=["course", "-score", "enrollment"], name="risk_of_course"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=100), name="risk_score_to_100"
            ),
            # "We don't know" is never a number, and a number never lacks its band.
            models.CheckConstraint(
                condition=(Q(score=None, band="") & ~Q(insufficient=""))
                | (Q(score__isnull=False, insufficient="") & ~Q(band="")),
                name="risk_score_or_why_not",
            ),
        ]

    def __str__(self):
        return f"risk of enrolment {self.enrollment_id}"
