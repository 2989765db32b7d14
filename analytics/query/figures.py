"""Numbers on a page: each with its change, what it counts, and as of when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Figure:
    """`counts` is one sentence; `change` is in words, or empty where nothing is compared.

    `shows` is the kind of learners below that it counts, or empty; `report` names one that has its
    rows, narrowed to `status`. `amount` is the value for
    programs, in `unit`: `count`, `percent`, `seconds` or `days`; `before` that of the days before.
    `of_period` ones are of the days that the page is narrowed to, the others are as of now.
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
    """How a number compares with the same span before: `+12 %`, `as before`, `none before`."""
    if now == before:
        return _("as before")
    if not before:
        return _("none before")
    percent = round((now - before) * 100 / before)
    sign = "+" if percent > 0 else "−"
    return _("%(sign)s%(percent)s %% on before") % {"sign": sign, "percent": abs(percent)}


def share(part: int, whole: int) -> int:
    """Whole percent, rounded down: never 100 before everybody has."""
    return part * 100 // whole if whole else 0
