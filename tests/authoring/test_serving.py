"""Files open for those who may see their course, by addresses that expire, in ranges."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from authoring import serving
from authoring.models import Role
from tests.factories import a_course, a_learner, a_user, an_instructor

from .conftest import demo
from .test_formats import a_pdf
from .test_uploading import VTT

pytestmark = pytest.mark.django_db
TEXT = b"0123456789"


@pytest.fixture
def stored(upload):
    return upload(TEXT, "ten.txt")


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_who_may_see_a_file_is_led_to_it(stored, course, author, sign_in):
    for person in (author, a_learner(course)):
        window = sign_in(person)
        led = window.get(stored.address)
        assert led.status_code == 302
        assert "no-store" in led["Cache-Control"]
        assert body(window.get(led["Location"])) == TEXT


def test_for_everybody_else_there_is_no_such_file(stored, client, sign_in):
    other = a_course()
    for person in (an_instructor(other), a_learner(other), a_user()):
        assert sign_in(person).get(stored.address).status_code == 404
    assert client.get(stored.address).status_code == 404


def test_who_is_no_longer_enrolled_is_out(stored, course, sign_in):
    learner = a_learner(course)
    learner.enrollments.update(unenrolled_at=timezone.now())
    assert sign_in(learner).get(stored.address).status_code == 404


def test_a_signed_address_needs_no_cookie_and_expires(stored, client, settings):
    address = serving.signed_address(stored)
    assert body(client.get(address)) == TEXT
    later = timezone.now() + timedelta(seconds=settings.UPLOAD_LINK_SECONDS + 5)
    with time_machine.travel(later, tick=False):
        assert client.get(address).status_code == 404


def test_a_key_opens_its_own_file_only(stored, upload, client):
    other = upload(b"another")
    key = serving.signed_address(stored).partition("?")[2]
    assert client.get(f"{other.address}?{key}").status_code == 404
    assert client.get(f"{stored.address}?key=forged:x").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "expected", "content_range"),
    [
        ("bytes=0-", 206, TEXT, "bytes 0-9/10"),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, TEXT, "bytes 0-9/10"),
        ("bytes=4-2", 200, TEXT, None),
        ("bytes=0-1,3-4", 200, TEXT, None),
        ("items=0-1", 200, TEXT, None),
        ("bytes=-", 200, TEXT, None),
        ("bytes=" + "9" * 5000 + "-", 200, TEXT, None),
    ],
)
def test_ranges(stored, client, asked, status, expected, content_range):
    response = client.get(serving.signed_address(stored), headers={"Range": asked})
    assert (response.status_code, body(response)) == (status, expected)
    assert response.get("Content-Range") == content_range
    assert response["Content-Length"] == str(len(expected))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(stored, client, asked):
    response = client.get(serving.signed_address(stored), headers={"Range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10")


def test_a_range_of_another_version_is_the_whole_file(stored, client):
    headers = {"Range": "bytes=0-1", "If-Range": '"other"'}
    assert body(client.get(serving.signed_address(stored), headers=headers)) == TEXT


def test_a_long_range_is_answered_in_parts(stored, client, monkeypatch):
    monkeypatch.setattr(serving, "MAX_RANGE_BYTES", 4)
    response = client.get(serving.signed_address(stored), headers={"Range": "bytes=1-"})
    assert (body(response), response["Content-Range"]) == (b"1234", "bytes 1-4/10")


def test_nothing_in_a_file_runs(upload, client):
    for content in (TEXT, a_pdf(), demo("alarm.m4a")):
        response = client.get(serving.signed_address(upload(content, "evil.html")))
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("default-src 'none'")
        assert "html" not in response["Content-Type"]
        assert "evil" not in response["Content-Disposition"]


def test_bytes_that_are_gone_are_not_found(stored, folder, client):
    (folder / stored.stored_as).unlink()
    assert client.get(serving.signed_address(stored)).status_code == 404


def test_removed_captions_are_gone(upload, author, sign_in):
    video = upload(demo("extinguisher.mp4"))
    captions = upload(VTT, role=Role.CAPTIONS, media=video, language="en")
    window = sign_in(author)
    window.post(f"/authoring/files/{captions.public_id}/remove/")
    assert window.get(captions.address).status_code == 404
