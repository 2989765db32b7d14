"""One search over a learner's own titles, transcripts, documents, texts and notes."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from progress.ingest.enrolling import unenroll
from progress.models import Content, IndexedContent, Note, Passage
from progress.pages.searching import indexing, passages, sources
from progress.pages.searching.folding import contains, excerpt, fold
from progress.tasks import index_contents
from tests.factories import a_course_of, a_learner, content, enrolled

FILM = {
    "content_type": "video",
    "duration_seconds": 44,
    "title": "Fire doors",
    "url": "/static/demo/fire-doors.mp4",
}
PAGES = {
    "content_type": "document",
    "page_count": 6,
    "title": "House rules",
    "url": "/static/demo/house-rules.pdf",
}
TEXT = {
    "content_type": "text",
    "reading_seconds": 80,
    "title": "What fire needs",
    "url": "/static/demo/what-fire-needs.html",
}


@pytest.fixture
def course(db):
    course = a_course_of(FILM, PAGES, TEXT, title="Fire safety")
    indexing.index_course(course.pk)
    return course


@pytest.fixture
def learner(client, course):
    learner = a_learner(course)
    client.force_login(learner)
    return learner


def search(client, query, **options):
    markup = client.get("/search/", {"q": query}, **options).content.decode()
    return markup[markup.index("<main") : markup.index("</main>")]


def words_of(markup):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def links(markup):
    return re.findall(r'href="(/courses/\d+/contents/\d+/#at=[\d.]+)"', markup)


# --- What is found -------------------------------------------------------------------------------
def test_a_spoken_word_leads_to_its_second(client, learner, course):
    found = search(client, "only works")
    assert links(found) == [f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/#at=10"]
    assert "0:10" in words_of(found)
    assert "<mark>only</mark> <mark>works</mark>" in found


def test_a_word_of_a_document_leads_to_its_page(client, learner, course):
    page = Passage.objects.get(content=content(course, "c2"), position_milli=4000)
    word = max(page.text.split(), key=len)
    assert f"/contents/{content(course, 'c2').pk}/#at=4" in search(client, word)


def test_a_word_of_a_text_leads_to_its_paragraph(client, learner, course):
    address = f"/contents/{content(course, 'c3').pk}/#at=0."
    assert address in search(client, "oxygen")


def test_capitals_accents_and_the_order_of_words_make_no_difference(client, learner, course):
    assert links(search(client, "WORKS Ónly")) == links(search(client, "only works")) != []


def test_every_word_has_to_be_in_one_place(client, learner):
    assert "Nothing found" in search(client, "works oxygen")


def test_captions_are_searched_in_the_readers_language_first(client, learner, course):
    film = content(course, "c1")
    languages = set(Passage.objects.filter(content=film).values_list("language", flat=True))
    assert {"ar", "de", "en", "es"} <= languages
    found = search(client, "geschlossen")
    assert "(Deutsch)" in words_of(found)
    learner.language = "de"
    learner.save(update_fields=["language"])
    assert "(Deutsch)" not in words_of(search(client, "geschlossen"))


def test_titles_of_courses_and_contents_are_found(client, learner):
    found = words_of(search(client, "house"))
    assert "House rules" in found
    assert "Fire safety" in words_of(search(client, "safety"))


def test_own_notes_are_found_and_nobody_elses(client, learner, course):
    film = content(course, "c1")
    Note.objects.create(user=learner, content=film, text="Ask Jürgen", position_milli=125_000)
    other = a_learner(course)
    Note.objects.create(user=other, content=film, text="Jürgen is wrong")
    found = search(client, "jurgen")
    assert "Your note, 2:05 Ask Jürgen" in words_of(found)
    assert "wrong" not in found


def test_what_was_typed_is_text_not_markup_nor_a_pattern(client, learner):
    found = search(client, "<script>%_")
    assert "<script>%" not in found
    assert "Nothing found" in found


# --- What isn't ----------------------------------------------------------------------------------
def test_courses_of_others_are_not_searched(client, course):
    stranger = a_learner(a_course_of(TEXT | {"url": ""}, title="Ladders"))
    client.force_login(stranger)
    assert "Nothing found" in search(client, "oxygen")


def test_someone_who_was_unenrolled_finds_nothing(client, learner, course):
    assert links(search(client, "oxygen"))
    unenroll(course.enrollments.get(user=learner), now=timezone.now())
    assert "Nothing found" in search(client, "oxygen")


def test_of_a_locked_content_only_the_title_is_found(client, db):
    course = a_course_of(FILM, TEXT | {"prerequisites": ["c1"]}, title="Fire safety")
    indexing.index_course(course.pk)
    client.force_login(a_learner(course))
    assert "Nothing found" in search(client, "oxygen")
    found = search(client, "fire needs")
    assert "Locked" in found
    assert f"contents/{content(course, 'c2').pk}/" not in found


def test_questions_of_a_quiz_are_not_given_away(client, db):
    quiz = {
        "content_type": "quiz",
        "title": "Check",
        "questions": [
            {"code": "q", "text": "Zymurgy?", "choices": [{"text": "Yes"}, {"text": "No"}]}
        ],
    }
    quiz["questions"][0]["choices"] = [{"text": "Yes", "correct": True}, {"text": "No"}]
    course = a_course_of(quiz)
    indexing.index_course(course.pk)
    client.force_login(a_learner(course))
    assert "Nothing found" in search(client, "zymurgy")


def test_the_page_is_for_people_who_are_signed_in(client, db):
    assert client.get("/search/", {"q": "fire"}).url.startswith("/login/")


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("", 200, ""),
        ("   ", 200, ""),
        ("a", 400, "Please type at least two letters."),
        ("a" * 201, 400, "Please type at most 200 letters."),
        ("́́́", 200, "Nothing found"),
    ],
)
def test_a_query_that_cannot_be_searched_is_explained(client, learner, query, status, message):
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == status
    assert message in answer.content.decode()


def test_a_search_takes_few_statements_however_many_courses(client, learner, course):
    def statements():
        search(client, "fire")
        with CaptureQueriesContext(connection) as captured:
            search(client, "fire")
        return len(captured)

    before = statements()
    for _ in range(5):
        other = a_course_of(TEXT, title="More")
        indexing.index_course(other.pk)
        enrolled(learner, other)
    assert statements() == before <= 8


# --- The index -----------------------------------------------------------------------------------
def test_the_index_follows_a_content_whose_file_changed(course):
    film = content(course, "c1")
    Content.objects.filter(pk=film.pk).update(url="/static/demo/extinguisher.mp4")
    assert indexing.index_course(course.pk) == 1
    assert indexing.index_course(course.pk) == 0
    assert not Passage.objects.filter(content=film, folded__contains="only works").exists()
    assert Passage.objects.filter(content=film, language="en").exists()


def test_a_content_that_is_retired_leaves_the_index(course):
    text = content(course, "c3")
    Content.objects.filter(pk=text.pk).update(retired_at="2026-01-01T00:00:00Z")
    indexing.index_all()
    assert not Passage.objects.filter(content=text).exists()
    assert not IndexedContent.objects.filter(content=text).exists()


def test_a_file_that_is_gone_keeps_what_was_indexed(course, monkeypatch, tmp_path):
    text = content(course, "c3")
    before = Passage.objects.filter(content=text).count()
    gone = tmp_path / "gone.html"
    gone.write_text("<p>New</p>")
    monkeypatch.setattr(sources, "text_file", lambda url: gone)

    def unreadable(url):
        raise FileNotFoundError

    monkeypatch.setattr(sources, "markup_at", unreadable)
    assert indexing.index_course(course.pk) == 0
    assert Passage.objects.filter(content=text).count() == before > 0


@pytest.mark.django_db
def test_the_nightly_job_indexes_every_course():
    a_course_of(TEXT)
    a_course_of(FILM)
    index_contents()
    assert IndexedContent.objects.count() == 2


# --- Passages ------------------------------------------------------------------------------------
def test_lines_of_a_transcript_are_joined_and_keep_their_places():
    lines = [(1.5, "One"), (3.0, "two"), (9.25, "x" * 199), (12.0, "three")]
    found = passages.of_lines(lines)
    assert [(each.position_milli, each.text) for each in found] == [
        (1500, "One two"),
        (9250, "x" * 199),
        (12_000, "three"),
    ]
    assert [passages.position_at(found[0], index) for index in (0, 3, 4, 6)] == [
        *(1500, 1500),
        *(3000, 3000),
    ]


def test_each_paragraph_begins_where_the_text_before_it_ends():
    markup = "<h1>Fire</h1><p>needs <b>air</b></p><script>no</script><ul><li>and</li></ul>"
    assert passages.of_markup(markup) == [
        (0, "Fire", ()),
        (250, "needs air", ()),
        (812, "and", ()),
    ]


def test_pages_without_words_are_left_out():
    assert passages.of_pages(["", "Second\0 page", " "]) == [(2000, "Second page", ())]


# --- Words ---------------------------------------------------------------------------------------
@given(st.text(), st.text(min_size=1), st.text())
def test_a_part_of_a_text_is_found_in_it(before, part, after):
    words = fold(part).split()
    assert contains(f"{before} {part} {after}", words)


@given(st.text(), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_an_excerpt_changes_nothing_but_spaces_and_its_ends(text, parts):
    words = [word for part in parts for word in fold(part).split()]
    shown = "".join(part.text for part in excerpt(text, words))
    assert shown.removeprefix("… ").removesuffix(" …") in " ".join(text.split())


@given(st.text(), st.text(min_size=1, max_size=5), st.text())
def test_what_is_marked_is_what_was_searched_for(before, part, after):
    words = fold(part).split()
    marked = [each.text for each in excerpt(before + part + after, words) if each.is_found]
    assert bool(marked) == bool(words)
    for each in marked:
        assert any(word in fold(each) or fold(each) in word for word in words)
