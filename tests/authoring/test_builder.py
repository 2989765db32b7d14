"""The page on which authors build a course: their own courses only, each type its own fields."""

import pytest

from authoring import drafting
from authoring.models import Draft
from tests.factories import a_course, a_learner, a_user, an_instructor, content, grant

from .conftest import demo
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(course, author, sign_in):
    window = sign_in(author)

    def send(action: str, **values):
        number = drafting.shown(course).number
        address = f"/authoring/courses/{course.pk}/{action}/"
        return window.post(address, {"number": number} | values)

    send.window = window
    return send


def contents(course, module: str) -> list[str]:
    modules = {each["code"]: each for each in drafting.shown(course).document["modules"]}
    return [each["code"] for each in modules[module]["contents"]]


def test_the_outline_is_shown(course, author, sign_in):
    text = sign_in(author).get(f"/authoring/courses/{course.pk}/").content.decode()
    for title in ("Fire doors", "House rules", "What to do"):
        assert title in text


def test_a_content_is_made_from_an_uploaded_file(course, page, upload):
    video = upload(demo("fire-doors.mp4"), "doors.mp4")
    added = page(
        "add-content",
        module="see",
        **{"content-title": "New film", "content-content_type": "video"},
    )
    assert added.status_code == 302
    form = page.window.get(added["Location"]).content.decode()
    assert "doors.mp4" in form
    assert "Length in seconds" in form
    assert "Pages" not in form
    number = drafting.shown(course).number
    values = {"title": "Film", "required": "on", "weight": 2, "file": video.address, "url": ""}
    saved = page.window.post(added["Location"], values | {"number": number})
    assert saved.status_code == 302
    assert page("publish").status_code == 302
    published = content(course, contents(course, "see")[-1])
    assert (published.title, published.url, published.weight) == ("Film", video.address, 2)
    assert published.duration_ms == video.duration_ms


def test_what_stands_in_the_way_of_publishing_is_named(course, page):
    page("add-content", module="see", **{"content-title": "X", "content-content_type": "embed"})
    refused = page("publish")
    assert refused.status_code == 400
    text = refused.content.decode()
    assert "See › X</bdi></a>: Choose what completes it." in text
    assert "See › X</bdi></a>: Give the address of the page." in text
    [code] = [each for each in contents(course, "see") if each not in {"video", "audio"}]
    assert f"/content/?module=see&amp;content={code}" in text
    assert Draft.objects.exists()


@pytest.mark.parametrize(
    ("then", "place"), [("files", "files/"), ("preview", "preview/"), ("", "")]
)
def test_saving_leads_where_the_button_says(course, page, then, place):
    address = f"/authoring/courses/{course.pk}/content/?module=read&content=pages"
    values = {"title": "Rules", "weight": 1, "page_count": 3, "url": "/static/demo/house-rules.pdf"}
    saved = page.window.post(address, values | {"number": 0, "then": then})
    assert saved["Location"].partition("?")[0] == f"/authoring/courses/{course.pk}/{place}"
    assert drafting.shown(course).number == 1


def test_the_buttons_move_across_modules(course, page):
    page("move", module="see", content="audio", place="0 read")
    assert contents(course, "read") == ["audio", "pages", "text"]
    page("move", module="read", content="audio", place="2 see")
    assert contents(course, "see") == ["video", "audio"]
    page("move", module="check", to=0)
    assert drafting.shown(course).document["modules"][0]["code"] == "check"


def test_a_content_that_says_less_than_its_file_is_pointed_out(course, page, upload):
    pdf = upload(a_pdf(4))
    address = f"/authoring/courses/{course.pk}/content/?module=read&content=pages"
    values = {"title": "Rules", "required": "on", "weight": 1, "file": pdf.address}
    page.window.post(address, values | {"page_count": 3, "number": 0})
    text = page.window.get(f"/authoring/courses/{course.pk}/").content.decode()
    assert "The PDF has 4 pages, only the first 3 count." in text
    page.window.post(address, values | {"page_count": 4, "number": 1})
    text = page.window.get(f"/authoring/courses/{course.pk}/").content.decode()
    assert "only the first" not in text
    page.window.post(address, values | {"page_count": 7, "number": 2})
    text = page.window.get(f"/authoring/courses/{course.pk}/").content.decode()
    assert "The PDF has only 4 pages, not 7" in text


def test_a_length_beyond_the_file_is_pointed_out(course, page, upload):
    film = upload(demo("extinguisher.mp4"))
    address = f"/authoring/courses/{course.pk}/content/?module=see&content=video"
    values = {"title": "Film", "required": "on", "weight": 1, "file": film.address, "number": 0}
    page.window.post(address, values | {"duration_seconds": 100})
    text = page.window.get(f"/authoring/courses/{course.pk}/").content.decode()
    assert "The file is only 0:12 long, not 1:40" in text


