"""Notes and bookmarks: the learner's own, at a place of a content, on every device."""

import re
from html import unescape

import pytest
from django.db import IntegrityError, transaction

from progress.models import Note
from tests.factories import a_course_of, a_learner, content, enrolled

pytestmark = pytest.mark.django_db

FILM = {"content_type": "video", "duration_seconds": 600, "title": "Fire doors"}
PAGES = {"content_type": "document", "page_count": 10, "title": "House rules", "url": "/x.pdf"}
TEXT = {"content_type": "text", "reading_seconds": 80, "title": "What fire needs"}


@pytest.fixture
def course():
    return a_course_of(FILM, PAGES, TEXT, title="Fire safety")


@pytest.fixture
def learner(client, course):
    learner = a_learner(course)
    client.force_login(learner)
    return learner


def address(course, code="c1"):
    return f"/courses/{course.pk}/contents/{content(course, code).pk}/"


def write(client, course, text="", position="", code="c1"):
    return client.post(f"{address(course, code)}notes/", {"text": text, "position": position})


def text_of(client, page):
    markup = client.get(page).content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", markup)))


@pytest.mark.parametrize(
    ("code", "position", "place"),
    [
        ("c1", "125.4", "2:05"),
        ("c1", "99999", "10:00"),
        ("c2", "4", "page 4"),
        ("c3", "0.4", "40 %"),
        ("c1", "", ""),
    ],
)
def test_a_note_stands_at_its_place(client, learner, course, code, position, place):
    assert write(client, course, "Never wedge it", position, code).url == address(course, code)
    assert f"Your notes {place} Never wedge it".replace("  ", " ") in text_of(
        client, address(course, code)
    )
    markup = client.get(address(course, code)).content.decode()
    assert (f'href="{address(course, code)}#at=' in markup) == bool(place)


def test_a_place_without_text_is_a_bookmark_and_nothing_at_all_is_refused(client, learner, course):
    write(client, course, position="60")
    assert Note.objects.get().text == ""
    write(client, course, "  ")
    assert Note.objects.count() == 1
    assert "Please write something first." in text_of(client, address(course))


@pytest.mark.parametrize(("text", "position"), [("x" * 4001, ""), ("x", "-1"), ("x", "nan")])
def test_a_bad_note_is_refused(client, learner, course, text, position):
    write(client, course, text, position)
    assert not Note.objects.exists()
    assert 'class="notice" role="alert"' in client.get(address(course)).content.decode()


def test_what_is_written_is_shown_as_text(client, learner, course):
    write(client, course, "<script>alert(1)</script>", "1")
    assert "<script>alert(1)" not in client.get(address(course)).content.decode()


def test_nobody_else_sees_changes_or_exports_it(client, learner, course):
    write(client, course, "Mine", "1")
    note = Note.objects.get()
    other = a_learner(course)
    client.force_login(other)
    assert "Mine" not in text_of(client, address(course))
    assert client.post(f"{address(course)}notes/{note.pk}/delete/").status_code == 404
    assert "Mine" not in client.get(f"/courses/{course.pk}/notes.md").content.decode()
    client.force_login(a_learner())
    assert write(client, course, "From outside").status_code == 404
    assert Note.objects.get() == note


def test_it_can_be_deleted(client, learner, course):
    write(client, course, "Mine", "1")
    path = f"{address(course)}notes/{Note.objects.get().pk}/delete/"
    assert client.get(path).status_code == 405
    assert client.post(path).url == address(course)
    assert not Note.objects.exists()


def test_the_notes_of_a_course_are_a_file_in_its_order(client, learner, course):
    other = a_course_of(FILM)
    enrolled(learner, other)
    write(client, other, "Elsewhere", "1")
    write(client, course, "Second", "4", "c2")
    write(client, course, "Later", "70")
    write(client, course, "First", "5")
    answer = client.get(f"/courses/{course.pk}/notes.md")
    assert answer["Content-Disposition"] == f'attachment; filename="notes-{course.pk}.md"'
    assert answer.content.decode() == (
        "# Fire safety\n\n## Fire doors\n\n- 0:05: First\n- 1:10: Later\n"
        "\n## House rules\n\n- page 4: Second\n"
    )


def test_the_database_refuses_an_empty_note(learner, course):
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(user=learner, content=content(course, "c1"))
