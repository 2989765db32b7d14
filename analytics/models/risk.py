"""Who may not complete a course, by which model, and how predictions have turned out.

Each table has one writer in `facts.risk`: `RiskModel` active_model, `RiskAdaptation` adapting,
`RiskScore` scoring, `RiskPrediction` predictions, `RiskValidation` validating, `RiskByDepartment`
by_department.
"""

from django.db import models
from django.db.models import Q

from progress.models import looks_after
from progress.models.learner_keys import (
    LearnerForeignKey,
    LearnerOneToOneField,
    LearnerRow,
    LearnerRows,
)


class RiskSource(models.TextChoices):
    """What predicts: the model in use as it is, or adapted to own past enrolments."""

    BASE = "base"
    ORGANISATION = "organisation"
    COURSE = "course"


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
        """Scores of the courses that `user` teaches and of their team, or all with the permission.

        Not the user's own: a number between 0 and 100 helps nobody to learn.
        """
        if user.sees_all("analytics.view_riskscore"):
            return self.all()
        return self.filter(looks_after(user))


class RiskScore(LearnerRow):
    """How likely it was at `as_of` that an open enrolment won't be completed in time: 0 to 100.

    Either a score with its band and reasons, or why there is none. `reasons` are ordered by size:
    `{reason, share, raises, compared_with, facts}`, with shares in percent of all that contributed.
    `source` says what predicted it. Where scores aren't validated, `unvalidated` is `{verdict,
    outcomes, missed, due, silent_days}`: why, and what is known of the learner without any model.
    """

    class Band(models.TextChoices):
        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    class Insufficient(models.TextChoices):
        JUST_STARTED = "just_started"
        NO_TIME = "no_time"
        NO_TASKS = "no_tasks"
        UNVALIDATED = "unvalidated"

    class ComparedWith(models.TextChoices):
        """Those a reason compares the learner with: others of the course who are as far. Where
        nothing sets them apart from these (`ALIKE`), or there are too few (`FEW`), those that the
        model has learned from. After the due date, no model is needed."""

        OTHERS = "others"
        ALIKE = "alike"
        FEW = "few"
        DUE_DATE = "due_date"

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
    source = models.CharField(
        max_length=12, choices=RiskSource.choices, blank=True, default="", db_default=""
    )
    unvalidated = models.JSONField(null=True)
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


class RiskAdaptation(models.Model):
    """How the model `base` is adapted to own past enrolments: those of `course`, or all.

    `document` is that of `facts.risk.signs.adaptation`. `learners` and `failed` count the
    enrolments that it learned from.
    """

    base = models.ForeignKey(RiskModel, models.CASCADE, related_name="+")
    course = models.ForeignKey(
        "progress.Course", models.CASCADE, null=True, related_name="+", db_index=False
    )
    document = models.JSONField()
    learners = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    trained_at = models.DateTimeField()

    class Meta:
        ordering = ["base", "course"]
        constraints = [
            models.UniqueConstraint(
                fields=["base", "course"], nulls_distinct=False, name="risk_adaptation_once"
            ),
        ]

    def __str__(self):
        return f"adaptation of model {self.base_id} to course {self.course_id or 'all'}"


class RiskPrediction(LearnerRow):
    """What a source first predicted for an enrolment in a week of it, shown or not: never changed.

    `risk` is a probability; `is_shown` says whether people saw it as a score. `has_failed` is known
    once the enrolment's time is over: whether it wasn't completed in time.
    """

    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.CASCADE, related_name="+", db_index=False
    )
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    week = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=12, choices=RiskSource.choices)
    base = models.ForeignKey(RiskModel, models.PROTECT, related_name="+", db_index=False)
    predicted_at = models.DateTimeField()
    risk = models.FloatField()
    is_shown = models.BooleanField()
    has_failed = models.BooleanField(null=True)

    class Meta:
        indexes = [
            # The predictions of a course whose outcome is known, for its validation.
            models.Index(
                fields=["course", "week", "source", "predicted_at"],
                condition=Q(has_failed__isnull=False),
                name="risk_prediction_settled",
            ),
            # Those that wait for it.
            models.Index(
                fields=["course", "enrollment"],
                condition=Q(has_failed=None),
                name="risk_prediction_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "week", "source", "base"], name="risk_prediction_once"
            ),
            models.CheckConstraint(
                condition=Q(risk__gte=0, risk__lte=1), name="risk_prediction_is_a_probability"
            ),
        ]

    def __str__(self):
        return f"prediction for enrolment {self.enrollment_id} in week {self.week}"


class RiskValidation(models.Model):
    """How the predictions of a source have turned out in a week of a course (`facts.risk.gate`).

    Scores are shown by the source that `is_chosen`; where none is, `verdict` says why. Measures are
    null where nothing can be measured.
    """

    class Verdict(models.TextChoices):
        VALID = "valid"
        TOO_FEW = "too_few"
        NOT_RANKED = "not_ranked"
        NOT_CALIBRATED = "not_calibrated"
        DRIFTED = "drifted"

    course = models.ForeignKey(
        "progress.Course", models.CASCADE, related_name="risk_validations", db_index=False
    )
    week = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=12, choices=RiskSource.choices)
    verdict = models.CharField(max_length=14, choices=Verdict.choices)
    is_chosen = models.BooleanField()
    outcomes = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    auc = models.FloatField(null=True)
    auc_low = models.FloatField(null=True)
    calibration_error = models.FloatField(null=True)
    base = models.ForeignKey(RiskModel, models.CASCADE, related_name="+", db_index=False)
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["course", "week", "source"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "week", "source"], name="risk_validation_once"
            ),
            # Two sources of one score would make it depend on which was found first.
            models.UniqueConstraint(
                fields=["course", "week"],
                condition=Q(is_chosen=True),
                name="risk_validation_one_chosen",
            ),
            models.CheckConstraint(
                condition=Q(is_chosen=False) | Q(verdict="valid"),
                name="risk_validation_chosen_is_valid",
            ),
        ]

    def __str__(self):
        return f"course {self.course_id}, week {self.week}, {self.source}: {self.verdict}"


class RiskByDepartment(models.Model):
    """How right the scores of a department's people in a course were, over enrolments whose time is
    over: sums, so that courses can be added up.

    `predicted` is that of each enrolment's mean score as a probability, `squares` that of its
    squared difference from the outcome, which is 1 where it wasn't completed in time.
    """

    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    department = models.CharField(max_length=120)
    enrollments = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    predicted = models.FloatField()
    squares = models.FloatField()
    base = models.ForeignKey(RiskModel, models.CASCADE, related_name="+", db_index=False)
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["course", "department"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "department"], name="risk_by_department_once"
            ),
            models.CheckConstraint(
                condition=Q(failed__lte=models.F("enrollments"), enrollments__gt=0),
                name="risk_by_department_counts",
            ),
        ]

    def __str__(self):
        return f"course {self.course_id}, {self.department}"
