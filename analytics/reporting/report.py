"""What a report is: a table that is declared once, and shown on pages, in files and in the API."""

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
from analytics.query.scope import seen_by, titles_for
from progress.files.downloads import CHUNK, tuples_in_chunks
from progress.models import User, has_team
from progress.operations.replica import on_primary, on_replica

Text = str | Promise


class Days(Enum):
    """In which time zone a report's days begin and end."""

    READER = "reader"  # of the reader; of its owner, if it is saved
    LEARNER = "learner"  # each learner's own, as the rollups count them
    ORGANISATION = "organisation"  # the server's, the same for everybody


class Kind(Enum):
    """How a column's values are written; None is an unknown value."""

    TEXT = "text"
    NUMBER = "number"  # a count or an amount
    PERCENT = "percent"  # 0 to 100
    SECONDS = "seconds"  # `12 min` on a page
    DAY = "day"  # a date
    MOMENT = "moment"  # a datetime
    FLAG = "flag"  # a bool


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in files and in the API; `title` on pages; `help_text` says what it counts.

    Columns that only a program needs, such as a number to join by, are `off_page`.
    """

    key: str
    title: Text
    kind: Kind = Kind.TEXT
    help_text: Text = ""
    off_page: bool = False


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Who asks for a report, with which filters (never beyond what they may see), and as of
    when."""

    reader: User
    filters: Filters
    now: datetime


class Long(ABC):
    """Many rows that no statement can put in order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, part: slice) -> list[tuple]:
        """Rows in the order of the page; no more are held in memory than up to the end of
        `part`."""

    @abstractmethod
    def each(self) -> Iterator[tuple]:
        """All of them, in constant memory and any order."""


# A list of rows, a query set's `values_list` whose first column is its key, or many rows.
Rows = Sequence[tuple] | QuerySet | Long


@dataclass(frozen=True)
class Report:
    """A table with a name.

    `rows` returns tuples with a value for each column, in the order of the page; a query set, which
    may be long, is read a page at a time, and in the order of keys for a file. `join` adds values
    from another query to some rows. `to_row` turns what was found into a row. `link` is the address
    of a row's first text in the admin, given the row as returned by `rows`. `filters` are the usual
    filters that apply, `extra_filters` those that only this report has; their values are in
    `query.filters.extra`. `days` says whose days it counts; it must be queried and read within
    `in_its_zone`. Those that are `for_managers` can be limited to a team: each of their rows is
    selected by `query.filters.apply` or `seen`.
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
    for_managers: bool = False
    is_signed: bool = False  # on paper and as an archive, by the organisation
    may: Callable[[User], bool] | None = None
    days: Days = Days.READER

    def may_open(self, user: Any) -> bool:
        """Whether `user` may open the report at all; which rows they see depends on
        `query.filters`."""
        if user.has_perm(self.permission) and (self.may is None or self.may(user)):
            return True
        return self.for_managers and has_team(user)

    def courses_of(self, user: Any) -> Titles:
        """The courses that `user` may see by this report. Raises PermissionDenied."""
        return seen_by(user) if self.for_managers else titles_for(user)

    def in_its_zone(self, reader: User) -> AbstractContextManager:
        """The time zone in which it is queried, read and written."""
        if self.days is Days.ORGANISATION:
            return timezone.override(timezone.get_default_timezone())
        return timezone.override(ZoneInfo(reader.time_zone))

    @property
    def zone_in_words(self) -> str:
        """A sentence about the time zone of its days and times; to be called within
        `in_its_zone`."""
        words = {
            Days.READER: _("Days and times are in the time zone %(zone)s."),
            Days.LEARNER: _(
                "Days are those of each learner's own time zone, times are in %(zone)s."
            ),
            Days.ORGANISATION: _("Days and times are in the organisation's time zone, %(zone)s."),
        }
        return words[self.days] % {"zone": timezone.get_current_timezone_name()}

    def filters_from(self, query: QueryDict, courses: Titles) -> Filters:
        """The filters in an address, among the courses that the reader may see."""
        has_course = "course" in self.filters
        return filters_from(
            query, courses, has_course=has_course, allowed=self.filters, extra=self.extra_filters
        )

    def filters_in(self, query: str) -> str:
        """The part of a query string that are filters of this report, without, for instance, the
        page number."""
        given, found = QueryDict(query), QueryDict(mutable=True)
        for name in (*self.filters, *self.extra_filters):
            if given.get(name):
                found[name] = given[name]
        return found.urlencode()

    def joined(self, query: ReportQuery, rows: Iterable[tuple]) -> list[tuple]:
        """Some rows as `to_row` and `link` need them."""
        found = list(rows)
        return self.join(query, found) if self.join and found else found

    def shown_rows(self, query: ReportQuery, rows: Iterable[tuple]) -> Iterator[tuple]:
        """Some rows as they are shown."""
        return (self.to_row(row) for row in self.joined(query, rows))

    def all(self, query: ReportQuery) -> Iterator[tuple]:
        """Every row as it is shown, in constant memory if there may be many."""
        with self.source():
            found = self._each(query)
        while True:
            with self.source():
                shown = list(self.shown_rows(query, islice(found, CHUNK)))
            if not shown:
                return
            yield from shown

    def source(self) -> AbstractContextManager[None]:
        """Which database its files are read from: signed ones from the primary."""
        return on_primary() if self.is_signed else on_replica()

    def _each(self, query: ReportQuery) -> Iterator[tuple]:
        rows = self.rows(query)
        if isinstance(rows, QuerySet):
            return tuples_in_chunks(rows)
        return rows.each() if isinstance(rows, Long) else iter(rows)
