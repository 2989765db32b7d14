"""Authors see and change the files of their own courses, nobody else's."""

import pytest
from django.test import Client

from authoring import drafting
from authoring.models import Draft, Role, StoredFile, Upload
from authoring.uploading import PART_BYTES
from tests.factories import a_course, a_learner, a_user, an_instructor, grant

from .conftest import demo
from .test_uploading import VTT

pytestmark = pytest.mark.django_db
JSON = "application/json"
TEXT = b"Keep the doors shut."


def begin(window, course, **values):
    asked = {"name": "a.txt", "size": len(TEXT), "role": "content"} | values
    return window.post(f"/authoring/courses/{course.pk}/uploads/", asked, JSON)


def put(window, upload_id, part, offset):
    return window.put(
        f"/authoring/uploads/{upload_id}/", part, headers={"Upload-Offset": str(offset)}
    )


def test_an_upload_from_beginning_to_end(folder, course, author, sign_in):
    window = sign_in(author)
    begun = begin(window, course)
    assert (begun.status_code, begun.json()["received"]) == (201, 0)
    upload_id = begun.json()["id"]
    assert put(window, upload_id, TEXT[:5], 0).json()["received"] == 5
    assert put(window, upload_id, TEXT[:5], 0).status_code == 409
    assert window.get(f"/authoring/uploads/{upload_id}/").json()["received"] == 5
    assert put(window, upload_id, TEXT[5:], 5).json()["received"] == len(TEXT)
    finished = window.post(f"/authoring/uploads/{upload_id}/finish/")
    stored = StoredFile.objects.get()
    assert (finished.status_code, finished.json()["address"]) == (201, stored.address)
    page = window.get(f"/authoring/courses/{course.pk}/files/").content.decode()
    assert stored.address in page
    assert "4 words" in page


def test_without_the_token_of_the_form_nothing_is_taken(folder, course, author):
    window = Client(enforce_csrf_checks=True)
    window.force_login(author)
    assert begin(window, course).status_code == 403


def test_an_instructor_without_any_permission_may_upload_to_their_course(folder, course, sign_in):
    assert begin(sign_in(an_instructor(course)), course).status_code == 201


def test_an_administrator_may_upload_everywhere(folder, course, sign_in, administrator):
    assert begin(sign_in(administrator), course).status_code == 201


def test_nobody_else_may(folder, course, author, upload, sign_in):
    video = upload(demo("extinguisher.mp4"))
    captions = upload(VTT, role=Role.CAPTIONS, media=video, language="en")
    begun = begin(sign_in(author), course).json()["id"]
    others = [
        an_instructor(a_course()),
        a_learner(course),
        grant(a_user(is_staff=True), "view_course", "change_course"),
    ]
    for other in others:
        window = sign_in(other)
        assert begin(window, course).status_code == 404
        assert put(window, begun, TEXT, 0).status_code == 404
        assert window.get(f"/authoring/uploads/{begun}/").status_code == 404
        assert window.delete(f"/authoring/uploads/{begun}/").status_code == 404
        assert window.post(f"/authoring/uploads/{begun}/finish/").status_code == 404
        assert window.get(f"/authoring/courses/{course.pk}/files/").status_code == 404
        address = f"/authoring/files/{captions.public_id}/remove/"
        assert window.post(address).status_code == 404
        listed = window.get("/authoring/").content.decode()
        assert f"/authoring/courses/{course.pk}/" not in listed
    assert Upload.objects.get().received == 0
    assert StoredFile.objects.current().count() == 2


def test_who_is_signed_out_is_asked_to_sign_in(folder, course, client):
    assert begin(client, course).status_code == 401
    assert client.get(f"/authoring/courses/{course.pk}/files/").status_code == 302


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"size": "20"}, "size"),
        ({"size": True}, "size"),
        ({"size": -1}, "file"),
        ({"size": 10**30}, "file"),
        ({"name": ["a"]}, "name"),
        ({"role": "captions", "media": "not-an-id"}, "media"),
        ({"role": "captions"}, "media"),
        ({"role": "\0"}, "role"),
    ],
)
def test_an_error_names_its_field(folder, course, author, sign_in, values, field):
    response = begin(sign_in(author), course, **values)
    assert (response.status_code, response.json()["field"]) == (400, field)
    assert response.json()["message"]


