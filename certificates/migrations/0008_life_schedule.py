"""The schedule of what happens to certificates in time. It belongs to the operator (admin)."""

from django.db import migrations

ENTRIES = {
    "Begin renewals of certificates": "certificates.tasks.begin_renewals",
    "Remind of certificates that end": "certificates.tasks.remind",
}


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=60, period="minutes"
    )
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task in ENTRIES.items():
        tasks.objects.get_or_create(name=name, defaults={"task": task, "interval": interval})


def remove_schedule(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    tasks.objects.filter(name__in=ENTRIES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0007_life"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
