"""Integrators upload by key: the same rules as on the page, and the same writer."""

import pytest
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from authoring import uploading
from authoring.models import StoredFile, Upload
from tests.factories import a_course, a_learner, an_instructor, an_integrator, grant

from .conftest import demo, files_in
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db
VTT = b"WEBVTT\n\n00:00.000 --> 00:05.000\nHello\n"


def as_caller(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def api(folder, author):
    return as_caller(author)


@pytest.fixture
def begin(api, course):
    def post(size: int, **values):
        body = {"course_id": course.pk, "name": "rules.pdf", "size": size} | values
        return api.post("/api/uploads/", body)

    return post


def put(api, upload_id, offset, part: bytes, content_type="application/octet-stream"):
    address = f"/api/uploads/{upload_id}/"
    headers = {} if offset is None else {"Upload-Offset": str(offset)}
    return api.generic("PUT", address, part, content_type=content_type, headers=headers)


@pytest.fixture
def send(api, begin):
    """Uploads a file in two parts; returns the answer to its end."""

    def uploaded(content: bytes, **values):
        found = begin(len(content), **values).json()
        half = len(content) // 2
        put(api, found["id"], 0, content[:half])
        put(api, found["id"], half, content[half:])
        return api.post(f"/api/uploads/{found['id']}/finish/")

    return uploaded


def error(answer) -> tuple[int, str, str | None]:
    [found] = answer.json()["errors"]
    return answer.status_code, found["code"], found["attr"]


def test_a_pdf_is_uploaded_in_parts_measured_and_listed(api, course, send):
    answer = send(a_pdf(3))
    assert answer.status_code == 201
    stored = answer.json()
    assert (stored["kind"], stored["page_count"], stored["name"]) == ("pdf", 3, "rules.pdf")
    assert stored["address"] == StoredFile.objects.get().address
    listed = api.get("/api/files/", {"course_id": course.pk, "kind": "pdf"}).json()
    assert listed["results"] == [stored]
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_list_of_files_can_be_followed(api, send):
    first, second = (send(a_pdf(pages)).json() for pages in (1, 2))
    begun = api.get("/api/files/", {"cursor": ""}).json()
    assert begun["results"] == [first, second]
    StoredFile.objects.filter(pk=first["id"]).update(removed_at=timezone.now())
    third = send(a_pdf(3)).json()
    StoredFile.objects.get(pk=second["id"]).delete()
    since = {"updated_since": begun["next_updated_since"]}
    assert api.get("/api/files/", since).json()["results"] == [
        {"id": first["id"], "deleted": True},
        {"id": second["id"], "deleted": True},
        third,
    ]


def test_captions_belong_to_their_video(send):
    video = send(demo("extinguisher.mp4"), name="film.mp4").json()
    assert video["duration_seconds"] == pytest.approx(12, abs=0.1)
    captions = send(VTT, role="captions", media=video["id"], language="pt-BR").json()
    assert (captions["media"], captions["language"]) == (video["id"], "pt-br")


@pytest.mark.parametrize(
    ("values", "attr"),
    [
        ({"size": 0}, "size"),
        ({"size": 2**60}, "size"),
        ({"size": 2**40}, "size"),
        ({"size": "many"}, "size"),
        ({"name": ""}, "name"),
        ({"role": "virus"}, "role"),
        ({"role": "captions", "language": "en"}, "media"),
        ({"media": 10**12}, "media"),
        ({"media": "x"}, "media"),
        ({"course_id": 10**12}, "course_id"),
        ({"owner": 1}, "owner"),
    ],
)
def test_a_bad_beginning_names_its_field(begin, values, attr):
    answer = begin(**{"size": 10} | values)
    assert (answer.status_code, error(answer)[2]) == (400, attr)
    assert not Upload.objects.exists()


def test_the_same_request_sent_again_begins_one_upload(api, course, author):
    """Idempotency keys are looked at before the view; they take a key, not a forced login."""
    _token, key = AuthToken.objects.create(author)
    client = APIClient()
    headers = {"Authorization": f"Token {key}", "Idempotency-Key": "first"}
    body = {"course_id": course.pk, "name": "rules.pdf", "size": 10}
    answers = [client.post("/api/uploads/", body, headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1] and Upload.objects.count() == 1


def test_a_part_that_begins_elsewhere_is_refused_with_where_to_go_on(api, begin):
    found = begin(10).json()
    assert put(api, found["id"], 0, b"12345").json()["received"] == 5
    for offset in (0, 4, 6):
        answer = put(api, found["id"], offset, b"678")
        assert error(answer)[:2] == (409, "wrong_offset")
        assert "5 bytes have arrived" in answer.json()["errors"][0]["detail"]
    assert api.get(f"/api/uploads/{found['id']}/").json()["received"] == 5
    assert error(api.post(f"/api/uploads/{found['id']}/finish/"))[:2] == (409, "wrong_offset")


def test_bad_parts_are_refused(api, begin):
    upload = begin(10).json()["id"]
    assert error(put(api, upload, None, b"1"))[2] == "Upload-Offset"
    assert error(put(api, upload, "-1", b"1"))[2] == "Upload-Offset"
    assert error(put(api, upload, 0, b""))[:2] == (400, "refused")
    assert error(put(api, upload, 0, b"x" * 11))[:2] == (400, "refused")
    assert put(api, upload, 0, b"x" * (uploading.PART_BYTES + 1)).status_code == 413
    assert put(api, upload, 0, b"{}", content_type="application/json").status_code == 415


def test_a_file_that_is_refused_leaves_nothing_behind(
    api, send, folder, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(b"<html><script>alert(1)</script></html>")
    assert error(answer) == (400, "refused", "file")
    assert not StoredFile.objects.exists() and not Upload.objects.exists()
    assert files_in(folder) == []


def test_an_upload_is_given_up(api, begin):
    upload = begin(10).json()["id"]
    assert api.delete(f"/api/uploads/{upload}/").status_code == 204
    assert api.get(f"/api/uploads/{upload}/").status_code == 404


@pytest.mark.parametrize("upload", ["1", "x", "----", "b982837c-e4c4-41c1-b7d0-241700dc9970"])
def test_an_unknown_upload_is_not_found(api, upload):
    address = f"/api/uploads/{upload}/"
    assert api.get(address).status_code == 404
    assert api.delete(address).status_code == 404
    assert put(api, upload, 0, b"x").status_code == 404
    assert api.post(f"{address}finish/").status_code == 404


def test_others_neither_see_nor_touch_it(api, course, begin, send, folder):
    upload = begin(10).json()["id"]
    send(a_pdf(1))
    for other in (an_instructor(a_course()), an_instructor(course), an_integrator("change_course")):
        caller = as_caller(other)
        assert caller.get(f"/api/uploads/{upload}/").status_code == 404
        assert caller.delete(f"/api/uploads/{upload}/").status_code == 404
        assert put(caller, upload, 0, b"x").status_code == 404
    stranger = as_caller(an_instructor(a_course()))
    assert stranger.get("/api/files/").json()["results"] == []
    assert stranger.get("/api/files/", {"course_id": course.pk}).status_code == 404
    body = {"course_id": course.pk, "name": "x", "size": 1}
    assert error(stranger.post("/api/uploads/", body))[2] == "course_id"


def test_learners_and_accounts_without_the_right_are_refused(course, folder):
    body = {"course_id": course.pk, "name": "x", "size": 1}
    for user in (a_learner(course), an_integrator("view_course")):
        caller = as_caller(user)
        assert caller.get("/api/files/").status_code == 403
        assert caller.post("/api/uploads/", body).status_code == 403
    assert APIClient().get("/api/files/").status_code == 401


def test_an_integrator_with_the_permission_uploads_into_any_course(course, folder):
    integrator = grant(an_integrator(), "change_course")
    body = {"course_id": course.pk, "name": "x.txt", "size": 4}
    assert as_caller(integrator).post("/api/uploads/", body).status_code == 201
