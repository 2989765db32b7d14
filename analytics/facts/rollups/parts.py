"""What a chunk of evidence adds, collected in memory. No rows, and in any order: sums and
unions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from progress.rules.coverage import Span, Spans, length, overlap, union

from . import buckets, days, evidence
from .buckets import MEDIA, Edition
from .evidence import EvidenceEvent

EditionAt = Callable[[int, int], Edition]  # (content id, received ms) -> what it was then
_COUNTERS = {"view": "views", "play": "plays", "pause": "pauses", "seek": "seeks"}


@dataclass(slots=True)
class DayPart:
    """What this evidence adds to an enrolment's day."""

    active: list[Span] = field(default_factory=list)
    idle_ms: int = 0
    sessions: set[UUID] = field(default_factory=set)
    distractions: int = 0
    covered_ms: int = 0
    replayed_ms: int = 0
    withheld_ms: int = 0
    events: int = 0


@dataclass(slots=True)
class Curve:
    """An edition's buckets in a month of sessions: sparse, or dense differences for `seen`."""

    steps: dict[int, int] = field(default_factory=dict)  # +1 where a stretch begins, -1 after it
    seek_in: dict[int, int] = field(default_factory=dict)
    seek_out: dict[int, int] = field(default_factory=dict)
    pauses: dict[int, int] = field(default_factory=dict)
    dwell_ms: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Coverage:
    """What an enrolment has seen of an edition, once and again, and where it was last.

    `also_seen` was seen, but doesn't make anything seen again: pages and texts, which every event
    on them names, and what is in `again` already.
    """

    seen: Spans = ()
    again: Spans = ()
    last: tuple[int, int, int] | None = None  # moment, chain index, bucket
    also_seen: Spans = ()

    def play(self, span: Span) -> None:
        """Add a stretch of a medium: what was seen before is seen again."""
        self.again = union(self.again, overlap(self.seen, [span]))
        self.seen = union(self.seen, [span])

    def stay(self, last: tuple[int, int, int] | None) -> None:
        if last is not None and (self.last is None or last > self.last):
            self.last = last

    def join(self, other: "Coverage") -> None:
        """Add what else is known about the same enrolment."""
        before = union(self.seen, other.also_seen)
        self.again = union(self.again, other.again, overlap(before, other.seen))
        self.seen = union(before, other.seen)
        self.stay(other.last)

    def is_finished(self, count: int) -> bool:
        last = self.last[2] if self.last else None
        return count > 0 and buckets.is_finished(count, length(self.seen), last)


