"""The questions of quizzes, and what they are answered with."""

from django.db import models
from django.utils import timezone

from .catalogue import ActiveQuerySet, Content


class Question(models.Model):
    """A quiz question. Its type says what makes an answer right (`progress.rules.grading`)."""

    class Type(models.TextChoices):
        SINGLE = "single", "One choice"
        MULTIPLE = "multiple", "Several choices"
        TRUE_FALSE = "true_false", "True or false"
        ORDERING = "ordering", "Ordering"
        MATCHING = "matching", "Matching"
        NUMERIC = "numeric", "Number"
        SHORT_TEXT = "short_text", "Short text"

    TYPED = (Type.NUMERIC, Type.SHORT_TEXT)
    ARRANGED = (Type.ORDERING, Type.MATCHING)
    NOT_CHOSEN = TYPED + ARRANGED  # all others are answered by choosing

    content = models.ForeignKey(Content, models.CASCADE, related_name="questions")
    code = models.CharField(max_length=100)
    question_type = models.CharField(
        max_length=10,
        choices=Type.choices,
        blank=True,
        default="",
        db_default="",
        help_text="Empty: one or several choices, by how many are correct.",
    )
    text = models.TextField()
    tolerance = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Of a number: by how much an answer may differ.",
    )
    pool = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="Of the questions with the same name here, an attempt asks only some.",
    )
    explanation = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="Why the answer is right; learners see it with the right answer.",
    )
    taught_in = models.ForeignKey(
        Content,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The content of the same course that teaches it.",
    )
    taught_at = models.PositiveIntegerField(
        null=True, blank=True, help_text="The second, page or paragraph in that content."
    )
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(
        default=timezone.now,
        null=True,
        editable=False,
        help_text="Attempts from before are not scored on it; empty: it was always there.",
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            # Deferred, since a document may exchange two codes.
            models.UniqueConstraint(
                fields=["content", "code"],
                name="question_code_once_in_quiz",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self):
        return self.code


class Choice(models.Model):
    """One possible answer of a question: known by its id, or by the code that its author gave.

    Its text may be corrected, and then it is still the same answer. A number or a short text has
    its accepted answers as choices; an ordering question lists them in the right order.
    """

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices")
    # NULL for none, so that any number of choices may be without.
    code = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    text = models.CharField(max_length=1000)
    is_correct = models.BooleanField("correct", default=False)
    match_code = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="Of a matching question: the code of the choice that belongs to this one.",
    )
    explanation = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="Why it is right or wrong; learners see it after they submitted.",
    )
    position = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            # Deferred, since a document may exchange two codes.
            models.UniqueConstraint(
                fields=["question", "code"],
                name="choice_code_once_in_question",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self):
        return self.text
