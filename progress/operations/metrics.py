"""What this process counts for Prometheus; `lms_progress.metrics` serves it."""

from collections import Counter as Tally
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import Counter, Gauge

EVENTS = Counter("lms_events_total", "Events delivered, by what became of them.", ["status"])
CREDITED = Counter("lms_credited_seconds_total", "Active time credited.")
WITHHELD = Counter(
    "lms_withheld_seconds_total", "Active time or coverage held back.", ["kind", "reason"]
)
OPEN_STREAMS = Gauge("lms_open_streams", "Live streams open in this process.")


class Outcome(Protocol):
    """What became of one event (`progress.ingest.outcome`)."""

    status: str
    credited_ms: int
    withheld_ms: int
    withheld_reason: str
    withheld_active_ms: int
    withheld_active_reason: str


def count(outcomes: Iterable[Outcome]) -> None:
    """Counts a batch. Call it after commit."""
    outcomes = list(outcomes)
    for status, number in Tally(outcome.status for outcome in outcomes).items():
        EVENTS.labels(status).inc(number)
    CREDITED.inc(sum(outcome.credited_ms for outcome in outcomes) / 1000)
    for outcome in outcomes:
        if outcome.withheld_ms:
            _withheld("coverage", outcome.withheld_reason, outcome.withheld_ms)
        if outcome.withheld_active_ms:
            _withheld("active", outcome.withheld_active_reason, outcome.withheld_active_ms)


def _withheld(kind: str, reason: str, ms: int) -> None:
    WITHHELD.labels(kind, reason).inc(ms / 1000)
