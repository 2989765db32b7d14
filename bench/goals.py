"""What `bench/ingest.py` is to reach, and a table of what it found."""

from collections.abc import Mapping
from typing import NamedTuple

SINGLE_TO_EDX, SINGLE_TO_EMPTY, SINGLE_TO_TPCB = "single/edx", "single/empty", "single/tpcb"
BATCH_20, BATCH_200, READING, START = "batch20", "batch200", "reading", "start"
STREAMS, OLD, LARGE, STEADY = "streams", "old", "large", "steady"


class Goal(NamedTuple):
    """A limit for one figure: the lowest that is good enough, or else the highest."""

    figure: str
    name: str
    limit: float
    is_lowest: bool
    unit: str = ""

    def is_met(self, found: float) -> bool:
        return found >= self.limit if self.is_lowest else found <= self.limit


GOALS = (
    Goal(SINGLE_TO_EDX, "single event, times less CPU than edx-completion", 4, True),
    Goal(SINGLE_TO_EMPTY, "CPU of an empty Django view, of a single event's", 1 / 3, True),
    Goal(SINGLE_TO_TPCB, "single events a second, of TPC-B's transactions", 0.25, True),
    Goal(BATCH_20, "events a second in batches of 20", 6_000, True),
    Goal(BATCH_200, "events a second in batches of 200", 8_000, True),
    Goal(READING, "realtime_progress, times less CPU than edx-completion", 4, True),
    Goal(START, "start_session, CPU", 7, False, "ms"),
    Goal(STREAMS, "opening all streams", 20, False, "s"),
    Goal(OLD, "an old enrolment's heartbeat, p50 of a new one's", 1.3, False),
    Goal(LARGE, "in a large database, p50 of a small one's", 1.3, False),
    Goal(STEADY, "p99 at four fifths of the highest rate", 100, False, "ms"),
)


def rows(found: Mapping[str, float]) -> list[str]:
    """A line for each goal: its limit, what was found, and whether that is enough."""
    lines = [f"{'goal':52}{'must':>12}{'found':>10}"]
    for goal in GOALS:
        sign = "≥" if goal.is_lowest else "≤"
        value = found.get(goal.figure)
        result = "not measured" if value is None else "met" if goal.is_met(value) else "MISSED"
        shown = "" if value is None else _text(value)
        must = f"{sign} {_text(goal.limit)} {goal.unit}".rstrip()
        lines.append(f"{goal.name:52}{must:>12}{shown:>10}  {result}")
    return lines


def _text(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value >= 100 else f"{value:.2f}"
