"""The database refuses to change what was issued, even by direct SQL."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from certificates.lifecycle import revocations
from tests.support.evidence import a_sealed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM certificates_packet",
        "DELETE FROM certificates_rendition",
        "DELETE FROM certificates_revocation",
        "DELETE FROM certificates_certificate",
        "UPDATE certificates_rendition SET pdf = ''",
        "UPDATE certificates_revocation SET reason = 'another'",
    ],
)
def test_the_database_refuses(statement):
    certificate = a_sealed()
    revocations.revoke(certificate, reason="Issued in error", by=None, now=timezone.now())
    refused = pytest.raises(IntegrityError, match="stays as it was given out")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
