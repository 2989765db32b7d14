"""The one place that sends mail: rows are claimed, sent and settled one by one.

Code that sends mail registers a `Kind`, queues rows with `queue`, and calls `send_due` or leaves it
to the job. The text of a mail is composed when it is sent. No transaction is open while the mail
server is contacted. A mail is handed over at most once: the row says so before it is. After a 4xx
of the server, a timeout or a lost connection a mail is tried again for three days, at growing
intervals; so it is after an error about the sender or the account here, which isn't the mail's
fault. Any other 5xx is final for that mail. Staff see what the server answered.
"""

import logging
import smtplib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from functools import partial

from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from progress.jobs import Run, every, job
from progress.jobs.run import NOT_THE_ROW, describe
from progress.models import OutgoingMail
from progress.operations import broker

from .smtp import MaybeSent

logger = logging.getLogger(__name__)
State = OutgoingMail.State

FIRST_RETRY = timedelta(minutes=5)
MAX_RETRY = timedelta(hours=4)
TRIED_FOR = timedelta(days=3)
LEASE = timedelta(minutes=30)
MAX_SECONDS = 600  # of one run; with the timeouts of one mail well below the lease
MAX_MAILS = 2000  # of one run; the next one continues
MAX_LOST_CONNECTIONS = 5  # in a row: then the server is at fault, not the mail

INTERRUPTED = "It was interrupted while it was being sent; it may not have arrived."
NOT_HANDED_OVER = "It was interrupted before it was sent."

SERVER_FAILURES = (smtplib.SMTPException, OSError)
NO_SIGN_IN = (530, 534, 535, 538)  # "authentication required" and the like


@dataclass(frozen=True, slots=True)
class Kind:
    """How the owner of a kind of mail composes it, and is notified of its result.

    `compose(payload, now)` returns the mail, or the reason why none is to be sent (any more).
    `note(payload, sent_at, error)` is called in the transaction that settles a mail. Both values
    are empty while it waits; the error is `INTERRUPTED` while it is being handed over.
    """

    compose: Callable[[dict, datetime], EmailMessage | str]
    note: Callable[[dict, datetime | None, str], None] = lambda payload, sent_at, error: None


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def queue(kind: str, payloads: Iterable[tuple[str, dict]], now: datetime) -> None:
    """Writes a row for each (key, payload); a row that was queued under the same key stays."""
    rows = [
        OutgoingMail(kind=kind, key=key, payload=payload, created_at=now, retry_at=now)
        for key, payload in payloads
    ]
    OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def unsent_keys(kind: str) -> set[str]:
    """The keys of the mails that are queued and neither sent nor given up."""
    states = [State.WAITING, State.SENDING]
    found = OutgoingMail.objects.filter(kind=kind, state__in=states)
    return set(found.values_list("key", flat=True))


def send_soon() -> None:
    """Has a worker send what waits, after commit. The job sends what is left."""
    transaction.on_commit(partial(broker.enqueue, send_mail), robust=True)


@job(schedule=every("Send mail", minutes=1, expires=True), name="progress.tasks.send_mail")
def send_mail(run: Run) -> None:
    """Send the mail that is due."""
    run.rows = send_due(run.now)


def send_again(mails, now: datetime) -> int:
    """Queues again what was not sent, or may not have been; returns how many."""
    count = 0
    for mail in mails.filter(state__in=[State.FAILED, State.UNKNOWN]):
        with transaction.atomic():
            count += OutgoingMail.objects.filter(pk=mail.pk, state=mail.state).update(
                state=State.WAITING,
                retry_at=now,
                first_try_at=None,
                handed_over_at=None,
                settled_at=None,
            )
            _note(mail, None, "")
    return count


# --- Sending -------------------------------------------------------------------------------------
def send_due(now: datetime, *, limit: int = MAX_MAILS) -> int:
    """Sends the mails that are due; returns how many were sent.

    Raises the mail server's failure where it let nothing be sent; what waits is tried later.
    """
    settle_interrupted(now)
    round_ = _Round(now)
    try:
        while round_.tried < limit and round_.goes_on() and (mail := _claim(now)):
            round_.send(mail)
    finally:
        round_.close()
    if round_.failure is not None and not round_.sent:
        raise round_.failure
    return round_.sent


