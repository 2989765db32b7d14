"""Mail on its way out; written by `progress.mail.outgoing` only."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutgoingMailQuerySet(models.QuerySet):
    def due(self, now: datetime):
        return self.filter(state=OutgoingMail.State.WAITING, retry_at__lte=now)


class OutgoingMail(models.Model):
    """One mail to one person. Its text is composed when it is sent, from `payload`, by the code
    that `kind` names: neither the text nor a link that signs a person in is stored.

    WAITING -> SENDING -> SENT, FAILED or UNKNOWN; back to WAITING when the server says "later" or
    can't be reached, when the process ended before handing it over, and when staff send it again.
    UNKNOWN was being handed over when the process or the connection ended: it may have been sent,
    and isn't sent again automatically.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNKNOWN = "unknown", _("Unknown: may have been sent")

    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(max_length=100, help_text=_("What it is about, once for each kind."))
    payload = models.JSONField(default=dict)
    address = models.CharField(
        _("address"),
        max_length=320,
        blank=True,
        help_text=_("The address it went to on the last try."),
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("written"))
    first_try_at = models.DateTimeField(
        null=True, blank=True, help_text=_("No more tries three days after this moment.")
    )
    retry_at = models.DateTimeField(_("next try"), help_text=_("Not before."))
    claimed_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since then it may have been sent.")
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mail")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="outgoing_mail_once")]
        indexes = [
            models.Index(fields=["retry_at"], condition=Q(state="waiting"), name="mail_waiting"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="mail_sending"),
            # For the metrics.
            models.Index(fields=["state"], condition=~Q(state="sent"), name="mail_unsent"),
            models.Index(fields=["created_at"], name="mail_by_age"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"
