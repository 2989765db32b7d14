"""The fields around the events: session, time of sending; one flat event, or a batch."""

from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from rest_framework.exceptions import ValidationError

from progress.api.errors import PayloadTooLarge
from progress.ingest import Delivery, SessionUnknown
from progress.ingest.events import parse_moment, parse_uuid
from progress.security.tokens import SessionClaims

MAX_EVENTS = 200
MAX_BODY_BYTES = 64 * 1024
_ENVELOPE_FIELDS = {"session_id", "session_token", "user_id", "sent_at", "events"}


class Envelope(NamedTuple):
    """A delivery. `is_flat` says that its one event came without a list (the brief's call)."""

    session_id: UUID
    user_id: int | None
    sent_ms: int | None
    events: list
    is_flat: bool


def open_envelope(body, bearer_session: UUID | None, *, flat_event: bool) -> Envelope:
    """Check the fields around the events; raise ValidationError naming each field, or 413.

    `bearer_session` is the session of a session token, which then needn't be named in the body.
    With `flat_event`, a body without `events` is itself the event.
    """
    errors: dict[str, str] = {}
    named = _read(body, "session_id", parse_uuid, errors)
    session_id = bearer_session if named is None else named
    if session_id is None and "session_id" not in errors:
        errors["session_id"] = "This field is required."
    user_id = _read(body, "user_id", _whole, errors)
    sent_ms = _read(body, "sent_at", parse_moment, errors)
    events, is_flat = [], False
    if body.get("events") is not None:
        events = body["events"]
        if not isinstance(events, list):
            errors["events"] = "Must be a list of events."
        elif len(events) > MAX_EVENTS:
            raise PayloadTooLarge(f"A batch holds at most {MAX_EVENTS} events.")
    elif flat_event:
        event = {name: body[name] for name in body if name not in _ENVELOPE_FIELDS}
        events, is_flat = [event], True
    if errors:
        raise ValidationError(errors)
    return Envelope(session_id, user_id, sent_ms, events, is_flat)


def _read(body, name: str, read, errors: dict[str, str]):
    value = body.get(name)
    if value is None:
        return None
    try:
        return read(value)
    except ValueError as error:
        errors[name] = str(error)
        return None


def _whole(value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("Must be a whole number.")
    return value


def bearer_delivery(
    claims: SessionClaims, envelope: Envelope, *, ends_session: bool = False
) -> Delivery:
    """What the holder of a session's token delivers: to that session only, as its learner only.

    Needs no question to the database. Raises SessionUnknown.
    """
    if envelope.session_id != claims.session_id or envelope.user_id not in {None, claims.user_id}:
        raise SessionUnknown
    return Delivery(
        claims.session_id,
        claims.user_id,
        claims.enrollment_id,
        envelope.events,
        envelope.sent_ms,
        timezone.now(),
        ends_session,
    )
