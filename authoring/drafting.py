"""Drafts of courses: each change is a version, to be undone until the draft is published.

Learners see nothing of a draft. Publishing writes its document through `progress.catalogue`, which
checks it like any other: what no learner could complete is refused with what to do.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.text import slugify
from rest_framework.exceptions import ValidationError

from authoring.models import Draft
from authoring.obstacles import Obstacle, obstacles
from progress.catalogue import add_course, course_document, replace_course
from progress.models import Course, User
from progress.models.marks import makes_tests

MAX_VERSIONS = 200


class ChangedElsewhere(Exception):
    """The draft, or its course, was changed since it was read."""


class NotPublishable(Exception):
    """Something must be mended first."""

    def __init__(self, found: list[Obstacle]):
        super().__init__("; ".join(each.sentence for each in found))
        self.found = found


def create_course(by: User, title: str) -> Course:
    """A new course without modules, which its author teaches.

    Its code has a part that no other has: a course document of the same code would replace it.
    """
    code = f"{slugify(title)[:80] or 'course'}-{secrets.token_hex(4)}"
    course = Course(code=code, title=title, is_test=makes_tests(by))
    add_course(course, [by])
    return course


@dataclass(frozen=True, slots=True)
class Shown:
    """A course as its author sees it: the draft if there is one, else what learners see."""

    document: dict
    number: int  # of the version
    is_draft: bool
    can_undo: bool
    can_redo: bool


def shown(course: Course) -> Shown:
    """Two statements with a draft, otherwise what reading the course takes."""
    draft = Draft.objects.filter(course=course).first()
    if draft is None:
        return Shown(_stored_document(course), 0, False, False, False)
    numbers = set(draft.versions.values_list("number", flat=True))
    document = draft.versions.get(number=draft.current).document
    earlier, later = draft.current - 1 in numbers, draft.current + 1 in numbers
    return Shown(document, draft.current, True, earlier, later)


@transaction.atomic
def change(course: Course, by: User, number: int, edit: Callable[[dict], dict]) -> None:
    """Save `edit(document)` as the next version, after version `number`.

    Raises ChangedElsewhere if that isn't the current one. An edit that changes nothing is no
    version; what was undone before can't be redone after a change.
    """
    draft = _locked(course)
    if draft.current != number:
        raise ChangedElsewhere
    before = draft.versions.get(number=number).document
    after = _as_stored(edit(before))
    if after == before:
        return
    draft.versions.filter(number__gt=number).delete()
    # The first is what publishing compares the course with.
    draft.versions.filter(number__gt=0, number__lt=number - MAX_VERSIONS).delete()
    draft.versions.create(number=number + 1, document=after, saved_by=by)
    _show(draft, number + 1)


@transaction.atomic
def step(course: Course, number: int, by: int) -> None:
    """Undo (`by` -1) or redo (1). Raises ChangedElsewhere if there is no such version."""
    draft = _locked(course)
    if draft.current != number or not draft.versions.filter(number=number + by).exists():
        raise ChangedElsewhere
    _show(draft, number + by)


@transaction.atomic
def discard(course: Course) -> None:
    """Forget the draft: the course stays as learners see it."""
    Draft.objects.filter(course=course).delete()


@transaction.atomic
def publish(course: Course, by: User, number: int) -> None:
    """Give learners what the draft has. Raises ChangedElsewhere or NotPublishable."""
    draft = Draft.objects.select_for_update().filter(course=course).first()
    if draft is None or draft.current != number:
        raise ChangedElsewhere
    # Until the end of the transaction no one else changes the course.
    course = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    published = _stored_document(course)
    if not _is_same(draft.versions.get(number=0).document, published):
        raise ChangedElsewhere
    document = draft.versions.get(number=number).document
    if found := obstacles(document, published, course):
        raise NotPublishable(found)
    try:
        replace_course(document, course=course, by=by)
    except ValidationError as error:
        # What is only seen against the stored rows, such as an id of another item.
        raise NotPublishable([Obstacle(str(error.detail))]) from None
    draft.delete()


def _locked(course: Course) -> Draft:
    """The course's draft, locked; it begins here if there is none."""
    draft, is_new = Draft.objects.select_for_update().get_or_create(course=course)
    if is_new:
        draft.versions.create(number=0, document=_stored_document(course))
    return draft


def _show(draft: Draft, number: int) -> None:
    draft.current = number
    draft.save(update_fields=["current"])


def _stored_document(course: Course) -> dict:
    """The stored course as a document; who teaches it is no part of a draft."""
    document = course_document(course, is_author=True)
    left_out = {"instructors", "structure_version"}
    return _as_stored({name: value for name, value in document.items() if name not in left_out})


def _is_same(before, now) -> bool:
    """Whether a document is as it was. A field that documents got since then is empty now."""
    if isinstance(before, dict) and isinstance(now, dict):
        added = now.keys() - before.keys()
        return not any(now[name] for name in added) and all(
            name in now and _is_same(before[name], now[name]) for name in before
        )
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(map(_is_same, before, now))
    return before == now


def _as_stored(document: dict) -> dict:
    """As it comes back from the database, so that two can be compared."""
    return json.loads(json.dumps(document, cls=DjangoJSONEncoder))
