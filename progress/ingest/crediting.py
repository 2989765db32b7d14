"""What one accepted event earns: time, coverage, dwell, counters, the place to resume."""

from progress.rules import coverage, plausibility, reading, resume, timing
from progress.rules.completion import WHOLE_BP
from progress.state.structure import ContentSpec

from . import past
from .events import Event
from .outcome import INVALID, INVALID_SEGMENTS, Outcome, Refused
from .rows import ContentRow
from .working_set import WorkingSet

INTENTS = {"view", "play", "pause", "seek"}
_COUNTERS = {
    "view": "view_count",
    "play": "play_count",
    "pause": "pause_count",
    "seek": "seek_count",
    "download": "download_count",
}


def check(content: ContentSpec, event: Event) -> None:
    """Raise Refused for an event that its content can't have."""
    if event.page is not None and content.is_paged and event.page > content.page_count:
        raise Refused(INVALID, "page", f"This document has {content.page_count} pages.")


def credit_event(work: WorkingSet, content: ContentSpec, outcome: Outcome) -> int:
    """Apply an accepted event to the rows. Returns its share of the enrolment's new time, in ms.

    The content's percentage is stored by `seal`, once for events that follow each other.
    """
    event = outcome.event
    row = work.content(content)
    if row.last_event_at < work.now:
        row.last_event_at = work.now
    _time(work, outcome)
    fresh_ms = _course_time(work, outcome)
    row.time_ms += fresh_ms
    if content.is_timed and content.is_measured:
        _media_coverage(work, content, row, outcome)
    elif content.is_paged or content.is_binned:
        _dwell(work, content, row, outcome)
    if not content.is_measured:
        row.reported_bp = max(row.reported_bp, _reported_bp(content, event))
    if (event.segments and event.invalid_segments) or _is_reversed(event):
        _name_invalid(outcome)
    _count(work, content, row, event)
    _move_positions(work, content, row, outcome)
    return fresh_ms


def _reported_bp(content: ContentSpec, event: Event) -> int:
    """The percentage that the client reports; a learner's confirmation is all of it."""
    if content.completes_on_confirmation and event.interaction_type == "complete":
        return WHOLE_BP
    return event.completion_bp or 0


def _time(work: WorkingSet, outcome: Outcome) -> None:
    """Active and idle time of the session, bounded by the server's clock."""
    event, session = outcome.event, work.session
    elapsed = work.session_elapsed_ms
    active = plausibility.active_time(
        event.claimed_active_ms, elapsed, session.active_ms, work.limits, observe=work.observe
    )
    session.active_ms += active.granted
    if claimed_idle_ms := event.claimed_idle_ms:
        session.idle_ms += plausibility.idle_time(
            claimed_idle_ms,
            work.session_length_ms,
            session.active_ms + session.idle_ms,
            observe=work.observe,
        )
    outcome.credited_ms = active.granted
    outcome.withheld_active_ms = active.withheld
    outcome.withheld_active_reason = active.reason


def _course_time(work: WorkingSet, outcome: Outcome) -> int:
    """Time in the course: the union of active wall-clock spans over all sessions."""
    start_ms, now_ms = work.start_ms, work.now_ms
    span = timing.active_span(
        outcome.moment_ms, outcome.credited_ms, session_start=start_ms, received=now_ms
    )
    if span is None:
        return 0
    adjoined = timing.adjoin(span, work.active_ends(), session_start=start_ms, received=now_ms)
    if adjoined != span:
        outcome.active_span = adjoined
    fresh_ms = past.spend(work, adjoined)
    work.note_active_end(adjoined[1])
    work.progress.time_ms += fresh_ms
    return fresh_ms


def _media_coverage(work: WorkingSet, content: ContentSpec, row: ContentRow, outcome: Outcome):
    segments = coverage.clip_all(_played(outcome.event), 0, content.extent)
    if not segments:
        return
    granted = _buy(work, coverage.uncovered(row.coverage, segments))
    earned = coverage.earn(row.coverage, segments, granted.granted)
    row.coverage = earned.coverage
    row.replayed_ms += earned.replayed
    row.withheld_ms += granted.withheld
    work.progress.coverage_spent_ms += earned.covered
    outcome.covered_ms = earned.covered
    outcome.withheld_ms = granted.withheld
    outcome.withheld_reason = granted.reason


def _buy(work: WorkingSet, claimed_ms: int) -> plausibility.Credit:
    """Buy new coverage with elapsed time."""
    budget = plausibility.coverage_budget(
        work.coverage_elapsed_ms(), work.progress.coverage_spent_ms, work.limits
    )
    return plausibility.media_coverage(claimed_ms, budget, work.limits, observe=work.observe)


def _played(event: Event) -> tuple[coverage.Span, ...]:
    """The stretches of media that an event says were played."""
    if event.segments is not None:
        return event.played
    simple = event.interaction_type == "progress" and event.position_ms is not None
    if simple and event.claimed_active_ms:
        stretch = coverage.heartbeat_stretch(
            event.position_ms, event.claimed_active_ms, event.rate_milli
        )
        return (stretch,) if stretch else ()
    return ()


