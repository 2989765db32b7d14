"""The schedule of tracing. It belongs to the operator (admin)."""

from django.db import migrations

OFTEN = "Trace learners' skills from new answers"
NIGHTLY = "Follow quizzes whose skills have changed"


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    beat = apps.get_model
    interval, _ = beat("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=2, period="minutes"
    )
    crontab, _ = beat("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="1", minute="50", timezone="UTC"
    )
    row = beat("django_celery_beat", "PeriodicTask").objects.get_or_create
    row(name=OFTEN, defaults={"task": "analytics.tasks.trace_skills", "interval": interval})
    row(name=NIGHTLY, defaults={"task": "analytics.tasks.follow_skills", "crontab": crontab})


def remove_schedule(apps, schema_editor):
    rows = apps.get_model("django_celery_beat", "PeriodicTask").objects
    rows.filter(name__in=[OFTEN, NIGHTLY]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0005_mastery"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
