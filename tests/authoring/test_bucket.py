"""Uploads with a bucket: against a server that speaks S3, by the settings that an operator sets."""

import re
import urllib.request
from datetime import timedelta
from email.message import Message

import boto3
import pytest
from django.utils import timezone
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from authoring import checking, storing, uploading
from authoring.models import State, StoredFile, Upload
from lms_progress import upload_storage
from tests.factories import a_learner

from .conftest import demo
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db
BUCKET = "learning-files"


@pytest.fixture(scope="module")
def service():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(service, settings, monkeypatch, tmp_path):
    """An empty bucket in place of the folder, chosen as an operator does."""
    chosen = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "UPLOADS_BUCKET": BUCKET,
        "UPLOADS_ENDPOINT_URL": service,
        "UPLOADS_REGION": "eu-central-1",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    resource = boto3.resource("s3", endpoint_url=service, region_name="eu-central-1")
    place = {"LocationConstraint": "eu-central-1"}
    found = resource.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    settings.STORAGES = upload_storage.storages(tmp_path)
    yield found
    found.objects.all().delete()
    found.delete()


def names_in(bucket) -> set[str]:
    return {each.key for each in bucket.objects.all()}


@pytest.fixture
def send(bucket, course, author, django_capture_on_commit_callbacks):
    """Sends a file in parts of so many bytes, and finishes it."""

    def sent(content: bytes, name: str, part_bytes: int = uploading.PART_BYTES) -> StoredFile:
        begun = uploading.start(course, author, name=name, size=len(content))
        for at in range(0, len(content), part_bytes):
            uploading.append(begun.public_id, author, at, content[at : at + part_bytes])
        with django_capture_on_commit_callbacks(execute=True):
            return checking.finish(begun.public_id, author, unpacks=True)

    return sent


def read(address: str, **headers: str) -> tuple[int, bytes, Message]:
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read(), answer.headers


def test_a_film_is_sent_by_the_service_in_ranges_for_as_long_as_its_address_is_valid(
    send, bucket, course, sign_in, tmp_path
):
    content = demo("extinguisher.mp4")
    stored = send(content, "film.mp4", part_bytes=50_000)
    assert (stored.state, stored.duration_ms) == (State.MEASURED, 12_000)
    # The parts are gone, from the bucket and from this machine.
    assert names_in(bucket) == {stored.stored_as}
    assert list(tmp_path.glob(f"{storing.WORK_PREFIX}*")) == []
    window = sign_in(a_learner(course))
    led = window.get(window.get(stored.address)["Location"])
    assert led.status_code == 302
    address = led["Location"]
    status, part, headers = read(address, Range="bytes=100-199")
    assert (status, part) == (206, content[100:200])
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert read(address)[1] == content
    assert re.search(r"X-Amz-Expires=21600|Expires=\d+", address)


def test_a_pdf_is_sent_by_the_site_with_its_policy_in_ranges(send, course, sign_in):
    content = a_pdf(3)
    stored = send(content, "rules.pdf")
    window = sign_in(a_learner(course))
    address = window.get(stored.address)["Location"]
    answer = window.get(address, headers={"Range": "bytes=5-9"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, content[5:10])
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_an_upload_goes_on_after_a_break_on_another_machine(bucket, course, author):
    content = a_pdf(40)
    begun = uploading.start(course, author, name="a.pdf", size=len(content))
    uploading.append(begun.public_id, author, 0, content[:1000])
    assert len(names_in(bucket)) == 1
    found = uploading.find(begun.public_id, author)
    with pytest.raises(uploading.WrongOffset):
        uploading.append(begun.public_id, author, 500, content[500:])
    uploading.append(begun.public_id, author, found.received, content[1000:])
    assert uploading.finish(begun.public_id, author).page_count == 40


def test_a_large_one_is_measured_in_the_background(
    send, bucket, settings, tmp_path, django_capture_on_commit_callbacks, monkeypatch
):
    settings.UPLOAD_MEASURE_AT_ONCE_MB = 0
    monkeypatch.setattr("progress.operations.broker.enqueue", lambda *asked: True)
    stored = send(demo("fire-doors.mp4"), "doors.mp4", part_bytes=100_000)
    assert stored.state == State.WAITING
    with django_capture_on_commit_callbacks(execute=True):
        assert checking.check(Upload.objects.get().pk) == 1
    stored.refresh_from_db()
    assert stored.state == State.MEASURED
    assert names_in(bucket) == {stored.stored_as}
    assert bucket.Object(stored.stored_as).get()["Body"].read() == demo("fire-doors.mp4")
    assert list(tmp_path.glob(f"{storing.WORK_PREFIX}*")) == []


@pytest.mark.parametrize("content", [b"<html><script>1</script></html>", a_pdf(2)[:200]])
def test_what_is_refused_leaves_nothing_in_the_bucket(send, bucket, content):
    with pytest.raises(storing.UploadRefused):
        send(content, "x.pdf")
    assert names_in(bucket) == set()


def test_strays_are_deleted_there_too(send, bucket):
    stored = send(a_pdf(2), "a.pdf")
    bucket.put_object(Key="files/ab/stray.mp4", Body=b"half a film")
    assert checking.delete_leftovers(timezone.now() + timedelta(days=2)) == 1
    assert names_in(bucket) == {stored.stored_as}
