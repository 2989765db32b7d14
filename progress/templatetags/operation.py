"""What an administrator must see without looking for it."""

from django import template

from progress.models import Drift
from progress.security.rights import sees_everything

register = template.Library()


@register.inclusion_tag("admin/progress/alarm.html", takes_context=True)
def drift_alarm(context) -> dict:
    """The drift alarm, for those who see everything; nothing when all agrees."""
    may_see = sees_everything(context["request"].user)
    return {"count": Drift.objects.open().count() if may_see else 0}
