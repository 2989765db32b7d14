"""The one way for progress to change: events in, what they earned out. Decide, persist, announce.

One transaction for all deliveries of a call, in two round trips, however long the batches are: what
is needed is locked and read, everything is decided in memory, what changed is written. A single
event is a batch of one; an offline queue is a long one.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from progress.models import LearningSession
from progress.operations import metrics
from progress.operations.locking import retried
from progress.operations.replica import on_primary
from progress.state.answers import LiveAnswer
from progress.state.limits import current_limits

from . import announcing, course_fold, past, store, waiving
from .deciding import decide
from .outcome import DUPLICATE, SESSION_ENDED, Outcome
from .rows import SessionRow
from .working_set import LearnerInactive, LearnerNotEnrolled, SessionUnknown, WorkingSet

Refusal = SessionUnknown | LearnerInactive | LearnerNotEnrolled


class Delivery(NamedTuple):
    """Events of one session as they were received, and whether the session is to end with them.

    Whoever makes one has checked that the caller may report to this session (`delivery_to`).
    """

    session_id: UUID
    user_id: int
    enrollment_id: int
    raw_events: list
    sent_ms: int | None
    received_at: datetime
    ends_session: bool = False


class Receipt(NamedTuple):
    """What a batch earned: each event's outcome, in the order sent, and where the learner is."""

    session: SessionRow
    outcomes: list[Outcome]
    payload: LiveAnswer  # where the learner is now: as answered and pushed

    @property
    def is_refused_whole(self) -> bool:
        """Nothing of it could count, because the session was ended before."""
        fresh = [outcome for outcome in self.outcomes if outcome.status != DUPLICATE]
        return bool(fresh) and all(outcome.code == SESSION_ENDED for outcome in fresh)


class InUse(Exception):
    """Another transaction holds the enrolment at this moment; nothing was done."""


class CommitUnknown(OperationalError):
    """The connection was lost in a commit: it is unknown whether it was made."""


Announce = Callable[[list[WorkingSet]], None]


def delivery_to(
    sessions_allowed: QuerySet[LearningSession],
    session_id,
    raw_events: list,
    *,
    sent_ms: int | None,
    now: datetime,
    ends_session: bool = False,
) -> Delivery:
    """A delivery to one of the sessions that the caller may report to. Raises SessionUnknown."""
    keys = sessions_allowed.filter(session_id=session_id)
    found = keys.values_list("session_id", "user_id", "enrollment_id").first()
    if found is None:
        raise SessionUnknown
    return Delivery(*found, raw_events, sent_ms, now, ends_session)


@retried
def record(delivery: Delivery) -> Receipt:
    """Credit one delivery; waits while another transaction holds the enrolment.

    A returned receipt is durable. Raises SessionUnknown, LearnerInactive, LearnerNotEnrolled;
    whatever is wrong with a single event is that event's outcome.
    """
    [result] = _record([delivery], waits=True, announce=announcing.announce)
    if isinstance(result, Exception):
        raise result
    return result


def record_together(
    deliveries: Sequence[Delivery], announce: Announce
) -> list[Receipt | Refusal | InUse]:
    """Credit deliveries of different enrolments in one transaction, with one commit for all.

    Doesn't wait: where another transaction holds the enrolment, the result is `InUse`. An error
    of the database is everybody's, and nothing was done; but `CommitUnknown` where the
    connection was lost in the commit.
    """
    is_decided = False
    try:
        with on_primary(), transaction.atomic():
            results = _record(deliveries, waits=False, announce=announce)
            is_decided = True
    except (OperationalError, InterfaceError) as error:
        if is_decided:
            raise CommitUnknown(str(error)) from error
        raise
    return results


def _record(
    deliveries: Sequence[Delivery], *, waits: bool, announce: Announce
) -> list[Receipt | Refusal | InUse]:
    batches = [[Outcome.of(raw) for raw in delivery.raw_events] for delivery in deliveries]
    opened = store.open_rows(
        [_wanted(*pair) for pair in zip(deliveries, batches, strict=True)], waits=waits
    )
    limits = current_limits()
    works: list[WorkingSet] = []
    results: list[Receipt | Refusal | InUse] = []
    for delivery, outcomes, rows in zip(deliveries, batches, opened, strict=True):
        if rows is None:
            results.append(SessionUnknown() if waits else InUse())
            continue
        try:
            work = WorkingSet.of_session(rows, delivery.received_at, limits)
        except (LearnerInactive, LearnerNotEnrolled) as refusal:
            results.append(refusal)
            continue
        decide(
            work,
            outcomes,
            rows.accepted,
            sent_ms=delivery.sent_ms,
            ends_session=delivery.ends_session,
        )
        work.payload = course_fold.progress_payload(work)
        works.append(work)
        results.append(Receipt(work.session, outcomes, work.payload))
    persist(works)
    transaction.on_commit(partial(metrics.count, _all_outcomes(results)), robust=True)
    transaction.on_commit(partial(announce, works), robust=True)
    return results


def _wanted(delivery: Delivery, outcomes: list[Outcome]) -> store.Wanted:
    events = [outcome.event for outcome in outcomes if outcome.event]
    return store.Wanted(
        delivery.user_id,
        delivery.enrollment_id,
        delivery.session_id,
        list({event.content_id for event in events}),
        [event.event_id for event in events if event.event_id],
    )


def persist(works: Iterable[WorkingSet]) -> None:
    """Write what was decided. Everything but quizzes and what happens once goes in one call."""
    changed = [work for work in works if work.is_changed]
    for work in changed:
        for write in work.writes:
            write()
        # They refer to the working set: it would stay in memory until Python looks for cycles.
        work.writes.clear()
        if work.waivers:
            waiving.write([work])
        if work.is_first_completion:
            message = course_fold.completion_message(work)
            message.save(force_insert=True)
            work.messages.append(message.pk)
        past.put_away(work)
    store.write_rows(
        [
            store.Changed(
                work.session,
                work.progress,
                [work.contents[content_id] for content_id in sorted(work.touched - work.added)],
                work.evidence,
                [work.contents[content_id] for content_id in sorted(work.added)],
            )
            for work in changed
        ]
    )


def _all_outcomes(results: Iterable) -> list[Outcome]:
    return [each for done in results if isinstance(done, Receipt) for each in done.outcomes]
