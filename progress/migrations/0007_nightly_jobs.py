"""The schedule of the jobs that run at night. It belongs to the operator (admin)."""

from django.db import migrations

# name: (task, hour, minute)
DAILY = {
    "Check a sample of progress": ("progress.tasks.check_sample", 2, 20),
    "Export old evidence": ("progress.tasks.export_evidence", 3, 40),
    "Prune": ("progress.tasks.prune", 4, 10),
}


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    row = apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create
    for name, (task, hour, minute) in DAILY.items():
        schedule, _ = crontab(hour=str(hour), minute=str(minute), timezone="UTC")
        row(name=name, defaults={"task": task, "crontab": schedule})


def remove_schedule(apps, schema_editor):
    rows = apps.get_model("django_celery_beat", "PeriodicTask").objects
    rows.filter(name__in=DAILY).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0006_jobs"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
