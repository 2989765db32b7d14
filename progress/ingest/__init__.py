"""The only writer of progress: sessions and events in, what they earned out."""

from .recorder import deliver, deliver_soon
from .recording import Delivery, Receipt, delivery_to, record
from .sessions import Started, UnknownItem, end, start
from .working_set import LearnerInactive, LearnerNotEnrolled, SessionUnknown

__all__ = [
    "Delivery",
    "LearnerInactive",
    "LearnerNotEnrolled",
    "Receipt",
    "SessionUnknown",
    "Started",
    "UnknownItem",
    "deliver",
    "deliver_soon",
    "delivery_to",
    "end",
    "record",
    "start",
]
