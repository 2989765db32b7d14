"""The texts of the admin's own script, in the reader's language."""

from functools import lru_cache

from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


@lru_cache(maxsize=20)
def element(language: str | None) -> SafeString:
    """The element that the script reads: the labels of icons and parts of the page.

    Kept for each language; `language` is the active one.
    """
    return json_script(
        {
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
        },
        "administration-words",
    )
