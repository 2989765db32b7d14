"""The sequence of numbers, and the database's refusal to change what was issued."""

from django.db import migrations

MAKE = """
CREATE SEQUENCE certificates_number;
CREATE FUNCTION certificates_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'certificate % is issued: its facts never change', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER certificate_facts_never_change BEFORE UPDATE ON certificates_certificate
    FOR EACH ROW EXECUTE FUNCTION certificates_refuse_update();
"""
UNMAKE = """
DROP TRIGGER certificate_facts_never_change ON certificates_certificate;
DROP FUNCTION certificates_refuse_update();
DROP SEQUENCE certificates_number;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, UNMAKE)]
