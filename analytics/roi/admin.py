"""What an hour costs, by department."""

from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext as _

from analytics.models import HourlyRate
from progress.admin.scope import ScopedAdmin


@admin.register(HourlyRate)
class HourlyRateAdmin(ScopedAdmin):
    """Rates belong to no course, so only users who see everything may see or change them."""

    downloads = (
        "department",
        "amount",
    )
    list_display = ["__str__", "amount"]
    fields = ["department", "amount"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "amount":
            currency = {"currency": settings.CURRENCY}
            kwargs["help_text"] = _("What an hour costs, in %(currency)s.") % currency
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request, obj=None):
        return super(ScopedAdmin, self).has_delete_permission(request, obj)
