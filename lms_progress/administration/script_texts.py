"""The texts of the admin's own script, in the reader's language."""

from django.http import HttpRequest
from django.utils.translation import gettext as _


def context(request: HttpRequest) -> dict:
    """Returns unfold's template context `{"administration_words": …}`, with labels of icons."""
    return {
        "administration_words": {
            "menu": _("Menu"),
            "table": _("Table"),
            "search": _("Search"),
            "remove": _("Delete"),
            "icons": {
                "dock_to_right": _("Show or hide the menu"),
                "menu": _("Menu"),
                "search": _("Search"),
                "add": _("Add"),
                "close": _("Close"),
                "arrow_back": _("Back"),
                "more_vert": _("More"),
                "more_horiz": _("More"),
                "unfold_more": _("Account"),
                "filter_list": _("Filters"),
                "light_mode": _("Light"),
                "dark_mode": _("Dark"),
                "computer": _("As the device"),
                "arrow_circle_down": _("Ascending"),
                "arrow_circle_up": _("Descending"),
                "cancel": _("Remove from sorting"),
            },
        }
    }
