from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics", "0027_learner_columns")]

    operations = [
        migrations.AddField(
            model_name="dismissal",
            name="until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
