"""The rules of completion, applied to a learner's rows and the structure of a course.

Shared by ingest, which stores the result, and by reads, which compute it again, so that a read is
never stale, not even before a changed course has been refolded.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from progress.rules import completion, quizzes, waiving
from progress.rules.completion import WHOLE_BP, Fold, Sum
from progress.rules.coverage import Spans, clip_spans, length
from progress.rules.limits import Limits
from progress.rules.waiving import Link

from .answers import QuizStateAnswer
from .structure import ContentSpec, Structure


class StoredContent(Protocol):
    """What is stored of a learner's progress in a content: a model, or a row read without one."""

    media_version: int
    completion_bp: int
    completed_at: datetime | None
    coverage: Spans
    reported_bp: int
    time_ms: int
    download_count: int
    answered_bp: int
    best_score_bp: int | None


class ContentState(NamedTuple):
    """A learner's percentage in one content, in basis points."""

    bp: int
    is_complete: bool


NOT_STARTED = ContentState(0, False)


def coverage_of(content: ContentSpec, row: StoredContent | None) -> Spans:
    """What is covered of the current medium, clipped to its extent.

    A replaced medium starts with no coverage, except for learners who had completed the old one.
    """
    if row is None or content.extent is None or content.is_quiz:
        return ()
    if row.media_version != content.media_version and row.completed_at is None:
        return ()
    return clip_spans(row.coverage, 0, content.extent)


def stored_state(row: StoredContent | None) -> ContentState:
    """The state as last written: right as long as the course is as it was then."""
    if row is None:
        return NOT_STARTED
    return ContentState(row.completion_bp, row.completed_at is not None)


def current_state(content: ContentSpec, row: StoredContent | None, limits: Limits) -> ContentState:
    """The state by today's structure. What was complete once stays complete."""
    if row is None:
        return NOT_STARTED
    bp, done = _measure(content, row, limits)
    if row.completed_at is not None:
        return ContentState(max(bp, row.completion_bp), True)
    return ContentState(bp, done)


def _measure(content: ContentSpec, row: StoredContent, limits: Limits) -> tuple[int, bool]:
    if content.is_quiz:
        best = row.best_score_bp
        if best is not None and (content.pass_bp is None or best >= content.pass_bp):
            return WHOLE_BP, True
        questions = content.question_count
        return quizzes.progress_bp(row.answered_bp, questions, best, content.pass_bp), False
    if content.completes_on_download and row.download_count:
        return WHOLE_BP, True
    if content.view_seconds:
        bp = completion.share_bp(row.time_ms, content.view_seconds * 1000)
    elif content.is_measured:
        bp = completion.share_bp(length(coverage_of(content, row)), content.extent or 0)
    else:
        bp = row.reported_bp
    return bp, completion.is_complete(bp, content.complete_at_bp, limits.complete_at_bp)


def quiz_payload(
    content: ContentSpec, row: StoredContent | None, state: ContentState
) -> QuizStateAnswer:
    """A quiz in answers and on pages, with *answered* and *passed* as separate facts.

    `answered` is the number of questions that the fullest attempt has answered, of
    `question_count`; `passed` without a pass mark means submitted.
    """
    questions = content.question_count
    best = row.best_score_bp if row else None
    return {
        "answered": quizzes.answered_questions(row.answered_bp, questions) if row else 0,
        "question_count": questions,
        "pass_percentage": None if content.pass_bp is None else content.pass_bp / 100,
        "best_score": None if best is None else best / 100,
        "passed": state.is_complete,
    }


def waivers_due(
    structure: Structure,
    content_state: Callable[[ContentSpec], ContentState],
    decided: Collection[int],
) -> list[Link]:
    """The waivers that follow from what is complete, less those `decided` (waived or declined)."""
    if not structure.links:
        return []
    contents = structure.contents
    return waiving.due(
        structure.links, lambda content: content_state(contents[content]).is_complete, decided
    )


class CourseFold(NamedTuple):
    """Every active module's fold, by id, and the course's."""

    modules: dict[int, Fold]
    course: Fold


def fold_course(
    structure: Structure,
    states: Mapping[int, ContentState],
    *,
    waived: Collection[int] = frozenset(),
    leave_out: Collection[int] = frozenset(),
) -> CourseFold:
    """Fold contents into modules and the course, by content ids.

    `states` are those of what has been started. What is `waived` counts as complete; `leave_out`
    doesn't count. Each of several alternatives counts with the percentage of the best of them.
    """
    modules: dict[int, Fold] = {}
    sums: list[Sum] = []
    alternatives = structure.alternatives
    for module in structure.modules:
        parts: list[tuple[int, int, bool]] = []
        for content in module.counting:
            if content.id not in leave_out:
                bp, is_complete = states.get(content.id, NOT_STARTED)
                if alternatives:
                    for other in alternatives.get(content.id, ()):
                        bp = max(bp, states.get(other, NOT_STARTED).bp)
                parts.append((content.weight, bp, is_complete or content.id in waived))
        sums.append(completion.add_up(parts))
        modules[module.id] = completion.fold_sums(sums[-1:])
    return CourseFold(modules, completion.fold_sums(sums))
