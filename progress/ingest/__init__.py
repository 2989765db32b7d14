"""The only writer of progress: sessions and events in, what they earned out."""

from .desk import LearnerInactive, LearnerNotEnrolled, SessionUnknown
from .recording import Receipt, record
from .sessions import Started, UnknownItem, end, start

__all__ = [
    "LearnerInactive",
    "LearnerNotEnrolled",
    "Receipt",
    "SessionUnknown",
    "Started",
    "UnknownItem",
    "end",
    "record",
    "start",
]
