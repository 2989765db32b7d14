"""Copies of what is kept about a person, as files. Written by `progress.own_data.copies` only."""

from django.db import models
from django.db.models import Q


class OwnDataCopy(models.Model):
    """A copy of everything that is kept about its person, who asked for it: under way until
    `finished_at`, then a file that only the person can fetch, until `expires_at`.

    The row is deleted with its file.
    """

    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    stored_as = models.CharField(max_length=100, blank=True, help_text="Its name in the storage.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # Asking twice doesn't make two.
            models.UniqueConstraint(
                fields=["user"], condition=Q(finished_at=None), name="own_data_copy_one_under_way"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, expires_at=None, stored_as="")
                | (Q(finished_at__isnull=False, expires_at__isnull=False) & ~Q(stored_as="")),
                name="own_data_copy_finished_has_file",
            ),
        ]

    def __str__(self):
        return f"copy {self.pk} of what is kept about user {self.user_id}"
