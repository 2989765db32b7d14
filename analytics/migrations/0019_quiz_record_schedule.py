"""When passes are counted: each hour. The operator may change it (admin)."""

from django.db import migrations

NAME, TASK = "Count how many pass each quiz", "analytics.tasks.count_passes"


def write_schedule(apps, schema_editor):
    """Add the row if it isn't there; change none that is."""
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create
    schedule, _ = crontab(minute="35", hour="*", day_of_week="*", timezone="UTC")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": TASK, "crontab": schedule}
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0018_quiz_records"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(write_schedule, remove_schedule)]
