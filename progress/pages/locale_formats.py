"""Weeks and percentages as the page's language has them; words.js writes them alike.

Dashboards, the admin, the API and files don't use these: they are the same in every language.
"""

from django.utils.formats import get_format
from django.utils.translation import get_language

# What stands around the number; in English as everywhere else on this site. (CLDR, but for that.)
_AROUND = {"de": ("", "\u00a0%"), "es": ("", "\u00a0%"), "ar": ("", "\u200e%\u200e")}
_ELSEWHERE = ("", " %")


def first_weekday() -> int:
    """The day that weeks begin with; 0 is Monday."""
    return (get_format("FIRST_DAY_OF_WEEK") - 1) % 7


def decimal(bp: int) -> str:
    """Hundredths without rounding: `80`, `66.67`, in German `66,67`."""
    text = f"{bp / 100:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", get_format("DECIMAL_SEPARATOR"))


def percentage(number: object) -> str:
    """A number, or a range of them, that is written already: `80 %`."""
    before, after = _AROUND.get(get_language() or "", _ELSEWHERE)
    return f"{before}{number}{after}"
