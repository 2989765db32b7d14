"""What this process counts for Prometheus; `lms_progress.metrics` serves it."""

from collections import Counter as Counts
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
    statuses: Counts[str] = Counts()
    withheld: Counts[tuple[str, str]] = Counts()
    credited_ms = 0
    for outcome in outcomes:
        statuses[outcome.status] += 1
        credited_ms += outcome.credited_ms
        if outcome.withheld_ms:
            withheld["coverage", outcome.withheld_reason] += outcome.withheld_ms
        if outcome.withheld_active_ms:
            withheld["active", outcome.withheld_active_reason] += outcome.withheld_active_ms
    for status, number in statuses.items():
        EVENTS.labels(status).inc(number)
    CREDITED.inc(credited_ms / 1000)
    for (kind, reason), ms in withheld.items():
        WITHHELD.labels(kind, reason).inc(ms / 1000)
