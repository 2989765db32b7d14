from django.db import migrations, models

import progress.models.people
from progress.operations import change_triggers

BEFORE = "username, email, full_name, department, time_zone, external_id, is_active"
# Whoever follows the people of the API learns of a new language.
AFTER = f"{BEFORE}, language"


def note(columns: str) -> str:
    drop = "DROP TRIGGER IF EXISTS note_changed ON progress_user;\n"
    return drop + change_triggers.create(
        "progress_user", columns=columns, inserts=False, deletes=False
    )


class Migration(migrations.Migration):
    dependencies = [("progress", "0039_explanations")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True,
                choices=progress.models.people.languages,
                db_default="",
                default="",
                help_text="Of pages and mails; empty: as the browser asks, and as the site has it.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="captions_language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The language of captions; empty for that of the pages.",
                max_length=16,
            ),
        ),
        migrations.RunSQL(note(AFTER), note(BEFORE)),
    ]
