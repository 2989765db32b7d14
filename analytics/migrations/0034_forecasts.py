"""When open enrolments will be completed, what was said at the time, and how it turned out."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from progress.operations import change_triggers

TABLE = "analytics_completionforecast"


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0033_min_and_max"),
        ("progress", "0053_test_learner_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CompletionForecast",
            fields=[
                (
                    "enrollment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="forecast",
                        serialize=False,
                        to="progress.enrollment",
                    ),
                ),
                ("as_of", models.DateTimeField()),
                ("part", models.PositiveSmallIntegerField()),
                ("left_seconds", models.PositiveIntegerField()),
                ("left_contents", models.PositiveIntegerField()),
                ("first_at", models.DateTimeField(null=True)),
                ("median_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                ("horizon_at", models.DateTimeField(null=True)),
                ("late_chance", models.FloatField(null=True)),
                (
                    "insufficient",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("just_started", "Just Started"),
                            ("no_time", "No Time"),
                            ("no_tasks", "No Tasks"),
                            ("unvalidated", "Unvalidated"),
                            ("unlikely", "Unlikely"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="progress.course",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        fields=["course", "-late_chance", "enrollment"], name="forecast_of_course"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("late_chance", None),
                            models.Q(("late_chance__gte", 0), ("late_chance__lte", 1)),
                            _connector="OR",
                        ),
                        name="forecast_late_chance",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("first_at", None),
                                ("last_at", None),
                                ("median_at", None),
                                models.Q(("insufficient", ""), _negated=True),
                            ),
                            models.Q(
                                ("first_at__isnull", False),
                                ("horizon_at__isnull", False),
                                ("insufficient", ""),
                            ),
                            _connector="OR",
                        ),
                        name="forecast_or_why_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_at", None),
                            ("last_at__gte", models.F("first_at")),
                            _connector="OR",
                        ),
                        name="forecast_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.PositiveSmallIntegerField()),
                ("part", models.PositiveSmallIntegerField()),
                ("predicted_at", models.DateTimeField()),
                (
                    "hours",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(null=True), size=None
                    ),
                ),
                ("horizon_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("level", models.FloatField()),
                ("is_calibrated", models.BooleanField()),
                ("first_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                ("late_chance", models.FloatField(null=True)),
                ("is_shown", models.BooleanField()),
                ("is_settled", models.BooleanField(default=False)),
                ("finished_at", models.DateTimeField(null=True)),
                ("is_inside", models.BooleanField(null=True)),
                ("was_late", models.BooleanField(null=True)),
                (
                    "course",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="progress.course",
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="progress.enrollment",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_settled", True)),
                        fields=["course", "predicted_at"],
                        name="forecast_record_settled",
                    ),
                    models.Index(
                        condition=models.Q(("is_settled", False)),
                        fields=["horizon_at"],
                        name="forecast_record_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enrollment", "week"), name="forecast_record_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("late_chance", None),
                            models.Q(("late_chance__gte", 0), ("late_chance__lte", 1)),
                            _connector="OR",
                        ),
                        name="forecast_record_late_chance",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastValidation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.PositiveSmallIntegerField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("valid", "Valid"),
                            ("too_few", "Too Few"),
                            ("too_narrow", "Too Narrow"),
                            ("too_wide", "Too Wide"),
                            ("drifted", "Drifted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("enrollments", models.PositiveIntegerField()),
                ("forecasts", models.PositiveIntegerField()),
                ("coverage", models.FloatField(null=True)),
                ("coverage_low", models.FloatField(null=True)),
                ("coverage_high", models.FloatField(null=True)),
                ("width_days", models.FloatField(null=True)),
                ("level", models.FloatField()),
                ("is_calibrated", models.BooleanField()),
                ("late_expected", models.FloatField(null=True)),
                ("late_seen", models.FloatField(null=True)),
                ("late_error", models.FloatField(null=True)),
                ("is_late_valid", models.BooleanField()),
                ("measured_at", models.DateTimeField()),
                (
                    "course",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="progress.course",
                    ),
                ),
            ],
            options={
                "ordering": ["course", "part"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("course", "part"),
                        name="forecast_validation_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(
            change_triggers.create(TABLE, "enrollment_id"), change_triggers.drop(TABLE)
        ),
    ]
