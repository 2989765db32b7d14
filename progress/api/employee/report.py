"""What a tracker reports or ends a session with: how that is read, and how reports are answered.

`lms_progress.heartbeats` answers ordinary reports before Django is asked; the view takes the rest.
Both read the envelope, record the delivery and build the answer by the same functions.
"""

from typing import NamedTuple

from django.utils import timezone
from rest_framework.exceptions import APIException

from progress import ingest
from progress.api import errors
from progress.api.parsers import parse_object
from progress.ingest.outcome import CONFLICT, REJECTED, Outcome
from progress.security import tokens

from .answers import UpdateProgressAnswer, update_answer
from .envelope import bearer_delivery, open_envelope
from .throttle import take_here


class Unusual(Exception):
    """Nothing that can be answered at once: the view has to look at it, nothing was done yet."""


class Report(NamedTuple):
    """What a tracker reports; `is_flat` says that its one event came without a list."""

    delivery: ingest.Delivery
    is_flat: bool


def read_report(body: bytes, header_token: str | None, *, ends_session: bool) -> Report:
    """The report of a session token's holder. Raises Unusual; asks no server.

    `header_token` is that of the Authorization header; without one it stands in the body.
    """
    try:
        report = parse_object(body)
        token = header_token or report.get("session_token")
        if not isinstance(token, str):
            raise Unusual
        claims = tokens.remembered_session_token(token)
        envelope = open_envelope(report, claims.session_id, flat_event=not ends_session)
        delivery = bearer_delivery(claims, envelope, ends_session=ends_session)
    except (APIException, tokens.InvalidToken, ingest.SessionUnknown):
        raise Unusual from None
    if not take_here(str(claims.session_id)):
        raise Unusual
    return Report(delivery, envelope.is_flat)


def update_payload(receipt: ingest.Receipt, *, is_flat: bool) -> UpdateProgressAnswer:
    """The body of the answer. Raises SessionEnded, EventRejected or EventConflict."""
    if receipt.is_refused_whole:
        raise errors.SessionEnded
    if is_flat:
        _raise_for(receipt.outcomes[0])
    return update_answer(receipt, timezone.now())


def _raise_for(outcome: Outcome) -> None:
    """A single flat event answers by its status code; a rejected one is stored as evidence, too."""
    if outcome.status == REJECTED:
        raise errors.EventRejected(outcome)
    if outcome.status == CONFLICT:
        raise errors.EventConflict(outcome.detail, outcome.code, outcome.as_payload())
