"""When risk is scored and measured. The schedule belongs to the operator (admin)."""

from django.db import migrations

HOURLY = ("Score risk of changed learners", "analytics.tasks.score_changed_risk", "7", "*", "*")
DAILY = ("Score risk of everyone", "analytics.tasks.score_risk", "40", "3", "*")
WEEKLY = ("Measure the risk model", "analytics.tasks.backtest_risk", "20", "4", "0")


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create
    entries = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for name, task, minute, hour, day_of_week in (HOURLY, DAILY, WEEKLY):
        schedule, _ = crontab(minute=minute, hour=hour, day_of_week=day_of_week, timezone="UTC")
        entries.get_or_create(name=name, defaults={"task": task, "crontab": schedule})


def remove_schedule(apps, schema_editor):
    names = [name for name, *_ in (HOURLY, DAILY, WEEKLY)]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0003_risk"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
