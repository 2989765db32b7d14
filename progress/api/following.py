"""Following a list: what changed since the last time, a page at a time, under concurrent writes.

Rows come in the order of their ids, which never change; so no row is skipped or repeated between
two pages. A row that changes behind the reader belongs to the next round: each round says where
that begins (`next_updated_since`), as the database's snapshot of before its first page.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.utils.urls import replace_query_param

from progress.models import RowChange, looks_after
from progress.models.marks import within_reach
from progress.operations import changes
from progress.operations.changes import Position

FOLLOWING = frozenset({"cursor", "updated_since"})
# The parameters by which a removed row can still be filtered.
_KEPT_COLUMNS = ("user_id", "course_id")
_YEARS = range(1900, 3000)


class NotFollowed(APIException):
    status_code = 409
    default_code = "changes_not_kept"
    default_detail = "This installation keeps no record of changes: read the whole list."


@dataclass(frozen=True, slots=True)
class Followed:
    """How a list is followed: `tables` are those whose changes are changes of its rows.

    The tables' noted ids are the list's. `sees_all` says whether a user may see every row, and so
    every deletion; others see those of courses that they teach, of their team, and their own.
    `withdrawn` returns the rows that exist and are no longer listed.
    """

    tables: tuple[str, ...]
    sees_all: Callable[..., bool]
    withdrawn: Callable[..., QuerySet] | None = None


class Following:
    """One request for a page of a followed list."""

    def __init__(self, request, followed: Followed):
        self._request, self._followed = request, followed
        params = request.query_params
        self._query = _fingerprint(params)
        self._after: int | None = None
        self._since: Position | datetime | None = None
        token = params.get("cursor", "")
        if token:
            self._read(token)
        else:
            self._since = _since(params.get("updated_since", ""), request.user)
            self._begun = changes.current_position()
        self._count: int | None = None
        self._next: str | None = None

    # --- Rows ------------------------------------------------------------------------------------
    def page(self, queryset: QuerySet, size: int) -> list:
        """The rows of the page; its removed rows are added by `payload`. Raises ValidationError."""
        gone = self._prepare(queryset)
        if self._after is None:
            self._count = self._rows.count() + sum(each.count() for each in gone)
        else:
            self._rows = self._rows.filter(pk__gt=self._after)
        rows = list(self._rows.order_by("pk")[: size + 1])
        removed = set()
        for each in gone:
            removed.update(self._first_ids(each, size + 1))
        # Removed between these statements, so after `begun`: the next round says so.
        removed.difference_update(row.pk for row in rows)
        ids = sorted([*(row.pk for row in rows), *removed])
        if len(ids) > size:
            last = ids[size - 1]
            rows = [row for row in rows if row.pk <= last]
            removed = {row_id for row_id in removed if row_id <= last}
            self._next = self._link(last)
        self._ids, self._removed = [row.pk for row in rows], sorted(removed)
        return rows

    def _prepare(self, queryset: QuerySet) -> list[QuerySet]:
        """Sets the rows to read, and returns the querysets of what was removed."""
        self._rows = queryset.order_by()
        if self._since is None:
            return []
        try:
            changed = changes.changes_since(self._followed.tables, self._since)
        except changes.UnknownPosition:
            raise _unknown_position() from None
        except changes.ChangesNotKept:
            raise NotFollowed from None
        ids = None
        if changed is not None:
            ids = changed.filter(is_deleted=False).values("row_id")
            self._rows = self._rows.filter(pk__in=ids)
        gone: list[QuerySet] = [
            within_reach(
                changes.deletions(changed, self._followed.tables, self._scope()), self._request.user
            ).filter(**self._named())
        ]
        if self._followed.withdrawn is not None:
            withdrawn = self._followed.withdrawn(self._request.user).order_by()
            gone.append(withdrawn if ids is None else withdrawn.filter(pk__in=ids))
        return gone

    def _scope(self) -> Q | None:
        user = self._request.user
        if self._followed.sees_all(user):
            return None
        return Q(user_id=user.pk) | looks_after(user, course="course_id", user="user_id")

    def _named(self) -> dict[str, int]:
        """The ids that the list is filtered by, read as its filters read them (`7.0` is 7)."""
        params = self._request.query_params
        read = forms.IntegerField().clean
        return {name: read(params[name]) for name in _KEPT_COLUMNS if params.get(name)}

    def _first_ids(self, rows: QuerySet, size: int) -> list[int]:
        name = "row_id" if rows.model is RowChange else "pk"
        if self._after is not None:
            rows = rows.filter(**{f"{name}__gt": self._after})
        return list(rows.order_by(name).values_list(name, flat=True)[:size])

    # --- The answer ------------------------------------------------------------------------------
    def payload(self, data: list) -> dict:
        removed = [(row_id, {"id": row_id, "deleted": True}) for row_id in self._removed]
        results = sorted([*zip(self._ids, data, strict=True), *removed], key=lambda each: each[0])
        return {
            "count": self._count,
            "next": self._next,
            "previous": None,
            "results": [row for _, row in results],
            "next_updated_since": str(self._begun),
        }

    def _link(self, last: int) -> str:
        since = self._since
        state = {
            "after": last,
            "begun": str(self._begun),
            "since": since.isoformat() if isinstance(since, datetime) else since and str(since),
            "query": self._query,
        }
        token = base64.urlsafe_b64encode(json.dumps(state, separators=(",", ":")).encode())
        url = self._request.build_absolute_uri()
        return replace_query_param(url, "cursor", token.decode().rstrip("="))

    def _read(self, token: str) -> None:
        """Raises ValidationError for a cursor of another list, or none of ours."""
        try:
            state = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            self._after = _whole(state["after"])
            self._begun = Position.of_text(state["begun"])
            since = state["since"]
            if since is not None:
                is_position = since.startswith("p.")
                self._since = Position.of_text(since) if is_position else _moment(since)
            query = state["query"]
        except (
            binascii.Error,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ):
            raise _invalid_cursor("This is no cursor of this list.") from None
        except changes.UnknownPosition:
            raise _invalid_cursor("This is no cursor of this list.") from None
        if query != self._query:
            raise _invalid_cursor("This cursor belongs to a list with other filters.")


def _whole(value) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError
    return value


def _moment(text: str) -> datetime:
    """Raises ValueError for one without an offset: none of ours is."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found


def _fingerprint(params) -> str:
    """Of the filters: a cursor leads on in the same list only."""
    kept = sorted(
        (name, value)
        for name, values in params.lists()
        for value in values
        if name not in {"cursor", "page_size", "format"}
    )
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:16]


def _invalid_cursor(text: str) -> ValidationError:
    return ValidationError({"cursor": ErrorDetail(text, "invalid")})


def _unknown_position() -> ValidationError:
    text = "This position is unknown here: read the whole list, and go on from there."
    return ValidationError({"updated_since": ErrorDetail(text, "unknown_position")})


def _since(text: str, user) -> Position | datetime | None:
    """What `updated_since` says; a day begins in the caller's zone. Raises ValidationError."""
    if not text:
        return None
    if text.startswith("p."):
        try:
            return Position.of_text(text)
        except changes.UnknownPosition:
            raise _unknown_position() from None
    zone = ZoneInfo(user.time_zone)
    try:
        found: date | datetime | None = parse_date(text) or parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        message = "A `next_updated_since`, or a moment such as 2026-12-31T12:00:00Z."
        raise ValidationError({"updated_since": message})
    if not isinstance(found, datetime):
        return datetime.combine(found, time(), zone)
    return found if found.tzinfo else found.replace(tzinfo=zone)
