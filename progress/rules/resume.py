"""Where to go on. Positions are thousandths of a second, of a page, or of a text."""

from dataclasses import dataclass

END_ZONE_MS = 5_000
END_ZONE_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a position was seen: its corrected time, and its session's sequence if it has one."""

    moment: int
    sequence: int | None


def is_newer(new: Sighting, known: Sighting | None, *, same_session: bool) -> bool:
    """Whether `new` may replace `known`. Within a session its sequence orders, if both have one."""
    if known is None:
        return True
    if same_session and new.sequence is not None and known.sequence is not None:
        return new.sequence >= known.sequence
    return new.moment >= known.moment


def restart(position: int, extent: int | None) -> int:
    """The position to resume at: the beginning, within min(5 s, 5 %) of the end."""
    if extent is None:
        return position
    zone = min(END_ZONE_MS, extent * END_ZONE_PERCENT // 100)
    return 0 if position >= extent - zone else position
