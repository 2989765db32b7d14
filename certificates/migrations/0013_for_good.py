"""Whoever holds a certificate, a file or a packet must find it here: nothing given out is removed,
no file is exchanged, and no revocation is taken back."""

from django.db import migrations

MAKE = """
CREATE FUNCTION certificates_refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% stays as it was given out', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER certificate_stays BEFORE DELETE ON certificates_certificate
    FOR EACH ROW EXECUTE FUNCTION certificates_refuse_loss();
CREATE TRIGGER packet_stays BEFORE DELETE ON certificates_packet
    FOR EACH ROW EXECUTE FUNCTION certificates_refuse_loss();
CREATE TRIGGER rendition_stays BEFORE UPDATE OR DELETE ON certificates_rendition
    FOR EACH ROW EXECUTE FUNCTION certificates_refuse_loss();
CREATE TRIGGER revocation_stays BEFORE UPDATE OR DELETE ON certificates_revocation
    FOR EACH ROW EXECUTE FUNCTION certificates_refuse_loss();
"""
UNMAKE = """
DROP TRIGGER certificate_stays ON certificates_certificate;
DROP TRIGGER packet_stays ON certificates_packet;
DROP TRIGGER rendition_stays ON certificates_rendition;
DROP TRIGGER revocation_stays ON certificates_revocation;
DROP FUNCTION certificates_refuse_loss();
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0012_designs")]

    operations = [migrations.RunSQL(MAKE, UNMAKE)]
