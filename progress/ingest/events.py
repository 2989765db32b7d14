"""An event as sent, and its shape check: JSON in, an `Event` in the rules' units out.

Shape only. Whether the content exists, the attempt is open or the claim plausible is decided
where the rows are locked.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from django.utils.dateparse import parse_datetime

from progress.rules.coverage import Span

from .canonical import canonical_json, canonical_plain
from .given_answers import MAX_ID, GivenPart, read_answer

INTERACTION_TYPES = (
    "view",
    "play",
    "progress",
    "pause",
    "seek",
    "complete",
    "download",
    "begin",
    "answer",
    "submit",
)
MAX_SECONDS = 604_800
MAX_RATE = 16
MAX_PAGE = 100_000
MAX_DISTRACTIONS = 100_000
MAX_SEGMENTS = 200
TOO_MANY_SEGMENTS = "too_many_segments"
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\Z")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEADY_RATE = 1000  # thousandths


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `attr` is its name."""

    attr: str
    code: str
    detail: str


class InvalidEvent(Exception):
    """The event can't be read. `errors` names each field; `event_id` if that could be read."""

    def __init__(self, errors: list[FieldError], event_id: UUID | None = None):
        super().__init__("; ".join(f"{error.attr}: {error.detail}" for error in errors))
        self.errors = errors
        self.event_id = event_id


class TooManySegments(ValueError):
    """More segments than one event may carry."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a client says happened. Milliseconds; fractions in millionths; percent in basis points.

    `segments` is as sent: those that are empty or reversed earn nothing, the rest counts.
    `ignored` names the fields that were sent and couldn't be read, beside evidence that could.
    """

    content_id: int
    interaction_type: str
    position_ms: int | None = None
    from_position_ms: int | None = None
    duration_ms: int = 0
    idle_ms: int = 0
    segments: tuple[Span, ...] | None = None
    rate_milli: int = STEADY_RATE
    completion_bp: int | None = None
    page: int | None = None
    reading_ppm: int | None = None
    span_ppm: Span | None = None
    question_id: int | None = None
    answer: tuple[GivenPart, ...] | None = None
    attempt: int | None = None
    base_revision: int = 0
    distractions: int = 0
    is_active: bool = True
    event_id: UUID | None = None
    sequence: int | None = None
    occurred_ms: int | None = None
    ignored: tuple[str, ...] = ()

    @property
    def claimed_active_ms(self) -> int:
        return self.duration_ms if self.is_active else 0

    @property
    def claimed_idle_ms(self) -> int:
        return self.idle_ms + (0 if self.is_active else self.duration_ms)

    @property
    def is_activity(self) -> bool:
        """Whether it shows the learner at work: active seconds, something played, or an act."""
        return (
            self.claimed_active_ms > 0 or self.interaction_type != "progress" or bool(self.played)
        )

    @property
    def played(self) -> tuple[Span, ...]:
        """The segments that go forward; none is sorted into validity (a rewind is not a view)."""
        sent = self.segments or ()
        if len(sent) == 1:
            return sent if sent[0][0] < sent[0][1] else ()
        return tuple([span for span in sent if span[0] < span[1]])

    @property
    def invalid_segments(self) -> tuple[int, ...]:
        """The indexes of the segments that are empty or reversed."""
        sent = self.segments or ()
        return tuple([index for index, (start, end) in enumerate(sent) if start >= end])

    def claimed(self) -> bytes:
        """The canonical JSON of `claim`; at once, unless a rate only equals its default."""
        if self.answer and any(isinstance(each, str) for each in self.answer):
            return canonical_json(self.claim())  # a text may have other letters than ASCII
        is_plain = self.rate_milli is STEADY_RATE or self.rate_milli != STEADY_RATE
        return canonical_plain(self if is_plain and not self.ignored else self.claim())

    def claim(self) -> dict:
        """The event as JSON, without what is at its default: what is hashed and compared."""
        claim = {}
        for name, default in _DEFAULTS:
            value = getattr(self, name)
            if value != default:
                claim[name] = str(value) if isinstance(value, UUID) else value
        return claim


# What couldn't be read is no part of what is claimed.
_DEFAULTS = tuple(
    (field.name, field.default)
    for field in msgspec.structs.fields(Event)
    if field.name != "ignored"
)


