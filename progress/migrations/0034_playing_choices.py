from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("progress", "0033_start_function")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="captions_on",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether films begin with captions; set by the learner.",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="autoplay_next",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether the next content follows a film by itself; set by the learner.",
            ),
        ),
    ]
