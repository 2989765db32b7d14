"""The columns of a file: how their cells are read, and the problem with a cell that can't be."""

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

from .table import IGNORED_COLUMNS, Row, Table, Unreadable

MAX_PROBLEMS = 10_000
SENSIBLE_YEARS = range(2000, 3000)
TRUE, FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A wrong cell. `column` is empty for a whole row; `wanted` says what would be right."""

    row: int
    column: str
    value: str
    wanted: str


class Change(Enum):
    """What writing a step would do to the database."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Step:
    """One person, enrolment or course of a file: its rows, and `target`, which `write` takes."""

    rows: tuple[int, ...]
    change: Change
    target: Any


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row whose cells are all valid by themselves. `values` leaves out the empty ones."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `read` turns a cell's text into its value, or raises ValueError."""

    name: str
    description: str | Promise
    read: Callable[[str], Any] = str
    is_required: bool = False


Plan = tuple[list[Step], list[Problem]]


@dataclass(frozen=True)
class Kind:
    """A kind of import. `plan` compares a file with the database; `write` writes the steps.

    `plan` takes the rows, the importing user (None for a command on the server), and the time; if
    `takes_key`, also the API key that the file was sent with, as `key`.
    """

    slug: str
    title: str | Promise
    about: str | Promise
    fields: Sequence[Field]
    plan: Callable[..., Plan]
    write: Callable[[list[Step], datetime], None]
    # One of them is enough to open the page.
    permissions: Sequence[str]
    # Rows with the same cell in this column are written together or not at all.
    group_column: str = ""
    takes_key: bool = False

    def may_open(self, user) -> bool:
        return any(user.has_perm(permission) for permission in self.permissions)


def read_rows(kind: Kind, table: Table) -> tuple[list[ParsedRow], list[Problem]]:
    """Returns the rows whose cells are valid by themselves, and the problems of the others.

    Raises Unreadable for so many problems that it must be some other file.
    """
    problems = _header_problems(kind, table)
    if problems:
        return [], problems
    fields = {each.name: each for each in kind.fields}
    found = []
    for row in table.rows:
        values, row_problems = _read(row, fields)
        problems += row_problems
        if len(problems) > MAX_PROBLEMS:
            raise Unreadable(_too_many(problems[0]))
        if not row_problems:
            found.append(ParsedRow(row.number, values))
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
    names = [each.name for each in kind.fields]
    known = IGNORED_COLUMNS.union(names)
    pairs = zip(table.columns, table.header, strict=True)
    problems = [
        Problem(1, heading, heading, _wanted_column(column, names))
        for column, heading in pairs
        if column and column not in known
    ]
    missing = [f for f in kind.fields if f.is_required and f.name not in table.columns]
    needed = _("A column with this name is required: %(description)s")
    return problems + [
        Problem(1, each.name, "", needed % {"description": each.description}) for each in missing
    ]


def _wanted_column(column: str, names: list[str]) -> str:
    if "password" in column:
        return _(
            "Passwords are never imported. New people sign in through your single sign-on, or "
            "set a password through a link."
        )
    return _("One of the columns %(names)s.") % {"names": ", ".join(names)}


def _read(row: Row, fields: dict[str, Field]) -> tuple[dict, list[Problem]]:
    values, problems = {}, []
    if row.extra:
        wanted = _("A row has as many cells as the header; quote a cell that contains a delimiter.")
        problems.append(Problem(row.number, "", row.extra[0], wanted))
    for name, text in row.cells.items():
        if name in IGNORED_COLUMNS:
            continue
        if text:
            try:
                values[name] = fields[name].read(text)
            except (ValueError, ValidationError):
                problems.append(Problem(row.number, name, text, str(fields[name].description)))
        elif fields[name].is_required:
            wanted = _("It can't be empty: %(description)s") % {
                "description": fields[name].description
            }
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
    """Returns a reader of text that checks the length and validators of the model's column."""
    column = model._meta.get_field(name)

    def read(text: str) -> str:
        return column.clean(text, None)

    return read


def day_or_moment(text: str) -> date | datetime:
    """A date, or a datetime with its offset, in a year that every time zone can represent.

    Raises ValueError.
    """
    parsed = parse_date(text) or parse_datetime(text)
    if parsed is None or (isinstance(parsed, datetime) and parsed.tzinfo is None):
        raise ValueError(text)
    if parsed.year not in SENSIBLE_YEARS:
        raise ValueError(text)
    return parsed


def parts(text: str) -> list[str]:
    """`a|b` as its parts."""
    return [part for each in text.split("|") if (part := each.strip())]


YES_OR_NO = gettext_lazy("yes or no (also true, false, 1, 0).")
