"""States in words."""

from django.utils.translation import gettext_lazy as _

from .standing import State

STATES = {
    State.OVERDUE: _("Overdue"),
    State.EXPIRED: _("Expired"),
    State.DUE_SOON: _("Due within two weeks"),
    State.NOT_ENROLLED: _("Not enrolled"),
    State.OPEN: _("In progress"),
    State.COMPLETE: _("Complete"),
    State.EXEMPT: _("Exempt"),
}