def epoch_ms(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


MILLISECOND = EPOCH.resolution * 1000


def parse_event(raw) -> Event:
    """Raise InvalidEvent, naming every field that is wrong.

    A doubtful side field costs no event its evidence: beside segments, a span or a page that count
    by themselves it is ignored, and named in `ignored`. Without such evidence nothing is ignored.
    """
    if not isinstance(raw, dict):
        raise InvalidEvent([FieldError("event", "invalid", "An event is a JSON object.")])
    if (event := _read_at_once(raw)) is not None:
        return event
    values, errors = _read_each(raw)
    ignored = [error.attr for error in errors]
    if raw.get("playback_rate", 1) is None:
        ignored.append("playback_rate")  # a player that has none yet
    if errors and not (_has_evidence(values) and _are_aside(ignored, values)):
        raise InvalidEvent(errors, values.get("event_id"))
    return Event(**values, ignored=tuple(ignored) if _has_evidence(values) else ())


def _read_at_once(raw: dict) -> Event | None:
    """An event that is right in every way; None when it must be read field by field."""
    try:
        sent = msgspec.convert(raw, _Sent)
        rate, percentage = sent.playback_rate, sent.completion_percentage
        if rate is None and "playback_rate" in raw:
            return None
        return Event(
            content_id=sent.content_id,
            interaction_type=sent.interaction_type,
            position_ms=_optional(sent.position, 1000),
            from_position_ms=_optional(sent.from_position, 1000),
            duration_ms=_rounded(sent.duration_seconds or 0, 1000),
            idle_ms=_rounded(sent.idle_seconds or 0, 1000),
            segments=None
            if sent.segments is None
            else tuple([(_rounded(a, 1000), _rounded(b, 1000)) for a, b in sent.segments]),
            rate_milli=STEADY_RATE if rate is None or rate == 1 else max(_rounded(rate, 1000), 1),
            completion_bp=percentage if percentage is None else _percentage(percentage),
            page=sent.page,
            reading_ppm=_optional(sent.reading_position, 1_000_000),
            span_ppm=sent.span and tuple([_rounded(each, 1_000_000) for each in sent.span]),
            question_id=sent.question_id,
            answer=None if sent.answer is None else read_answer(sent.answer),
            attempt=sent.attempt,
            base_revision=sent.base_revision or 0,
            distractions=sent.distractions or 0,
            is_active=sent.is_active is not False,
            event_id=sent.event_id,
            sequence=sent.sequence,
            occurred_ms=None if sent.occurred_at is None else parse_moment(sent.occurred_at),
        )
    except (ValueError, OverflowError):  # msgspec's error is a ValueError
        return None


def _optional(value: float | None, scale: int) -> int | None:
    return None if value is None else _rounded(value, scale)


def _read_each(raw: dict) -> tuple[dict, list[FieldError]]:
    """The fields that can be read, and what is wrong with the others, in the order of ours."""
    values, errors = {}, []
    for name, (target, read) in _FIELDS.items():
        value = raw.get(name)
        if value is None:
            if name in _REQUIRED:
                errors.append(FieldError(name, "required", "This field is required."))
            continue
        try:
            values[target] = read(value)
        except TooManySegments as error:
            errors.append(FieldError(name, TOO_MANY_SEGMENTS, str(error)))
        except ValueError as error:
            errors.append(FieldError(name, "invalid", str(error)))
    return values, errors


def _has_evidence(values: dict) -> bool:
    """Whether an event carries something that counts by itself: what was played, or was in view."""
    if any(start < end for start, end in values.get("segments") or ()):
        return True
    return bool(values.get("duration_ms")) and ("span_ppm" in values or "page" in values)


def _are_aside(names: list[str], values: dict) -> bool:
    """Whether none of these fields says what the event is, or is the substance of an answer."""
    substance = _IDENTITY
    if values.get("interaction_type") in {"begin", "answer", "submit"}:
        substance = substance | _ANSWER
    return not substance.intersection(names)


def parse_moment(value) -> int:
    """An ISO 8601 time as epoch milliseconds; without an offset it is taken as UTC."""
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("Must be a time in ISO 8601.")
    try:
        moment = parse_datetime(value)
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError("Must be a time in ISO 8601, such as 2026-05-03T14:02:00Z.")
    return epoch_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def parse_uuid(value) -> UUID:
    if not isinstance(value, str) or not _UUID.match(value):
        raise ValueError("Must be a UUID.")
    return UUID(value)


def _number(value, low, high) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Must be a number.")
    # NaN fails every comparison, so it ends here too.
    if not low <= value <= high:
        raise ValueError(f"Must be a number from {low} to {high}.")
    return value


def _integer(low: int, high: int):
    def read(value) -> int:
        number = _number(value, low, high)
        if number != int(number):
            raise ValueError("Must be a whole number.")
        return int(number)

    return read


def _rounded(value: float, scale: int) -> int:
    return int(value * scale + 0.5)  # none is negative


def _milliseconds(value) -> int:
    return _rounded(_number(value, 0, MAX_SECONDS), 1000)


def _fraction(value) -> int:
    return _rounded(_number(value, 0, 1), 1_000_000)


def _pair(value, read) -> Span:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("Must be a pair [from, to].")
    return read(value[0]), read(value[1])


def _segments(value) -> tuple[Span, ...]:
    if not isinstance(value, list):
        raise ValueError("Must be a list of pairs [from, to].")
    if len(value) > MAX_SEGMENTS:
        raise TooManySegments(f"An event carries at most {MAX_SEGMENTS} segments.")
    return tuple(_pair(part, _milliseconds) for part in value)


def _span(value) -> Span:
    return _pair(value, _fraction)


def _rate(value) -> int:
    number = _number(value, 0, MAX_RATE)
    if number == 0:
        raise ValueError("Must be above 0.")
    return max(_rounded(number, 1000), 1)


def _percentage(value) -> int:
    # Rounded down, like every percentage; 75.5 is a float that times 100 stays just above.
    return math.floor(round(_number(value, 0, 100) * 100, 6))


def _boolean(value) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Must be true or false.")
    return value


def _interaction_type(value) -> str:
    if not isinstance(value, str) or value not in INTERACTION_TYPES:
        raise ValueError(f"Must be one of {', '.join(INTERACTION_TYPES)}.")
    return value


_Seconds = Annotated[float, msgspec.Meta(ge=0, le=MAX_SECONDS)]
_Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Id = Annotated[int, msgspec.Meta(ge=0, le=MAX_ID)]
_Segments = Annotated[list[tuple[_Seconds, _Seconds]], msgspec.Meta(max_length=MAX_SEGMENTS)]


class _Sent(msgspec.Struct):
    """An event that is right in every way, as sent; `_FIELDS` says what is wrong with others."""

    content_id: _Id
    interaction_type: Literal[INTERACTION_TYPES]  # type: ignore[valid-type]
    event_id: UUID | None = None
    position: _Seconds | None = None
    from_position: _Seconds | None = None
    duration_seconds: _Seconds | None = None
    idle_seconds: _Seconds | None = None
    segments: _Segments | None = None
    playback_rate: Annotated[float, msgspec.Meta(gt=0, le=MAX_RATE)] | None = None
    completion_percentage: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] | None = None
    reading_position: _Fraction | None = None
    span: tuple[_Fraction, _Fraction] | None = None
    question_id: _Id | None = None
    answer: list[int | float | str | list[int]] | None = None
    attempt: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    base_revision: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    distractions: Annotated[int, msgspec.Meta(ge=0, le=MAX_DISTRACTIONS)] | None = None
    is_active: bool | None = None
    sequence: _Id | None = None
    occurred_at: str | None = None