def settle_interrupted(now: datetime) -> int:
    """Settles what a process left unfinished when it ended; returns how many.

    What was being handed over may have been sent. Anything else wasn't and is tried again.
    """
    count = 0
    for mail in OutgoingMail.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE):
        if mail.handed_over_at:
            count += _settle(mail, now, State.UNKNOWN, INTERRUPTED)
        else:
            count += _later(mail, now, NOT_HANDED_OVER)
    return count


@transaction.atomic
def _claim(now: datetime) -> OutgoingMail | None:
    """Claims the next mail that is due for this process, which composes and sends it."""
    waiting = OutgoingMail.objects.due(now).select_for_update(skip_locked=True)
    mail = waiting.order_by("retry_at", "pk").first()
    if mail is None:
        return None
    mail.state, mail.claimed_at, mail.handed_over_at = State.SENDING, now, None
    mail.attempts += 1
    mail.first_try_at = mail.first_try_at or now
    mail.save(update_fields=["state", "claimed_at", "handed_over_at", "attempts", "first_try_at"])
    return mail


@transaction.atomic
def _begin_handing_over(mail: OutgoingMail, now: datetime) -> bool:
    """Records that it may have been sent from now on; returns whether the claim still holds."""
    claimed = OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts, state=State.SENDING)
    if not claimed.update(handed_over_at=now, address=mail.address):
        return False
    mail.handed_over_at = now
    _note(mail, None, INTERRUPTED)
    return True


def _settle(
    mail: OutgoingMail,
    now: datetime,
    state: OutgoingMail.State,
    error: str = "",
    retry_at: datetime | None = None,
) -> bool:
    """Records the result, here and with the owner; returns whether the claim still held."""
    with transaction.atomic():
        claimed = OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts).exclude(
            state=State.WAITING
        )
        settled = claimed.update(
            state=state,
            last_error=error.replace("\0", "")[:500],
            address=mail.address,
            retry_at=retry_at or mail.retry_at,
            settled_at=None if retry_at else now,
        )
        if settled:
            _note(mail, now if state == State.SENT else None, "" if retry_at else error)
    return bool(settled)


def _note(mail: OutgoingMail, sent_at: datetime | None, error: str) -> None:
    """Notifies the owner. If the owner can't record it, the mail's own row is still right."""
    if mail.kind not in _kinds:
        return
    try:
        with transaction.atomic():
            _kinds[mail.kind].note(mail.payload, sent_at, error.replace("\0", "")[:255])
    except NOT_THE_ROW:
        raise
    except Exception as error:
        # Any other error would come again with the same rows.
        name = type(error).__name__
        logger.error("mail %s: its owner can't record the result: %s", mail.pk, name)


class Refused(Exception):
    """This mail can't be sent, for good; the text says why."""


class TakenOver(Exception):
    """Composing took so long that another process has claimed the mail."""


