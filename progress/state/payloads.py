"""What people and systems are shown of a learner's progress: the bodies of answers and pushes."""

from datetime import datetime

from progress import slots
from progress.models import ContentProgress, Enrollment, QuizAttempt
from progress.rules import coverage
from progress.rules.quizzes import AnswerKey

from . import folding
from .course_state import CourseState, attempts_at, visible_answer_key
from .folding import Standing
from .structure import ContentFacts
from .waivers import waiver_payloads


def course_payload(enrollment: Enrollment, now: datetime) -> dict:
    """The body of `realtime_progress`, without the address of a stream: that names its reader."""
    return state_payload(CourseState(enrollment, now))


def state_payload(state: CourseState) -> dict:
    enrollment, progress = state.enrollment, state.progress
    return {
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "enrollment_id": enrollment.pk,
        "cycle": enrollment.cycle,
        "as_of": state.now,
        "completion_percentage": state.bp / 100,
        "is_complete": state.is_complete,
        "completed_at": progress.completed_at,
        "time_spent_seconds": progress.time_ms / 1000,
        "time_spent_minutes": float(progress.time_spent_minutes),
        "current_module_id": progress.current_module_id,
        "session_start_time": progress.session_start_time,
        "total_sessions": progress.total_sessions,
        "avg_session_duration": float(progress.avg_session_duration),
        "resume": state.resume(),
        "modules": [_module_answer(state, module) for module in state.structure.modules],
        "remaining": [_remaining_answer(state, facts) for facts in state.remaining()],
        "new_since_completion": [
            {"content_id": facts.id, "module_id": facts.module_id, "title": facts.title}
            for facts in state.added_since
        ],
        "waivers": waiver_payloads(state),
        "certificate": certificate(progress),
    }


def _module_answer(state: CourseState, module) -> dict:
    fold = state.folded.modules[module.id]
    return {
        "module_id": module.id,
        "title": module.title,
        "completion_percentage": fold.bp / 100,
        "is_complete": fold.is_complete,
        "is_applicable": fold.is_applicable,
        "time_spent_seconds": sum(
            state.rows[facts.id].time_ms for facts in module.contents if facts.id in state.rows
        )
        / 1000,
        "contents": [_content_entry(state, facts) for facts in module.active],
    }


def _content_entry(state: CourseState, facts: ContentFacts) -> dict:
    told = content_payload(
        facts,
        state.rows.get(facts.id),
        state.standing(facts),
        is_waived=state.is_waived(facts),
    )
    del told["module_id"]
    return told | {
        "title": facts.title,
        "content_type": facts.content_type,
        "required": facts.required,
    }


def _remaining_answer(state: CourseState, facts: ContentFacts) -> dict:
    told = {
        "content_id": facts.id,
        "module_id": facts.module_id,
        "title": facts.title,
        "reason": state.reason(facts),
        "completion_percentage": state.standing(facts).bp / 100,
        "needed_percentage": state.needed_bp(facts) / 100,
        "missing": spans_payload(facts, state.missing(facts)),
        "or_instead": [each.id for each in state.instead_of(facts)],
    }
    row = state.rows.get(facts.id)
    if facts.is_quiz:
        told["quiz"] = folding.quiz_payload(facts, row, state.standing(facts))
    if facts.is_quiz and row and row.best_score_bp is not None:
        told["best_score"] = row.best_score_bp / 100
    return told


def spans_payload(facts: ContentFacts, spans: coverage.Spans) -> list[list[float]]:
    """Spans in the unit of the extent: seconds, pages (page n is [n-1, n]), or a fraction."""
    units = facts.units
    if units == 1:
        return [[start, end] for start, end in spans]
    return [[start / units, end / units] for start, end in spans]


