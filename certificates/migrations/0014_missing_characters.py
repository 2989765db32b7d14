"""Which characters a file shows as squares; and certificates that failed for want of a font are
tried again."""

from django.db import migrations, models

JOBS = ["certificates.tasks.render_missing", "certificates.tasks.render_anew"]


def try_again(apps, schema_editor):
    apps.get_model("progress", "SetAside").objects.filter(job__in=JOBS).delete()


class Migration(migrations.Migration):
    dependencies = [("certificates", "0013_for_good"), ("progress", "0006_jobs")]

    operations = [
        migrations.AddField(
            model_name="rendition",
            name="missing_characters",
            field=models.TextField(
                blank=True,
                db_default="",
                help_text="Those that no font has: the page shows a white square, the badge has them.",
            ),
        ),
        migrations.RunPython(try_again, migrations.RunPython.noop),
    ]
