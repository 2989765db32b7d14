"""What was sealed never changes; and the schedule of the sweep, which belongs to the operator."""

from django.db import migrations

MAKE = """
CREATE FUNCTION certificates_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the evidence of a certificate is sealed: it never changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER packet_never_changes BEFORE UPDATE ON certificates_packet
    FOR EACH ROW EXECUTE FUNCTION certificates_refuse_change();
"""
UNMAKE = """
DROP TRIGGER packet_never_changes ON certificates_packet;
DROP FUNCTION certificates_refuse_change();
"""
NAME = "Seal missing evidence of certificates"


def write_schedule(apps, schema_editor):
    """Add the row if it isn't there; change none that is."""
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=5, period="minutes"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "certificates.tasks.seal_missing", "interval": interval}
    )


def remove_schedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0010_packet"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunSQL(MAKE, UNMAKE),
        migrations.RunPython(write_schedule, remove_schedule),
    ]
