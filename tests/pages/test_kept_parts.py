"""What a course consists of that is kept on a device, and what its copies leave out."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from progress.models import Enrollment
from progress.pages import kept_parts
from tests.browser.learning import CLIP, QUIZ, RULES, TEXT
from tests.factories import (
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

EMBED = {"code": "game", "content_type": "embed", "completion_source": "reported", "url": "/game/"}
ELSEWHERE = CLIP | {"code": "elsewhere", "url": "https://films.example.org/film.mp4"}
TIMED = QUIZ | {"code": "timed", "time_limit_minutes": 10}
POOLED = QUIZ | {
    "code": "pooled",
    "questions": [question | {"pool": "fire"} for question in QUIZ["questions"]],
    "pools": {"fire": 1},
}
LOCKED = TEXT | {"code": "locked", "prerequisites": ["clip"]}
LOADED = re.compile(
    r"<(?:script|img|video|audio|track|link|use)\b[^>]*?\b(?:src|href|poster)=\"(/[^\"#?]+)"
)


@pytest.fixture
def course(learner):
    course = a_course_of(CLIP, RULES, TEXT, QUIZ, POOLED, EMBED, ELSEWHERE, TIMED, LOCKED)
    enrolled(learner, course)
    return course


@pytest.fixture
def collected(settings, tmp_path):
    """The folder of what `collectstatic` wrote, which the site serves as after `bin/up`."""
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = tmp_path, False
    call_command("collectstatic", interactive=False, verbosity=0)
    kept_parts._shared.cache_clear()
    yield tmp_path
    kept_parts._shared.cache_clear()


def list_of(client, course):
    answer = client.get(f"/kept/courses/{course.pk}/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.json()


def test_files_are_as_long_as_they_are_sent(client, course, collected):
    """A device that gets another number of bytes takes the file for another one, and stops."""
    files = list_of(client, course)["files"]
    own = {each["address"]: each["bytes"] for each in files if each["address"][:8] == "/static/"}
    assert len(own) > 60
    sent = {address: (collected / address[8:]).stat().st_size for address in own}
    assert own == sent


def test_it_has_every_file_that_its_pages_load(client, course):
    kept = list_of(client, course)
    addresses = {file["address"] for file in kept["files"]}
    assert len(kept["pages"]) == 6
    for page in kept["pages"]:
        html = client.get(page["source"]).content.decode()
        needed = set(LOADED.findall(html)) - {"/manifest.webmanifest"}
        needed -= {path for path in needed if path.endswith("icon-192.png")}
        assert needed
        assert needed <= addresses
    assert {"/static/demo/extinguisher.mp4", "/static/demo/extinguisher.de.vtt"} <= addresses
    assert any(address.endswith("pdf.worker.min.mjs") for address in addresses)


def test_every_module_that_a_script_imports_is_among_them(client, course, settings):
    addresses = {file["address"] for file in list_of(client, course)["files"]}
    for address in addresses:
        if not address.endswith(".js"):
            continue
        folder = address.rpartition("/")[0]
        script = (settings.BASE_DIR / address.removeprefix("/")).read_text()
        for name in re.findall(r"""(?:from|import\()\s*["']\./([\w.]+)["']""", script):
            assert f"{folder}/{name}" in addresses


def test_the_size_is_the_sum_of_its_files(client, course):
    kept = list_of(client, course)
    by_key = {file["key"]: file["bytes"] for file in kept["files"]}
    assert kept["bytes"] == sum(by_key.values())
    file = next(file for file in kept["files"] if file["address"].endswith("extinguisher.mp4"))
    answer = client.get(file["source"])
    assert len(b"".join(answer.streaming_content)) == file["bytes"]


def test_what_needs_a_network_is_left_out_with_the_reason(client, course):
    kept = list_of(client, course)
    assert [row["reason"] for row in kept["left_out"]] == [
        "elsewhere",
        "elsewhere",
        "time_limit",
        "locked",
    ]
    sources = {page["source"] for page in kept["pages"]}
    for code in ["game", "elsewhere", "timed", "locked"]:
        source = f"/kept/courses/{course.pk}/contents/{content(course, code).pk}/"
        assert source not in sources
        assert client.get(source).status_code == 404


def test_a_content_is_kept_once_it_opens(client, course, learner):
    before = list_of(client, course)
    session = a_session(course, learner, now=timezone.now() - timedelta(minutes=1))
    clip = content(course, "clip").pk
    played = {"content_id": clip, "interaction_type": "pause", "segments": [[0, 12]]}
    report(session, played, now=timezone.now())
    after = list_of(client, course)
    assert [row["reason"] for row in after["left_out"]].count("locked") == 0
    assert len(after["pages"]) == len(before["pages"]) + 1
    assert after["version"] != before["version"]


def test_the_version_changes_with_the_course_and_with_nothing_else(client, course):
    version = list_of(client, course)["version"]
    assert list_of(client, course)["version"] == version
    course.title = "Another title"
    course.save()
    assert list_of(client, course)["version"] != version


def test_a_page_is_renewed_after_progress_on_it(client, course, learner):
    before = list_of(client, course)
    session = a_session(course, learner, now=timezone.now() - timedelta(minutes=1))
    text = content(course, "text").pk
    report(session, {"content_id": text, "interaction_type": "view"}, now=timezone.now())
    after = list_of(client, course)
    assert after["version"] == before["version"]
    changed = [
        new["address"]
        for old, new in zip(before["pages"], after["pages"], strict=True)
        if old["stamp"] != new["stamp"]
    ]
    assert changed == [f"/courses/{course.pk}/", f"/courses/{course.pk}/contents/{text}/"]


def test_a_copy_has_no_certificate_and_no_notes(client, learner):
    course = a_course_of(TEXT)
    enrolled(learner, course)
    page = client.get(f"/kept/courses/{course.pk}/page/").content.decode()
    assert 'data-part="certificate"' not in page
    assert f'data-kept="{course.pk}"' in page
    source = f"/kept/courses/{course.pk}/contents/{content(course, 'text').pk}/"
    page = client.get(source).content.decode()
    assert 'id="notes"' not in page
    assert "note-form" not in page
    assert 'data-part="end"' not in page
    assert "kept_content.js" in page
    usual = client.get(source.replace("/kept", "")).content.decode()
    assert "note-form" in usual
    assert "data-kept" not in usual
    assert "kept_content.js" not in usual


@pytest.mark.parametrize("path", ["", "page/", "contents/{content}/"])
def test_only_its_learners_may_keep_a_course(path, client):
    course = a_course_of(TEXT)
    text = content(course, "text").pk
    address = f"/kept/courses/{course.pk}/{path.format(content=text)}"
    assert client.get(address).status_code == 302
    client.force_login(a_user())
    assert client.get(address).status_code == 404
    learner = a_learner(course)
    client.force_login(learner)
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405
    Enrollment.objects.update(unenrolled_at=timezone.now())
    assert client.get(address).status_code == 404


def test_fifty_contents_cost_as_many_statements_as_one(client, learner):
    counts = []
    for course in (a_course_of(TEXT), fifty_contents()):
        enrolled(learner, course)
        list_of(client, course)
        with CaptureQueriesContext(connection) as queries:
            list_of(client, course)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_page_says_whose_it_is_and_other_answers_do_not(client):
    assert client.get("/login/")["Signed-In-As"] == "nobody"
    learner = a_learner()
    client.force_login(learner)
    assert client.get("/")["Signed-In-As"] == str(learner.pk)
    assert client.get("/courses/0/")["Signed-In-As"] == str(learner.pk)
    assert "Signed-In-As" not in client.get("/manifest.webmanifest")
    assert client.post("/logout/", follow=True)["Signed-In-As"] == "nobody"


@pytest.mark.parametrize(("language", "asked"), [("en", "Sign out?"), ("de", "Abmelden?")])
def test_signing_out_is_asked_for_in_the_persons_language(client, language, asked):
    assert client.get("/kept/sign-out/").status_code == 302
    client.force_login(a_learner(language=language))
    assert asked in client.get("/kept/sign-out/").content.decode()


def test_a_browser_that_keeps_courses_is_asked_before_it_is_signed_out(client):
    client.force_login(a_learner())
    client.cookies["kept"] = "1"
    assert client.post("/logout/").url == "/kept/sign-out/"
    assert client.get("/").status_code == 200
    assert client.post("/logout/", {"confirmed": "1"}).url == "/login/"
    assert client.get("/").status_code == 302
    assert client.post("/logout/").url == "/login/"  # nobody is signed in: there is nothing to ask
