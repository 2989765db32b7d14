"""The one way for progress to change: a batch of events in, what it earned out.

One transaction for each batch, a bounded number of statements however long the batch is. A batch
of one is a single event; an offline queue or an import is a long one.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from progress.models import ContentInteraction, LearningSession
from progress.operations import metrics
from progress.operations.locking import retried
from progress.rules import timing

from . import aftermath, closing, crediting, evidence, past, quizzing, waiving
from .desk import Desk, save_contents, save_row
from .events import MILLISECOND
from .outcome import DUPLICATE, EVENT_CONFLICT, SESSION_ENDED, UNKNOWN_CONTENT, Outcome, Refused


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a batch earned: each event's outcome, in the order sent, and where the learner is."""

    session: LearningSession
    outcomes: list[Outcome]
    standing: dict  # contents, modules, course: as answered and pushed

    @property
    def is_refused_whole(self) -> bool:
        """Nothing of it could count, because the session was ended before."""
        fresh = [outcome for outcome in self.outcomes if outcome.status != DUPLICATE]
        return bool(fresh) and all(outcome.code == SESSION_ENDED for outcome in fresh)


@retried
def record(
    sessions_allowed: QuerySet[LearningSession],
    session_id,
    raw_events: list,
    *,
    sent_ms: int | None,
    now: datetime,
) -> Receipt:
    """Credit a batch of events as sent. `sessions_allowed` are those the caller may report to.

    A returned receipt is durable. Raises SessionUnknown, LearnerInactive, LearnerNotEnrolled;
    whatever is wrong with a single event is that event's outcome.
    """
    outcomes = [Outcome.of(raw) for raw in raw_events]
    desk = Desk.open(sessions_allowed, session_id, now)
    closing.close_if_silent(desk.session, desk.progress, now)
    absorb(desk, outcomes, sent_ms)
    write(desk)
    standing = aftermath.standing(desk)
    aftermath.follow(desk, standing)
    return Receipt(desk.session, outcomes, standing)


def absorb(desk: Desk, outcomes: list[Outcome], sent_ms: int | None) -> None:
    """Decide every event of a batch in memory; evidence is written, rows are not yet."""
    place(desk, outcomes, sent_ms)
    _mark_repeated(desk, outcomes)
    admit(desk, outcomes)
    events = [outcome.event for outcome in outcomes if outcome.is_open]
    desk.load_contents({event.content_id for event in events})
    sheet = quizzing.QuizSheet(desk)
    quizzes = {id for id, facts in desk.structure.contents.items() if facts.is_quiz}
    sheet.load(quizzes & {event.content_id for event in events})
    ContentInteraction.objects.bulk_create(credit(desk, sheet, outcomes))
    sheet.write()
    transaction.on_commit(partial(metrics.count, outcomes), robust=True)


def admit(desk: Desk, outcomes: list[Outcome]) -> None:
    """Refuse what comes too late or is unknown; the rest is a sign of life."""
    _mark_late(desk, outcomes)
    _mark_unknown(desk, outcomes)
    _touch(desk, outcomes)
    desk.shown.update(
        outcome.event.content_id
        for outcome in outcomes
        if outcome.event and outcome.event.content_id in desk.structure.contents
    )


def credit(
    desk: Desk, sheet: quizzing.QuizSheet, outcomes: list[Outcome]
) -> list[ContentInteraction]:
    """Apply what was admitted, in memory; answers with the evidence of all, not yet written."""
    for outcome in outcomes:
        if outcome.is_open:
            _apply(desk, sheet, outcome)
    return evidence.chain(desk.progress, desk.session, outcomes, desk.now, desk.structure.contents)


def write(desk: Desk) -> None:
    """Fold and write back what the batch changed."""
    fold = aftermath.fold(desk)
    if desk.touched:
        save_contents(desk.contents[content_id] for content_id in sorted(desk.touched))
    waiving.write([desk])
    save_row(desk.session, _SESSION_COLUMNS)
    progress = desk.progress
    aftermath.store_fold(desk, fold)
    if desk.is_first_completion:
        message = aftermath.completion_message(desk)
        message.save(force_insert=True)
        desk.messages.append(message.pk)
    progress.updated_at = desk.now
    past.put_away(desk)
    save_row(progress, PROGRESS_COLUMNS)


def _apply(desk: Desk, sheet: quizzing.QuizSheet, outcome: Outcome) -> None:
    event = outcome.event
    facts = desk.structure.contents[event.content_id]
    try:
        quizzing.check(facts, event)
        crediting.check(facts, event)
        sheet.apply(facts, outcome)
    except Refused as refused:
        outcome.refuse(refused.code, refused.attr, refused.detail)
        return
    if outcome.is_open:
        fresh_ms = crediting.credit(desk, facts, outcome)
        if facts.is_quiz:
            sheet.spend(facts, event, fresh_ms)
        _mark_session(desk, outcome)


