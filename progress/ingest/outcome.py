"""What became of one delivered event."""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Literal, NotRequired, TypedDict
from uuid import UUID

from msgspec import Struct, field

from progress.rules.grading import AnswerPart

from .events import (
    EPOCH,
    TOO_MANY_SEGMENTS,
    Event,
    FieldError,
    InvalidEvent,
    parse_event,
)

ACCEPTED, DUPLICATE, CONFLICT, REJECTED = "accepted", "duplicate", "conflict", "rejected"

# Codes that integrators meet.
INVALID = "invalid"
INVALID_SEGMENTS = "invalid_segments"
UNKNOWN_CONTENT = "unknown_content"
SESSION_ENDED = "session_ended"
EVENT_CONFLICT = "event_conflict"
REVISION_CONFLICT = "revision_conflict"
ATTEMPT_CLOSED = "attempt_closed"
NO_ATTEMPTS_LEFT = "no_attempts_left"
NO_OPEN_ATTEMPT = "no_open_attempt"
NOT_A_NUMBER = "not_a_number"
TIME_LIMIT = "time_limit"
AFTER_TIME_LIMIT = "after_time_limit"


# --- Its entry in an answer ----------------------------------------------------------------------
class QuizOutcome(TypedDict, total=False):
    """What a quiz made of an answer or a submission."""

    revision: int
    stored: list[AnswerPart]
    attempt: int
    questions: Annotated[
        list[int], "Where questions are drawn or shuffled: those of the attempt that begins."
    ]
    ends_at: Annotated[str, datetime]
    is_late: Annotated[bool, "Given after the time limit: kept, and not counted."]
    score: float
    passed: bool


class EventErrorAnswer(TypedDict):
    code: str
    detail: str
    attr: str


class EventAnswer(QuizOutcome):
    event_id: Annotated[str, UUID] | None
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    code: NotRequired[str]
    detail: NotRequired[str]
    errors: NotRequired[list[EventErrorAnswer]]
    credited_seconds: Annotated[float, "Active time."]
    covered_seconds: Annotated[float, "New coverage."]
    withheld_seconds: Annotated[float, "Coverage held back."]
    withheld_active_seconds: Annotated[float, "Active time held back."]
    ignored: NotRequired[
        Annotated[list[str], "Fields that couldn't be read, although the event itself counted."]
    ]
    withheld_reason: NotRequired[Literal["rate", "clock", "event_limit", "observed"]]


# -------------------------------------------------------------------------------------------------
class Refused(Exception):
    """The event can't be applied; nothing of it was."""

    def __init__(self, code: str, attr: str, detail: str):
        super().__init__(detail)
        self.code, self.attr, self.detail = code, attr, detail


class Outcome(Struct):
    """One event's status and what it earned, in milliseconds; becomes evidence and answer."""

    raw: object
    event: Event | None = None
    event_id: UUID | None = None
    moment_ms: int = 0
    is_intent: bool = False
    status: str = ACCEPTED
    code: str = ""
    detail: str = ""
    errors: list[FieldError] = field(default_factory=list)
    credited_ms: int = 0
    covered_ms: int = 0
    withheld_ms: int = 0
    withheld_active_ms: int = 0
    withheld_reason: str = ""
    withheld_active_reason: str = ""
    active_span: tuple[int, int] | None = None  # where its time lies, if it was moved to adjoin
    quiz: QuizOutcome = field(default_factory=dict)
    _moment: datetime | None = None
    _event_id_text: str | None = None
    _claimed: bytes = b""
    _fingerprint: bytes = b""

    @classmethod
    def of(cls, raw) -> "Outcome":
        """Check an event's shape; a wrong one is rejected, with its fields named."""
        try:
            event = parse_event(raw)
        except InvalidEvent as wrong:
            outcome = cls(raw, event_id=wrong.event_id)
            codes = {error.code for error in wrong.errors}
            code = TOO_MANY_SEGMENTS if TOO_MANY_SEGMENTS in codes else INVALID
            outcome.reject(code, wrong.errors)
            return outcome
        return cls(raw, event, event.event_id)

    @property
    def moment(self) -> datetime:
        """`moment_ms`, which stays once it is asked for."""
        if self._moment is None:
            self._moment = EPOCH + timedelta(milliseconds=self.moment_ms)
        return self._moment

    @property
    def event_id_text(self) -> str | None:
        """`event_id` as it is stored and answered, spelled once."""
        if self._event_id_text is None and self.event_id is not None:
            self._event_id_text = str(self.event_id)
        return self._event_id_text

    @property
    def claimed(self) -> bytes:
        """What the event claims (`Event.claimed`), spelled once."""
        if not self._claimed:
            self._claimed = self.event.claimed()
        return self._claimed

    @property
    def fingerprint(self) -> bytes:
        """Equal for the same event delivered again, compared after validation."""
        if not self._fingerprint:
            self._fingerprint = hashlib.sha256(self.claimed).digest()
        return self._fingerprint

    @property
    def is_open(self) -> bool:
        """Still to be decided."""
        return self.event is not None and self.status == ACCEPTED

    def reject(self, code: str, errors: list[FieldError]) -> None:
        self.status, self.code, self.errors = REJECTED, code, errors
        self.detail = "; ".join(f"{error.attr}: {error.detail}" for error in errors)

    def refuse(self, code: str, attr: str, detail: str) -> None:
        self.reject(code, [FieldError(attr, code, detail)])

    def conflict(self, code: str, detail: str) -> None:
        self.status, self.code, self.detail = CONFLICT, code, detail

    def as_payload(self) -> EventAnswer:
        """The event's entry in an answer of `update_progress`; amounts in seconds."""
        payload: EventAnswer = {
            **self.quiz,
            "event_id": self.event_id_text,
            "status": self.status,
            "credited_seconds": self.credited_ms / 1000,
            "covered_seconds": self.covered_ms / 1000,
            "withheld_seconds": self.withheld_ms / 1000,
            "withheld_active_seconds": self.withheld_active_ms / 1000,
        }
        if self.code:
            payload["code"], payload["detail"] = self.code, self.detail
        if self.errors:
            payload["errors"] = [
                {"code": error.code, "detail": error.detail, "attr": error.attr}
                for error in self.errors
            ]
        reason = self.withheld_reason or self.withheld_active_reason
        if reason:
            payload["withheld_reason"] = reason
        if self.event and self.event.ignored:
            payload["ignored"] = list(self.event.ignored)
        return payload
