"""What can be learned: courses, their modules and contents.

Items are matched by `code` when a course document is sent again. Items left out are retired, never
deleted, so that their evidence stays.
"""

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from progress.validation.content_urls import check_content_url, safe_url

from .marks import readable_courses


class ActiveQuerySet(models.QuerySet):
    def active(self):
        return self.filter(retired_at=None)


class CourseQuerySet(ActiveQuerySet):
    def visible_to(self, user):
        """Courses that `user` learns in, teaches, or may see by permission."""
        courses = readable_courses(self, user)
        if user.sees_all("progress.view_course"):
            return courses.all()
        return courses.filter(
            Q(pk__in=user.courses_taught.values("pk"))
            | Q(
                pk__in=user.enrollments.filter(unenrolled_at=None, is_current=True).values(
                    "course_id"
                )
            )
        )

    def to_refold(self):
        """Courses that changed since some unfinished learner's progress was folded."""
        progress = apps.get_model("progress", "CourseProgress").objects
        behind = progress.behind(F("course__structure_version"))
        return self.filter(pk__in=behind.values("course"))


class Course(models.Model):
    """A course. `structure_version` rises with each change of what counts as progress."""

    class Plausibility(models.TextChoices):
        ENFORCE = "enforce"
        OBSERVE = "observe"

    class Path(models.TextChoices):
        FIXED = "fixed"
        ADAPTIVE = "adaptive"

    code = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    plausibility = models.CharField(
        max_length=10, choices=Plausibility.choices, default=Plausibility.ENFORCE
    )
    path = models.CharField(
        max_length=10,
        choices=Path.choices,
        default=Path.FIXED,
        db_default=Path.FIXED,
        help_text="Fixed: the order below. Adaptive: in an order that suits each learner.",
    )
    is_test = models.BooleanField(
        "test course",
        default=False,
        db_default=False,
        help_text="For test learners only, and in no figure. It stays so.",
    )
    instructors = models.ManyToManyField("progress.User", blank=True, related_name="courses_taught")
    structure_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(plausibility__in=["enforce", "observe"]), name="course_plausibility"
            ),
            models.CheckConstraint(
                condition=Q(path__in=["fixed", "adaptive"]), name="course_path_known"
            ),
        ]

    def __str__(self):
        return self.title


