"""The learner's pages, before any script runs."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.models import Enrollment
from tests.factories import (
    NOON,
    a_course,
    a_course_of,
    a_learner,
    a_session,
    a_user,
    content,
    enrolled,
    fifty_contents,
    report,
)

pytestmark = pytest.mark.django_db

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
VIDEO = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}


@pytest.fixture
def learner(client):
    learner = a_learner(full_name="Lena Fischer")
    client.force_login(learner)
    return learner


def watch(learner, course, *segments):
    session = a_session(course, learner)
    beat = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "play",
        "segments": list(segments),
        "position": segments[-1][1],
        "duration_seconds": 60,
    }
    report(session, beat, now=NOON + timedelta(minutes=2))


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("path", ["/", "/courses/1/", "/courses/1/contents/1/"])
def test_pages_require_a_sign_in(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.url) == (302, f"/login/?next={path}")


def test_a_wrong_password_gets_a_friendly_message(client):
    answer = client.post("/login/", {"username": "lena", "password": "wrong"})
    assert "That name and password don't match" in answer.content.decode()


def test_a_course_says_why_it_is_not_complete(client, learner):
    course = a_course_of(VIDEO, {"content_type": "video", "duration_seconds": 60, "title": "Two"})
    enrolled(learner, course)
    watch(learner, course, [0, 10], [20, 60])
    said = text_of(client.get(f"/courses/{course.pk}/"))
    assert "Why it is 41 % and not 100 %" in said
    assert "0:10–0:20 not watched" in said


def test_89_99_percent_is_shown_as_89(client, learner):
    course = a_course_of(VIDEO | {"duration_seconds": 100})
    enrolled(learner, course)
    session = a_session(course, learner)
    beat = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 89.99]],
        "duration_seconds": 100,
    }
    report(session, beat, now=NOON + timedelta(minutes=2))
    page = client.get(f"/courses/{course.pk}/").content.decode()
    assert "89 %" in page
    assert "90 %" not in page


@pytest.mark.parametrize("code", ["video", "audio", "pages", "text", "quiz"])
def test_every_type_of_content_has_a_page(client, learner, code):
    course = a_course()
    enrolled(learner, course)
    item = content(course, code)
    answer = client.get(f"/courses/{course.pk}/contents/{item.pk}/")
    assert answer.status_code == 200
    assert item.title in text_of(answer)
    assert "correct" not in answer.content.decode()


def test_locked_content_says_what_opens_it(client, learner):
    course = a_course_of(VIDEO, VIDEO | {"title": "Then this", "prerequisites": ["c1"]})
    enrolled(learner, course)
    answer = client.get(f"/courses/{course.pk}/contents/{content(course, 'c2').pk}/")
    assert "Opens after “Fire doors”" in text_of(answer)
    assert "<video" not in answer.content.decode()


def test_locked_content_links_to_what_opens_it(client, learner):
    course = a_course_of(
        VIDEO | {"title": "Doors & <gates>"},
        VIDEO | {"title": "Alarm"},
        VIDEO | {"title": "Then this", "prerequisites": ["c1", "c2"]},
    )
    enrolled(learner, course)
    watch(learner, course, [0, 60])
    key, locked = (f"/courses/{course.pk}/contents/{content(course, c).pk}/" for c in ("c2", "c3"))
    for page in (f"/courses/{course.pk}/", locked):
        markup = client.get(page).content.decode()
        assert f'Opens after <a href="{key}"><bdi>“Alarm”</bdi></a>' in markup
        assert "<gates>" not in markup
        # A script fills in the state of the others.
        assert "data-state>Opens after" not in markup


def test_a_course_not_begun_has_no_list_of_what_is_missing(client, learner):
    course = a_course_of(VIDEO)
    enrolled(learner, course)
    page = f"/courses/{course.pk}/"
    assert "Why it is" not in text_of(client.get(page))
    watch(learner, course, [0, 10])
    assert "Why it is" in text_of(client.get(page))


def test_each_content_has_a_cover_a_type_and_a_length(client, learner):
    course = a_course_of(
        VIDEO | {"title": "A", "url": "/static/demo/fire-doors.mp4"},
        VIDEO | {"title": "B"},
        {"content_type": "text", "title": "C", "reading_seconds": 120},
    )
    enrolled(learner, course)
    answer = client.get(f"/courses/{course.pk}/")
    markup = answer.content.decode()
    assert markup.count('<img class="cover" src="/static/demo/fire-doors.jpg"') == 1
    assert markup.count('<svg class="cover tone-') == 2
    assert " C Text 2 min " in text_of(answer)
    again = client.get(f"/courses/{course.pk}/").content.decode()
    covers = re.findall(r'<svg class="cover.*?</svg>', markup)
    assert covers == re.findall(r'<svg class="cover.*?</svg>', again)
    assert len(set(covers)) == 2


def test_other_peoples_and_unknown_things_are_not_found(client, learner):
    mine, other = a_course_of(VIDEO), a_course_of(VIDEO)
    enrolled(learner, mine)
    theirs = content(other, "c1").pk
    for path in (
        f"/courses/{other.pk}/",
        f"/courses/{other.pk}/contents/{theirs}/",
        f"/courses/{mine.pk}/contents/{theirs}/",
        "/courses/999999999999/",
    ):
        assert client.get(path).status_code == 404, path
    Enrollment.objects.update(unenrolled_at=NOON)
    assert client.get(f"/courses/{mine.pk}/").status_code == 404


def test_fifty_contents_cost_as_many_queries_as_one(client, learner):
    small, large = a_course_of(VIDEO), fifty_contents()
    for course in (small, large):
        enrolled(learner, course)

    def queries(path):
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    assert queries(f"/courses/{large.pk}/") == queries(f"/courses/{small.pk}/") <= 10


def test_nothing_inline_and_nothing_from_elsewhere(client, learner):
    course = a_course()
    enrolled(learner, course)
    for path in ("/", f"/courses/{course.pk}/", "/realtime_progress_demo.html"):
        answer = client.get(path)
        markup = answer.content.decode()
        assert not re.search(r"<script(?![^>]*(src=|application/json))", markup)
        assert " style=" not in markup
        assert not re.search(r'(src|href)="(https?:)?//', markup)
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self';" in f"{policy};"
        assert "unsafe" not in policy


def test_the_demo_is_shown_to_whoever_comes(client):
    assert "seed_demo" in text_of(client.get("/realtime_progress_demo.html"))
    client.force_login(a_user())
    assert client.get("/realtime_progress_demo.html").status_code == 200


def test_vendored_files_match_their_manifest():
    text = json.loads((VENDOR / "manifest.json").read_text())
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert there == text
    for folder in {name.split("/")[0] for name in text}:
        assert f"{folder}/LICENSE" in text


def modules_of(script):
    """A page's script and all its static imports."""
    found, waiting = set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            imports = re.findall(
                r"^(?:import|export) .*?\"(\..*?)\";", path.read_text(), re.M | re.S
            )
            waiting += [(path.parent / name).resolve() for name in imports]
    return found


def test_the_course_page_needs_few_scripts():
    scripts = modules_of(Path("static/pages/course.js").resolve())
    assert len(scripts) > 3
    assert sum(path.stat().st_size for path in scripts) <= 60_000


def test_a_page_is_shown_in_arabic_and_from_right_to_left(client, learner):
    client.post("/language/", {"language": "ar"})
    page = client.get("/").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "دوراتك" in page
