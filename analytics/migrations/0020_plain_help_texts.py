import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0019_quiz_record_schedule"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alertthresholds",
            name="cool_down_days",
            field=models.PositiveSmallIntegerField(
                default=7,
                help_text="For this many days after one closed, no such alert opens again.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(365),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="inactive_least_days",
            field=models.PositiveSmallIntegerField(
                default=7,
                help_text="But never before this many days without activity.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(365),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="inactive_most_days",
            field=models.PositiveSmallIntegerField(
                default=28,
                help_text="And always after this many.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(365),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="inactive_times_usual",
            field=models.PositiveSmallIntegerField(
                default=3,
                help_text="This many times the learner's own usual gap between days, without activity.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(20),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="inactive_unknown_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                help_text="For learners with too few days yet to have a usual gap.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(365),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="integrity_events",
            field=models.PositiveSmallIntegerField(
                default=3,
                help_text="Events that claim more time than had passed, or contradict others.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10000),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="never_started_days",
            field=models.PositiveSmallIntegerField(
                default=7,
                help_text="After this many days of enrolment without a session.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(365),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="pace_behind_points",
            field=models.PositiveSmallIntegerField(
                default=25,
                help_text="This many points behind an even pace.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="recent_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                help_text="Withheld media and doubtful events of this many days count.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(365),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="alertthresholds",
            name="skipping_percent",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="And at least this share of what was reached or played.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="requirement",
            name="due_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Days after a person joined, instead of one day for all.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="requirement",
            name="enrols",
            field=models.BooleanField(
                default=False, help_text="Enrol the people it applies to automatically, every hour."
            ),
        ),
    ]
