"""How much longer a course takes, estimated from what is missing alone."""

from progress.rules.completion import WHOLE_BP
from progress.rules.coverage import length

from .course_state import CourseState
from .structure import ContentSpec

# What a page or question takes when the course doesn't say: a page of about 240 words at the pace
# that texts are measured with, and a question to be read and thought over.
PAGE_SECONDS = 60
QUESTION_SECONDS = 45


def time_left_seconds(state: CourseState) -> int | None:
    """Whole seconds until the learner's course is complete; 0 when it is.

    The sum over what is required and not complete, locked contents included. Contents of unknown
    length (an embed without `reading_seconds`) add nothing; None when no length is known.
    """
    remaining = state.remaining()
    known = [
        seconds for content in remaining if (seconds := seconds_left(state, content)) is not None
    ]
    return sum(known) if known or not remaining else None


def seconds_left(state: CourseState, content: ContentSpec) -> int | None:
    """Whole seconds, rounded up, that one content still takes; 0 when complete, None if unknown.

    Media: what is missing, at normal speed. Pages and texts: what isn't read, of the time that
    the course gives for reading. A quiz: its unanswered questions, or all of them once an attempt
    has failed. Anything else: the share that isn't reported yet.
    """
    if state.content_state(content).is_complete:
        return 0
    if content.is_quiz:
        return QUESTION_SECONDS * _questions_left(state, content)
    whole_ms = _whole_ms(content)
    if whole_ms is None:
        return None
    missing, extent = _missing(state, content)
    return -(-whole_ms * missing // (extent * 1000))


def whole_seconds(content: ContentSpec) -> int | None:
    """Whole seconds, rounded up, that all of one content takes; None if unknown."""
    if content.is_quiz:
        return QUESTION_SECONDS * content.question_count
    whole_ms = _whole_ms(content)
    return None if whole_ms is None else -(-whole_ms // 1000)


def _questions_left(state: CourseState, content: ContentSpec) -> int:
    row = state.rows.get(content.id)
    answered_bp = row.answered_bp if row and row.best_score_bp is None else 0
    return round(content.question_count * (WHOLE_BP - answered_bp) / WHOLE_BP)


def _whole_ms(content: ContentSpec) -> int | None:
    if content.is_timed and content.duration_ms:
        return content.duration_ms
    if content.view_seconds:
        return content.view_seconds * 1000
    if content.reading_seconds:
        return content.reading_seconds * 1000
    return content.page_count * PAGE_SECONDS * 1000 if content.page_count else None


def _missing(state: CourseState, content: ContentSpec) -> tuple[int, int]:
    """Returns what is missing, and the whole that it is missing from."""
    if content.is_measured and content.extent:
        return length(state.missing(content)), content.extent
    return WHOLE_BP - state.content_state(content).bp, WHOLE_BP
