"""Answers that are kept for a day, so that a request which is sent again does nothing twice."""

from datetime import timedelta

from django.db import models

KEPT_FOR = timedelta(hours=24)


class KeptAnswer(models.Model):
    """The answer to a POST with an `Idempotency-Key`, written in the request's own transaction.

    `caller` is the credential that sent it; `fingerprint` the digest of the address and the body.
    `body` is encrypted.
    """

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=200)
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Two requests of one key at once: the second must not be done.
            models.UniqueConstraint(fields=["caller", "key"], name="kept_answer_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="kept_answer_by_age")]

    def __str__(self):
        return f"answer {self.pk}"
