"""Columns in units that people read: `62 %`, `3 h 05 min`, from stored basis points and ms."""

from collections.abc import Callable
from functools import cache

from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils.html import format_html

from progress.models.spans import SpansField
from progress.pages.words import duration

NOTHING = "–"
# One number for each page or bin: not for people to read.
HIDDEN_COLUMNS = {"dwell_ppm"}
MAX_SPANS_SHOWN = 20


def percent(bp: int | None) -> str:
    """Rounded down: 89.99 is 89 %, never 90."""
    return NOTHING if bp is None else f"{bp // 100} %"


def time(ms: int | None) -> str:
    """`0.4 s`, `40 s`, `12 min`, `3 h 05 min`."""
    if ms is None:
        return NOTHING
    return f"{ms / 1000:g} s" if ms < 60_000 else duration(ms / 1000)


def thousandths(value: int | None) -> str:
    return NOTHING if value is None else f"{value / 1000:g}"


def plain(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def hexadecimal(value: bytes | None) -> str:
    return bytes(value).hex() if value else NOTHING


def spans(value) -> str:
    """Half-open spans in their stored unit: `0–15000, 30000–45000`."""
    if not value:
        return NOTHING
    shown = ", ".join(f"{start}–{end}" for start, end in value[:MAX_SPANS_SHOWN])
    more = len(value) - MAX_SPANS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def total(value) -> str:
    """The total length of spans of milliseconds."""
    return time(sum(end - start for start, end in value or ()))


def column(name: str, label: str, show: Callable) -> Callable:
    """A column or field of the admin: the model's field `name`, sorted by it, shown by `show`."""

    @admin.display(description=label, ordering=name)
    def display(row):
        return show(getattr(row, name))

    display.__name__ = name
    return display


@cache
def readable_fields(model: type[models.Model]) -> tuple:
    """Every stored column of a model, in units that people read."""
    fields = (
        field
        for field in model._meta.concrete_fields
        # A generated column repeats another one in another unit.
        if not isinstance(field, models.GeneratedField) and field.name not in HIDDEN_COLUMNS
    )
    return tuple(_readable(field) for field in fields)


def _readable(field: models.Field) -> str | Callable:
    by_ending = {"_bp": percent, "_ms": time, "_milli": thousandths, "_id": plain}
    for ending, show in by_ending.items():
        if field.name.endswith(ending) and isinstance(field, models.IntegerField):
            return column(field.name, _label(field.name.removesuffix(ending)), show)
    if isinstance(field, models.BinaryField):
        return column(field.name, _label(field.name), hexadecimal)
    if isinstance(field, SpansField):
        is_time = field.name in {"active_spans", "elapsed_spans"}
        return column(field.name, _label(field.name), total if is_time else spans)
    return field.name


def _label(name: str) -> str:
    return name.replace("_", " ").replace("enrollment", "enrolment")


def evidence_link(key) -> str:
    """A link to the evidence of a session or enrolment, by its id."""
    address = reverse("admin:progress_contentinteraction_changelist", query={"q": str(key)})
    return format_html('<a href="{}">Events</a>', address)
