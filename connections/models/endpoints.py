"""Where events are sent. Written by `connections.webhooks` only."""

from copy import copy

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from progress.models.marks import Reach, within_reach

MAX_URL = 2000


class EndpointQuerySet(models.QuerySet):
    def enabled(self):
        return self.filter(disabled_at=None, owner__is_active=True)

    def visible_to(self, user):
        """Own endpoints; all for superusers. Bodies in the log are what the owner may see. A test
        key has endpoints of its own, and other keys the others."""
        endpoints = within_reach(self, user)
        return endpoints.all() if user.is_superuser else endpoints.filter(owner=user.pk)


class Endpoint(models.Model):
    """An address that receives events about learners that its owner may see.

    Enabled, or disabled since `disabled_at`, by a person or because it failed for days. While it
    fails, `failing_since` is set and nothing is sent before `retry_at`. Secrets are encrypted;
    while one is replaced, `previous_secret` signs too, until `previous_until`.
    """

    class Payload(models.TextChoices):
        FULL = "full", _("Full")
        THIN = "thin", _("Thin: ids only")
        SLACK = "slack", _("A message for Slack")
        TEAMS = "teams", _("A message for Microsoft Teams")

    owner = models.ForeignKey("progress.User", models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(_("address"), max_length=MAX_URL)
    description = models.CharField(_("description"), max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=40), verbose_name=_("events"))
    payload = models.CharField(
        _("payload"), max_length=5, choices=Payload.choices, default=Payload.FULL
    )
    is_test = models.BooleanField(
        _("test endpoint"),
        default=False,
        db_default=False,
        help_text=_("It gets the events of test learners, and no others. It stays so."),
    )
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    disabled_at = models.DateTimeField(_("disabled"), null=True, blank=True, editable=False)
    disabled_reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(events=[]), name="endpoint_wants_something"),
        ]

    def __str__(self):
        return f"endpoint {self.pk}"

    @property
    def reader(self):
        """The owner, as who may see what is sent: events of test learners, or of real ones."""
        owner = copy(self.owner)
        owner.works_with = Reach.TEST if self.is_test else Reach.REAL
        return owner

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None
