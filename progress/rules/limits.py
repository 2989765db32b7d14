"""The limits that an operator may set, in the units of the rules."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Milliseconds, basis points; the playback rate in thousandths."""

    max_event_ms: int = 120_000
    max_rate_milli: int = 2_000
    page_read_ms: int = 2_000
    complete_at_bp: int = 9_000
    session_timeout_ms: int = 1_800_000
    late_event_ms: int = 7 * 86_400_000
    # Granted once to each enrolment, so that a first beat is not punished for its latency.
    coverage_allowance_ms: int = 3_000

    @property
    def max_event_coverage_ms(self) -> int:
        """What one event can cover at most."""
        return self.max_rate_milli * self.max_event_ms // 1000
