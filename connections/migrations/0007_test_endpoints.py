from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0004_provisioning"),
        ("progress", "0051_test_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="is_test",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="It gets the events of test learners, and no others. It stays so.",
                verbose_name="test endpoint",
            ),
        ),
    ]
