"""Uploaded files that are kept on a device: known by their bytes, loaded from this site alone."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authoring.kept_files import kept_files
from authoring.models import Role
from tests.factories import a_course_of, a_learner, enrolled

from .conftest import demo
from .test_uploading import VTT

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(upload):
    film = upload(demo("extinguisher.mp4"), "film.mp4")
    upload(VTT, "film.en.vtt", role=Role.CAPTIONS, media=film, language="en")
    upload(demo("extinguisher.jpg"), "film.jpg", role=Role.POSTER, media=film)
    return film


def test_a_film_comes_with_its_captions_and_poster(film):
    [found] = kept_files([film.address, "/static/demo/alarm.m4a"]).values()
    assert not found["is_text"]
    assert found["files"][0]["address"] == film.address
    beside = {each.address for each in film.belongings.all()}
    assert {file["address"] for file in found["files"]} == {film.address} | beside
    assert len({file["key"] for file in found["files"]}) == 3


def test_it_is_loaded_from_an_address_that_needs_no_other_right(film, client):
    [found] = kept_files([film.address]).values()
    for file in found["files"]:
        answer = client.get(file["source"])
        assert answer.status_code == 200
        assert len(b"".join(answer.streaming_content)) == file["bytes"]


def test_the_key_stays_while_the_signed_address_changes(film):
    before = kept_files([film.address])[film.address]["files"][0]
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        after = kept_files([film.address])[film.address]["files"][0]
    assert before["key"] == after["key"]
    assert before["source"] != after["source"]


def test_many_files_cost_two_statements(film, upload):
    sound = upload(demo("alarm.m4a"), "sound.m4a")
    with CaptureQueriesContext(connection) as queries:
        assert len(kept_files([film.address, sound.address])) == 2
    assert len(queries) == 2


def test_a_learner_is_offered_an_uploaded_film(film, client):
    learner = a_learner()
    video = {"content_type": "video", "url": film.address, "duration_seconds": 12}
    course = a_course_of(video)
    enrolled(learner, course)
    client.force_login(learner)
    kept = client.get(f"/kept/courses/{course.pk}/").json()
    assert kept["left_out"] == []
    assert film.address in {file["address"] for file in kept["files"]}
