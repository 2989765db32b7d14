from django.db import migrations

from progress.operations import change_triggers

SHOWN = (
    "url, description, events, payload, disabled_at, disabled_reason, last_success_at,"
    " failing_since"
)


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0002_triggers"),
        ("progress", "0026_row_changes"),
    ]

    operations = [
        migrations.RunSQL(
            change_triggers.create("connections_endpoint", columns=SHOWN),
            change_triggers.drop("connections_endpoint"),
        )
    ]
