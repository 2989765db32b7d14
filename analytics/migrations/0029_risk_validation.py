"""Predictions as they were made, how they turned out, and models adapted to own enrolments."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SOURCES = [("base", "Base"), ("organisation", "Organisation"), ("course", "Course")]
VERDICTS = [
    ("valid", "Valid"),
    ("too_few", "Too Few"),
    ("not_ranked", "Not Ranked"),
    ("not_calibrated", "Not Calibrated"),
    ("drifted", "Drifted"),
]
INSUFFICIENT = [
    ("just_started", "Just Started"),
    ("no_time", "No Time"),
    ("no_tasks", "No Tasks"),
    ("unvalidated", "Unvalidated"),
]


def key():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def relation(model, on_delete=django.db.models.deletion.CASCADE, **options):
    return models.ForeignKey(on_delete=on_delete, to=model, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0028_dismissals_for_a_while"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="riskscore",
            name="insufficient",
            field=models.CharField(blank=True, choices=INSUFFICIENT, max_length=12),
        ),
        migrations.AddField(
            model_name="riskscore",
            name="source",
            field=models.CharField(
                blank=True, choices=SOURCES, db_default="", default="", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="riskscore",
            name="unvalidated",
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name="RiskAdaptation",
            fields=[
                ("id", key()),
                ("document", models.JSONField()),
                ("learners", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField()),
                ("trained_at", models.DateTimeField()),
                ("base", relation("analytics.riskmodel", related_name="+")),
                (
                    "course",
                    relation("progress.course", db_index=False, null=True, related_name="+"),
                ),
            ],
            options={
                "ordering": ["base", "course"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("base", "course"),
                        name="risk_adaptation_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskPrediction",
            fields=[
                ("id", key()),
                ("week", models.PositiveSmallIntegerField()),
                ("source", models.CharField(choices=SOURCES, max_length=12)),
                ("predicted_at", models.DateTimeField()),
                ("risk", models.FloatField()),
                ("is_shown", models.BooleanField()),
                ("has_failed", models.BooleanField(null=True)),
                (
                    "base",
                    relation(
                        "analytics.riskmodel",
                        django.db.models.deletion.PROTECT,
                        db_index=False,
                        related_name="+",
                    ),
                ),
                ("course", relation("progress.course", db_index=False, related_name="+")),
                ("enrollment", relation("progress.enrollment", db_index=False, related_name="+")),
                ("user", relation(settings.AUTH_USER_MODEL, related_name="+")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("has_failed__isnull", False)),
                        fields=["course", "week", "source", "predicted_at"],
                        name="risk_prediction_settled",
                    ),
                    models.Index(
                        condition=models.Q(("has_failed", None)),
                        fields=["course", "enrollment"],
                        name="risk_prediction_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enrollment", "week", "source", "base"),
                        name="risk_prediction_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("risk__gte", 0), ("risk__lte", 1)),
                        name="risk_prediction_is_a_probability",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskValidation",
            fields=[
                ("id", key()),
                ("week", models.PositiveSmallIntegerField()),
                ("source", models.CharField(choices=SOURCES, max_length=12)),
                ("verdict", models.CharField(choices=VERDICTS, max_length=14)),
                ("is_chosen", models.BooleanField()),
                ("outcomes", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField()),
                ("auc", models.FloatField(null=True)),
                ("auc_low", models.FloatField(null=True)),
                ("calibration_error", models.FloatField(null=True)),
                ("measured_at", models.DateTimeField()),
                ("base", relation("analytics.riskmodel", db_index=False, related_name="+")),
                (
                    "course",
                    relation("progress.course", db_index=False, related_name="risk_validations"),
                ),
            ],
            options={
                "ordering": ["course", "week", "source"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("course", "week", "source"), name="risk_validation_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_chosen", True)),
                        fields=("course", "week"),
                        name="risk_validation_one_chosen",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_chosen", False), ("verdict", "valid"), _connector="OR"
                        ),
                        name="risk_validation_chosen_is_valid",
                    ),
                ],
            },
        ),
    ]
