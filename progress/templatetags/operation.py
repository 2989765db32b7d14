"""What an administrator must see without looking for it."""

from django import template

from progress.models import Drift

register = template.Library()


@register.inclusion_tag("admin/progress/alarm.html", takes_context=True)
def drift_alarm(context) -> dict:
    """The drift alarm, for those who see everything; nothing when all agrees."""
    # Unfold renders a widget while it is imported, which loads all tags: the admin can't be yet.
    from progress.admin.scope import sees_everything

    may_see = sees_everything(context["request"].user)
    return {"count": Drift.objects.open().count() if may_see else 0}