def _dwell(work: WorkingSet, content: ContentSpec, row: ContentRow, outcome: Outcome) -> None:
    """Dwell on the visible page or span of a document, within credited time."""
    event = outcome.event
    if content.is_reported:
        return
    if content.is_paged and event.page is not None:
        bins, need = reading.page_bins(event.page), reading.page_need_ms(work.limits)
    elif content.is_binned and event.span_ppm is not None and not _is_reversed(event):
        bins = reading.span_bins(*event.span_ppm)
        need = reading.span_need_ms(*event.span_ppm, content.reading_seconds or 0, work.limits)
    else:
        return
    row.dwell_ppm = reading.dwell(row.dwell_ppm, bins, outcome.credited_ms, need, content.extent)
    row.coverage = coverage.union(row.coverage, reading.read_spans(row.dwell_ppm))


def _is_reversed(event: Event) -> bool:
    return event.span_ppm is not None and event.span_ppm[0] >= event.span_ppm[1]


def _name_invalid(outcome: Outcome) -> None:
    outcome.code = INVALID_SEGMENTS
    named = ", ".join(f"segments[{index}]" for index in outcome.event.invalid_segments)
    outcome.detail = f"Empty or reversed, so it earns nothing: {named or 'span'}."


def _count(work: WorkingSet, content: ContentSpec, row: ContentRow, event: Event) -> None:
    session = work.session
    counter = _COUNTERS.get(event.interaction_type)
    if counter:
        setattr(row, counter, getattr(row, counter) + 1)
    session.distractions += event.distractions
    if content.id not in session.opened:
        session.opened = [*session.opened, content.id]
        session.pages_viewed = len(session.opened)
    is_played = event.interaction_type in {"play", "progress", "complete"} or event.segments
    if content.is_media and is_played and content.id not in session.played:
        session.played = [*session.played, content.id]
        session.videos_watched = len(session.played)
    is_answered = event.interaction_type in {"answer", "submit"}
    if content.is_quiz and is_answered and content.id not in session.answered:
        session.answered = [*session.answered, content.id]
        session.quizzes_attempted = len(session.answered)


def _position(content: ContentSpec, event: Event) -> int | None:
    """Where the event is, in thousandths of the content's own unit."""
    if content.is_paged:
        return None if event.page is None else event.page * 1000
    if content.is_binned:
        ppm = event.reading_ppm
        if ppm is None and event.span_ppm is not None:
            ppm = event.span_ppm[0]
        return None if ppm is None else ppm // 1000
    position = event.position_ms
    if position is None and event.segments and content.is_timed:
        position = event.segments[-1][1]
    if position is not None and content.is_timed and content.extent is not None:
        position = min(position, content.extent)
    return position


def _move_positions(
    work: WorkingSet, content: ContentSpec, row: ContentRow, outcome: Outcome
) -> None:
    """Move the content's last position, and the enrolment's place to resume."""
    event, session, progress = outcome.event, work.session, work.progress
    position = _position(content, event)
    seen = resume.Sighting(outcome.moment_ms, event.sequence)
    place = str(content.id)
    known = session.positions.get(place)
    # An idle beat says again which page is open; that is no intent.
    is_same_page = known is not None and known[0] == position
    is_turned = event.page is not None and (event.is_activity or not is_same_page)
    newest = position is not None and resume.is_newer(
        seen, known and resume.Sighting(known[1], known[2]), same_session=True
    )
    if newest:
        session.positions[place] = [position, seen.moment, seen.sequence]
        _move_last_position(work, row, position, outcome, seen)
    is_stale = (
        event.sequence is not None
        and session.last_sequence is not None
        and event.sequence < session.last_sequence
    )
    outcome.is_intent = event.interaction_type in INTENTS or is_turned
    if outcome.is_intent and not is_stale and _is_latest_intent(work, outcome):
        progress.resume_content_id = content.id
        progress.resume_session = session.pk
        progress.resume_intent_at = outcome.moment
        progress.resume_updated_at = progress.resume_intent_at
        progress.current_module_id = content.module_id
        newest_here = session.positions.get(place)
        progress.resume_position_milli = newest_here and newest_here[0]
    elif (
        newest
        and progress.resume_content_id == content.id
        and progress.resume_session == session.pk
    ):
        progress.resume_position_milli = position
        progress.resume_updated_at = outcome.moment


def _is_latest_intent(work: WorkingSet, outcome: Outcome) -> bool:
    latest = work.progress.resume_intent_at
    return latest is None or outcome.moment >= latest


def _move_last_position(
    work: WorkingSet, row: ContentRow, position: int, outcome: Outcome, seen: resume.Sighting
) -> None:
    known = None
    if row.last_position_at is not None:
        known = resume.Sighting(work.ms(row.last_position_at), row.last_position_sequence)
    same = row.last_position_session == work.session.pk
    if resume.is_newer(seen, known, same_session=same):
        row.last_position_milli = position
        row.last_position_at = outcome.moment
        row.last_position_session = work.session.pk
        row.last_position_sequence = seen.sequence


def seal(work: WorkingSet, content: ContentSpec) -> None:
    """Store the percentage of a content that was touched, and the completion once."""
    row = work.content(content)
    state = work.content_state(content)
    row.completion_bp = state.bp
    if state.is_complete and row.completed_at is None:
        row.completed_at = work.now
        work.newly_complete.append(content.id)
