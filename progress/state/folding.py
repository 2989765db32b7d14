"""Where a learner stands: the rules of completion applied to rows and a course's structure.

Shared by ingest (which stores the result) and by reads (which compute it afresh, so that a read
is never stale, also before a changed course was refolded).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from progress.models import ContentProgress
from progress.rules import completion, quizzes, waiving
from progress.rules.completion import WHOLE_BP, Fold, Part
from progress.rules.coverage import Spans, clip_all, length
from progress.rules.limits import Limits
from progress.rules.waiving import Link

from .structure import ContentFacts, Structure


@dataclass(frozen=True, slots=True)
class Standing:
    """A learner's percentage in one content, in basis points."""

    bp: int
    is_complete: bool


NOT_STARTED = Standing(0, False)


def coverage_of(facts: ContentFacts, row: ContentProgress | None) -> Spans:
    """What of the current medium is covered, clipped to its extent.

    A replaced medium starts new coverage, but not for whoever had completed the old one.
    """
    if row is None or facts.extent is None or facts.is_quiz:
        return ()
    if row.media_version != facts.media_version and row.completed_at is None:
        return ()
    return clip_all(row.coverage, 0, facts.extent)


def stored(row: ContentProgress | None) -> Standing:
    """The standing as last written: true as long as the course is as it was folded."""
    if row is None:
        return NOT_STARTED
    return Standing(row.completion_bp, row.completed_at is not None)


def afresh(facts: ContentFacts, row: ContentProgress | None, limits: Limits) -> Standing:
    """The standing by today's structure. Completion is sticky."""
    if row is None:
        return NOT_STARTED
    bp, done = _measure(facts, row, limits)
    if row.completed_at is not None:
        return Standing(max(bp, row.completion_bp), True)
    return Standing(bp, done)


def _measure(facts: ContentFacts, row: ContentProgress, limits: Limits) -> tuple[int, bool]:
    if facts.is_quiz:
        best = row.best_score_bp
        if best is not None and (facts.pass_bp is None or best >= facts.pass_bp):
            return WHOLE_BP, True
        questions = len(facts.questions)
        return quizzes.progress_bp(row.answered_bp, questions, best, facts.pass_bp), False
    if facts.completes_on_download and row.download_count:
        return WHOLE_BP, True
    if facts.view_seconds:
        bp = completion.share_bp(row.time_ms, facts.view_seconds * 1000)
    elif facts.is_measured:
        bp = completion.share_bp(length(coverage_of(facts, row)), facts.extent or 0)
    else:
        bp = row.reported_bp
    return bp, completion.is_complete(bp, facts.complete_at_bp, limits.complete_at_bp)


def quiz_payload(facts: ContentFacts, row: ContentProgress | None, stand: Standing) -> dict:
    """A quiz as answers and pages show it: *answered* and *passed* apart.

    `answered` is the number of questions that the fullest attempt has answered, of
    `question_count`; `passed` without a pass mark means submitted.
    """
    questions = len(facts.questions)
    best = row.best_score_bp if row else None
    return {
        "answered": quizzes.answered_questions(row.answered_bp, questions) if row else 0,
        "question_count": questions,
        "pass_percentage": None if facts.pass_bp is None else facts.pass_bp / 100,
        "best_score": None if best is None else best / 100,
        "passed": stand.is_complete,
    }


def waivers_due(
    structure: Structure, standing: Callable[[ContentFacts], Standing], decided: Collection[int]
) -> list[Link]:
    """What follows from what is complete and isn't `decided` (waived, or declined) yet."""
    if not structure.links:
        return []
    contents = structure.contents
    return waiving.due(
        structure.links, lambda content: standing(contents[content]).is_complete, decided
    )


@dataclass(frozen=True, slots=True)
class CourseFold:
    """Every active module's fold, by id, and the course's."""

    modules: dict[int, Fold]
    course: Fold


def fold_course(
    structure: Structure,
    standing: Callable[[ContentFacts], Standing],
    *,
    waived: Collection[int] = frozenset(),
    leave_out: Collection[int] = frozenset(),
) -> CourseFold:
    """Fold contents into modules and the course, by content ids.

    What is `waived` counts as complete; `leave_out` doesn't count. Of alternatives, of which one is
    enough, each counts what the best of them has.
    """
    modules, everything = {}, []
    for module in structure.modules:
        parts = []
        for facts in module.contents:
            if facts.counts and facts.id not in leave_out:
                stand = standing(facts)
                others = structure.alternatives.get(facts.id, ())
                bp = max(stand.bp, *(standing(structure.contents[pk]).bp for pk in others), 0)
                parts.append(Part(facts.weight, bp, stand.is_complete or facts.id in waived))
        modules[module.id] = completion.fold(parts)
        everything += parts
    return CourseFold(modules, completion.fold(everything))
