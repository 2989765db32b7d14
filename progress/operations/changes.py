"""Which rows changed since an earlier answer; what isn't committed yet is not forgotten.

A moment isn't enough to say what a reader has seen: a row is stamped when it is written, and seen
when its transaction commits, perhaps after others that began later. So a reader is given a
*position*: the database's snapshot (`pg_current_snapshot`), taken before the rows are read. Changed
since then is what that snapshot doesn't show, whenever it was written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from progress.models import RowChange

_LARGEST = 2**63
_POSITION = re.compile(r"p(\.\d{1,19}){2,}")


class UnknownPosition(Exception):
    """The position is none of this database's, or of the time before it was restored."""


class ChangesNotKept(Exception):
    """The tables' triggers are gone, as where they are distributed over machines."""


@dataclass(frozen=True, slots=True)
class Position:
    """What a reader has seen: every transaction before `first_open`, and those before `next_one`
    that aren't `still_open`."""

    first_open: int
    next_one: int
    still_open: tuple[int, ...] = ()

    def __str__(self):
        return ".".join(map(str, ("p", self.first_open, self.next_one, *self.still_open)))

    @classmethod
    def of_text(cls, text: str) -> "Position":
        """Raises UnknownPosition."""
        if not _POSITION.fullmatch(text):
            raise UnknownPosition
        first, following, *still_open = map(int, text.split(".")[1:])
        is_ordered = still_open == sorted(set(still_open))
        bounds = [first, *still_open, following]
        if not is_ordered or bounds != sorted(bounds) or not first > 0 or following >= _LARGEST:
            raise UnknownPosition
        if still_open and still_open[-1] == following:
            raise UnknownPosition
        return cls(first, following, tuple(still_open))

    @property
    def snapshot(self) -> str:
        """As the database writes it (pg_snapshot)."""
        return f"{self.first_open}:{self.next_one}:{','.join(map(str, self.still_open))}"


def current_position() -> Position:
    """To be called before rows are read: what commits in between is then read twice, never missed.

    In a transaction of another isolation than READ COMMITTED it is that transaction's own.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text")
        snapshot, own = cursor.fetchone()
    first, following, still_open = snapshot.split(":")
    ids = set(map(int, still_open.split(","))) if still_open else set()
    # The snapshot leaves out the transaction that asks, which may still write.
    if own is not None and int(own) < int(following):
        ids.add(int(own))
    return Position(min({int(first), *ids}), int(following), tuple(sorted(ids)))


def changes_since(tables: Sequence[str], since: Position | datetime) -> QuerySet[RowChange] | None:
    """The changes after `since`; None where all rows count as changed, for lack of notes.

    Raises UnknownPosition and ChangesNotKept.
    """
    next_one, beginning = _state_of_notes(tables)
    rows = RowChange.objects.filter(table_name__in=tables)
    if isinstance(since, Position):
        if since.next_one > next_one:
            raise UnknownPosition
        return rows.filter(transaction_id__gte=since.first_open).extra(
            where=["NOT pg_visible_in_snapshot(transaction_id::text::xid8, %s::pg_snapshot)"],
            params=[since.snapshot],
        )
    return None if since < beginning else rows.filter(changed_at__gte=since)


def _state_of_notes(tables: Sequence[str]) -> tuple[int, datetime]:
    """The next transaction id, and the moment from which on changes are noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
            " progress_changes_began(),"
            " (SELECT count(DISTINCT tgrelid) FROM pg_trigger"
            " WHERE tgrelid = ANY(%s::regclass[]) AND tgname LIKE 'note\\_%%')",
            [list(tables)],
        )
        next_one, beginning, noted = cursor.fetchone()
    if noted < len(tables):
        raise ChangesNotKept
    return next_one, beginning


def deletions(
    changed: QuerySet[RowChange] | None, tables: Sequence[str], scope: Q | None
) -> QuerySet[RowChange]:
    """The deleted rows among `changed` (None: all that are known), within `scope`."""
    rows = RowChange.objects.filter(table_name__in=tables) if changed is None else changed
    rows = rows.filter(is_deleted=True)
    return rows if scope is None else rows.filter(scope)
