from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("progress", "0035_notes")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="calendar_number",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
    ]
