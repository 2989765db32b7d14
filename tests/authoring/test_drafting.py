"""A draft is invisible until it is published, and each of its changes can be undone."""

from functools import partial

import pytest

from authoring import drafting, outline
from authoring.drafting import ChangedElsewhere, NotPublishable
from authoring.models import Draft
from progress.catalogue import course_document, replace_course
from progress.models import Content, Module
from tests.factories import a_course, content

pytestmark = pytest.mark.django_db


def add_module(course, author, title="New", number=None):
    number = drafting.shown(course).number if number is None else number
    drafting.change(course, author, number, partial(outline.add_module, title=title))


def titles(course) -> list[str]:
    return [module["title"] for module in drafting.shown(course).document["modules"]]


def test_learners_see_nothing_of_a_draft(course, author):
    before = course_document(course, is_author=True)
    add_module(course, author)
    assert titles(course)[-1] == "New"
    assert course_document(course, is_author=True) == before


def test_changes_are_undone_and_redone(course, author):
    begin = titles(course)
    add_module(course, author, "One")
    add_module(course, author, "Two")
    drafting.step(course, 2, -1)
    drafting.step(course, 1, -1)
    shown = drafting.shown(course)
    assert (titles(course), shown.can_undo, shown.can_redo) == (begin, False, True)
    drafting.step(course, 0, 1)
    assert titles(course) == [*begin, "One"]
    add_module(course, author, "Three")
    assert titles(course) == [*begin, "One", "Three"]
    assert not drafting.shown(course).can_redo


def test_a_change_that_changes_nothing_is_no_version(course, author):
    drafting.change(course, author, 0, lambda document: document)
    assert drafting.shown(course).number == 0


def test_two_windows_do_not_overwrite_each_other(course, author):
    add_module(course, author, "One", number=0)
    with pytest.raises(ChangedElsewhere):
        add_module(course, author, "Other", number=0)
    with pytest.raises(ChangedElsewhere):
        drafting.step(course, 0, -1)
    with pytest.raises(ChangedElsewhere):
        drafting.publish(course, author, 0)


def test_publishing_writes_the_course_and_ends_the_draft(course, author):
    kept = {row.pk for row in Content.objects.filter(module__course=course)}
    edit = partial(outline.move_content, key=("read", "text"), module_code="see", to=0)
    drafting.change(course, author, 0, edit)
    drafting.publish(course, author, 1)
    assert content(course, "text").module.code == "see"
    assert {row.pk for row in Content.objects.filter(module__course=course)} == kept
    assert not Draft.objects.exists()
    assert list(course.instructors.all()) == [author]


def test_what_is_removed_is_retired(course, author):
    drafting.change(course, author, 0, partial(outline.remove_module, code="see"))
    drafting.publish(course, author, 1)
    assert Module.objects.get(course=course, code="see").retired_at is not None


@pytest.mark.parametrize("content_type", ["video", "embed", "quiz"])
def test_what_nobody_could_complete_is_not_published(course, author, content_type):
    values = {"title": "Unfinished", "content_type": content_type}
    drafting.change(course, author, 0, lambda it: outline.add_content(it, "see", values)[0])
    before = course_document(course, is_author=True)
    with pytest.raises(NotPublishable, match="Unfinished"):
        drafting.publish(course, author, 1)
    assert course_document(course, is_author=True) == before
    assert drafting.shown(course).is_draft


@pytest.mark.parametrize(
    "values",
    [
        {"content_type": "video", "duration_seconds": 60},
        {"content_type": "document", "page_count": 3},
        {"content_type": "text", "reading_seconds": 60, "url": ""},
        {"content_type": "embed", "completes_on": "confirmation"},
    ],
)
def test_a_new_content_with_nothing_to_show_is_not_published(course, author, values):
    add = partial(_with_content, values={"title": "Empty page"} | values)
    drafting.change(course, author, 0, add)
    with pytest.raises(NotPublishable, match="Empty page: "):
        drafting.publish(course, author, 1)


def test_a_content_that_another_site_shows_goes_on_without_a_file(course, author):
    """Course documents may leave the URL out; a change elsewhere in the course doesn't fail."""
    Content.objects.filter(module__course=course).update(url="")
    drafting.change(course, author, 0, partial(outline.rename_module, code="see", title="Watch"))
    drafting.publish(course, author, 1)
    assert Module.objects.get(course=course, code="see").title == "Watch"


def test_a_file_of_another_course_is_not_published(course, author, upload):
    stored = upload(b"Keep the doors shut.")
    other = a_course()
    values = {"title": "Borrowed", "content_type": "text", "url": stored.address}
    for target in (other, course):
        add = partial(_with_content, values=values)
        drafting.change(target, author, 0, add)
    with pytest.raises(NotPublishable, match="Borrowed: This file belongs to another"):
        drafting.publish(other, author, 1)
    drafting.publish(course, author, 1)


def _with_content(document: dict, values: dict) -> dict:
    return outline.add_content(document, "see", values)[0]


def test_a_course_that_was_changed_elsewhere_is_not_overwritten(course, author):
    add_module(course, author)
    document = course_document(course, is_author=True)
    document["modules"][0]["title"] = "Written elsewhere"
    replace_course(document, course=course)
    with pytest.raises(ChangedElsewhere):
        drafting.publish(course, author, 1)
    drafting.discard(course)
    assert titles(course)[0] == "Written elsewhere"
