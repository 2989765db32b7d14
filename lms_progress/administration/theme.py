"""Unfold's settings: name, colours (as in static/pages/style.css), scripts and sidebar."""

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

INK = {"light": "#14211e", "dark": "#e5eeeb"}
BASE = {
    "50": "#f5f8f7",
    "100": "#ebf1ef",
    "200": "#d9e3e0",
    "300": "#cfdcd8",
    "400": "#93a59f",
    "500": "#5d6d68",
    "600": "#52625d",
    "700": "#33433e",
    "800": "#293632",
    "900": "#121b18",
    "950": "#0e1513",
}
# 600 is the accent on white and the background of white text; 500 is the accent on dark.
PRIMARY = {
    "50": "#eef7f5",
    "100": "#e3f1ee",
    "200": "#c3e2dc",
    "300": "#97cfc6",
    "400": "#7fd9cb",
    "500": "#57c7b7",
    "600": "#0c6f66",
    "700": "#095a53",
    "800": "#07463f",
    "900": "#053a35",
    "950": "#04211d",
}
FONT = {
    "subtle-light": "#52625d",
    "subtle-dark": "#a0b1ac",
    "default-light": "#33433e",
    "default-dark": "#c3d0cc",
    "important-light": INK["light"],
    "important-dark": INK["dark"],
}


UNFOLD = {
    "SITE_TITLE": _("Learning progress"),
    "SITE_HEADER": _("Learning progress"),
    "SITE_ICON": lambda request: static("pages/icon.svg"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("pages/icon.svg"),
        }
    ],
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "8px",
    "COLORS": {"base": BASE, "primary": PRIMARY, "font": FONT},
    "STYLES": [
        lambda request: static("administration/admin.css"),
        lambda request: static("dashboards/dashboards.css"),
        lambda request: static("dashboards/print.css"),
    ],
    "SCRIPTS": [lambda request: static("administration/accessible.js")],
    "DASHBOARD_CALLBACK": "analytics.site.views.first_page",
}


def rendered(appearance: dict) -> dict:
    """What templates take of unfold's context in one piece: the colours, and the languages' own
    names."""
    names = {"border-radius": appearance["border_radius"]}
    for color, weights in appearance["colors"].items():
        names |= {f"color-{color}-{weight}": value for weight, value in weights.items()}
    values = format_html_join(" ", "--{}: {};", names.items())
    own_names = [
        (code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES
    ]
    return {
        "colors": None,
        "theme_colors": format_html(
            '<style id="unfold-theme-colors">:root {{ {} }}</style>', values
        ),
        "own_language_names": own_names,
    }
