"""Quiz attempts and the history of their answers. Written by `progress.ingest` only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .learner_keys import LearnerForeignKey, LearnerRow


class QuizAttempt(LearnerRow):
    """One try at a quiz: open until it is submitted, then scored and closed for good.

    `answers` is the attempt as it stands, `{question id: [revision, answer]}`, so that a
    batch reads and writes one row; `QuizAnswer` keeps every revision. Both are written together.
    """

    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.PROTECT, related_name="attempts", verbose_name="enrolment"
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")
    content = models.ForeignKey("progress.Content", models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    drawn_questions = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        help_text="The questions that it asks, in their order; empty: all of the quiz.",
    )
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="Answers count that were given by then."
    )
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text="Then it is submitted as it is; empty: without a limit."
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_sequence = models.BigIntegerField(null=True, blank=True)
    submitted_session = models.UUIDField(null=True, blank=True)
    answers = models.JSONField(default=dict)
    question_ms = models.JSONField(default=dict, help_text="Active time by question id, ms.")
    time_ms = models.PositiveBigIntegerField(default=0)
    correct_count = models.PositiveIntegerField(null=True, blank=True)
    question_count = models.PositiveIntegerField(null=True, blank=True)
    right_questions = ArrayField(models.BigIntegerField(), null=True, blank=True)
    score_bp = models.PositiveIntegerField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        indexes = [
            # For the job that submits what nobody came back to.
            models.Index(
                fields=["closes_at"],
                name="attempt_open_with_limit",
                condition=Q(submitted_at=None, closes_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enrollment", "content", "number"],
                name="attempt_number_of_learner_once",
            ),
            # An answer without an attempt number goes to the open one: there can be but one.
            models.UniqueConstraint(
                fields=["enrollment", "content"],
                condition=Q(submitted_at=None),
                name="attempt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, score_bp=None)
                | Q(submitted_at__isnull=False, score_bp__isnull=False),
                name="attempt_scored_when_submitted",
            ),
            models.CheckConstraint(
                condition=Q(score_bp=None) | Q(score_bp__lte=10000), name="attempt_score_in_range"
            ),
        ]

    @property
    def was_timed_out(self) -> bool:
        """Whether it was submitted by the server when its time was over."""
        return self.closes_at is not None and self.submitted_at == self.closes_at

    def __str__(self):
        return (
            f"attempt {self.number} of enrolment {self.enrollment_id} at content {self.content_id}"
        )


class QuizAnswer(LearnerRow):
    """A revision of an answer, append-only. In a conflict, the answer that lost is kept too."""

    attempt = LearnerForeignKey(QuizAttempt, models.PROTECT, related_name="history")
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")
    question = models.ForeignKey("progress.Question", models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(help_text="Of the answer that this one made or met.")
    base_revision = models.PositiveIntegerField()
    is_conflict = models.BooleanField("conflict", default=False)
    is_late = models.BooleanField(
        "after the time limit",
        default=False,
        db_default=False,
        help_text="Kept, and not counted. The answer that counts is another, as in a conflict.",
    )
    choices = ArrayField(models.BigIntegerField())
    other_answer = models.JSONField(
        null=True, blank=True, help_text="Pairs, a number or a text: what isn't a list of choices."
    )
    answered_at = models.DateTimeField()
    time_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "question", "revision"],
                condition=Q(is_conflict=False),
                name="answer_revision_once",
            ),
        ]

    def __str__(self):
        return f"answer to question {self.question_id}, revision {self.revision}"


class Regrade(LearnerRow):
    """A submitted attempt whose score was corrected: what it was, what it became, and why."""

    attempt = LearnerForeignKey(QuizAttempt, models.PROTECT, related_name="regrades")
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")
    score_before_bp = models.PositiveIntegerField()
    score_after_bp = models.PositiveIntegerField()
    passed_before = models.BooleanField(null=True, blank=True)
    passed_after = models.BooleanField(null=True, blank=True)
    reason = models.CharField(max_length=255)
    regraded_at = models.DateTimeField()
    regraded_by = models.ForeignKey(
        "progress.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="regrade_has_a_reason"),
        ]

    def __str__(self):
        return f"attempt {self.attempt_id}: {self.score_before_bp} to {self.score_after_bp}"
