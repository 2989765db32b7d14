"""The first schedule of these jobs, as they declare it. It belongs to the operator (admin)."""

from django.db import migrations

from progress.jobs.schedule import schedule_entries


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0002_evidence"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        schedule_entries(
            "progress.tasks.close_idle_sessions",
            "progress.tasks.send_outbox",
            "progress.tasks.refold_restructured",
            "progress.tasks.recompute_averages",
            "progress.tasks.make_partitions",
        )
    ]
