"""The first thresholds and letters of alerts. They belong to the operator (admin).

And the first schedule of the jobs, as they declare it.
"""

from django.db import migrations

from progress.jobs.schedule import schedule_entries

ENDING = (
    "\n\nHere you go on: {link}\n\nIf something is in your way, just answer this mail.\n\n{sender}"
)
LETTERS = [
    (
        "Never started",
        "never_started",
        "{course}: ready when you are",
        "Hello {name},\n\nyou are enrolled in “{course}” and haven't begun yet. It is due: {due}.",
    ),
    (
        "Not heard of for a while",
        "inactive",
        "{course}: you are at {percent}",
        "Hello {name},\n\nyou were last at “{course}” on {last_seen} and are at {percent}. What you"
        " have done is kept, and you go on where you were.",
    ),
    (
        "Keeps failing a quiz",
        "failing",
        "{course}: can I help?",
        "Hello {name},\n\na quiz of “{course}” seems to be harder than it should be. Tell me what is"
        " unclear, and we'll look at it together.",
    ),
    (
        "For anything",
        "",
        "{course}: how is it going?",
        "Hello {name},\n\nyou are at {percent} of “{course}”. It is due: {due}.",
    ),
]


def write_letters(apps, schema_editor):
    letters = apps.get_model("analytics", "OutreachTemplate").objects
    for name, kind, subject, body in LETTERS:
        text = {"kind": kind, "subject": subject, "body": body + ENDING}
        letters.get_or_create(name=name, defaults=text)


def write_thresholds(apps, schema_editor):
    apps.get_model("analytics", "AlertThresholds").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0009_alerts"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        schedule_entries(
            "analytics.tasks.watch_alerts",
            "analytics.tasks.write_digests",
            "analytics.tasks.send_alert_mail",
        ),
        migrations.RunPython(write_thresholds, migrations.RunPython.noop),
        migrations.RunPython(write_letters, migrations.RunPython.noop),
    ]
