"""What a batch reads and writes, in two calls to the database: `open_rows`, then `write_rows`.

The two functions are made by migration `0032_group_functions`. Between the calls no other
transaction may write anything of the enrolment: its progress is locked until the transaction ends.
"""

from collections.abc import Sequence
from functools import cache
from io import StringIO
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from progress.models import ContentProgress

from .copying import EVIDENCE_COLUMNS, encode_evidence
from .rows import ContentRow, EvidenceRow, OpenedRows, ProgressRow, SessionRow

# From so many events on, evidence is copied: a statement more, and less of everything else.
MANY_EVENTS = 16
_COPY_EVIDENCE = f"COPY progress_contentinteraction ({EVIDENCE_COLUMNS}) FROM STDIN"
_decode = msgspec.json.Decoder(OpenedRows).decode
_encode = msgspec.json.Encoder().encode


class Wanted(msgspec.Struct):
    """A session's enrolment to be locked and read.

    `contents` are those wanted whole, `events` the ids that may be known already.
    """

    learner: int
    enrolment: int
    session: UUID
    contents: list[int]
    events: list[UUID]


def open_rows(wanted: Sequence[Wanted], *, waits: bool) -> list[OpenedRows | None]:
    """Lock enrolments, in the order of their ids, and read what batches for them need.

    None for a session that isn't there; or, unless it `waits`, for an enrolment that another
    transaction holds. The enrolments must differ: each has one set of rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM progress_open_group_v1(%s::json, %s)", [_encode(wanted).decode(), waits]
        )
        texts = dict(cursor.fetchall())
    found = (texts.get(each.enrolment) for each in wanted)
    return [None if text is None else _decode(text) for text in found]


def all_contents(enrolment: int, learner: int) -> list[ContentRow]:
    """Every content of a locked enrolment, whole: to be folded by a changed course."""
    rows = ContentProgress.objects.filter(enrollment_id=enrolment, user_id=learner)
    return [ContentRow(**row) for row in rows.values(*ContentRow.__struct_fields__)]


class Changed(NamedTuple):
    """Rows of a locked enrolment that are to be written, and evidence to be added.

    `added` are contents that had no row when the enrolment was opened.
    """

    session: SessionRow
    progress: ProgressRow
    contents: Sequence[ContentRow]
    evidence: Sequence[EvidenceRow]
    added: Sequence[ContentRow] = ()


def write_rows(changes: Sequence[Changed]) -> None:
    """Write the rows of locked enrolments, each table's in one statement."""
    if not changes:
        return
    events = sum(len(changed.evidence) for changed in changes)
    by_copy = events >= MANY_EVENTS and not _is_distributed()
    parameters = [
        [changed.session for changed in changes],
        [changed.progress for changed in changes],
        [row for changed in changes for row in changed.contents],
        [row for changed in changes for row in changed.added],
        [] if by_copy else [row for changed in changes for row in changed.evidence],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT progress_write_group_v1(%s::json, %s::json, %s::json, %s::json, %s::json)",
            [_encode(rows).decode() for rows in parameters],
        )
        if by_copy:
            lines = "".join([encode_evidence(changed.evidence) for changed in changes])
            with connection.wrap_database_errors:
                cursor.copy_expert(_COPY_EVIDENCE, StringIO(lines))


@cache
def _is_distributed() -> bool:
    """Whether the tables are spread over shards; there evidence goes by the function."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT progress_is_distributed_v1()")
        return cursor.fetchone()[0]
