"""What an hour costs, by department."""

from django.contrib import admin

from analytics.models import HourlyRate
from progress.admin.scope import ScopedAdmin


@admin.register(HourlyRate)
class HourlyRateAdmin(ScopedAdmin):
    """They belong to no course: only who sees everything has them."""

    downloads = (
        "department",
        "amount",
    )
    list_display = ["__str__", "amount"]
    fields = ["department", "amount"]

    def has_delete_permission(self, request, obj=None):
        return super(ScopedAdmin, self).has_delete_permission(request, obj)
