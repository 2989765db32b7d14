"""Stores the passages of contents whose files are new or have changed."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from progress.models import Content, IndexedContent, Passage

from .folding import fold
from .sources import Source, source_of

logger = logging.getLogger(__name__)


def index_course(course_id: int) -> int:
    """Bring the passages of a course up to its contents' files; returns how many were read."""
    return _index(Content.objects.filter(module__course=course_id))


def index_all() -> int:
    """The same for every course that isn't retired."""
    return _index(Content.objects.filter(module__course__retired_at=None))


def _index(contents: QuerySet[Content]) -> int:
    stamps = dict(
        IndexedContent.objects.filter(content__in=contents).values_list("content_id", "stamp")
    )
    done = 0
    shown = contents.only("pk", "content_type", "url", "retired_at")
    for content in shown.order_by("pk").iterator(chunk_size=500):
        source = None if content.retired_at else source_of(content)
        if (source.stamp if source else None) != stamps.get(content.pk):
            done += _replace(content.pk, source)
    return done


def _replace(content_id: int, source: Source | None) -> bool:
    """Store what a source has; a file that is gone leaves what was stored, for the next run."""
    try:
        found = source.read() if source else {}
    except OSError as error:
        logger.warning(
            "The words of content %s can't be read: %s", content_id, type(error).__name__
        )
        return False
    with transaction.atomic():
        if not Content.objects.select_for_update(no_key=True).filter(pk=content_id).exists():
            return False
        Passage.objects.filter(content=content_id).delete()
        Passage.objects.bulk_create(_rows(content_id, found), batch_size=500)
        if source is None:
            IndexedContent.objects.filter(content=content_id).delete()
        else:
            IndexedContent.objects.update_or_create(
                content_id=content_id, defaults={"stamp": source.stamp}
            )
    return True


def _rows(content_id: int, found: dict) -> Iterable[Passage]:
    return [
        Passage(
            content_id=content_id,
            language=language[:35],
            position_milli=each.position_milli,
            later_lines=each.later_lines,
            text=each.text,
            folded=fold(each.text),
        )
        for language, texts in found.items()
        for each in texts
    ]
