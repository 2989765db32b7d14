"""Evidence: each delivered event becomes a row, chained within its enrolment.

`chain_hash = SHA-256(the predecessor's chain_hash + record)`, beginning with 32 zero bytes.
`record` is kept as the very bytes that were hashed, so that years later a script without this code
can check the chain.
"""

import hashlib
import json
import math
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from msgspec import Raw, Struct

from progress.rules.coverage import Span

from .canonical import canonical_json, canonical_plain
from .events import epoch_ms
from .outcome import DUPLICATE, Outcome
from .rows import EvidenceRow, ProgressRow, SessionRow

GENESIS = bytes(32)
_EARNED = (
    "credited_ms",
    "covered_ms",
    "withheld_ms",
    "withheld_active_ms",
    "withheld_reason",
    "withheld_active_reason",
)
_earned = attrgetter(*_EARNED)


class _Earned(Struct, omit_defaults=True):
    """`earned` in a record, its fields in the order of their names, as in all that is canonical."""

    covered_ms: int = 0
    credited_ms: int = 0
    withheld_active_ms: int = 0
    withheld_active_reason: str = ""
    withheld_ms: int = 0
    withheld_reason: str = ""


class _PlainRecord(Struct, omit_defaults=True, kw_only=True):
    """The record of an event that was understood and has no quiz; what `_record` says of it."""

    active_span_ms: Span | None = None
    code: str = ""
    course: int
    earned: _Earned | None = None
    enrollment: int
    event: Raw | None = None
    event_id: UUID | None = None
    ignored: tuple[str, ...] = ()
    index: int
    moment_ms: int
    received_ms: int
    session: UUID
    status: str
    user: int
    v: int


def chain(
    progress: ProgressRow,
    session: SessionRow,
    outcomes: list[Outcome],
    now: datetime,
    known_contents,
) -> list[EvidenceRow]:
    """Evidence rows for `outcomes`, not yet written; moves the chain's head in `progress`."""
    head = bytes(progress.chain_hash) or GENESIS
    rows = []
    received_ms = epoch_ms(now)
    for outcome in outcomes:
        index = progress.chain_length
        # What was answered to a quiz has fractions, and what wasn't understood may be anything.
        if outcome.event is not None and not outcome.quiz:
            record = _plain_record(progress, session, outcome, received_ms, index)
        else:
            record = canonical_json(_record(progress, session, outcome, received_ms, index))
        head = hashlib.sha256(head + record).digest()
        rows.append(
            _row(progress, session, outcome, now, index, record.decode(), head, known_contents)
        )
        progress.chain_length += 1
    progress.chain_hash = head
    return rows


def link(predecessor: bytes, record: str) -> bytes:
    """The hash of a record behind its predecessor's."""
    return hashlib.sha256(predecessor + record.encode()).digest()


def quiz_part(record: str | None) -> dict:
    """What an accepted quiz event was answered, to be answered again when it is repeated."""
    return json.loads(record).get("quiz", {}) if record else {}


def _plain_record(progress, session, outcome: Outcome, received_ms: int, index: int) -> bytes:
    is_known = outcome.status == DUPLICATE
    has_earned = outcome.credited_ms or outcome.covered_ms
    has_earned = has_earned or outcome.withheld_ms or outcome.withheld_active_ms
    return canonical_plain(
        _PlainRecord(
            active_span_ms=outcome.active_span,
            code=outcome.code,
            course=progress.course_id,
            earned=_Earned(
                outcome.covered_ms,
                outcome.credited_ms,
                outcome.withheld_active_ms,
                outcome.withheld_active_reason,
                outcome.withheld_ms,
                outcome.withheld_reason,
            )
            if has_earned
            else None,
            enrollment=progress.enrollment_id,
            event=None if is_known else Raw(outcome.claimed),
            event_id=outcome.event_id if is_known else None,
            ignored=outcome.event.ignored,
            index=index,
            moment_ms=outcome.moment_ms,
            received_ms=received_ms,
            session=session.session_id,
            status=outcome.status,
            user=progress.user_id,
            v=1,
        )
    )


def _record(progress, session, outcome: Outcome, received_ms: int, index: int) -> dict:
    record = {
        "v": 1,
        "index": index,
        "enrollment": progress.enrollment_id,
        "user": progress.user_id,
        "course": progress.course_id,
        "session": str(session.session_id),
        "received_ms": received_ms,
        "moment_ms": outcome.moment_ms,
        "status": outcome.status,
    }
    if outcome.code:
        record["code"] = outcome.code
    if outcome.status == DUPLICATE:
        record["event_id"] = str(outcome.event_id)
    else:
        record["event"] = outcome.event.claim() if outcome.event else printable(outcome.raw)
    if outcome.event and outcome.event.ignored:
        record["ignored"] = list(outcome.event.ignored)
    earned = {name: value for name, value in zip(_EARNED, _earned(outcome), strict=True) if value}
    if outcome.active_span:
        record["active_span_ms"] = list(outcome.active_span)
    return (
        record
        | ({"earned": earned} if earned else {})
        | ({"quiz": outcome.quiz} if outcome.quiz else {})
    )


def printable(value, depth: int = 20):
    """`value` with what JSON can't say (NaN, infinities) as strings, cut below `depth` levels."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict | list) and depth == 0:
        return "…"
    if isinstance(value, dict):
        return {key: printable(part, depth - 1) for key, part in value.items()}
    if isinstance(value, list):
        return [printable(part, depth - 1) for part in value]
    return value


def _row(progress, session, outcome: Outcome, now, index, record, head, known_contents):
    event = outcome.event
    content_id = event.content_id if event and event.content_id in known_contents else None
    fingerprinted = event is not None and outcome.event_id and outcome.status != DUPLICATE
    return EvidenceRow(
        enrollment_id=progress.enrollment_id,
        user_id=progress.user_id,
        session_id=session.session_id,
        session_started_at=session.start_time,
        content_id=content_id,
        chain_index=index,
        chain_hash=head,
        record=record,
        event_id=outcome.event_id_text,
        fingerprint=outcome.fingerprint if fingerprinted else b"",
        sequence=event.sequence if event else None,
        interaction_type=event.interaction_type if event else "",
        status=outcome.status,
        code=outcome.code,
        received_at=now,
        occurred_at=outcome.moment,
        is_active=event.is_active if event else True,
        video_position=_decimal(event and event.position_ms, 3),
        reading_position=_decimal(event and event.reading_ppm, 6),
        credited_ms=outcome.credited_ms,
        covered_ms=outcome.covered_ms,
        withheld_ms=outcome.withheld_ms,
        withheld_active_ms=outcome.withheld_active_ms,
        withheld_reason=outcome.withheld_reason or outcome.withheld_active_reason,
    )


def _decimal(value: int | None, digits: int) -> str | None:
    """A number of thousandths or millionths as a decimal one, as the database reads it."""
    if value is None:
        return None
    whole, part = divmod(value, 10**digits)
    return f"{whole}.{part:0{digits}}"
