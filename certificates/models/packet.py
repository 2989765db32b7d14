"""The evidence that proves a certificate, kept as long as the certificate."""

from django.db import models

from progress.models.learner_keys import LearnerOneToOneField, LearnerRow, learner_column

from .certificate import Certificate


class Packet(LearnerRow):
    """The evidence behind a certificate, sealed soon after its issue. It never changes.

    `sealed` is a ZIP: `manifest.json` with the SHA-256 of every other file in it, and the issuer's
    signature of that. `sha256` is the manifest's, and names the seal.
    """

    certificate = LearnerOneToOneField(Certificate, models.PROTECT, related_name="packet")
    user = learner_column()
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the sealed manifest.")
    events = models.PositiveBigIntegerField(help_text="How many are in it.")
    first_index = models.PositiveBigIntegerField(
        help_text="The first event that was still there; 0: the chain is whole."
    )
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"evidence of {self.certificate_id}"