def content_detail_payload(enrollment: Enrollment, content_id: int, now: datetime) -> dict | None:
    """The body of `content_progress`; None for a content that the course doesn't show."""
    state = CourseState(enrollment, now)
    facts = state.structure.contents.get(content_id)
    if facts is None or facts.is_hidden:
        return None
    row = state.rows.get(content_id) or ContentProgress()
    stand = state.standing(facts)
    extent = facts.extent
    return {
        "user_id": enrollment.user_id,
        "content_id": facts.id,
        "content_type": facts.content_type,
        "completion_source": "measured" if facts.is_measured else "reported",
        "completion_percentage": stand.bp / 100,
        "is_complete": stand.is_complete,
        "completed_at": row.completed_at,
        "time_spent_seconds": row.time_ms / 1000,
        "is_waived": state.is_waived(facts),
        "waiver": next((w for w in waiver_payloads(state) if w["content_id"] == facts.id), None),
        "last_position": None
        if row.last_position_milli is None
        else row.last_position_milli / 1000,
        "view_count": row.view_count,
        "play_count": row.play_count,
        "pause_count": row.pause_count,
        "seek_count": row.seek_count,
        "download_count": row.download_count,
        "replayed_seconds": row.replayed_ms / 1000,
        "withheld_seconds": row.withheld_ms / 1000,
        "covered": spans_payload(facts, state.covered(facts)),
        "missing": spans_payload(facts, state.missing(facts)),
        "extent": None if extent is None else _extent(facts, extent),
        "extent_unit": facts.extent_unit,
        "quiz": _quiz(state, facts) if facts.is_quiz else None,
    }


def _extent(facts: ContentFacts, extent: int) -> float:
    return extent if facts.units == 1 else extent / facts.units


def _quiz(state: CourseState, facts: ContentFacts) -> dict:
    attempts = attempts_at(state, facts)
    reveal = visible_answer_key(state, facts, attempts)
    row = state.rows.get(facts.id)
    return {
        **folding.quiz_payload(facts, row, state.standing(facts)),
        "max_attempts": facts.max_attempts,
        "attempts": [_attempt(attempt, reveal) for attempt in attempts],
    }


def _attempt(attempt: QuizAttempt, reveal: AnswerKey | None) -> dict:
    """An attempt; right and wrong only once it is submitted, correct choices only if revealed."""
    return {
        "attempt": attempt.number,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "score": None if attempt.score_bp is None else attempt.score_bp / 100,
        "passed": attempt.passed,
        "time_seconds": attempt.time_ms / 1000,
        "answers": [
            _answer(attempt, int(question), revision, choices, reveal)
            for question, (revision, choices) in attempt.answers.items()
        ],
    }


def _answer(attempt: QuizAttempt, question: int, revision: int, choices, reveal) -> dict:
    told = {
        "question_id": question,
        "revision": revision,
        "answer": choices,
        "time_seconds": attempt.question_ms.get(str(question), 0) / 1000,
    }
    if attempt.submitted_at:
        told["is_correct"] = question in attempt.right_questions
        if reveal is not None and question in reveal:
            told["correct"] = sorted(reveal[question])
    return told


# --- Of one content, one module: also what ingest answers and pushes ---------------------------
def live_payload(
    progress,
    *,
    contents: list[dict],
    modules: dict[int, dict],
    bp: int,
    is_complete: bool,
    certificate: dict | None,
) -> dict:
    """What answers, pushes and snapshots say, of some contents or of all (`content_answer`)."""
    return {
        "contents": contents,
        "modules": [{"module_id": pk, **module} for pk, module in modules.items()],
        "course": {
            "course_id": progress.course_id,
            "completion_percentage": bp / 100,
            "is_complete": is_complete,
            "time_spent_seconds": progress.time_ms / 1000,
            # Answers and pushes can overtake each other; this tells which is the newer.
            "event_count": progress.chain_length,
        },
        "certificate": certificate,
    }


def module_payload(fold) -> dict:
    """A module's standing in answers, besides its id."""
    return {"completion_percentage": fold.bp / 100, "is_complete": fold.is_complete}


def content_payload(facts, row, stand: Standing, *, is_waived: bool) -> dict:
    """A content's entry in answers; `row` may be None."""
    position = row and row.last_position_milli
    told = {
        "content_id": facts.id,
        "module_id": facts.module_id,
        "completion_percentage": stand.bp / 100,
        "is_complete": stand.is_complete,
        "is_waived": is_waived and not stand.is_complete,
        "time_spent_seconds": row.time_ms / 1000 if row else 0.0,
        "last_position": None if position is None else position / 1000,
    }
    if facts.is_quiz:
        told["quiz"] = folding.quiz_payload(facts, row, stand)
    return told


def certificate(progress) -> dict | None:
    """What the certificates wing shows for a completed enrolment."""
    if progress.completed_at is None:
        return None
    return slots.certificate(progress.enrollment_id)
