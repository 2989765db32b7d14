"""A course as the rules see it: what counts, with which extent, weight and threshold."""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Literal, NamedTuple, Protocol

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef

from progress.models import Content, Module
from progress.rules import grading
from progress.rules.completion import WHOLE_BP
from progress.rules.reading import BINS
from progress.rules.waiving import Link
from progress.validation.content_urls import safe_url

from .question_specs import QuestionSpec, question_rows, question_spec

ExtentUnit = Literal["seconds", "pages", "fraction", "questions"]
SECONDS: ExtentUnit = "seconds"
PAGES: ExtentUnit = "pages"
FRACTION: ExtentUnit = "fraction"
QUESTIONS: ExtentUnit = "questions"
MEDIA = {Content.Type.VIDEO, Content.Type.AUDIO}


class CourseVersion(Protocol):
    """What identifies a structure: of a model, or of a row that was read without one."""

    pk: int
    structure_version: int
    created_at: datetime


@dataclass(frozen=True)
class ContentSpec:
    """One content. `is_active` is false for retired and hidden ones: they count nowhere."""

    id: int
    module_id: int
    code: str
    title: str
    content_type: str
    url: str
    required: bool
    weight: int
    complete_at_bp: int | None
    is_active: bool
    is_hidden: bool
    release_at: datetime | None
    is_reported: bool
    media_version: int
    edition_since: datetime | None
    duration_ms: int | None
    page_count: int | None
    reading_seconds: int | None
    completes_on_download: bool
    completes_on_confirmation: bool
    completes_on_score: bool
    view_seconds: int | None
    pass_bp: int | None
    max_attempts: int | None
    prerequisites: tuple[int, ...]
    questions: tuple[QuestionSpec, ...]
    skills: tuple[str, ...] = ()
    waives: tuple[int, ...] = ()
    alternative_group: str = ""
    is_remedial: bool = False
    time_limit_seconds: int | None = None
    grace_seconds: int | None = None
    shuffles_questions: bool = False
    shuffles_choices: bool = False
    pools: tuple[tuple[str, int], ...] = ()  # how many questions an attempt asks of each

    @property
    def counts(self) -> bool:
        """Whether it is part of its module's and course's percentage."""
        return self.required and self.is_active

    @cached_property
    def is_quiz(self) -> bool:
        return self.content_type == Content.Type.QUIZ

    @cached_property
    def is_media(self) -> bool:
        return self.content_type in MEDIA

    @property
    def is_embed(self) -> bool:
        return self.content_type == Content.Type.EMBED

    @cached_property
    def is_timed(self) -> bool:
        """Measured by intervals of time: media, or an embed that reports what was played."""
        return self.is_media or (self.is_embed and self.duration_ms is not None)

    @cached_property
    def is_paged(self) -> bool:
        if self.is_embed:
            return self.page_count is not None and not self.is_timed
        return self.content_type == Content.Type.DOCUMENT and self.page_count is not None

    @cached_property
    def is_binned(self) -> bool:
        """Kept in a thousand bins: a text, a document without pages, an embed that is read."""
        if self.is_embed:
            is_read = self.reading_seconds is not None
            return is_read and not (self.is_timed or self.is_paged)
        return self.content_type == Content.Type.TEXT or (
            self.content_type == Content.Type.DOCUMENT and self.page_count is None
        )

    @cached_property
    def extent(self) -> int | None:
        """What full coverage is: milliseconds, pages, bins or questions; None when unknown."""
        if self.is_timed:
            return self.duration_ms
        if self.is_paged:
            return self.page_count
        if self.is_binned:
            return BINS
        if self.is_quiz:
            return self.question_count
        return None

    @property
    def extent_unit(self) -> ExtentUnit | None:
        if self.is_timed:
            return SECONDS
        if self.is_paged:
            return PAGES
        if self.is_binned:
            return FRACTION
        return QUESTIONS if self.is_quiz else None

    @property
    def units(self) -> int:
        """How many steps of the coverage make one `extent_unit`."""
        unit = self.extent_unit
        return 1 if unit is None else {SECONDS: 1000, FRACTION: BINS}.get(unit, 1)

    @cached_property
    def is_measured(self) -> bool:
        return self.extent is not None and not self.is_reported

    @cached_property
    def question_count(self) -> int:
        """How many questions an attempt asks: of a pool those that are drawn."""
        wanted = dict(self.pools)
        sizes = Counter(question.pool for question in self.questions)
        return sum(min(wanted.get(pool, size), size) for pool, size in sizes.items())

    @cached_property
    def answer_key(self) -> dict[int, grading.Key]:
        return {question.id: question.key for question in self.questions}


