"""The bodies of answers and pushes about a learner's progress. Reads only.

Percentages are computed from coverage and today's structure, not copied from stored ones, so that
a change by the author shows at once, also before the job has refolded the course.
"""

from datetime import datetime

from progress import slots
from progress.models import ContentProgress, CourseProgress, Enrollment, QuizAttempt
from progress.rules import coverage, grading
from progress.rules.completion import Fold
from progress.rules.quizzes import AnswerKey

from . import draws, folding
from .answers import (
    AskedAnswer,
    AttemptAnswer,
    CertificateAnswer,
    ContentEntryAnswer,
    ContentProgressAnswer,
    ContentStateAnswer,
    CourseSnapshot,
    LiveAnswer,
    ModuleAnswer,
    ModuleFoldAnswer,
    QuestionAnswer,
    QuizProgressAnswer,
    RemainingAnswer,
    SpanList,
    TouchedContentAnswer,
)
from .course_rows import ProgressRow
from .course_state import CourseState, attempts_at, visible_answer_key
from .folding import ContentState
from .structure import ContentSpec, ModuleSpec
from .waivers import waiver_payloads


def course_payload(enrollment: Enrollment, now: datetime) -> CourseSnapshot:
    """The body of `realtime_progress`, without the address of a stream: that names its reader."""
    state = CourseState(enrollment, now)
    return state_payload(state, certificate(state.progress))


def state_payload(
    state: CourseState, certificate_payload: CertificateAnswer | None
) -> CourseSnapshot:
    """The same of a state that is there already."""
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
        "modules": [_module_payload(state, module) for module in state.structure.modules],
        "remaining": [_remaining_payload(state, content) for content in state.remaining()],
        "new_since_completion": [
            {"content_id": content.id, "module_id": content.module_id, "title": content.title}
            for content in state.added_since
        ],
        "waivers": waiver_payloads(state),
        "certificate": certificate_payload,
    }


def _module_payload(state: CourseState, module: ModuleSpec) -> ModuleAnswer:
    fold = state.folded.modules[module.id]
    return {
        "module_id": module.id,
        "title": module.title,
        "completion_percentage": fold.bp / 100,
        "is_complete": fold.is_complete,
        "is_applicable": fold.is_applicable,
        "time_spent_seconds": sum(
            state.rows[content.id].time_ms
            for content in module.contents
            if content.id in state.rows
        )
        / 1000,
        "contents": [_listed_content_payload(state, content) for content in module.active],
    }


def _listed_content_payload(state: CourseState, content: ContentSpec) -> ContentEntryAnswer:
    return {
        **_content_state_payload(
            content,
            state.rows.get(content.id),
            state.content_state(content),
            is_waived=state.is_waived(content),
        ),
        "title": content.title,
        "content_type": content.content_type,
        "required": content.required,
    }


def _remaining_payload(state: CourseState, content: ContentSpec) -> RemainingAnswer:
    payload: RemainingAnswer = {
        "content_id": content.id,
        "module_id": content.module_id,
        "title": content.title,
        "reason": state.reason(content),
        "completion_percentage": state.content_state(content).bp / 100,
        "needed_percentage": state.needed_bp(content) / 100,
        "missing": spans_payload(content, state.missing(content)),
        "or_instead": [each.id for each in state.instead_of(content)],
    }
    row = state.rows.get(content.id)
    if content.is_quiz:
        payload["quiz"] = folding.quiz_payload(content, row, state.content_state(content))
    if content.is_quiz and row and row.best_score_bp is not None:
        payload["best_score"] = row.best_score_bp / 100
    return payload


def spans_payload(content: ContentSpec, spans: coverage.Spans) -> SpanList:
    """Spans in the unit of the extent: seconds, pages (page n is [n-1, n]), or a fraction."""
    units = content.units
    if units == 1:
        return [[start, end] for start, end in spans]
    return [[start / units, end / units] for start, end in spans]


def content_detail_payload(
    enrollment: Enrollment, content_id: int, now: datetime
) -> ContentProgressAnswer | None:
    """The body of `content_progress`; None for a content that the course doesn't show."""
    state = CourseState(enrollment, now)
    content = state.structure.contents.get(content_id)
    if content is None or content.is_hidden:
        return None
    row = state.rows.get(content_id) or ContentProgress()
    content_state = state.content_state(content)
    extent = content.extent
    return {
        "user_id": enrollment.user_id,
        "content_id": content.id,
        "content_type": content.content_type,
        "completion_source": "measured" if content.is_measured else "reported",
        "completion_percentage": content_state.bp / 100,
        "is_complete": content_state.is_complete,
        "completed_at": row.completed_at,
        "time_spent_seconds": row.time_ms / 1000,
        "is_waived": state.is_waived(content),
        "waiver": next((w for w in waiver_payloads(state) if w["content_id"] == content.id), None),
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
        "covered": spans_payload(content, state.covered(content)),
        "missing": spans_payload(content, state.missing(content)),
        "extent": None if extent is None else _extent(content, extent),
        "extent_unit": content.extent_unit,
        "quiz": _quiz_payload(state, content) if content.is_quiz else None,
    }


