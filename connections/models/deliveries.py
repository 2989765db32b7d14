"""What was sent to each endpoint, and what it answered. Written by `connections.webhooks` only."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .endpoints import Endpoint
from .events import Event


class DeliveryQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Delivery.State.WAITING)

    def eligible(self, now: datetime):
        """Due, claimed by no process, and with no earlier delivery of the same learner waiting."""
        earlier = Delivery.objects.waiting().filter(
            endpoint=OuterRef("endpoint"),
            user_id=OuterRef("user_id"),
            position__lt=OuterRef("position"),
        )
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.waiting().filter(free, ~Exists(earlier), next_at__lte=now)


class Delivery(models.Model):
    """An event on its way to an endpoint: waiting, then sent or failed; waiting again when it is
    sent again. A process that sends it claims it for a while; `attempts` tells claims apart.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    user_id = models.BigIntegerField(null=True, blank=True)
    position = models.BigIntegerField()
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    body = models.TextField(blank=True, help_text="As first sent; later tries send the same.")
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"))
    first_try_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(_("next try"))
    claimed_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    last_status = models.PositiveIntegerField(_("answer"), null=True, blank=True)
    last_error = models.CharField(_("error"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None)
                | ~Q(state="waiting") & Q(settled_at__isnull=False),
                name="delivery_settled_or_waiting",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_at"],
                condition=Q(state="waiting"),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["endpoint", "user_id", "position"],
                condition=Q(state="waiting"),
                name="delivery_order",
            ),
        ]

    def __str__(self):
        return f"delivery {self.pk}"


class Attempt(models.Model):
    """One try to deliver, append-only: when, how long, and what was answered."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status = models.PositiveIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="The beginning of the answer's body.")
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"try {self.number} of delivery {self.delivery_id}"
