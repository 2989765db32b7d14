import unicodedata
from itertools import count

import django.db.models.functions.text
from django.db import migrations, models

import progress.models.people

CHUNK = 2000
GUARD = "user_name_once"


def _normalized(name):
    """As it was when this was written."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def fill(apps, schema_editor):
    """The key of each name. Of accounts that share one the oldest has number 0; none is merged."""
    User = apps.get_model("progress", "User")
    users = User.objects.using(schema_editor.connection.alias).order_by("pk")
    seen: dict[str, count] = {}
    last = 0
    while part := list(users.filter(pk__gt=last).only("pk", "username")[:CHUNK]):
        for user in part:
            user.username_key = _normalized(user.username)
            numbers = seen.setdefault(user.username_key, count())
            user.duplicate_number = next(numbers)
        users.bulk_update(part, ["username_key", "duplicate_number"])
        last = part[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("progress", "0013_content_urls"),
    ]

    operations = [
        migrations.AlterModelManagers(
            name="user",
            managers=[("objects", progress.models.people.PeopleManager())],
        ),
        migrations.AddField(
            model_name="user",
            name="username_key",
            field=progress.models.people.UsernameKey(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="duplicate_number",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "{GUARD}" '
                    'ON "progress_user" ("username_key", "duplicate_number")',
                    f'DROP INDEX CONCURRENTLY IF EXISTS "{GUARD}"',
                ),
                migrations.RunSQL(
                    f'ALTER TABLE "progress_user" ADD CONSTRAINT "{GUARD}" '
                    f'UNIQUE USING INDEX "{GUARD}"',
                    f'ALTER TABLE "progress_user" DROP CONSTRAINT "{GUARD}"',
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="user",
                    constraint=models.UniqueConstraint(
                        fields=("username_key", "duplicate_number"), name=GUARD
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "user_by_email" '
                    'ON "progress_user" (UPPER("email"))',
                    'DROP INDEX CONCURRENTLY IF EXISTS "user_by_email"',
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="user",
                    index=models.Index(
                        django.db.models.functions.text.Upper("email"), name="user_by_email"
                    ),
                ),
            ],
        ),
    ]
