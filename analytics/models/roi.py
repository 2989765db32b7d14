"""What an hour costs. Edited in the admin."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class HourlyRate(models.Model):
    """An hour of a department's people, in the organisation's currency (CURRENCY)."""

    department = models.CharField(
        max_length=120,
        blank=True,
        unique=True,
        help_text=_("Empty: for every department that has no rate of its own."),
    )
    amount = models.DecimalField(max_digits=9, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        ordering = ["department"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="hourly_rate_positive"),
        ]

    def __str__(self):
        return self.department or str(_("Every other department"))
