"""A course's modules and contents as plain values for templates and scripts."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from progress import live
from progress.rules.completion import WHOLE_BP
from progress.state.course_state import CourseState, resume_position
from progress.state.payloads import spans_payload
from progress.state.structure import ContentSpec

from . import locale_formats, words
from .covers import Cover, content_cover


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A content in the outline."""

    content: ContentSpec
    url: str
    percent: int
    number: str  # the percentage or, of a quiz that isn't complete, how many are answered
    is_complete: bool
    is_waived: bool
    is_open: bool
    length: str
    state: str  # what is left; of a locked content, with links to what opens it
    spans: list[tuple[float, float]]  # covered parts: start and width in percent
    gaps: list["Gap"]
    instead: list[ContentSpec]  # any of these is enough instead

    @property
    def type_label(self) -> str:
        return words.type_label(self.content)

    @property
    def cover(self) -> Cover:
        return content_cover(self.content)


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
        contents = [content_row(state, content) for content in module.active]
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


def content_row(state: CourseState, content: ContentSpec) -> ContentRow:
    standing = state.content_state(content)
    return ContentRow(
        content=content,
        url=content_url(state.structure.course_id, content.id),
        percent=standing.bp // 100,
        number=_number(state, content),
        is_complete=standing.is_complete,
        is_waived=state.is_waived(content),
        is_open=state.is_open(content),
        length=words.length(content),
        state="" if standing.is_complete else _remaining(state, content),
        spans=strip(state, content),
        gaps=gaps(state, content),
        instead=[] if state.is_done(content) else state.instead_of(content),
    )


def _number(state: CourseState, content: ContentSpec) -> str:
    """`62 %`; `5/5` of a quiz that isn't complete: its percentage would look like a score."""
    standing = state.content_state(content)
    if content.is_quiz and not standing.is_complete:
        return f"{words.answered(state, content)}/{content.question_count}"
    return locale_formats.percentage(str(standing.bp // 100))


def _remaining(state: CourseState, content: ContentSpec) -> str:
    if state.is_waived(content) or state.reason(content) != "locked":
        return words.remaining(state, content)
    course_id = state.structure.course_id
    needed = format_html_join(
        ", ",
        '<a href="{}"><bdi>{}</bdi></a>',
        (
            (content_url(course_id, key.id), words.quoted(key.title))
            for key in state.keys_of(content)
        ),
    )
    return format_html(_("Opens after {needed}"), needed=needed)


def strip(state: CourseState, content: ContentSpec) -> list[tuple[float, float]]:
    """The covered parts of a measured content, as start and width in percent of its extent."""
    if not content.extent or content.is_quiz:
        return []
    return [_share(content, *span) for span in state.covered(content)]


def gaps(state: CourseState, content: ContentSpec) -> list[Gap]:
    """The missing parts of a measured content that was begun and isn't complete."""
    if state.content_state(content).is_complete or not state.covered(content):
        return []
    page = content_url(state.structure.course_id, content.id)
    return [
        Gap(
            words.span(content, start, end),
            f"{page}#at={_position_at(content, start):g}",
            *_share(content, start, end),
        )
        for start, end in state.missing(content)
    ]


def _share(content: ContentSpec, start: int, end: int) -> tuple[float, float]:
    extent = content.extent or 1
    return round(100 * start / extent, 2), round(100 * (end - start) / extent, 2)


def _position_at(content: ContentSpec, start: int) -> float:
    """The beginning of a stretch, as a position that the content's page understands."""
    return start + 1 if content.is_paged else start / content.units


def player(state: CourseState, content: ContentSpec) -> dict:
    """The values that the content page's script needs."""
    row = state.rows.get(content.id)
    position = row.last_position_milli if row and row.last_position_milli is not None else 0
    return {
        "user_id": state.enrollment.user_id,
        "course_id": state.enrollment.course_id,
        "course_title": state.enrollment.course.title,
        "is_course_complete": state.is_complete,
        "module_id": content.module_id,
        "content_id": content.id,
        "content_type": content.content_type,
        "url": content.url,
        "extent": None if content.extent is None else content.extent / content.units,
        "extent_unit": content.extent_unit,
        "complete_at": state.needed_bp(content) / WHOLE_BP,
        "is_complete": state.content_state(content).is_complete,
        "position": resume_position(content, position) / 1000,
        "covered": spans_payload(content, state.covered(content)),
        "missing": spans_payload(content, state.missing(content)),
        "reports_score": content.completes_on_score,
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
