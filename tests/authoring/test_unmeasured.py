"""Files that wait to be measured: in courses, on their page and in the API."""

import pytest
from rest_framework.exceptions import ValidationError

from authoring import drafting, outline
from authoring.drafting import NotPublishable
from authoring.models import Upload
from progress.catalogue import replace_course
from tests.factories import a_course, a_document, a_learner, an_instructor

from .conftest import demo
from .test_api import as_caller
from .test_checking import FILM
from .test_formats import a_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_is_large")]


def with_film(course, author, stored):
    def edit(document):
        code = document["modules"][0]["code"]
        values = {"title": "A film", "content_type": "video", "url": stored.address}
        return outline.add_content(document, code, values)[0]

    drafting.change(course, author, 0, edit)


def test_publishing_waits_for_the_measures(arrived, check, course, author):
    stored = arrived(demo(FILM))
    with_film(course, author, stored)
    with pytest.raises(NotPublishable) as refused:
        drafting.publish(course, author, 1)
    [found] = refused.value.found
    assert "still being measured" in found.advice
    assert found.titles[-1] == "A film"
    check()
    drafting.publish(course, author, 1)
    film = course.modules.first().contents.get(title="A film")
    assert film.duration_ms == 12_000


def test_a_refused_file_is_not_published(arrived, check, course, author):
    stored = arrived(demo(FILM)[:40_000])
    with_film(course, author, stored)
    check()
    with pytest.raises(NotPublishable, match="was refused"):
        drafting.publish(course, author, 1)


def test_a_course_document_with_it_is_refused_at_its_url(arrived):
    stored = arrived(demo(FILM))
    item = {"code": "c", "content_type": "video", "url": stored.address, "duration_seconds": 12}
    with pytest.raises(ValidationError) as refused:
        replace_course(a_document(modules=[{"code": "m", "contents": [item]}]))
    [problem] = refused.value.detail["modules"][0]["contents"][0]["url"]
    assert "still being measured" in problem


# --- The page and the API ------------------------------------------------------------------------
def test_the_page_says_how_far_it_is(arrived, check, course, author, sign_in):
    stored = arrived(demo(FILM))
    Upload.objects.update(checked=stored.size // 4)
    window = sign_in(author)
    page = window.get(f"/authoring/courses/{course.pk}/files/").content.decode()
    assert "Waiting to be measured" in page
    assert 'value="25"' in page
    states = f"/authoring/courses/{course.pk}/files/states/"
    assert window.get(states).json() == {"files": [{"id": str(stored.public_id), "percent": 25}]}
    check()
    assert window.get(states).json() == {"files": []}
    page = window.get(f"/authoring/courses/{course.pk}/files/").content.decode()
    assert "0:12" in page
    assert "Waiting to be measured" not in page


def test_the_page_says_why_it_was_refused_until_it_is_removed(
    arrived, check, course, author, sign_in
):
    stored = arrived(a_pdf(3, password="secret"))
    check()
    window = sign_in(author)
    address = f"/authoring/courses/{course.pk}/files/"
    assert "Refused: This PDF has a password" in window.get(address).content.decode()
    window.post(f"/authoring/files/{stored.public_id}/remove/")
    assert "Refused" not in window.get(address).content.decode()


def test_only_authors_of_the_course_see_the_states(arrived, course, sign_in):
    arrived(demo(FILM))
    for other in (an_instructor(a_course()), a_learner(course)):
        answer = sign_in(other).get(f"/authoring/courses/{course.pk}/files/states/")
        assert answer.status_code == 404


def test_the_api_says_that_it_waits_and_then_what_it_is(folder, course, author, asked, check):
    api, content = as_caller(author), a_pdf(3)
    body = {"course_id": course.pk, "name": "rules.pdf", "size": len(content)}
    begun = api.post("/api/uploads/", body).json()
    headers = {"Upload-Offset": "0"}
    address = f"/api/uploads/{begun['id']}/"
    kind = "application/octet-stream"
    api.generic("PUT", address, content, content_type=kind, headers=headers)
    answer = api.post(f"{address}finish/")
    assert answer.status_code == 202
    row = answer.json()
    assert (row["state"], row["percent_checked"], row["page_count"]) == ("waiting", 0, None)
    check()
    row = api.get(f"/api/files/{row['id']}/").json()
    assert (row["state"], row["percent_checked"], row["page_count"]) == ("measured", None, 3)
    assert api.get("/api/files/", {"state": "waiting"}).json()["results"] == []
    assert api.get("/api/files/", {"state": "asleep"}).status_code == 400
