"""The schedule of folding. It belongs to the operator (admin)."""

from django.db import migrations

OFTEN = "Fold new evidence into rollups"
NIGHTLY = "Follow learners who moved to another time zone"


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    beat = apps.get_model
    interval, _ = beat("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=2, period="minutes"
    )
    crontab, _ = beat("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        hour="1", minute="40", timezone="UTC"
    )
    row = beat("django_celery_beat", "PeriodicTask").objects.get_or_create
    row(name=OFTEN, defaults={"task": "analytics.tasks.fold_rollups", "interval": interval})
    row(name=NIGHTLY, defaults={"task": "analytics.tasks.follow_zones", "crontab": crontab})


def remove_schedule(apps, schema_editor):
    rows = apps.get_model("django_celery_beat", "PeriodicTask").objects
    rows.filter(name__in=[OFTEN, NIGHTLY]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0001_rollups"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
