"""What a batch reads and writes, in two calls to the database: `open_rows`, then `write_rows`.

The two functions are made by migration `0020_ingest_functions`. Between the calls no other
transaction may write anything of the enrolment: its progress is locked until the transaction ends.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from progress.models import ContentProgress

from .rows import ContentRow, EvidenceRow, OpenedRows, ProgressRow, SessionRow

_opened = msgspec.json.Decoder(OpenedRows)
_encode = msgspec.json.Encoder().encode


class Wanted(NamedTuple):
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
    order = sorted(range(len(wanted)), key=lambda index: wanted[index].enrolment)
    parameters: list = []
    for index in order:
        learner, enrolment, session, contents, events = wanted[index]
        parameters += [learner, enrolment, str(session), contents, list(map(str, events)), waits]
    # What stands in a SELECT's list is called from left to right.
    calls = ["progress_open_v1(%s, %s, %s, %s::bigint[], %s::uuid[], %s)"] * len(order)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(calls)}", parameters)
        texts = cursor.fetchone()
    opened: list[OpenedRows | None] = [None] * len(order)
    for index, text in zip(order, texts, strict=True):
        opened[index] = None if text is None else _opened.decode(text)
    return opened


def all_contents(enrolment: int, learner: int) -> list[ContentRow]:
    """Every content of a locked enrolment, whole: to be folded by a changed course."""
    rows = ContentProgress.objects.filter(enrollment_id=enrolment, user_id=learner)
    return [ContentRow(**row) for row in rows.values(*ContentRow.__struct_fields__)]


class Changed(NamedTuple):
    """Rows of a locked enrolment that are to be written, and evidence to be added."""

    session: SessionRow
    progress: ProgressRow
    contents: list[ContentRow]
    evidence: list[EvidenceRow]


def write_rows(changes: Sequence[Changed]) -> None:
    """Write the rows of locked enrolments."""
    if not changes:
        return
    parameters: list = []
    for changed in changes:
        parameters += [changed.progress.user_id, changed.progress.enrollment_id]
        parameters += [_encode(rows).decode() for rows in changed]
    calls = ["progress_write_v2(%s, %s, %s, %s, %s, %s)"] * len(changes)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(calls)}", parameters)