def test_undo_redo_and_discard(course, page):
    page("remove", module="see", content="audio")
    page("undo")
    assert contents(course, "see") == ["video", "audio"]
    page("redo")
    assert contents(course, "see") == ["video"]
    page("discard")
    assert not Draft.objects.exists()


def test_a_copy_is_named_so(course, page):
    page("duplicate", module="see", content="video", title="Fire doors")
    titles = [each["title"] for each in drafting.shown(course).document["modules"][0]["contents"]]
    assert titles[:2] == ["Fire doors", "Fire doors (copy)"]


@pytest.mark.parametrize(
    ("code", "module", "own", "others"),
    [
        ("video", "see", ["duration_seconds"], ["page_count", "pass_percentage", "view_seconds"]),
        ("pages", "read", ["page_count"], ["duration_seconds", "pass_percentage"]),
        ("text", "read", ["reading_seconds"], ["page_count", "duration_seconds"]),
        ("quiz", "check", ["pass_percentage", "max_attempts"], ["duration_seconds", "file"]),
    ],
)
def test_each_type_has_its_own_fields(course, page, code, module, own, others):
    address = f"/authoring/courses/{course.pk}/content/?module={module}&content={code}"
    form = page.window.get(address).content.decode()
    assert [name for name in own if f'name="{name}"' not in form] == []
    assert [name for name in others if f'name="{name}"' in form] == []


def test_saving_a_form_unchanged_changes_nothing(course, page, upload):
    pdf = upload(a_pdf())
    address = f"/authoring/courses/{course.pk}/content/?module=read&content=pages"
    values = {"title": "Rules", "required": "on", "weight": 1, "file": pdf.address}
    page.window.post(address, values | {"number": 0})
    page.window.post(address, values | {"number": 1})
    assert drafting.shown(course).number == 1


def test_an_error_is_shown_at_its_field(course, page):
    address = f"/authoring/courses/{course.pk}/content/?module=see&content=video"
    values = {"title": "X", "weight": 0, "url": "javascript:alert(1)", "number": 0}
    refused = page.window.post(address, values)
    assert refused.status_code == 400
    text = refused.content.decode()
    assert "id_weight_error" in text
    assert "id_url_error" in text
    assert not Draft.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30])
def test_an_impossible_version_is_not_found(course, page, number):
    address = f"/authoring/courses/{course.pk}/undo/"
    assert page.window.post(address, {"number": number}).status_code == 404


def test_who_comes_too_late_is_shown_how_it_is_now(course, page):
    page("add-module", **{"module-title": "One"})
    address = f"/authoring/courses/{course.pk}/add-module/"
    late = page.window.post(address, {"number": 0, "module-title": "Two"}, follow=True)
    assert "in another window" in late.content.decode()
    assert len(drafting.shown(course).document["modules"]) == 4


def test_a_course_is_created_and_taught_by_its_author(sign_in):
    author = grant(a_user(is_staff=True), "add_course")
    twins = [author.courses_taught.model.objects.count()]
    for _ in range(2):
        created = sign_in(author).post("/authoring/", {"title": "Höhenarbeit"})
        assert created.status_code == 302
        twins.append(author.courses_taught.count())
    assert twins == [0, 1, 2]
    assert "Höhenarbeit" in sign_in(author).get(created["Location"]).content.decode()


@pytest.mark.parametrize("title", ["", "x" * 301])
def test_a_course_needs_a_title(sign_in, title):
    author = grant(a_user(is_staff=True), "add_course")
    assert sign_in(author).post("/authoring/", {"title": title}).status_code == 400
    assert not author.courses_taught.exists()


def test_without_the_permission_no_course_is_created(sign_in):
    author = an_instructor()
    assert "New course" not in sign_in(author).get("/authoring/").content.decode()
    assert sign_in(author).post("/authoring/", {"title": "X"}).status_code == 403
    assert not author.courses_taught.exists()


def test_nobody_else_builds_a_course(course, sign_in):
    for other in (an_instructor(a_course()), a_learner(course)):
        window = sign_in(other)
        assert window.get(f"/authoring/courses/{course.pk}/").status_code == 404
        for action in ("add-module", "move", "remove", "publish", "undo", "discard"):
            address = f"/authoring/courses/{course.pk}/{action}/"
            assert window.post(address, {"number": 0}).status_code == 404
        address = f"/authoring/courses/{course.pk}/content/?module=see&content=video"
        assert window.get(address).status_code == 404
    assert not Draft.objects.exists()