@dataclass(frozen=True)
class ModuleSpec:
    id: int
    title: str
    contents: tuple[ContentSpec, ...]

    @cached_property
    def counting(self) -> tuple[ContentSpec, ...]:
        """Those that are part of its percentage."""
        return tuple(content for content in self.contents if content.counts)

    @property
    def active(self) -> list[ContentSpec]:
        return [content for content in self.contents if content.is_active]


@dataclass(frozen=True)
class Structure:
    """A course at one `version`: active modules in order, and every content that ever was."""

    course_id: int
    version: int
    modules: tuple[ModuleSpec, ...]
    contents: dict[int, ContentSpec]
    module_ids: frozenset[int]

    def counting(self) -> Iterator[ContentSpec]:
        return (content for content in self.contents.values() if content.counts)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """What waives what, in the order of the course: pre-tests first, then alternatives."""
        active = [content for content in self.contents.values() if content.is_active]
        active_ids = {content.id for content in active}
        by_pre_test = [
            Link(content.id, target, True)
            for content in active
            for target in content.waives
            if target in active_ids
        ]
        by_alternative = [
            Link(content.id, other, False)
            for content in active
            for other in self.alternatives.get(content.id, ())
        ]
        return (*by_pre_test, *by_alternative)

    @cached_property
    def alternatives(self) -> dict[int, tuple[int, ...]]:
        """`{content id: contents of which any one is enough instead}`, where there are any."""
        groups: dict[str, list[int]] = {}
        for content in self.contents.values():
            if content.is_active and content.alternative_group:
                groups.setdefault(content.alternative_group, []).append(content.id)
        return {
            member: tuple(other for other in group if other != member)
            for group in groups.values()
            if len(group) > 1
            for member in group
        }


def structure_of(course: CourseVersion) -> Structure:
    """The structure of `course` as it was read, from memory when this version is cached.

    One statement otherwise. Each change of what counts raises `structure_version` in the same
    transaction, so a version identifies one structure.
    """
    return structures_of([course])[course.pk]


def structures_of(courses: Collection[CourseVersion]) -> dict[int, Structure]:
    """The structures of several courses by id, in at most one statement.

    Where `courses` were read from a replica, or before one was changed, it is the structure that
    the primary has now, with its version: both are read in one snapshot, and cached under it.
    """
    keys = {course.pk: _key(course) for course in courses}
    found = {pk: cached for pk, key in keys.items() if (cached := _recent.get(key))}
    missing = [course for course in courses if course.pk not in found]
    for key, structure in _load(missing) if missing else []:
        found[structure.course_id] = _recent.put(key, structure)
    return found


def _key(course: CourseVersion) -> tuple:
    # A course that was created again under an old id is another course.
    return course.pk, course.structure_version, course.created_at


class _Recent:
    """The structures last used, for all threads of a process."""

    def __init__(self, size: int):
        self._size = size
        self._cached: OrderedDict[tuple, Structure] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple) -> Structure | None:
        with self._lock:
            if key in self._cached:
                self._cached.move_to_end(key)
            return self._cached.get(key)

    def put(self, key: tuple, structure: Structure) -> Structure:
        with self._lock:
            self._cached[key] = structure
            while len(self._cached) > self._size:
                self._cached.popitem(last=False)
        return structure


