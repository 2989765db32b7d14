"""The first schedule of the background tasks. From then on it belongs to the operator (admin)."""

from django.db import migrations

# name: (task, every so many minutes)
OFTEN = {
    "Close idle sessions": ("progress.tasks.close_idle_sessions", 1),
    "Send the outbox": ("progress.tasks.send_outbox", 1),
    "Refold changed courses": ("progress.tasks.refold_restructured", 5),
    "Recompute averages": ("progress.tasks.recompute_averages", 10),
}
# name: (task, hour, minute)
DAILY = {"Make the evidence's partitions": ("progress.tasks.make_partitions", 3, 10)}


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    row = apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create
    interval = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create
    for name, (task, minutes) in OFTEN.items():
        schedule, _ = interval(every=minutes, period="minutes")
        # What waited longer than its period for a worker is not worth doing twice.
        values = {"task": task, "interval": schedule, "expire_seconds": minutes * 60}
        row(name=name, defaults=values)
    for name, (task, hour, minute) in DAILY.items():
        schedule, _ = crontab(hour=str(hour), minute=str(minute), timezone="UTC")
        row(name=name, defaults={"task": task, "crontab": schedule})


def remove_schedule(apps, schema_editor):
    rows = apps.get_model("django_celery_beat", "PeriodicTask").objects
    rows.filter(name__in=[*OFTEN, *DAILY]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0002_evidence"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
