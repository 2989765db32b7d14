"""The one writer of revocations."""

from datetime import datetime
from functools import partial

from django.db import transaction

from certificates import payloads
from certificates.lifecycle import reviews
from certificates.models import Certificate, Review, Revocation
from progress.models import User


@transaction.atomic
def revoke(certificate: Certificate, *, reason: str, by: User | None, now: datetime) -> bool:
    """Makes a certificate void from `now` on, for good; returns False if it was void already.

    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("A revocation has a reason.")
    _, is_new = Revocation.objects.get_or_create(
        certificate=certificate,
        defaults={"reason": reason, "revoked_at": now, "revoked_by": by},
    )
    if is_new:
        reviews.close_open(certificate, Review.Outcome.REVOKED, by=by, note=reason, now=now)
        transaction.on_commit(partial(payloads.push_certificate, certificate), robust=True)
    return is_new