class Module(models.Model):
    """A chapter of a course."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="modules")
    code = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["course", "code"], name="module_code_in_course"),
        ]

    def __str__(self):
        return self.title


class Content(models.Model):
    """One thing to watch, read or answer.

    The extent (what full coverage is measured against) is `duration_ms` of a video or audio,
    `page_count` of a paged document, a thousand bins of any other document, the questions of a
    quiz; media without a duration have none and are reported by the client. An embed has the one
    that its cooperating page measures by (duration, pages, or a text's bins by `reading_seconds`),
    or the author's rule, which is reported: `view_seconds`, `completes_on_confirmation`, or
    `completes_on_score`.
    """

    class Type(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"
        DOCUMENT = "document"
        TEXT = "text"
        QUIZ = "quiz"
        EMBED = "embed"

    module = models.ForeignKey(Module, models.CASCADE, related_name="contents")
    code = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    content_type = models.CharField(max_length=10, choices=Type.choices)
    url = models.CharField(
        max_length=1000,
        blank=True,
        validators=[check_content_url],
        help_text="http, https, or relative to the site.",
    )
    position = models.PositiveIntegerField(default=0)
    required = models.BooleanField(default=True)
    weight = models.PositiveIntegerField(default=1)
    complete_at_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="Hundredths of a percent; empty: the site's COMPLETE_AT."
    )
    skills = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    hidden = models.BooleanField(default=False, help_text="A draft: it doesn't count anywhere.")
    release_at = models.DateTimeField(null=True, blank=True)
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="unlocks"
    )
    waives = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="waived_by",
        help_text="A pre-test: learners who pass it need not do these.",
    )
    alternative_group = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="Of contents with the same name here, one is enough.",
    )
    is_remedial = models.BooleanField(
        "remedial",
        default=False,
        db_default=False,
        help_text="Extra practice: the path offers it to learners whose skill is weak.",
    )
    is_reported = models.BooleanField(
        "completion reported",
        default=False,
        help_text="It can't be measured, the author decided: what the client reports is accepted.",
    )
    media_version = models.PositiveIntegerField(default=1)
    edition_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the author saved its present medium and length; empty: from the beginning.",
    )
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    reading_seconds = models.PositiveIntegerField(null=True, blank=True)
    completes_on_download = models.BooleanField(default=False)
    completes_on_confirmation = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Of an embed: complete when the learner says so.",
    )
    completes_on_score = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Of an embed: the page inside reports a score, and that is its percentage.",
    )
    view_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Of an embed: complete after this many seconds of active time in it.",
    )
    pass_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="A quiz's pass mark in hundredths of a percent."
    )
    max_attempts = models.PositiveIntegerField("maximum attempts", null=True, blank=True)
    time_limit_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of a quiz: the time that an attempt has."
    )
    grace_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=(
            "Of a quiz with a time limit: how much later answers given in time may arrive. "
            "Empty: 600."
        ),
    )
    shuffles_questions = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Of a quiz: each attempt asks the questions in an order of its own.",
    )
    shuffles_choices = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Of a quiz: each attempt shows the choices in an order of its own.",
    )
    pools = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="Of a quiz: how many questions an attempt asks of each pool, by its name.",
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveQuerySet.as_manager()

    # What makes another edition: events from before belong to the medium that was there.
    EDITION = frozenset({"media_version", "duration_ms", "page_count"})

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["module", "code"], name="content_code_in_module"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=1000), name="content_weight_1_to_1000"
            ),
            models.CheckConstraint(
                condition=Q(complete_at_bp=None)
                | Q(complete_at_bp__gte=1, complete_at_bp__lte=10000),
                name="content_complete_at_in_range",
            ),
            models.CheckConstraint(
                condition=Q(pass_bp=None) | Q(pass_bp__lte=10000), name="content_pass_in_range"
            ),
            # A quiz completes by passing or submitting, never by a share of questions.
            models.CheckConstraint(
                condition=~Q(content_type="quiz") | Q(complete_at_bp=None),
                name="content_quiz_has_no_complete_at",
            ),
            # Practice that a model brings to some learners must not hold up the others.
            models.CheckConstraint(
                condition=Q(is_remedial=False) | Q(required=False),
                name="content_remedial_is_optional",
            ),
            # Coverage is divided by the extent, so it can't be 0.
            models.CheckConstraint(
                condition=Q(duration_ms=None) | Q(duration_ms__gte=1),
                name="content_duration_above_0",
            ),
            models.CheckConstraint(
                condition=Q(page_count=None) | Q(page_count__gte=1), name="content_pages_above_0"
            ),
            models.CheckConstraint(
                condition=Q(view_seconds=None) | Q(view_seconds__gte=1, content_type="embed"),
                name="content_view_seconds_of_embed",
                violation_error_message="Only an embed has view seconds, and at least one.",
            ),
            models.CheckConstraint(
                condition=Q(completes_on_confirmation=False)
                | Q(content_type="embed", view_seconds=None),
                name="content_confirmation_of_embed",
                violation_error_message=(
                    "Only an embed completes by confirmation, and not by view seconds as well."
                ),
            ),
            models.CheckConstraint(
                condition=Q(time_limit_seconds=None, grace_seconds=None)
                | Q(content_type="quiz", time_limit_seconds__gte=1),
                name="content_time_limit_of_quiz",
                violation_error_message="Only a quiz has a time limit; a grace needs one.",
            ),
            models.CheckConstraint(
                condition=Q(content_type="quiz")
                | Q(shuffles_questions=False, shuffles_choices=False, pools={}),
                name="content_draws_of_quiz",
                violation_error_message="Only a quiz draws and shuffles.",
            ),
            models.CheckConstraint(
                condition=Q(completes_on_score=False)
                | Q(content_type="embed", view_seconds=None, completes_on_confirmation=False),
                name="content_score_of_embed",
                violation_error_message="Only an embed completes by a score, and by nothing else.",
            ),
            models.CheckConstraint(
                condition=Q(
                    content_type__in=["video", "audio", "document", "text", "quiz", "embed"]
                ),
                name="content_type_known",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def safe_url(self) -> str:
        """The address where it may be shown as a link or played; "" otherwise."""
        return safe_url(self.url)
