"""What becomes of the events of a batch: decided in memory, over rows that are locked.

Nothing is written here. `recording` reads the rows, has them decided, and writes what changed.
"""

from progress.rules import timing
from progress.state.structure import ContentSpec

from . import closing, course_fold, crediting, evidence, past, quiz_events
from .events import MILLISECOND
from .outcome import DUPLICATE, EVENT_CONFLICT, SESSION_ENDED, UNKNOWN_CONTENT, Outcome, Refused
from .rows import AcceptedEvent, EvidenceRow
from .working_set import WorkingSet


def decide(
    work: WorkingSet,
    outcomes: list[Outcome],
    accepted: list[AcceptedEvent],
    *,
    sent_ms: int | None,
    ends_session: bool,
) -> None:
    """Decide every event of a batch, and the session's end if that was asked for.

    `accepted` are the events that were accepted before under ids of this batch.
    """
    work.is_changed = closing.close_if_silent(work.session, work.progress, work.now)
    if outcomes:
        work.is_changed = True
        assign_moments(work, outcomes, sent_ms)
        _mark_repeated(outcomes, accepted)
        admit(work, outcomes)
        quizzes = quiz_events.QuizAttempts(work)
        quizzes.load(
            {
                outcome.event.content_id
                for outcome in outcomes
                if outcome.is_open and work.structure.contents[outcome.event.content_id].is_quiz
            }
        )
        work.evidence = apply_events(work, quizzes, outcomes)
        work.writes.append(quizzes.write)
        course_fold.store_fold(work, course_fold.fold(work))
        work.progress.updated_at = work.now
    if ends_session and work.session.end_time is None:
        closing.close(work.session, work.progress, work.now, closing.ENDED)
        work.is_changed = True


def admit(work: WorkingSet, outcomes: list[Outcome]) -> None:
    """Refuse what comes too late or is unknown; the rest is a sign of life."""
    _mark_late(work, outcomes)
    _mark_unknown(work, outcomes)
    _touch(work, outcomes)
    work.shown.update(
        outcome.event.content_id
        for outcome in outcomes
        if outcome.event and outcome.event.content_id in work.structure.contents
    )


def apply_events(
    work: WorkingSet, quizzes: quiz_events.QuizAttempts, outcomes: list[Outcome]
) -> list[EvidenceRow]:
    """Apply what was admitted; returns the evidence of all, not yet written."""
    happened: list[Outcome] = []
    unsealed: ContentSpec | None = None  # the content of the events before, if its state is due
    for outcome in outcomes:
        if outcome.is_open:
            content = work.structure.contents[outcome.event.content_id]
            if unsealed is not None and unsealed is not content:
                crediting.seal(work, unsealed)
                unsealed = None
            if content.is_quiz:
                happened += _submit_overdue(work, quizzes, content)
            if _apply(work, quizzes, content, outcome):
                unsealed = content
                if content.is_quiz:  # its next event may ask
                    crediting.seal(work, content)
        happened.append(outcome)
    if unsealed is not None:
        crediting.seal(work, unsealed)
    return evidence.chain(work.progress, work.session, happened, work.now, work.structure.contents)


def _submit_overdue(
    work: WorkingSet, quizzes: quiz_events.QuizAttempts, quiz: ContentSpec
) -> list[Outcome]:
    """What happens by itself before an event at a quiz: an attempt whose time is over ends."""
    submitted = quizzes.submit_overdue(quiz)
    if submitted is None:
        return []
    crediting.seal(work, quiz)
    return [submitted]


def _apply(
    work: WorkingSet, quizzes: quiz_events.QuizAttempts, content: ContentSpec, outcome: Outcome
) -> bool:
    """Whether the event was credited; the content's percentage is then to be sealed."""
    event = outcome.event
    try:
        quiz_events.check(content, event)
        crediting.check(content, event)
        quizzes.apply(content, outcome)
    except Refused as refused:
        outcome.refuse(refused.code, refused.attr, refused.detail)
        return False
    if not outcome.is_open:
        return False
    fresh_ms = crediting.credit_event(work, content, outcome)
    if content.is_quiz:
        quizzes.spend(content, event, fresh_ms)
    _mark_session(work, outcome)
    return True


def _mark_session(work: WorkingSet, outcome: Outcome) -> None:
    """The session's last activity and last sequence; an expired one ends at that activity."""
    session, sequence = work.session, outcome.event.sequence
    if sequence is not None:
        session.last_sequence = max(session.last_sequence or 0, sequence)
    if not (outcome.event.is_activity or outcome.is_intent):
        return
    moment = outcome.moment
    if moment > session.last_activity_at:
        session.last_activity_at = moment
    if session.end_reason == closing.EXPIRED and moment > session.end_time:
        work.progress.ended_ms += (moment - session.end_time) // MILLISECOND
        session.end_time = moment


# --- Before anything counts ----------------------------------------------------------------------
def assign_moments(work: WorkingSet, outcomes: list[Outcome], sent_ms: int | None) -> None:
    """Give every event its moment, by the server's clock."""
    claims = [
        timing.Claim(event.occurred_ms, event.duration_ms + event.idle_ms)
        if (event := outcome.event)
        else timing.Claim(None, 0)
        for outcome in outcomes
    ]
    moments = timing.corrected_moments(
        claims, sent=sent_ms, received=work.now_ms, session_start=work.start_ms
    )
    for outcome, moment in zip(outcomes, moments, strict=True):
        outcome.moment_ms = moment


def _mark_repeated(outcomes: list[Outcome], accepted: list[AcceptedEvent]) -> None:
    """An event id counts once within its session; with another body it is a conflict."""
    seen: dict = {row.event_id: (row.fingerprint, row.record) for row in accepted}
    for outcome in outcomes:
        if not (outcome.is_open and outcome.event_id):
            continue
        own = (outcome.fingerprint, None)
        known = seen.setdefault(outcome.event_id, own)
        if known is own:
            continue
        if known[0] == outcome.fingerprint:
            outcome.status = DUPLICATE
            outcome.quiz = evidence.quiz_part(known[1])
        else:
            outcome.conflict(EVENT_CONFLICT, "This event_id was used for another event.")


def _mark_late(work: WorkingSet, outcomes: list[Outcome]) -> None:
    """After an explicit end only what happened before it counts; in time, and for a week."""
    session = work.session
    if session.end_time is None:
        return
    end_ms = work.ms(session.end_time)
    too_late = work.now_ms - end_ms > work.limits.late_event_ms
    for outcome in outcomes:
        if outcome.is_open and (too_late or (work.was_ended and outcome.moment_ms > end_ms)):
            outcome.refuse(SESSION_ENDED, "session_id", "This session has ended. Start a new one.")


def _mark_unknown(work: WorkingSet, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.is_open and outcome.event.content_id not in work.structure.contents:
            outcome.refuse(UNKNOWN_CONTENT, "content_id", "This course has no such content.")


def _touch(work: WorkingSet, outcomes: list[Outcome]) -> None:
    """Grow the session's elapsed spans, which buy coverage, by all events of the batch."""
    elapsed = work.session.elapsed_spans
    for outcome in outcomes:
        if outcome.is_open:
            lasted = min(outcome.event.claimed_active_ms, work.limits.max_event_ms)
            span = timing.active_span(
                outcome.moment_ms, lasted, session_start=work.start_ms, received=work.now_ms
            )
            start, end = span or (outcome.moment_ms, outcome.moment_ms)
            elapsed = timing.touch(elapsed, start, end, work.limits.session_timeout_ms)
    work.session.elapsed_spans = elapsed
    past.elapse(work, elapsed)
