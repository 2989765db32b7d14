import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ROLES = [
    ("content", "Content"),
    ("captions", "Captions"),
    ("chapters", "Chapters"),
    ("poster", "Poster"),
]
KINDS = [
    ("video", "Video"),
    ("audio", "Audio"),
    ("pdf", "PDF"),
    ("text", "Text"),
    ("image", "Picture"),
    ("track", "Captions"),
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [("progress", "0032_group_functions")]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("role", models.CharField(choices=ROLES, max_length=10)),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("language", models.CharField(blank=True, max_length=35)),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("ending", models.CharField(max_length=10)),
                ("size", models.PositiveBigIntegerField()),
                ("duration_ms", models.PositiveBigIntegerField(blank=True, null=True)),
                ("page_count", models.PositiveIntegerField(blank=True, null=True)),
                ("words", models.PositiveIntegerField(blank=True, null=True)),
                ("stored_as", models.CharField(max_length=200)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="progress.course",
                    ),
                ),
                (
                    "media",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="belongings",
                        to="authoring.storedfile",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(role="content", media=None)
                        | (~Q(role="content") & ~Q(media=None)),
                        name="stored_file_belongs_to_media",
                    ),
                    models.UniqueConstraint(
                        condition=Q(removed_at=None),
                        fields=("media", "role", "language"),
                        name="stored_file_once_for_media",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("role", models.CharField(choices=ROLES, max_length=10)),
                ("language", models.CharField(blank=True, max_length=35)),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveBigIntegerField()),
                ("received", models.PositiveBigIntegerField(default=0)),
                ("parts", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="progress.course",
                    ),
                ),
                (
                    "media",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="authoring.storedfile",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["updated_at"], name="upload_by_update")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(received__lte=F("size")), name="upload_not_beyond_its_size"
                    )
                ],
            },
        ),
    ]
