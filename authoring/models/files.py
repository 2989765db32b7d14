"""Uploaded files. Written by `authoring.uploading` only."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from progress.models import Course, Enrollment
from progress.security import rights


class Role(models.TextChoices):
    """What a file is for: a content of its own, or something beside a video or recording."""

    CONTENT = "content", _("Content")
    CAPTIONS = "captions", _("Captions")
    CHAPTERS = "chapters", _("Chapters")
    POSTER = "poster", _("Poster")


class Kind(models.TextChoices):
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    PDF = "pdf", _("PDF")
    TEXT = "text", _("Text")
    IMAGE = "image", _("Picture")
    TRACK = "track", _("Captions")
    # Until it is looked into: a ZIP of files, or a deck.
    ARCHIVE = "archive", _("ZIP or deck")


class State(models.TextChoices):
    """Whether it is known what a file is: a large one is checked and measured in the background."""

    WAITING = "waiting", _("Waiting to be measured")
    MEASURING = "measuring", _("Being measured")
    MEASURED = "measured", _("Measured")
    FAILED = "failed", _("Refused")


class StoredFileQuerySet(models.QuerySet):
    def current(self):
        return self.filter(removed_at=None)

    def usable(self):
        """Those that can be shown: checked and measured."""
        return self.current().filter(state=State.MEASURED)

    def writable_by(self, user):
        return self.filter(course__in=rights.writable_courses(user).order_by().values("pk"))

    def visible_to(self, user):
        """Files of courses that the user learns in or may change."""
        learnt = Enrollment.objects.active().filter(user_id=user.pk, course__retired_at=None)
        return self.filter(
            Q(course__in=rights.writable_courses(user).order_by().values("pk"))
            | Q(course__in=learnt.order_by().values("course_id"))
        )


class StoredFile(models.Model):
    """An uploaded file. Its bytes never change.

    It has bytes (`stored_as`) and is served once it is `measured`. One that waits for that, or is
    being measured, has an address already; one that was refused (`failed`) says why in `problem`,
    and has no bytes. What waits says in `problem` why the last try came to nothing.

    A content refers to it by `address`, so that a course document holds it like any other URL.
    Captions, chapters and a poster belong to `media`, a video or recording; one that is replaced
    or removed has `removed_at`, and its bytes are deleted.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="files")
    role = models.CharField(max_length=10, choices=Role.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="belongings"
    )
    language = models.CharField(max_length=35, blank=True)
    name = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.MEASURED, db_default=State.MEASURED
    )
    problem = models.TextField(blank=True, default="", db_default="")
    content_type = models.CharField(max_length=100)
    ending = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    words = models.PositiveIntegerField(null=True, blank=True)
    stored_as = models.CharField(max_length=200, blank=True)
    # Of a PDF that was copied: where it came from.
    copied_from = models.CharField(max_length=1000, blank=True, default="", db_default="")
    # SHA-256 of what was copied.
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    uploaded_by = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role="content", media=None) | (~Q(role="content") & ~Q(media=None)),
                name="stored_file_belongs_to_media",
            ),
            # Also for chapters and posters, whose language is empty.
            models.UniqueConstraint(
                fields=["media", "role", "language"],
                condition=Q(removed_at=None),
                name="stored_file_once_for_media",
            ),
            models.CheckConstraint(
                condition=(
                    (Q(state="measured") & ~Q(stored_as="") & Q(problem=""))
                    | (Q(state="failed", stored_as="") & ~Q(problem=""))
                    | Q(state__in=["waiting", "measuring"], stored_as="")
                ),
                name="stored_file_has_bytes_when_measured",
            ),
        ]

    def __str__(self):
        return str(self.public_id)

    @property
    def is_expected(self) -> bool:
        """Whether it is still to be measured."""
        return self.state in {State.WAITING, State.MEASURING}

    @property
    def percent_checked(self) -> int | None:
        """How much of it was put together and looked at; None once that is over."""
        if not self.is_expected:
            return None
        upload = getattr(self, "upload", None)
        return 0 if upload is None else 100 * upload.checked // upload.size

    @property
    def address(self) -> str:
        """Where it is served to whoever may see it; ends as its type does, whatever its name."""
        return reverse("stored-file", args=[self.public_id, f"file{self.ending}"])


class UploadQuerySet(models.QuerySet):
    def of(self, user):
        """The user's own uploads, while they may change the course."""
        courses = rights.writable_courses(user).order_by().values("pk")
        return self.filter(owner_id=user.pk, course__in=courses)


class Upload(models.Model):
    """A file that is on its way, in parts; deleted once it is measured, refused or given up.

    Of a large one that has arrived, `file` is the row that waits for its measures.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="+")
    owner = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)
    media = models.ForeignKey(StoredFile, models.CASCADE, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=35, blank=True)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    # Where each part is stored, in their order.
    parts = models.JSONField(default=list)
    file = models.OneToOneField(
        StoredFile, models.CASCADE, null=True, blank=True, related_name="upload"
    )
    # Whether a ZIP is stored file by file.
    unpacks = models.BooleanField(default=False, db_default=False)
    # How many bytes the background has put together, and how often it began.
    checked = models.PositiveBigIntegerField(default=0, db_default=0)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["updated_at"], name="upload_by_update")]
        constraints = [
            models.CheckConstraint(
                condition=Q(received__lte=models.F("size")), name="upload_not_beyond_its_size"
            )
        ]

    def __str__(self):
        return str(self.public_id)
