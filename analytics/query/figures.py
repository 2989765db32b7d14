"""Numbers on a page: each with its change, what it counts, and as of when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Figure:
    """`counts` is one sentence about what is counted; `change` is a text, or empty if nothing is
    compared.

    `shows` names the kind of learners in the list below that it counts, or is empty; `report` names
    the report that has its rows, filtered by `status`. `amount` is the value for programs, in
    `unit`: `count`, `percent`, `seconds` or `days`; `before` is that of the same number of days
    before. With `of_period` it covers the page's period, otherwise it is as of now.
    """

    name: str
    label: str
    value: str
    counts: str
    as_of: datetime | None = None
    change: str = ""
    shows: str = ""
    report: str = ""
    status: str | None = None
    amount: float | None = None
    unit: str = "count"
    before: float | None = None
    of_period: bool = False


def change(now: int, before: int) -> str:
    """How a number compares with the one before: `+12 %`, `as before`, `none before`."""
    if now == before:
        return _("same as before")
    if not before:
        return _("none before")
    percent = round((now - before) * 100 / before)
    sign = "+" if percent > 0 else "−"
    return _("%(sign)s%(percent)s %% compared with before") % {
        "sign": sign,
        "percent": abs(percent),
    }


def share(part: int, whole: int) -> int:
    """Whole percent, rounded down: 100 only if it is everyone."""
    return part * 100 // whole if whole else 0
