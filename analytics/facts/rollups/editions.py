"""Which medium, and of what length, a content had when an event was received."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from analytics.models import ContentEdition, FoldedCourse
from progress.models import Content, Course
from progress.state.structure import ContentSpec, structure_of

from . import buckets
from .buckets import MEDIA, NONE, PAGES, QUIZ, TEXT, Edition


def note_changed(now: datetime) -> None:
    """Note the editions of every course whose structure has changed since they were noted."""
    noted = FoldedCourse.objects.filter(course=OuterRef("pk")).values("structure_version")
    changed = Course.objects.annotate(noted=Subquery(noted)).filter(
        Q(noted=None) | ~Q(noted=F("structure_version"))
    )
    for course_id in changed.order_by("pk").values_list("pk", flat=True):
        note(course_id, now)


@transaction.atomic
def note(course_id: int, now: datetime) -> None:
    """Begin an edition for each content of a course that differs from its last edition."""
    course = Course.objects.get(pk=course_id)
    first = FoldedCourse(course=course, completions_version=course.structure_version)
    FoldedCourse.objects.bulk_create([first], ignore_conflicts=True)
    folded = FoldedCourse.objects.select_for_update().get(pk=course_id)
    contents = structure_of(course).contents
    known = ContentEdition.objects.filter(content__in=list(contents)).order_by("pk")
    last = {row.content_id: row for row in known}
    ContentEdition.objects.bulk_create(
        ContentEdition(
            content_id=content.id, since=_since(content, last.get(content.id), now), **shape
        )
        for content in contents.values()
        if (shape := _shape(content)) and not _is(last.get(content.id), shape)
    )
    folded.structure_version = course.structure_version
    folded.save(update_fields=["structure_version"])


def _since(content: ContentSpec, last: ContentEdition | None, now: datetime) -> datetime | None:
    """When the author saved the medium; a first one has always been there.

    For a change without a time, or one that was reverted, it is now.
    """
    if last is None:
        return None
    saved = content.edition_since
    if saved is None or (last.since is not None and saved <= last.since):
        return now
    return min(saved, now)  # another machine's clock may be ahead


def edition_index(course_ids: Collection[int], now: datetime) -> "EditionIndex":
    """The editions of these courses' contents; new contents get theirs now."""
    contents = Content.objects.filter(module__course__in=list(course_ids))
    missing = contents.filter(editions=None).values_list("module__course", flat=True)
    for course_id in sorted(set(missing)):
        note(course_id, now)
    return EditionIndex(ContentEdition.objects.filter(content__in=contents))


class EditionIndex:
    """Finds the edition of a content that an event belongs to."""

    def __init__(self, rows):
        self._editions: dict[int, list[tuple[float, Edition]]] = {}
        for row in rows:
            since = row.since.timestamp() * 1000 if row.since else float("-inf")
            found = Edition(row.pk, row.kind, row.extent or 0, row.buckets)
            self._editions.setdefault(row.content_id, []).append((since, found))
        for editions in self._editions.values():
            editions.sort(key=lambda known: known[0])
        self.buckets = {e.id: e.buckets for known in self._editions.values() for _, e in known}

    def at(self, content_id: int, received_ms: int) -> Edition:
        editions = self._editions[content_id]
        return next(edition for since, edition in reversed(editions) if since <= received_ms)


def _shape(content: ContentSpec) -> dict:
    kind, extent = _kind(content), None
    if kind in (MEDIA, PAGES):
        extent = content.extent
    return {
        "media_version": content.media_version,
        "kind": kind,
        "extent": extent,
        "buckets": buckets.count(kind, extent),
    }


def _kind(content: ContentSpec) -> str:
    if content.is_quiz:
        return QUIZ
    if content.extent is None:
        return NONE
    if content.is_timed:
        return MEDIA
    return PAGES if content.is_paged else TEXT


def _is(row: ContentEdition | None, shape: dict) -> bool:
    return row is not None and all(getattr(row, name) == value for name, value in shape.items())
