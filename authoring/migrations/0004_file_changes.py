from django.db import migrations

from progress.operations import change_triggers


class Migration(migrations.Migration):
    dependencies = [
        ("authoring", "0003_self_enrollment"),
        ("progress", "0026_row_changes"),
    ]

    operations = [
        migrations.RunSQL(
            change_triggers.create("authoring_storedfile"),
            change_triggers.drop("authoring_storedfile"),
        )
    ]
