"""What a report is: a table that is declared once, and shown, downloaded and asked for by it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.query.filters import EVERYTHING, ExtraFilters, Filters, Titles, filters_from
from progress.files.downloads import CHUNK, tuples_in_chunks
from progress.models import User
from progress.operations.replica import on_primary, on_replica

Text = str | Promise


class Days(Enum):
    """In which time zone a report's days begin and end."""

    READER = "reader"  # of whoever asks; of its owner, where it is saved
    LEARNER = "learner"  # each learner's own, as the rollups count them
    ORGANISATION = "organisation"  # the server's, the same for everybody


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
    help_text: Text = ""
    off_page: bool = False


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Who asks, narrowed to what (never beyond what they may see), and as of when."""

    reader: User
    filters: Filters
    now: datetime


class Long(ABC):
    """Rows that may be many and that no statement puts in order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, part: slice) -> list[tuple]:
        """In the order to be read; no more are held than up to the last of `part`."""

    @abstractmethod
    def each(self) -> Iterator[tuple]:
        """All of them, in constant memory and any order."""


# A list of rows, or `values_list` of a query set whose first column is its key, or many.
Rows = Sequence[tuple] | QuerySet | Long


@dataclass(frozen=True)
class Report:
    """A table with a name.

    `rows` answers for one tuple to a column, in the order to be read; for a query set, which may be
    long, it is asked a page at a time, and a file has all of it in the order of keys. `join` adds
    what another question knows of some rows. `tell` turns what was found into a row. `link` is
    where a row's first text leads on a page of the admin, given the row as `rows` has it.
    `heeds` are the usual filters that make a difference, `narrows` are filters that only this
    report has: by name, in `asked.chosen.more`. `days` says whose days it counts; it has to be
    asked for and read `in_its_zone`.
    """

    slug: str
    title: Text
    group: Text
    description: Text
    columns: Sequence[Column]
    rows: Callable[[ReportQuery], Rows]
    join: Callable[[ReportQuery, list[tuple]], list[tuple]] | None = None
    to_row: Callable[[tuple], tuple] = tuple
    link: Callable[[tuple], str] | None = None
    filters: Sequence[str] = EVERYTHING
    extra_filters: ExtraFilters = field(default_factory=dict)
    permission: str = "progress.view_courseprogress"
    is_signed: bool = False  # on paper and as an archive, by the organisation
    may: Callable[[User], bool] | None = None
    days: Days = Days.READER

    def may_open(self, user: Any) -> bool:
        """Whether `user` has the report at all; which rows they see, `asked.chosen` says."""
        return user.has_perm(self.permission) and (self.may is None or self.may(user))

    def in_its_zone(self, reader: User) -> AbstractContextManager:
        """Its days and times while it is asked for, read and put in words."""
        if self.days is Days.ORGANISATION:
            return timezone.override(timezone.get_default_timezone())
        return timezone.override(ZoneInfo(reader.time_zone))

    @property
    def zone_in_words(self) -> str:
        """Which time zone its days and times are in; asked for `in_its_zone`."""
        words = {
            Days.READER: _("Days and times are in the time zone %(zone)s."),
            Days.LEARNER: _(
                "Days are those of each learner's own time zone, times are in %(zone)s."
            ),
            Days.ORGANISATION: _("Days and times are in the organisation's time zone, %(zone)s."),
        }
        return words[self.days] % {"zone": timezone.get_current_timezone_name()}

    def filters_from(self, query: QueryDict, courses: Titles) -> Filters:
        """What an address asks of it, among the courses that the reader may look at."""
        has_course = "course" in self.filters
        return filters_from(
            query, courses, has_course=has_course, allowed=self.filters, extra=self.extra_filters
        )

    def filters_in(self, query: str) -> str:
        """Of a query string, the report's filters; not, for instance, which page was shown."""
        asked, found = QueryDict(query), QueryDict(mutable=True)
        for name in (*self.filters, *self.extra_filters):
            if asked.get(name):
                found[name] = asked[name]
        return found.urlencode()

    def joined(self, asked: ReportQuery, rows: Iterable[tuple]) -> list[tuple]:
        """Some rows as `tell` and `link` need them."""
        found = list(rows)
        return self.join(asked, found) if self.join and found else found

    def shown_rows(self, asked: ReportQuery, rows: Iterable[tuple]) -> Iterator[tuple]:
        """Of some rows, what is shown."""
        return (self.to_row(row) for row in self.joined(asked, rows))

    def all(self, asked: ReportQuery) -> Iterator[tuple]:
        """Every row as it is shown, in constant memory where there may be many."""
        with self.source():
            found = self._each(asked)
        while True:
            with self.source():
                shown = list(self.shown_rows(asked, islice(found, CHUNK)))
            if not shown:
                return
            yield from shown

    def source(self) -> AbstractContextManager[None]:
        """Where its files are read from: what is signed, from the primary."""
        return on_primary() if self.is_signed else on_replica()

    def _each(self, asked: ReportQuery) -> Iterator[tuple]:
        rows = self.rows(asked)
        if isinstance(rows, QuerySet):
            return tuples_in_chunks(rows)
        return rows.each() if isinstance(rows, Long) else iter(rows)
