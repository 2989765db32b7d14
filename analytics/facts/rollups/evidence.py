"""What one accepted event of the evidence means for the rollups. Pure."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from progress.rules.coverage import Span, clip_all, heartbeat_stretch, length
from progress.rules.timing import active_span

from . import buckets
from .buckets import MEDIA, PAGES, TEXT, Edition

OBSERVED = "observed"


@dataclass(slots=True)
class EvidenceEvent:
    """An event: whose, when, and what was credited; `claim` is what the client reported."""

    enrollment_id: int
    index: int
    session_id: UUID
    session_month: date
    content_id: int
    received_ms: int
    moment_ms: int
    active: Span | None
    idle_ms: int
    credited_ms: int
    covered_ms: int
    withheld_ms: int
    is_observed: bool
    claim: dict


def parse(row: tuple) -> EvidenceEvent | None:
    """An event from a row of evidence (enrollment id, chain index, session id, its start, record).

    None if it isn't about a content.
    """
    enrollment_id, index, session_id, started, record = row
    whole = json.loads(record)
    claim, earned = whole["event"], whole.get("earned", {})
    content_id = claim.get("content_id")
    if content_id is None:
        return None
    start_ms = _epoch_ms(started)
    received, moment = whole["received_ms"], whole["moment_ms"]
    credited = earned.get("credited_ms", 0)
    return EvidenceEvent(
        enrollment_id=enrollment_id,
        index=index,
        session_id=session_id,
        session_month=month_of(started),
        content_id=content_id,
        received_ms=received,
        moment_ms=moment,
        active=_active(whole, credited, start_ms),
        # Idle time is only reported: no more of it than the session has lasted.
        idle_ms=min(_idle(claim), max(received - start_ms, 0)),
        credited_ms=credited,
        covered_ms=earned.get("covered_ms", 0),
        withheld_ms=earned.get("withheld_ms", 0),
        is_observed=earned.get("withheld_reason") == OBSERVED,
        claim=claim,
    )


def _active(whole: dict, credited: int, start_ms: int) -> Span | None:
    """The span of an event's time: as it was moved to adjoin the one before, or up to its
    moment."""
    if moved := whole.get("active_span_ms"):
        return moved[0], moved[1]
    return active_span(
        whole["moment_ms"], credited, session_start=start_ms, received=whole["received_ms"]
    )


def month_of(started: datetime) -> date:
    """The month that a session belongs to; `started` is in UTC."""
    return date(started.year, started.month, 1)


def played(claim: dict, extent_ms: int) -> tuple[Span, ...]:
    """The stretches of a medium that an event reports as played, within its length."""
    if "segments" in claim:
        spans = [(start, end) for start, end in claim["segments"] if start < end]
    elif claim["interaction_type"] == "progress" and claim.get("position_ms") is not None:
        active = claim.get("duration_ms", 0) if claim.get("is_active", True) else 0
        stretch = heartbeat_stretch(claim["position_ms"], active, claim.get("rate_milli", 1000))
        spans = [stretch] if stretch and active else []
    else:
        spans = []
    return clip_all(spans, 0, extent_ms)


def replayed_ms(event: EvidenceEvent, spans: tuple[Span, ...]) -> int:
    """How much of the played stretches was neither new nor withheld."""
    withheld = 0 if event.is_observed else event.withheld_ms
    return max(length(spans) - event.covered_ms - withheld, 0)


def seen(edition: Edition, claim: dict) -> list[Span]:
    """The buckets that an event covers, a span for each time; none of them is empty."""
    if edition.kind == MEDIA:
        stretches = played(claim, edition.extent)
        spans = [buckets.seconds_played(*stretch, edition.extent) for stretch in stretches]
    elif edition.kind == PAGES and claim.get("page") is not None:
        spans = [(claim["page"] - 1, min(claim["page"], edition.buckets))]
    elif edition.kind == TEXT and claim.get("span_ppm") is not None:
        spans = [buckets.hundredths_seen(*claim["span_ppm"])]
    else:
        spans = []
    return [span for span in spans if span[0] < span[1]]


def position(edition: Edition, claim: dict) -> int | None:
    """The position of an event: milliseconds, 1-based page, or millionths of a text."""
    if edition.kind == MEDIA:
        position_ms = claim.get("position_ms")
        if position_ms is None and claim.get("segments"):
            position_ms = claim["segments"][-1][1]
        return position_ms
    if edition.kind == PAGES:
        return claim.get("page")
    if edition.kind == TEXT:
        span = claim.get("span_ppm")
        return claim.get("reading_ppm", span and span[0])
    return None


def _idle(claim: dict) -> int:
    idle = claim.get("idle_ms", 0)
    return idle if claim.get("is_active", True) else idle + claim.get("duration_ms", 0)


def _epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) // 1000