_recent = _Recent(size=200)

_CONTENT_COLUMNS = (
    "id",
    "code",
    "title",
    "content_type",
    "url",
    "required",
    "weight",
    "complete_at_bp",
    "hidden",
    "release_at",
    "is_reported",
    "media_version",
    "edition_since",
    "duration_ms",
    "page_count",
    "reading_seconds",
    "completes_on_download",
    "completes_on_confirmation",
    "completes_on_score",
    "view_seconds",
    "pass_bp",
    "max_attempts",
    "time_limit_seconds",
    "grace_seconds",
    "shuffles_questions",
    "shuffles_choices",
    "skills",
    "pools",
    "alternative_group",
    "is_remedial",
    "retired_at",
)


def _load(courses: Collection[CourseVersion]) -> Iterator[tuple[tuple, Structure]]:
    """The structures with the keys that they are cached under: one statement, on the primary."""
    rows = (
        Module.objects.using(DEFAULT_DB_ALIAS)
        .filter(course__in=[course.pk for course in courses])
        .order_by("position", "pk", "contents__position", "contents__pk")
        .values_list(
            "course_id",
            "course__structure_version",
            "course__created_at",
            "id",
            "title",
            "retired_at",
            ArraySubquery(question_rows(OuterRef("contents__pk"))),
            ArraySubquery(_linked(Content.prerequisites)),
            ArraySubquery(_linked(Content.waives)),
            *(f"contents__{column}" for column in _CONTENT_COLUMNS),
        )
    )
    found: dict[tuple, dict[int, _Module]] = {}
    for row in rows:
        module_id, title, retired_at, keys, needs, waives, *columns = row[3:]
        modules = found.setdefault(row[:3], {})
        module = modules.setdefault(module_id, _Module(title, retired_at is None, []))
        if columns[0] is not None:
            values = dict(zip(_CONTENT_COLUMNS, columns, strict=True))
            module.contents.append(_spec(module_id, module.is_active, values, keys, needs, waives))
    # A course without modules has no row; its structure is empty whatever its version.
    missing = {course.pk for course in courses} - {key[0] for key in found}
    found |= {_key(course): {} for course in courses if course.pk in missing}
    return ((key, _assemble(key, modules)) for key, modules in found.items())


def _linked(relation):
    """The ids of the contents that a content names in a many-to-many relation."""
    rows = relation.through.objects.filter(from_content=OuterRef("contents__pk"))
    return rows.values("to_content_id")


class _Module(NamedTuple):
    title: str
    is_active: bool
    contents: list[ContentSpec]


def _assemble(key: tuple, modules: dict[int, _Module]) -> Structure:
    course_id, version, _created_at = key
    return Structure(
        course_id=course_id,
        version=version,
        modules=tuple(
            ModuleSpec(module_id, module.title, tuple(module.contents))
            for module_id, module in modules.items()
            if module.is_active
        ),
        contents={c.id: c for module in modules.values() for c in module.contents},
        module_ids=frozenset(modules),
    )


def _spec(module_id: int, module_active: bool, values: dict, keys, needs, waives) -> ContentSpec:
    is_hidden, retired_at = values.pop("hidden"), values.pop("retired_at")
    if values["view_seconds"] or values["completes_on_confirmation"]:
        # The author's rule for an embed: it holds whole or not at all, and nothing is measured.
        values |= {"is_reported": True, "complete_at_bp": WHOLE_BP}
    if values["completes_on_score"]:
        values["is_reported"] = True
    values["url"] = safe_url(values["url"])
    return ContentSpec(
        module_id=module_id,
        is_active=module_active and not is_hidden and retired_at is None,
        is_hidden=is_hidden,
        prerequisites=tuple(sorted(needs)),
        waives=tuple(sorted(waives)),
        skills=tuple(values.pop("skills")),
        pools=tuple(sorted(values.pop("pools").items())),
        questions=tuple(question_spec(key) for key in keys),
        **values,
    )
