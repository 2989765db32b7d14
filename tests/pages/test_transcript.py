"""The transcript of a film, made from its captions."""

import pytest

from progress.pages.content_files import read_transcript
from tests.factories import a_course_of, a_learner, content

FILM = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}


@pytest.mark.parametrize(
    ("vtt", "lines"),
    [
        ("WEBVTT\n\n00:01.500 --> 00:02.000\nOne\ntwo", [(1.5, "One two")]),
        (
            "WEBVTT\n\nname\n01:00:00.000 --> 01:00:02.000 line:0\n<v Ann>Hi &amp; bye",
            [(3600, "Hi & bye")],
        ),
        ("WEBVTT\n\nNOTE nothing\n\n00:01.000 --> 00:02.000\n<i></i>", []),
        ("", []),
    ],
)
def test_cues_become_lines(vtt, lines):
    assert [(line.start, line.text) for line in read_transcript(vtt)] == lines


@pytest.mark.django_db
def test_a_film_with_captions_has_its_transcript_without_a_script(client):
    course = a_course_of(FILM | {"url": "/static/demo/fire-doors.mp4"}, FILM)
    client.force_login(a_learner(course))

    def page(code):
        address = f"/courses/{course.pk}/contents/{content(course, code).pk}/"
        return client.get(address).content.decode()

    assert '<a href="#at=10.0" data-cue="10.0"><bdi>It only works when it is closed.' in page("c1")
    assert 'id="transcript"' not in page("c2")