def _mark_session(desk: Desk, outcome: Outcome) -> None:
    """The session's last activity and last sequence; an expired one ends at that activity."""
    session, sequence = desk.session, outcome.event.sequence
    moment = desk.moment(outcome.moment_ms)
    if sequence is not None:
        session.last_sequence = max(session.last_sequence or 0, sequence)
    if not (outcome.event.is_activity or outcome.is_intent):
        return
    session.last_activity_at = max(session.last_activity_at, moment)
    if session.end_reason == LearningSession.EndReason.EXPIRED and moment > session.end_time:
        desk.progress.ended_ms += (moment - session.end_time) // MILLISECOND
        session.end_time = moment


# --- Before anything counts ----------------------------------------------------------------------
def place(desk: Desk, outcomes: list[Outcome], sent_ms: int | None) -> None:
    """Give every event its moment, by the server's clock."""
    claims = [
        timing.Claim(event.occurred_ms, event.duration_ms + event.idle_ms)
        if (event := outcome.event)
        else timing.Claim(None, 0)
        for outcome in outcomes
    ]
    moments = timing.corrected_moments(
        claims, sent=sent_ms, received=desk.now_ms, session_start=desk.start_ms
    )
    for outcome, moment in zip(outcomes, moments, strict=True):
        outcome.moment_ms = moment


def _mark_repeated(desk: Desk, outcomes: list[Outcome]) -> None:
    """An event id counts once within its session; with another body it is a conflict."""
    ids = {outcome.event_id for outcome in outcomes if outcome.is_open and outcome.event_id}
    if not ids:
        return
    known = {
        row.event_id: (bytes(row.fingerprint), row.record)
        for row in ContentInteraction.objects.filter(
            session_started_at=desk.session.start_time,
            session_id=desk.session.pk,
            user_id=desk.progress.user_id,
            event_id__in=ids,
            status=ContentInteraction.Status.ACCEPTED,
        ).only("event_id", "fingerprint", "record")
    }
    for outcome in outcomes:
        if not (outcome.is_open and outcome.event_id):
            continue
        fingerprint = outcome.event.fingerprint()
        if outcome.event_id not in known:
            known[outcome.event_id] = (fingerprint, None)
        elif known[outcome.event_id][0] == fingerprint:
            outcome.status = DUPLICATE
            outcome.quiz = evidence.quiz_part(known[outcome.event_id][1])
        else:
            outcome.conflict(EVENT_CONFLICT, "This event_id was used for another event.")


def _mark_late(desk: Desk, outcomes: list[Outcome]) -> None:
    """After an explicit end only what happened before it counts; in time, and for a week."""
    session = desk.session
    if session.end_time is None:
        return
    end_ms = desk.ms(session.end_time)
    too_late = desk.now_ms - end_ms > desk.limits.late_event_ms
    for outcome in outcomes:
        if outcome.is_open and (too_late or (desk.was_ended and outcome.moment_ms > end_ms)):
            outcome.refuse(SESSION_ENDED, "session_id", "This session has ended. Start a new one.")


def _mark_unknown(desk: Desk, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.is_open and outcome.event.content_id not in desk.structure.contents:
            outcome.refuse(UNKNOWN_CONTENT, "content_id", "This course has no such content.")


def _touch(desk: Desk, outcomes: list[Outcome]) -> None:
    """Grow the session's elapsed spans, which buy coverage, by all events of the batch."""
    elapsed = desk.session.elapsed_spans
    for outcome in outcomes:
        if outcome.is_open:
            lasted = min(outcome.event.claimed_active_ms, desk.limits.max_event_ms)
            span = timing.active_span(
                outcome.moment_ms, lasted, session_start=desk.start_ms, received=desk.now_ms
            )
            start, end = span or (outcome.moment_ms, outcome.moment_ms)
            elapsed = timing.touch(elapsed, start, end, desk.limits.session_timeout_ms)
    desk.session.elapsed_spans = elapsed
    past.elapse(desk, elapsed)


_SESSION_COLUMNS = [
    "end_time",
    "end_reason",
    "last_activity_at",
    "active_until",
    "last_sequence",
    "active_ms",
    "idle_ms",
    "distractions",
    "pages_viewed",
    "videos_watched",
    "quizzes_attempted",
    "opened",
    "played",
    "answered",
    "elapsed_spans",
    "positions",
]
PROGRESS_COLUMNS = [
    "completion_bp",
    "completed_at",
    "structure_version",
    "module_progress",
    "time_ms",
    "active_spans",
    "elapsed_spans",
    "past_active_until",
    "past_elapsed_until",
    "past_elapsed_ms",
    "coverage_spent_ms",
    "current_module",
    "ended_sessions",
    "ended_ms",
    "resume_content",
    "resume_session",
    "resume_intent_at",
    "resume_position_milli",
    "resume_updated_at",
    "waived",
    "chain_length",
    "chain_hash",
    "updated_at",
]
