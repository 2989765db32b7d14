"""Pictures of questions and choices: uploaded, described, published, and seen by learners."""

import struct
import zlib

import pytest

from authoring import drafting, uploading
from authoring.models import Kind, StoredFile
from authoring.uploading import UploadRefused
from progress.catalogue import course_document, replace_course
from progress.models import Course, Question
from tests.factories import a_course, a_learner, a_session, an_instructor, content, report
from tests.support.callers import api

pytestmark = pytest.mark.django_db
QUIZ = {"module": "check", "content": "quiz"}


def a_png(extra: int = 0) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"") + b"\0" * extra


@pytest.fixture
def picture(upload) -> StoredFile:
    return upload(a_png(), "door.png")


@pytest.fixture
def send(course, author, sign_in):
    window = sign_in(author)

    def action(name: str = "save-question", **values):
        number = drafting.shown(course).number
        values = {"question": "q1", "text": "Question 1?"} | values
        texts = {f"choice-{at}": text for at, text in enumerate(["right", "wrong", "also right"])}
        address = f"/authoring/courses/{course.pk}/{name}/"
        values = {"number": number, "correct-0": "on", "correct-2": "on"} | QUIZ | texts | values
        return window.post(address, values)

    return action


def stored(course) -> dict:
    return drafting.shown(course).document["modules"][2]["contents"][0]["questions"][0]


def test_a_picture_is_uploaded_by_its_bytes(picture, course, author, sign_in):
    assert (picture.kind, picture.content_type, picture.ending) == (Kind.IMAGE, "image/png", ".png")
    page = sign_in(author).get(f"/authoring/courses/{course.pk}/files/").content.decode()
    assert "door.png" in page
    assert "Not in the course yet" not in page


def test_a_picture_that_is_too_large_is_refused(upload):
    with pytest.raises(UploadRefused) as refused:
        upload(a_png(extra=5 * uploading.MEGABYTE), "door.png")
    assert "5 MB" in str(refused.value)
    assert not StoredFile.objects.exists()


def test_a_picture_is_no_content(picture, course, author, sign_in):
    window = sign_in(author)
    values = {"number": 0, "module": "see", "file": str(picture.public_id)}
    window.post(f"/authoring/courses/{course.pk}/add-files/", values)
    assert not drafting.shown(course).is_draft


def test_an_author_gives_a_question_and_a_choice_a_picture(picture, course, author, send):
    address = picture.address
    send(
        **{
            "image": address,
            "image-alt": "A door",
            "image-1": address,
            "image-alt-1": "The same  door",
        }
    )
    drafting.publish(course, author, drafting.shown(course).number)
    question = Question.objects.get(content=content(course, "quiz"), code="q1")
    assert (question.image, question.image_alt) == (address, "A door")
    [choice] = question.choices.exclude(image="")
    assert (choice.text, choice.image_alt) == ("wrong", "The same door")


@pytest.mark.parametrize("field", ["", "-1"])
def test_a_picture_without_a_description_is_not_saved(picture, course, send, field):
    before = stored(course)
    page = send(**{f"image{field}": picture.address, f"image-alt{field}": "  "})
    assert page.status_code == 302
    assert stored(course) == before


def test_the_editor_offers_the_pictures_of_its_course(picture, course, author, send, sign_in):
    send(**{"image": picture.address, "image-alt": "A door"})
    address = f"/authoring/courses/{course.pk}/content/?module=check&content=quiz"
    page = sign_in(author).get(address).content.decode()
    assert f'<option value="{picture.address}" selected>door.png</option>' in page
    assert 'alt="A door"' in page
    preview = sign_in(author).get(
        f"/authoring/courses/{course.pk}/preview/?module=check&content=quiz"
    )
    assert f'src="{picture.address}" alt="A door"' in preview.content.decode()


def test_a_picture_of_the_site_s_own_is_not_lost_in_the_editor(course, send, author, sign_in):
    document = course_document(course, is_author=True)
    question = document["modules"][2]["contents"][0]["questions"][0]
    question |= {"image": "/static/demo/extinguisher.jpg", "image_alt": "An extinguisher"}
    replace_course(document)
    address = f"/authoring/courses/{course.pk}/content/?module=check&content=quiz"
    page = sign_in(author).get(address).content.decode()
    assert '<option value="/static/demo/extinguisher.jpg" selected>' in page


def test_a_picture_of_another_course_is_not_published(picture, author, sign_in):
    other = a_course()
    author.courses_taught.add(other)
    document = course_document(other, is_author=True)
    question = document["modules"][2]["contents"][0]["questions"][0]
    question |= {"image": picture.address, "image_alt": "A door"}
    drafting.change(other, author, 0, lambda _document: document)
    page = sign_in(author).post(f"/authoring/courses/{other.pk}/publish/", {"number": 1})
    assert page.status_code == 400
    assert "This file belongs to another course" in page.content.decode()


@pytest.mark.parametrize(
    ("values", "attr"),
    [
        ({"image_alt": "A door"}, "image_alt"),
        ({"image": "https://example.org/door.png", "image_alt": "A door"}, "image"),
        ({"image": "/static/demo/rules.pdf", "image_alt": "A door"}, "image"),
        ({"image": "javascript:alert(1)", "image_alt": "A door"}, "image"),
        ({"image": "/static/demo/extinguisher.jpg"}, "image_alt"),
        ({"image": "/static/demo/extinguisher.jpg", "image_alt": "x" * 501}, "image_alt"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(course, author, values, attr):
    client = api(author)
    document = client.get(f"/api/courses/{course.pk}/").json()
    question = document["modules"][2]["contents"][0]["questions"][0]
    for item, path in ((question, ""), (question["choices"][1], "choices.1.")):
        item |= values
        refused = client.put(f"/api/courses/{course.pk}/", document)
        assert refused.status_code == 400
        wanted = f"modules.2.contents.0.questions.0.{path}{attr}"
        assert [each["attr"] for each in refused.json()["errors"]] == [wanted]
        item |= {"image": "", "image_alt": ""}


def test_learners_see_the_picture_and_its_text_and_others_do_not(picture, course, sign_in):
    document = course_document(course, is_author=True)
    question = document["modules"][2]["contents"][0]["questions"][0]
    question |= {"image": picture.address, "image_alt": "A door"}
    question["choices"][0] |= {"image": picture.address, "image_alt": "An open door"}
    version = Course.objects.get(pk=course.pk).structure_version
    replace_course(document)
    # It is wording: nothing counts differently.
    assert Course.objects.get(pk=course.pk).structure_version == version
    learner = a_learner(course)
    window, quiz = sign_in(learner), content(course, "quiz")
    address = f"/courses/{course.pk}/contents/{quiz.pk}/"
    page = window.get(address).content.decode()
    for alt in ("A door", "An open door"):
        assert f'src="{picture.address}" alt="{alt}"' in page
    shown = window.get(picture.address, follow=True)
    assert b"".join(shown.streaming_content) == a_png()
    assert sign_in(an_instructor(a_course())).get(picture.address).status_code == 404
    session = a_session(course, learner)
    events = [
        {"interaction_type": "answer", "question_id": question["id"], "answer": []},
        {"interaction_type": "submit"},
    ]
    report(session, *({"content_id": quiz.pk} | each for each in events), now=session.start_time)
    assert f'src="{picture.address}" alt="An open door"' in window.get(address).content.decode()
