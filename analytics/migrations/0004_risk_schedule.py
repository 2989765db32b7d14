"""The first schedule of these jobs, as they declare it. It belongs to the operator (admin)."""

from django.db import migrations

from progress.jobs.schedule import schedule_entries


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0003_risk"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        schedule_entries(
            "analytics.tasks.score_changed_risk",
            "analytics.tasks.score_risk",
            "analytics.tasks.backtest_risk",
        )
    ]
