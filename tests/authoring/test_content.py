"""A content whose URL leads to an uploaded file is measured and shown by it."""

import pytest
from rest_framework.exceptions import ValidationError

from authoring import drafting
from authoring.models import Role
from progress.catalogue import course_document, replace_course
from tests.factories import a_course_of, a_document, a_learner, content, enrolled

from .conftest import demo
from .test_formats import a_pdf
from .test_uploading import VTT

pytestmark = pytest.mark.django_db
CHAPTERS = b"WEBVTT\n\n00:00.000 --> 00:02.000\nHow to hold it\n"


def a_module(*contents: dict) -> list[dict]:
    numbered = [{"code": f"c{index}"} | each for index, each in enumerate(contents, 1)]
    return [{"code": "m", "contents": numbered}]


def rewritten(course, *contents: dict):
    """The course with these contents instead."""
    document = course_document(course, is_author=True) | {"modules": a_module(*contents)}
    return replace_course(document, course=course)


@pytest.fixture
def page_of(course, sign_in):
    """The page of the course's only content, as a learner gets it."""

    def page(**values):
        rewritten(course, values)
        learner = a_learner(course)
        item = content(course, "c1")
        return sign_in(learner).get(f"/courses/{course.pk}/contents/{item.pk}/")

    return page


def test_what_was_measured_is_taken_where_nothing_is_said(upload, course):
    video, pdf = upload(demo("fire-doors.mp4")), upload(a_pdf(4))
    text = upload(b"word " * 480)
    rewritten(
        course,
        {"content_type": "video", "url": video.address},
        {"content_type": "document", "url": pdf.address},
        {"content_type": "text", "url": text.address},
    )
    assert content(course, "c1").duration_ms == video.duration_ms
    assert content(course, "c2").page_count == 4
    assert content(course, "c3").reading_seconds == 120


def test_the_same_document_again_changes_nothing(upload, course):
    video = upload(demo("fire-doors.mp4"))
    document = a_document(modules=a_module({"content_type": "video", "url": video.address}))
    replace_course(document)
    assert not replace_course(document).was_changed


@pytest.mark.parametrize(
    ("kind", "values", "field", "why"),
    [
        ("video", {"duration_seconds": 9999}, "duration_seconds", "only"),
        ("pdf", {"page_count": 5}, "page_count", "only 4 pages"),
    ],
)
def test_more_than_the_file_has_is_refused(upload, course, kind, values, field, why):
    stored = upload(demo("fire-doors.mp4") if kind == "video" else a_pdf(4))
    content_type = "video" if kind == "video" else "document"
    with pytest.raises(ValidationError) as refused:
        rewritten(course, {"content_type": content_type, "url": stored.address} | values)
    problem = refused.value.detail["modules"][0]["contents"][0]
    assert why in str(problem[field])


@pytest.mark.parametrize(
    ("content_type", "values"),
    [
        ("video", {"duration_seconds": 5}),
        ("audio", {"duration_seconds": 5}),
        ("text", {}),
    ],
)
def test_a_file_of_another_kind_is_refused(upload, course, content_type, values):
    pdf = upload(a_pdf())
    with pytest.raises(ValidationError) as refused:
        rewritten(course, {"content_type": content_type, "url": pdf.address} | values)
    assert "url" in refused.value.detail["modules"][0]["contents"][0]


def test_a_video_has_its_captions_chapters_and_poster(upload, page_of):
    video = upload(demo("extinguisher.mp4"))
    for language in ("en", "ar"):
        upload(VTT, role=Role.CAPTIONS, media=video, language=language)
    upload(CHAPTERS, role=Role.CHAPTERS, media=video)
    poster = upload(demo("fire-doors.jpg"), role=Role.POSTER, media=video)
    page = page_of(content_type="video", url=video.address).content.decode()
    assert 'srclang="en" label="English"' in page
    assert 'srclang="ar" label="العربيّة"' in page
    assert f'poster="{poster.address}"' in page
    assert "How to hold it" in page


def test_a_text_is_shown_and_nothing_in_it_is_markup(upload, page_of):
    text = upload(b"First.\n\nThen <script>alert(1)</script>")
    page = page_of(content_type="text", url=text.address).content.decode()
    assert "<p>First.</p>" in page
    assert "&lt;script&gt;alert(1)" in page


def test_another_file_brings_other_measures_and_is_another_version(upload, course, author, sign_in):
    first, second = upload(a_pdf(4)), upload(a_pdf(2))
    rewritten(course, {"content_type": "document", "url": first.address})
    values = {"title": "Rules", "weight": 1, "required": "on", "page_count": 4, "number": 0}
    address = f"/authoring/courses/{course.pk}/content/?module=m&content=c1"
    sign_in(author).post(address, values | {"file": second.address})
    drafting.publish(course, author, 1)
    changed = content(course, "c1")
    assert (changed.url, changed.page_count, changed.media_version) == (second.address, 2, 2)


def test_a_text_is_written_in_its_form(course, author, folder, sign_in):
    rewritten(course, {"content_type": "text", "reading_seconds": 60})
    window = sign_in(author)
    address = f"/authoring/courses/{course.pk}/content/?module=m&content=c1"
    values = {"title": "Doors", "weight": 1, "required": "on", "reading_seconds": 60}
    written = {"text": "# Fire doors\r\n\r\nKeep them **shut** <script>alert(1)</script>"}
    window.post(address, values | written | {"number": 0})
    again = values | written | {"number": 1, "file": drafted(course)["url"], "reading_seconds": ""}
    window.post(address, again)
    assert drafting.shown(course).number == 1
    assert "Keep them **shut**" in window.get(address).content.decode()
    drafting.publish(course, author, 1)
    item = content(course, "c1")
    assert (item.reading_seconds, item.media_version) == (2, 1)
    learner = a_learner(course)
    page = sign_in(learner).get(f"/courses/{course.pk}/contents/{item.pk}/").content.decode()
    assert "<h2>Fire doors</h2>" in page
    assert "<strong>shut</strong> &lt;script&gt;" in page


def drafted(course) -> dict:
    return drafting.shown(course).document["modules"][0]["contents"][0]


def test_a_static_video_has_captions_in_every_language_there_is(course, sign_in):
    shown = a_course_of(
        {"content_type": "video", "url": "/static/demo/fire-doors.mp4", "duration_seconds": 5}
    )
    learner = a_learner()
    enrolled(learner, shown)
    address = f"/courses/{shown.pk}/contents/{content(shown, 'c1').pk}/"
    page = sign_in(learner).get(address).content.decode()
    assert 'srclang="en" label="English" src="/static/demo/fire-doors.en.vtt"' in page
    # Its chapters are a file beside it, too, but no captions.
    for language in ("ar", "de", "en", "es"):
        assert f'srclang="{language}"' in page
        assert f'src="/static/demo/fire-doors.{language}.vtt"' in page
    assert page.count("<track") == 4
