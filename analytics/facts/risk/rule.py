"""What can be said of a learner without any model: behind, and silent for so long. Pure."""

from collections.abc import Mapping

MIN_SILENT_DAYS = 7


def is_behind_and_silent(known: Mapping) -> bool:
    """`known` has `missed`, the contents that an even pace would have completed by now and that
    aren't done, and `silent_days`; either may be missing where it isn't known."""
    return known.get("missed", 0) > 0 and known.get("silent_days", 0) >= MIN_SILENT_DAYS
