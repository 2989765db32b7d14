"""Names of limits say min and max; stored measurements call a prediction `predicted`."""

import django.db.models as models
from django.db import migrations


def rename_key(old, new):
    def rename(apps, schema_editor):
        for model in apps.get_model("analytics", "RiskModel").objects.only("metrics"):
            for week in model.metrics.get("weeks", []):
                for row in week.get("reliability", []):
                    if old in row:
                        row[new] = row.pop(old)
            model.save(update_fields=["metrics"])

    return rename


class Migration(migrations.Migration):
    dependencies = [("analytics", "0032_content_dropouts")]

    operations = [
        migrations.RemoveConstraint("alertthresholds", "alert_inactive_least_before_most"),
        migrations.RenameField("alertthresholds", "inactive_least_days", "inactive_min_days"),
        migrations.RenameField("alertthresholds", "inactive_most_days", "inactive_max_days"),
        migrations.RenameField("alertthresholds", "skipping_least_seconds", "skipping_min_seconds"),
        migrations.AddConstraint(
            "alertthresholds",
            models.CheckConstraint(
                condition=models.Q(("inactive_min_days__lte", models.F("inactive_max_days"))),
                name="alert_inactive_min_before_max",
                violation_error_message="The minimum number of days without activity is greater "
                "than the maximum.",
            ),
        ),
        migrations.RunPython(rename_key("told", "predicted"), rename_key("predicted", "told")),
    ]
