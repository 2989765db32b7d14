"""A value of a report as text for a page, and plain for a file or an answer of the API."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from progress.pages.words import duration

from .report import Column, Kind

NOTHING = "–"


def in_words(value, kind: Kind) -> str:
    """The text on a page, in the reader's language and time zone."""
    if value is None or value == "":
        return NOTHING
    match kind:
        case Kind.SECONDS:
            return duration(value)
        case Kind.PERCENT:
            return _("%(percent)s %%") % {"percent": _number(value)}
        case Kind.NUMBER:
            return _number(value)
        case Kind.DAY:
            return date_format(value, "j M Y")
        case Kind.MOMENT:
            return date_format(timezone.localtime(value), "j M Y, H:i")
        case Kind.FLAG:
            return _("Yes") if value else _("No")
    return str(value)


def _number(value) -> str:
    is_whole = isinstance(value, int) or value == int(value)
    return number_format(value, 0 if is_whole else 1, force_grouping=True)


def plain(value, kind: Kind) -> object:
    """The value in a file: seconds as seconds, moments to the second with their zone's offset."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if kind is Kind.DAY and value is not None:
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 3)
    return value if value is None or isinstance(value, int | bool) else str(value)


def is_numeric(column: Column) -> bool:
    """Whether its values are numbers, aligned under each other."""
    return column.kind not in (Kind.TEXT, Kind.FLAG)
