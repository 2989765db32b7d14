"""A course's modules and contents as plain values for templates and scripts."""

from dataclasses import dataclass

from django.urls import reverse

from progress import live
from progress.state.course_state import CourseState, resume_position
from progress.state.payloads import spans_payload
from progress.state.structure import ContentFacts

from . import words


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A content in the outline."""

    facts: ContentFacts
    url: str
    percent: int
    is_complete: bool
    is_waived: bool
    is_open: bool
    length: str
    state: str
    spans: list[tuple[float, float]]  # covered parts: start and width in percent
    gaps: list["Gap"]
    instead: list[ContentFacts]  # any of these is enough instead


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a content that isn't covered: in words, as a link, and as a part of the strip."""

    text: str
    url: str
    start: float  # in percent of the extent, like `width`
    width: float


@dataclass(frozen=True, slots=True)
class ModuleRow:
    id: int
    title: str
    percent: int
    is_complete: bool
    is_applicable: bool
    contents: list[ContentRow]


def content_url(course_id: int, content_id: int) -> str:
    return reverse("content", args=[course_id, content_id])


def module_rows(state: CourseState) -> list[ModuleRow]:
    """The course's modules and contents with the learner's progress."""
    rows = []
    for module in state.structure.modules:
        fold = state.folded.modules[module.id]
        contents = [content_row(state, facts) for facts in module.active]
        rows.append(
            ModuleRow(
                module.id,
                module.title,
                fold.bp // 100,
                fold.is_complete,
                fold.is_applicable,
                contents,
            )
        )
    return rows


def content_row(state: CourseState, facts: ContentFacts) -> ContentRow:
    standing = state.content_state(facts)
    return ContentRow(
        facts=facts,
        url=content_url(state.structure.course_id, facts.id),
        percent=standing.bp // 100,
        is_complete=standing.is_complete,
        is_waived=state.is_waived(facts),
        is_open=state.is_open(facts),
        length=words.length(facts),
        state="" if standing.is_complete else words.remaining(state, facts),
        spans=strip(state, facts),
        gaps=gaps(state, facts),
        instead=[] if state.is_done(facts) else state.instead_of(facts),
    )


def strip(state: CourseState, facts: ContentFacts) -> list[tuple[float, float]]:
    """The covered parts of a measured content, as start and width in percent of its extent."""
    if not facts.extent or facts.is_quiz:
        return []
    return [_share(facts, *span) for span in state.covered(facts)]


def gaps(state: CourseState, facts: ContentFacts) -> list[Gap]:
    """The missing parts of a measured content that was begun and isn't complete."""
    if state.content_state(facts).is_complete or not state.covered(facts):
        return []
    page = content_url(state.structure.course_id, facts.id)
    return [
        Gap(
            words.span(facts, start, end),
            f"{page}#at={_position_at(facts, start):g}",
            *_share(facts, start, end),
        )
        for start, end in state.missing(facts)
    ]


def _share(facts: ContentFacts, start: int, end: int) -> tuple[float, float]:
    extent = facts.extent or 1
    return round(100 * start / extent, 2), round(100 * (end - start) / extent, 2)


def _position_at(facts: ContentFacts, start: int) -> float:
    """The beginning of a stretch, as a position that the content's page understands."""
    return start + 1 if facts.is_paged else start / facts.units


def player(state: CourseState, facts: ContentFacts) -> dict:
    """The values that the content page's script needs."""
    row = state.rows.get(facts.id)
    position = row.last_position_milli if row and row.last_position_milli is not None else 0
    return {
        "user_id": state.enrollment.user_id,
        "course_id": state.enrollment.course_id,
        "course_title": state.enrollment.course.title,
        "is_course_complete": state.is_complete,
        "module_id": facts.module_id,
        "content_id": facts.id,
        "content_type": facts.content_type,
        "url": facts.url,
        "extent": None if facts.extent is None else facts.extent / facts.units,
        "extent_unit": facts.extent_unit,
        "is_complete": state.content_state(facts).is_complete,
        "position": resume_position(facts, position) / 1000,
        "covered": spans_payload(facts, state.covered(facts)),
        "missing": spans_payload(facts, state.missing(facts)),
        "max_rate": state.limits.max_rate_milli / 1000,
    }


def live_urls(state: CourseState) -> dict:
    """The URLs by which a learner's own page follows a course's progress, and asks for it."""
    enrollment = state.enrollment
    return {
        "stream_url": live.stream_url(
            enrollment.user_id, enrollment.course_id, reader_id=enrollment.user_id
        ),
        "progress_url": reverse(
            "realtime-progress", args=[enrollment.user_id, enrollment.course_id]
        ),
    }
