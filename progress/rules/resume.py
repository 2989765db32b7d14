"""Where to resume. Positions are thousandths of a second, of a page, or of a text."""

from typing import NamedTuple

END_ZONE_MS = 5_000
END_ZONE_PERCENT = 5


class Sighting(NamedTuple):
    """When a position was reported: its corrected time, and the event's sequence if it has one."""

    moment: int
    sequence: int | None


def is_newer(new: Sighting, old: Sighting | None, *, same_session: bool) -> bool:
    """Whether `new` may replace `old`. Within a session the sequence decides, if both have one."""
    if old is None:
        return True
    if same_session and new.sequence is not None and old.sequence is not None:
        return new.sequence >= old.sequence
    return new.moment >= old.moment


def restart(position: int, extent: int | None) -> int:
    """The position to resume at: the beginning, within min(5 s, 5 %) of the end."""
    if extent is None:
        return position
    zone = min(END_ZONE_MS, extent * END_ZONE_PERCENT // 100)
    return 0 if position >= extent - zone else position