def test_a_file_of_another_course_gets_no_captions_from_here(
    folder, course, author, upload, sign_in
):
    video = upload(demo("extinguisher.mp4"))
    other = a_course()
    author.courses_taught.add(other)
    values = {"role": "captions", "language": "en", "media": str(video.public_id)}
    response = begin(sign_in(author), other, **values)
    assert (response.status_code, response.json()["field"]) == (400, "media")


def test_a_part_that_is_too_large_is_refused(folder, course, author, sign_in):
    window = sign_in(author)
    begun = begin(window, course, size=PART_BYTES * 2).json()["id"]
    assert put(window, begun, b"x" * (PART_BYTES + 1), 0).status_code == 400
    for offset in ("-1", "x", ""):
        assert put(window, begun, TEXT, offset).status_code == 400
    assert Upload.objects.get().received == 0


def test_a_cancelled_upload_is_gone(folder, course, author, sign_in):
    window = sign_in(author)
    begun = begin(window, course).json()["id"]
    assert window.delete(f"/authoring/uploads/{begun}/").status_code == 200
    assert not Upload.objects.exists()


def test_captions_are_removed_and_a_file_that_courses_use_is_not(upload, author, sign_in):
    video = upload(demo("extinguisher.mp4"))
    captions = upload(VTT, role=Role.CAPTIONS, media=video, language="en")
    window = sign_in(author)
    assert window.post(f"/authoring/files/{captions.public_id}/remove/").status_code == 302
    assert window.post(f"/authoring/files/{video.public_id}/remove/").status_code == 404
    assert list(StoredFile.objects.current()) == [video]


def test_fifty_files_cost_as_many_queries_as_one(
    upload, course, author, sign_in, django_assert_max_num_queries
):
    window = sign_in(author)
    address = f"/authoring/courses/{course.pk}/files/"
    upload(TEXT)
    with django_assert_max_num_queries(20) as first:
        window.get(address)
    for _ in range(10):
        upload(TEXT)
    with django_assert_max_num_queries(len(first)):
        window.get(address)


def test_files_become_contents_at_the_end_of_a_module(course, author, upload, sign_in):
    film, text = upload(demo("extinguisher.mp4"), "b film.mp4"), upload(b"Read.", "a.txt")
    window = sign_in(author)
    address = f"/authoring/courses/{course.pk}"
    page = window.get(f"{address}/files/").content.decode()
    assert page.count('name="file"') == 2
    ids = [str(film.public_id), str(text.public_id), "x"]
    window.post(f"{address}/add-files/", {"number": 0, "module": "see", "file": ids})
    added = drafting.shown(course).document["modules"][0]["contents"][-2:]
    assert [(each["title"], each["content_type"], each["url"]) for each in added] == [
        ("a", "text", text.address),
        ("b film", "video", film.address),
    ]
    assert 'name="file"' not in window.get(f"{address}/files/").content.decode()
    drafting.publish(course, author, 1)


def test_files_may_go_to_a_new_module(course, author, upload, sign_in):
    stored = upload(b"Read.", "a.txt")
    values = {"number": 0, "module": "", "file": str(stored.public_id)}
    sign_in(author).post(f"/authoring/courses/{course.pk}/add-files/", values)
    module = drafting.shown(course).document["modules"][-1]
    assert [each["title"] for each in module["contents"]] == ["a"]


def test_files_of_other_courses_and_unknown_modules_add_nothing(course, author, upload, sign_in):
    stored, other = upload(b"Read.", "a.txt"), a_course()
    ours, theirs = sign_in(author), sign_in(an_instructor(other))
    values = {"number": 0, "module": "see", "file": str(stored.public_id)}
    theirs.post(f"/authoring/courses/{other.pk}/add-files/", values)
    assert theirs.post(f"/authoring/courses/{course.pk}/add-files/", values).status_code == 404
    ours.post(f"/authoring/courses/{course.pk}/add-files/", values | {"module": "gone"})
    assert not Draft.objects.exists()