class _Round:
    """One run over the mails that are due, with one connection for as long as it lasts."""

    def __init__(self, now: datetime):
        self.now = now
        self.sent = self.tried = self._lost = 0
        self.failure: Exception | None = None
        self._connection = get_connection()
        self._ends = time.monotonic() + MAX_SECONDS

    def goes_on(self) -> bool:
        return self._lost < MAX_LOST_CONNECTIONS and time.monotonic() < self._ends

    def send(self, mail: OutgoingMail) -> None:
        """Sends one mail and settles it. Where it raises, `settle_interrupted` settles it later."""
        self.tried += 1
        try:
            self._hand_over(mail)
        except Refused as refused:
            logger.warning("mail %s can't be sent", mail.pk)
            _settle(mail, self.now, State.FAILED, str(refused))
        except TakenOver:
            logger.warning("mail %s took too long to compose", mail.pk)
        except MaybeSent:
            logger.error("mail %s may have been sent: the connection was lost", mail.pk)
            self.close()
            _settle(mail, self.now, State.UNKNOWN, INTERRUPTED)
        except (*SERVER_FAILURES, *NOT_THE_ROW) as error:
            self._settle_failure(mail, error)
        else:
            self.sent += 1
            self._lost = 0
            _settle(mail, self.now, State.SENT)

    def _hand_over(self, mail: OutgoingMail) -> None:
        """Raises Refused, TakenOver, MaybeSent, the server's failures and NOT_THE_ROW."""
        message = self._composed(mail)
        # Before the mail: a server that can't be reached isn't the mail's fault.
        try:
            self._connection.open()
        except SERVER_FAILURES as error:
            self._lost = MAX_LOST_CONNECTIONS
            raise ConnectionError(describe(error)) from error
        if not _begin_handing_over(mail, self.now):
            raise TakenOver
        message.connection = self._connection
        try:
            message.send()
        except (ValueError, MessageError, smtplib.SMTPNotSupportedError) as error:
            # This server can't take it; nothing has been handed over yet.
            raise Refused(describe(error)) from error

    def _composed(self, mail: OutgoingMail) -> EmailMessage:
        if mail.kind not in _kinds:
            raise Refused(f"Nothing composes mail of kind {mail.kind}.")
        try:
            composed = _kinds[mail.kind].compose(mail.payload, self.now)
            if not isinstance(composed, str):
                # Finds a header that can't be encoded before anything is handed over.
                composed.message().as_bytes()
        except NOT_THE_ROW:
            raise
        except Exception as error:
            # Any other error would come again with the same rows.
            logger.error("mail %s can't be composed: %s", mail.pk, type(error).__name__)
            raise Refused(describe(error)) from error
        if isinstance(composed, str):
            raise Refused(composed)
        if not composed.recipients():
            raise Refused("It has no email address.")
        mail.address = ", ".join(composed.to)[:320]
        for address in composed.to:
            _check(address)
        return composed

    def _settle_failure(self, mail: OutgoingMail, error: Exception) -> None:
        code, text = _reply(error)
        is_final = code is not None and 500 <= code < 600 and not _is_about_sender(error, code)
        if is_final:
            logger.warning("mail %s is refused with %s", mail.pk, code)
            _settle(mail, self.now, State.FAILED, text)
            return
        logger.warning("mail %s is tried later: %s", mail.pk, code or type(error).__name__)
        _later(mail, self.now, text)
        if code is None or code == 421 or code >= 500:
            # The connection is gone, or every other mail would fail the same way.
            self._lost += 1
            self.failure = _without_names(error, code)
            self.close()

    def close(self) -> None:
        try:
            self._connection.close()
        except SERVER_FAILURES:
            # The connection was lost, so it is closed.
            self._connection.connection = None


def _later(mail: OutgoingMail, now: datetime, why: str) -> bool:
    """Schedules another try, each after twice the wait; gives the mail up after three days."""
    if now - (mail.first_try_at or now) >= TRIED_FOR:
        return _settle(mail, now, State.FAILED, f"Given up after three days: {why}")
    wait = min(FIRST_RETRY * 2 ** min(mail.attempts - 1, 10), MAX_RETRY)
    return _settle(mail, now, State.WAITING, why, retry_at=now + wait)


def _is_about_sender(error: Exception, code: int) -> bool:
    """Whether a 5xx refuses the sender's address, the account or this host, not the mail.

    552 before the mail is its announced size.
    """
    if isinstance(error, smtplib.SMTPHeloError) or code in NO_SIGN_IN:
        return True
    return isinstance(error, smtplib.SMTPSenderRefused) and code != 552


def _without_names(error: Exception, code: int | None) -> Exception:
    """The failure for the job and the log, without the addresses that servers repeat."""
    if code is not None:
        return ConnectionError(f"The mail server answers {code}; see Mail for the full answer.")
    return error.__cause__ if isinstance(error.__cause__, Exception) else error


def _reply(error: Exception) -> tuple[int | None, str]:
    """The server's code and text; without a code, what failed."""
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return None, describe(error)
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    # smtplib's -1 stands for an answer that isn't SMTP.
    return (code if code > 0 else None), f"{code} {text}"


def _check(address: str) -> None:
    """Raises Refused for an address that mail servers don't accept."""
    local_part, _, domain = address.rpartition("@")
    if not local_part.isascii():
        raise Refused("Mail servers accept only the letters a-z before the @ of an address.")
    try:
        Address(addr_spec=address)
    except (ValueError, MessageError, IndexError) as error:
        raise Refused("This is not an email address.") from error
    if not domain or any(each.isspace() or not each.isprintable() for each in address):
        raise Refused("This is not an email address.")
    try:
        domain.encode("idna")
    except UnicodeError as error:
        raise Refused("The part after the @ is not a domain.") from error


# --- What is too large ---------------------------------------------------------------------------
MAX_BYTES = 10_000_000  # of a whole mail, as it is handed over


def encoded_bytes(raw: int) -> int:
    """What `raw` bytes are in base64, in lines of 76 with their ends."""
    return -(-raw // 57) * 78


def is_too_large(message: EmailMessage) -> bool:
    return len(message.message().as_bytes(linesep="\r\n")) > MAX_BYTES
