"""What a SCIM client said that people and departments have no column for.

Written by `connections.scim` only. Reasons: docs/decisions/0045-groups-are-departments.md.
"""

from django.db import models
from django.utils import timezone

MAX_NAME = 200
MAX_DEPARTMENT = 120  # of `User.department`, which a group's name becomes
MAX_EXTERNAL_ID = 120


class ProvisionedPerson(models.Model):
    """How a SCIM client names a person, and whether it has deleted the person.

    The names stand for `full_name`: once the account has another one, they say nothing. Deleted are
    people with `deleted_at` whose account is still inactive.
    """

    user = models.OneToOneField(
        "progress.User", models.CASCADE, primary_key=True, related_name="provisioned"
    )
    full_name = models.CharField(max_length=MAX_NAME, blank=True)
    display_name = models.CharField(max_length=MAX_NAME, blank=True)
    formatted_name = models.CharField(max_length=MAX_NAME, blank=True)
    given_name = models.CharField(max_length=MAX_NAME, blank=True)
    family_name = models.CharField(max_length=MAX_NAME, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "provisioned people"

    def __str__(self):
        return f"user {self.user_id}"


class ProvisionedGroup(models.Model):
    """A group of a SCIM client. Its name is the department of the members who joined it last."""

    display_name = models.CharField(max_length=MAX_DEPARTMENT)
    name_key = models.CharField(
        max_length=2 * MAX_DEPARTMENT, unique=True, help_text="Without differences of case."
    )
    external_id = models.CharField(max_length=MAX_EXTERNAL_ID, blank=True)
    revision = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    modified_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"group {self.pk}"


class GroupMembership(models.Model):
    """A person in a group. The newest of a person's memberships has the highest id."""

    group = models.ForeignKey(ProvisionedGroup, models.CASCADE, related_name="memberships")
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="provisioned_groups")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="group_member_once"),
        ]

    def __str__(self):
        return f"user {self.user_id} in group {self.group_id}"
