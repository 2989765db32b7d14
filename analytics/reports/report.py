"""What a report is: a table that is declared once, and shown, downloaded and asked for by it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from analytics.dashboards.filters import Chosen
from progress.downloads import tuples_in_chunks
from progress.models import User

Text = str | Promise


class Kind(Enum):
    """How a column's values are told; None is told as nothing known."""

    TEXT = "text"
    NUMBER = "number"  # a count or an amount, as it stands
    PERCENT = "percent"  # 0 to 100
    SECONDS = "seconds"  # `12 min` on a page
    DAY = "day"  # a date
    MOMENT = "moment"  # a datetime
    FLAG = "flag"  # a bool


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in files and in the API; `title` on pages; `tells` is what it counts.

    What only a program needs, such as a number to join by, is `off_page`.
    """

    key: str
    title: Text
    kind: Kind = Kind.TEXT
    tells: Text = ""
    off_page: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, narrowed to what (never beyond what they may see), and as of when."""

    reader: User
    chosen: Chosen
    now: datetime


# A list of rows, or `values_list` of a query set whose first column is its key.
Rows = Sequence[tuple] | QuerySet


@dataclass(frozen=True)
class Report:
    """A table with a name.

    `rows` answers for one tuple to a column, in the order to be read; for a query set, which may be
    long, it is asked a page at a time, and a file has all of it in the order of keys. `tell` turns
    what a statement found into a row. `link` is where a row's first text leads on a page of the
    admin, given the row as `rows` has it.
    """

    slug: str
    title: Text
    group: Text
    description: Text
    columns: Sequence[Column]
    rows: Callable[[Asked], Rows]
    tell: Callable[[tuple], tuple] = tuple
    link: Callable[[tuple], str] | None = None
    permission: str = "progress.view_courseprogress"
    is_signed: bool = False  # on paper, by the organisation
    may: Callable[[User], bool] | None = None

    def may_open(self, user: Any) -> bool:
        """Whether `user` has the report at all; which rows they see, `asked.chosen` says."""
        return user.has_perm(self.permission) and (self.may is None or self.may(user))

    def told(self, rows: Iterable[tuple]) -> Iterator[tuple]:
        """Of some rows, what is shown."""
        return (self.tell(row) for row in rows)

    def all(self, asked: Asked) -> Iterator[tuple]:
        """Every row as it is shown, in constant memory where there may be many."""
        rows = self.rows(asked)
        return self.told(tuples_in_chunks(rows) if isinstance(rows, QuerySet) else rows)