class Parts:
    """Adds events up; the result is in `learner_days`, `content_days`, `curves` and `coverages`."""

    def __init__(self, edition_at: EditionAt, zones: Mapping[int, str]):
        """`zones` are the time zones of the enrolments' learners."""
        self._edition_at = edition_at
        self._zones = zones
        self.learner_days: dict[tuple[int, date, date], DayPart] = {}
        self.content_days: dict[tuple[int, date, date], dict[str, int]] = {}
        self.curves: dict[tuple[int, date], Curve] = {}
        self.coverages: dict[tuple[int, int], Coverage] = {}

    def add(self, event: EvidenceEvent, *, is_new: bool = True, is_known: bool = False) -> None:
        """Add an event; one that isn't new counts again in its learner's days only.

        What learners saw again is stored with what they saw, so for a known event it is already
        there.
        """
        edition = self._edition_at(event.content_id, event.received_ms)
        replayed = 0
        if edition.kind == MEDIA:
            replayed = evidence.replayed_ms(event, evidence.played(event.claim, edition.extent))
        self._add_day(event, replayed)
        if is_new:
            self._add_content_day(event, replayed)
            self._add_buckets(event, edition, is_known=is_known)

    # --- Days --------------------------------------------------------------------------------
    def _add_day(self, event: EvidenceEvent, replayed: int) -> None:
        zone = self._zones[event.enrollment_id]
        part = self._day(event, days.day_of(event.moment_ms, zone))
        part.events += 1
        part.idle_ms += event.idle_ms
        part.sessions.add(event.session_id)
        part.distractions += event.claim.get("distractions", 0)
        part.covered_ms += event.covered_ms
        part.replayed_ms += replayed
        part.withheld_ms += event.withheld_ms
        if event.active is not None:
            for day, span in days.split(event.active, zone):
                self._day(event, day).active.append(span)

    def _day(self, event: EvidenceEvent, day: date) -> DayPart:
        key = (event.enrollment_id, day, event.session_month)
        part = self.learner_days.get(key)
        if part is None:
            part = self.learner_days[key] = DayPart()
        return part

    def _add_content_day(self, event: EvidenceEvent, replayed: int) -> None:
        key = (event.content_id, days.utc_day(event.moment_ms), event.session_month)
        part = self.content_days.get(key)
        if part is None:
            part = self.content_days[key] = dict.fromkeys(CONTENT_DAY, 0)
        part["events"] += 1
        part["active_ms"] += event.credited_ms
        part["covered_ms"] += event.covered_ms
        part["replayed_ms"] += replayed
        part["withheld_ms"] += event.withheld_ms
        part["distractions"] += event.claim.get("distractions", 0)
        counter = _COUNTERS.get(event.claim["interaction_type"])
        if counter:
            part[counter] += 1

    # --- Buckets -----------------------------------------------------------------------------
    def _add_buckets(self, event: EvidenceEvent, edition: Edition, *, is_known: bool) -> None:
        key = (event.enrollment_id, edition.id)
        coverage = self.coverages.get(key)
        if coverage is None:
            coverage = self.coverages[key] = Coverage()
        if not edition.buckets:
            return
        seen = evidence.seen(edition, event.claim)
        if edition.kind != MEDIA or is_known:
            coverage.also_seen = union(coverage.also_seen, seen)
        else:
            for span in seen:
                coverage.play(span)
        coverage.stay(self._last(event, edition))
        curve = self._curve(event, edition)
        for first, after in seen:
            curve.steps[first] = curve.steps.get(first, 0) + 1
            curve.steps[after] = curve.steps.get(after, 0) - 1
            if edition.kind != MEDIA:
                for bucket in range(first, after):
                    curve.dwell_ms[bucket] = curve.dwell_ms.get(bucket, 0) + event.credited_ms
        self._add_turns(event, edition, curve)

    def _add_turns(self, event: EvidenceEvent, edition: Edition, curve: Curve) -> None:
        """Pauses and seeks."""
        kind = event.claim["interaction_type"]
        if kind not in {"pause", "seek"}:
            return
        here = evidence.position(edition, event.claim)
        if here is not None:
            _count(curve.pauses if kind == "pause" else curve.seek_in, edition, here)
        origin = event.claim.get("from_position_ms")
        if kind == "seek" and edition.kind == MEDIA and origin is not None:
            _count(curve.seek_out, edition, origin)

    def _last(self, event: EvidenceEvent, edition: Edition) -> tuple[int, int, int] | None:
        here = evidence.position(edition, event.claim)
        if here is None:
            return None
        at_end = buckets.is_at_end(edition, here)
        bucket = edition.buckets if at_end else buckets.place(edition, here)
        return (event.moment_ms, event.index, bucket or 0)

    def _curve(self, event: EvidenceEvent, edition: Edition) -> Curve:
        key = (edition.id, event.session_month)
        curve = self.curves.get(key)
        if curve is None:
            curve = self.curves[key] = Curve()
        return curve


CONTENT_DAY = (
    "events",
    "active_ms",
    "covered_ms",
    "replayed_ms",
    "withheld_ms",
    "distractions",
    "views",
    "plays",
    "pauses",
    "seeks",
)


def _count(counts: dict[int, int], edition: Edition, position: int) -> None:
    bucket = buckets.place(edition, position)
    if bucket is not None:
        counts[bucket] = counts.get(bucket, 0) + 1


def heights(steps: Mapping[int, int], size: int) -> list[int]:
    """How many stretches cover each bucket, from where they begin and end."""
    counts, height = [], 0
    for bucket in range(size):
        height += steps.get(bucket, 0)
        counts.append(height)
    return counts
