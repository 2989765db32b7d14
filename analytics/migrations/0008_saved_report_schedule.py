"""The first schedule of these jobs, as they declare it. It belongs to the operator (admin)."""

from django.db import migrations

from progress.jobs.schedule import schedule_entries


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0007_saved_reports"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        schedule_entries(
            "analytics.tasks.send_reports",
        )
    ]
