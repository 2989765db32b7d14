from django.db import migrations, models


class Migration(migrations.Migration):
    """Days of a streak stay those of the zone in which they were earned."""

    dependencies = [
        ("progress", "0016_last_activity"),
    ]

    operations = [
        migrations.AddField(
            model_name="content",
            name="edition_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text=(
                    "When the author saved its present medium and length; empty: from the beginning."
                ),
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="earlier_zones",
            field=models.JSONField(
                blank=True,
                db_default=[],
                default=list,
                editable=False,
                help_text="[[zone, until when in epoch milliseconds]], the first one first.",
            ),
        ),
    ]
