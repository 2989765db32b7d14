"""When alerts are looked at and mail goes out, their thresholds, and letters to begin with.

All of it belongs to the operator (admin).
"""

from django.db import migrations

HOURLY = ("Open and close alerts", "analytics.tasks.watch_alerts", "22", "*")
DAILY = ("Write digests of alerts", "analytics.tasks.write_digests", "0", "6")
OFTEN = ("Send letters and digests of alerts", "analytics.tasks.send_alert_mail", "*/5", "*")
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


def write_schedule(apps, schema_editor):
    """Add the rows that aren't there; change none that is."""
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create
    entries = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for name, task, minute, hour in (HOURLY, DAILY, OFTEN):
        schedule, _ = crontab(minute=minute, hour=hour, timezone="UTC")
        entries.get_or_create(name=name, defaults={"task": task, "crontab": schedule})


def remove_schedule(apps, schema_editor):
    names = [name for name, *_ in (HOURLY, DAILY, OFTEN)]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


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
        migrations.RunPython(write_schedule, remove_schedule),
        migrations.RunPython(write_thresholds, migrations.RunPython.noop),
        migrations.RunPython(write_letters, migrations.RunPython.noop),
    ]
