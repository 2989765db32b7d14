"""The questions of quizzes, and what they are answered with."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from progress.validation.content_urls import check_content_url

from .catalogue import ActiveQuerySet, Content


class Pictured(models.Model):
    """What may have a picture, of this site, that is described for those who don't see it."""

    image = models.CharField(
        max_length=1000, blank=True, default="", db_default="", validators=[check_content_url]
    )
    image_alt = models.CharField(
        "text instead of the image",
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text="What the image shows.",
    )

    class Meta:
        abstract = True


class Question(Pictured):
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
            models.CheckConstraint(
                condition=Q(image="") | ~Q(image_alt=""), name="question_image_is_described"
            ),
        ]

    def __str__(self):
        return self.code


class Choice(Pictured):
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
            models.CheckConstraint(
                condition=Q(image="") | ~Q(image_alt=""), name="choice_image_is_described"
            ),
        ]

    def __str__(self):
        return self.text
