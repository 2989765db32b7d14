"""The schedule of the job that sends mail. It belongs to the operator (admin)."""

from django.db import migrations

NAME = "Send mail"


def write_schedule(apps, schema_editor):
    """Add the row where it isn't there; change none that is."""
    interval = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create
    schedule, _ = interval(every=1, period="minutes")
    values = {"task": "progress.tasks.send_mail", "interval": schedule, "expire_seconds": 60}
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults=values
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0018_outgoing_mail"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
