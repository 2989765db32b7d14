"""Finds words in what a learner may open: titles, passages and the learner's own notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from progress.models import Enrollment, Note, Passage, User
from progress.pages import outline, words
from progress.pages.content_files import language_name, preferred_language
from progress.pages.places import place
from progress.state.course_state import CourseState, course_states
from progress.state.structure import ContentSpec

from .folding import Part, contains, excerpt, first_index, fold
from .passages import position_at

MIN_LENGTH, MAX_LENGTH, MAX_WORDS = 2, 200, 8
MAX_CONTENTS = 50
MAX_HITS = 5  # of one content
MAX_PASSAGES = 1_000  # that are looked at
MAX_NOTES = 5_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a content, or a note; `place` is "" for a note on the whole content."""

    parts: list[Part]
    place: str
    url: str
    language: str  # of captions in another language than the reader's, in its own words
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class FoundContent:
    content: ContentSpec
    title: list[Part]
    url: str  # "" for one that is locked
    hits: list[Hit]
    more: int  # hits that aren't listed

    @property
    def type_label(self) -> str:
        return words.type_label(self.content)


@dataclass(frozen=True, slots=True)
class FoundCourse:
    id: int
    title: list[Part]
    contents: list[FoundContent]


@dataclass(frozen=True, slots=True)
class Found:
    courses: list[FoundCourse]
    contents: int
    has_more: bool  # there were more contents, or passages, than are listed


NOTHING = Found([], 0, False)


def search_words(query: str) -> list[str]:
    """The folded words of a query, each once."""
    return list(dict.fromkeys(fold(query).split()))[:MAX_WORDS]


def find(learner: User, wanted: list[str], now: datetime) -> Found:
    """Everything of the learner's courses that has all these folded words in one place.

    Five statements at most. Passages are looked for in contents that are open to the learner; of
    locked ones only the titles are, which the outline shows as well.
    """
    states = _states(learner, now)
    opened = {
        content.id for state in states for content in _contents(state) if state.is_open(content)
    }
    passages = _passages(opened, wanted)
    notes = _notes(learner, wanted)
    courses, count = [], 0
    by_content = _grouped(passages, learner.captions_language)
    for state in states:
        found = []
        for content in _contents(state):
            own = notes.get(content.id, []), by_content.get(content.id, [])
            if not any(own) and not contains(content.title, wanted):
                continue
            count += 1
            if count <= MAX_CONTENTS:
                page = outline.content_url(state.structure.course_id, content.id)
                found.append(_found(content, page, content.id in opened, *own, wanted))
        title = state.enrollment.course.title
        if found or contains(title, wanted):
            courses.append(FoundCourse(state.structure.course_id, excerpt(title, wanted), found))
    has_more = count > MAX_CONTENTS or len(passages) >= MAX_PASSAGES
    return Found(courses, min(count, MAX_CONTENTS), has_more)


def _found(
    content: ContentSpec,
    page: str,
    is_open: bool,
    notes: list[Note],
    passages: list[Passage],
    wanted: list[str],
) -> FoundContent:
    hits = [_note_hit(content, each, page, wanted) for each in notes[:MAX_HITS]]
    shown = passages[: MAX_HITS - len(hits)]
    hits += [_passage_hit(content, each, page, wanted) for each in shown]
    more = len(notes) + len(passages) - len(hits)
    return FoundContent(
        content, excerpt(content.title, wanted), page if is_open else "", hits, more
    )


def _states(learner: User, now: datetime) -> list[CourseState]:
    enrollments = (
        Enrollment.objects.active()
        .filter(user_id=learner.pk, course__retired_at=None)
        .with_progress("course")
        .order_by("course__title", "pk")
    )
    return course_states(list(enrollments), now)


def _contents(state: CourseState) -> Iterable[ContentSpec]:
    return (content for module in state.structure.modules for content in module.active)


def _passages(opened: Iterable[int], wanted: list[str]) -> list[Passage]:
    rows = Passage.objects.filter(content__in=list(opened)).defer("folded")
    for word in wanted:
        rows = rows.filter(folded__contains=word)
    return list(rows[:MAX_PASSAGES])


def _grouped(passages: list[Passage], wanted_language: str) -> dict[int, list[Passage]]:
    """By content; of captions those in the reader's language, else in the first that has any."""
    grouped: dict[int, dict[str, list[Passage]]] = {}
    for each in passages:
        grouped.setdefault(each.content_id, {}).setdefault(each.language, []).append(each)
    return {
        content_id: languages[preferred_language(sorted(languages), wanted_language)]
        for content_id, languages in grouped.items()
    }


def _passage_hit(content: ContentSpec, passage: Passage, page: str, wanted: list[str]) -> Hit:
    language = passage.language
    is_foreign = language.partition("-")[0] != (get_language() or "").partition("-")[0]
    position = position_at(passage, first_index(passage.text, wanted))
    return Hit(
        excerpt(passage.text, wanted),
        *_address(content, position, page),
        language_name(language) if language and is_foreign else "",
    )


def _notes(learner: User, wanted: list[str]) -> dict[int, list[Note]]:
    found: dict[int, list[Note]] = {}
    for note in Note.objects.filter(user=learner).exclude(text="")[:MAX_NOTES]:
        if contains(note.text, wanted):
            found.setdefault(note.content_id, []).append(note)
    return found


def _note_hit(content: ContentSpec, note: Note, page: str, wanted: list[str]) -> Hit:
    where, url = "", page
    if note.position_milli is not None:
        where, url = _address(content, note.position_milli, page)
    return Hit(excerpt(note.text, wanted), where, url, "", is_note=True)


def _address(content: ContentSpec, position_milli: int, page: str) -> tuple[str, str]:
    position = position_milli / 1000
    return place(content, position), f"{page}#at={position:g}"
