"""What was sealed never changes.

And the first schedule of the job that seals, as it declares it.
"""

from django.db import migrations

from progress.jobs.schedule import schedule_entries

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


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0010_packet"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunSQL(MAKE, UNMAKE),
        schedule_entries("certificates.tasks.seal_missing"),
    ]