def _extent(content: ContentSpec, extent: int) -> float:
    return extent if content.units == 1 else extent / content.units


def _quiz_payload(state: CourseState, content: ContentSpec) -> QuizProgressAnswer:
    attempts = attempts_at(state, content)
    key = visible_answer_key(state, content, attempts)
    row = state.rows.get(content.id)
    return {
        **folding.quiz_payload(content, row, state.content_state(content)),
        "max_attempts": content.max_attempts,
        "time_limit_seconds": content.time_limit_seconds,
        "asks": _asked_payload(state, content, attempts),
        "attempts": [_attempt_payload(attempt, key) for attempt in attempts],
    }


def _asked_payload(
    state: CourseState, content: ContentSpec, attempts: list[QuizAttempt]
) -> AskedAnswer | None:
    if attempts and attempts[-1].submitted_at is None:
        last = attempts[-1]
        asked = list(draws.asked_key(content, last.drawn_questions))
        return {"attempt": last.number, "questions": asked, "ends_at": last.ends_at}
    if content.max_attempts is not None and len(attempts) >= content.max_attempts:
        return None
    number = len(attempts) + 1
    if content.time_limit_seconds is not None:
        return {"attempt": number, "questions": [], "ends_at": None}
    drawn = draws.draw_for(content, state.enrollment.pk, number)
    asked = list(draws.asked_key(content, drawn))
    return {"attempt": number, "questions": asked, "ends_at": None}


def _attempt_payload(attempt: QuizAttempt, key: AnswerKey | None) -> AttemptAnswer:
    """An attempt; right and wrong only once it is submitted, correct choices only with a `key`."""
    return {
        "attempt": attempt.number,
        "started_at": attempt.started_at,
        "ends_at": attempt.ends_at,
        "submitted_at": attempt.submitted_at,
        "score": None if attempt.score_bp is None else attempt.score_bp / 100,
        "passed": attempt.passed,
        "time_seconds": attempt.time_ms / 1000,
        "answers": [
            _answer_payload(attempt, int(question), revision, choices, key)
            for question, (revision, choices) in attempt.answers.items()
        ],
    }


def _answer_payload(
    attempt: QuizAttempt, question: int, revision: int, choices, key: AnswerKey | None
) -> QuestionAnswer:
    payload: QuestionAnswer = {
        "question_id": question,
        "revision": revision,
        "answer": choices,
        "time_seconds": attempt.question_ms.get(str(question), 0) / 1000,
    }
    if attempt.submitted_at:
        payload["is_correct"] = question in attempt.right_questions
        if key is not None and question in key:
            payload["correct"] = grading.correct_answer(key[question])
    return payload


# --- Parts that answers, pushes and snapshots share --------------------------------------------
def live_payload(
    progress,
    *,
    contents: list[TouchedContentAnswer],
    modules: dict[int, ModuleFoldAnswer],
    bp: int,
    is_complete: bool,
    certificate: CertificateAnswer | None,
) -> LiveAnswer:
    """The body of answers to a batch, of pushes (some contents) and of snapshots (all contents)."""
    return {
        "contents": contents,
        "modules": [{"module_id": pk, **module} for pk, module in modules.items()],
        "course": {
            "course_id": progress.course_id,
            "completion_percentage": bp / 100,
            "is_complete": is_complete,
            "time_spent_seconds": progress.time_ms / 1000,
            # Answers and pushes can overtake each other; this shows which one is newer.
            "event_count": progress.chain_length,
        },
        "certificate": certificate,
    }


def module_payload(fold: Fold) -> ModuleFoldAnswer:
    """A module's entry in answers, without its id."""
    return {"completion_percentage": fold.bp / 100, "is_complete": fold.is_complete}


def content_payload(
    content: ContentSpec, row, state: ContentState, *, is_waived: bool
) -> TouchedContentAnswer:
    """A content's entry in answers; `row` may be None."""
    payload = _content_state_payload(content, row, state, is_waived=is_waived)
    return {**payload, "module_id": content.module_id}


def _content_state_payload(
    content: ContentSpec, row, state: ContentState, *, is_waived: bool
) -> ContentStateAnswer:
    position = row.last_position_milli if row else None
    payload: ContentStateAnswer = {
        "content_id": content.id,
        "completion_percentage": state.bp / 100,
        "is_complete": state.is_complete,
        "is_waived": is_waived and not state.is_complete,
        "time_spent_seconds": row.time_ms / 1000 if row else 0.0,
        "last_position": None if position is None else position / 1000,
    }
    if content.is_quiz:
        payload["quiz"] = folding.quiz_payload(content, row, state)
    return payload


def certificate(progress: CourseProgress | ProgressRow) -> CertificateAnswer | None:
    """What the certificates app shows of a completed enrolment; None where there is none."""
    if progress.completed_at is None:
        return None
    return slots.certificate(progress.enrollment_id)
