"""The only writer of progress: sessions and events in, what they earned out."""

from .recorder import deliver, deliver_soon
from .recording import Delivery, Receipt, delivery_to, record
from .sessions import (
    Key,
    NotAllowed,
    Started,
    StartRequest,
    UnknownItem,
    end,
    start,
    start_by_key,
)
from .working_set import LearnerInactive, LearnerNotEnrolled, SessionUnknown

__all__ = [
    "Delivery",
    "Key",
    "LearnerInactive",
    "LearnerNotEnrolled",
    "NotAllowed",
    "Receipt",
    "SessionUnknown",
    "StartRequest",
    "Started",
    "UnknownItem",
    "deliver",
    "deliver_soon",
    "delivery_to",
    "end",
    "record",
    "start",
    "start_by_key",
]
