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


class StoredFileQuerySet(models.QuerySet):
    def current(self):
        return self.filter(removed_at=None)

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
    """An uploaded file that was checked and measured. Its bytes never change.

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
    content_type = models.CharField(max_length=100)
    ending = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    words = models.PositiveIntegerField(null=True, blank=True)
    stored_as = models.CharField(max_length=200)
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
        ]

    def __str__(self):
        return str(self.public_id)

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
    """A file that is on its way, in parts; deleted once it is complete, refused or given up."""

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
