"""What a column takes, and what is said of a cell that isn't that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .table import READ_OVER, Row, Table, Unreadable

MAX_PROBLEMS = 10_000
SENSIBLE_YEARS = range(2000, 3000)
TRUE, FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A cell that is wrong. `column` is empty for a whole row; `wanted` says what is right."""

    row: int
    column: str
    value: str
    wanted: str


class Standing(Enum):
    """What a file says, against what is there."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a file says, in these rows, and what it takes to make it so."""

    rows: tuple[int, ...]
    standing: Standing
    what: Any


@dataclass(frozen=True, slots=True)
class Read:
    """A row of which every cell is right by itself; `values` has its cells that aren't empty."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """`read` turns a cell's text into its value, or raises ValueError."""

    name: str
    tells: str | Promise
    read: Callable[[str], Any] = str
    is_required: bool = False


Planned = tuple[list[Step], list[Problem]]


@dataclass(frozen=True)
class Kind:
    """What can be imported. `plan` compares, and writes nothing; `write` does what is left.

    `by` is who imports, None for whoever may run commands on the server.
    """

    slug: str
    title: str | Promise
    about: str | Promise
    fields: Sequence[Field]
    plan: Callable[[list[Read], Any, datetime], Planned]
    write: Callable[[list[Step], datetime], None]
    # One of them is enough to open the page.
    permissions: Sequence[str]
    # Rows with the same cell here are written together or not at all.
    together: str = ""

    def may_open(self, user) -> bool:
        return any(user.has_perm(permission) for permission in self.permissions)


def read_rows(kind: Kind, table: Table) -> tuple[list[Read], list[Problem]]:
    """The rows whose cells are right by themselves, and what is wrong with the others.

    Raises Unreadable when so much is wrong that it must be another file.
    """
    problems = _header_problems(kind, table)
    if problems:
        return [], problems
    fields = {each.name: each for each in kind.fields}
    found = []
    for row in table.rows:
        values, wrong = _read(row, fields)
        problems += wrong
        if len(problems) > MAX_PROBLEMS:
            raise Unreadable(_too_many(problems[0]))
        if not wrong:
            found.append(Read(row.number, values))
    return found, problems


def _too_many(first: Problem) -> str:
    return _(
        "More than %(most)s cells are wrong; the first is in row %(row)s, column %(column)s: "
        "%(wanted)s"
    ) % {
        "most": MAX_PROBLEMS,
        "row": first.row,
        "column": first.column,
        "wanted": first.wanted,
    }


def _header_problems(kind: Kind, table: Table) -> list[Problem]:
    known = [each.name for each in kind.fields]
    pairs = zip(table.columns, table.header, strict=True)
    unknown = [(c, told) for c, told in pairs if c and c not in known and c not in READ_OVER]
    problems = [Problem(1, told, told, _wanted_column(c, known)) for c, told in unknown]
    missing = [f for f in kind.fields if f.is_required and f.name not in table.columns]
    return problems + [
        Problem(1, each.name, "", _("A column of this name is needed: %(tells)s") % _told(each))
        for each in missing
    ]


def _wanted_column(column: str, known: list[str]) -> str:
    if "password" in column:
        return _(
            "Passwords are never in files. Whoever is new signs in through your sign-on, or by a "
            "link to set a password."
        )
    return _("One of the columns %(names)s.") % {"names": ", ".join(known)}


def _told(each: Field) -> dict:
    return {"tells": str(each.tells)}


def _read(row: Row, fields: dict[str, Field]) -> tuple[dict, list[Problem]]:
    values, problems = {}, []
    if row.extra:
        wanted = _("As many cells as the header has; put quotes around a cell with a delimiter.")
        problems.append(Problem(row.number, "", row.extra[0], wanted))
    for name, text in row.cells.items():
        if name in READ_OVER:
            continue
        if text:
            try:
                values[name] = fields[name].read(text)
            except (ValueError, ValidationError):
                problems.append(Problem(row.number, name, text, str(fields[name].tells)))
        elif fields[name].is_required:
            wanted = _("It can't be empty: %(tells)s") % _told(fields[name])
            problems.append(Problem(row.number, name, "", wanted))
    return values, problems


# --- How cells are read --------------------------------------------------------------------------
def flag(text: str) -> bool:
    """Raises ValueError."""
    if text.casefold() in TRUE:
        return True
    if text.casefold() in FALSE:
        return False
    raise ValueError(text)


def text_of(model: type[Model], name: str) -> Callable[[str], str]:
    """Text as a column of the model takes it, by its length and validators."""
    column = model._meta.get_field(name)

    def read(text: str) -> str:
        return column.clean(text, None)

    return read


def day_or_moment(text: str) -> date | datetime:
    """A date, or a datetime with its offset, of years that every zone can tell.

    Raises ValueError.
    """
    told = parse_date(text) or parse_datetime(text)
    if told is None or (isinstance(told, datetime) and told.tzinfo is None):
        raise ValueError(text)
    if told.year not in SENSIBLE_YEARS:
        raise ValueError(text)
    return told


def parts(text: str) -> list[str]:
    """`a|b` as its parts."""
    return [part for each in text.split("|") if (part := each.strip())]


YES_OR_NO = gettext_lazy("yes or no (also true, false, 1, 0).")