_REQUIRED = {"content_id", "interaction_type"}
# What is never ignored: what an event is, and what it shows.
_IDENTITY = frozenset({"event_id", "content_id", "interaction_type", "segments"})
_ANSWER = frozenset({"question_id", "answer", "attempt", "base_revision"})
_FIELDS = {
    "event_id": ("event_id", parse_uuid),
    "content_id": ("content_id", _integer(0, MAX_ID)),
    "interaction_type": ("interaction_type", _interaction_type),
    "position": ("position_ms", _milliseconds),
    "from_position": ("from_position_ms", _milliseconds),
    "duration_seconds": ("duration_ms", _milliseconds),
    "idle_seconds": ("idle_ms", _milliseconds),
    "segments": ("segments", _segments),
    "playback_rate": ("rate_milli", _rate),
    "completion_percentage": ("completion_bp", _percentage),
    "page": ("page", _integer(1, MAX_PAGE)),
    "reading_position": ("reading_ppm", _fraction),
    "span": ("span_ppm", _span),
    "question_id": ("question_id", _integer(0, MAX_ID)),
    "answer": ("answer", read_answer),
    "attempt": ("attempt", _integer(1, 2**31 - 1)),
    "base_revision": ("base_revision", _integer(0, 2**31 - 1)),
    "distractions": ("distractions", _integer(0, MAX_DISTRACTIONS)),
    "is_active": ("is_active", _boolean),
    "sequence": ("sequence", _integer(0, MAX_ID)),
    "occurred_at": ("occurred_ms", parse_moment),
}
