"""The pages can be installed as an app, and say so when there is no network."""

import json
import re
import struct

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.factories import a_learner

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(client):
    answer = client.get("/service-worker.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    return answer.content.decode()


def constant(worker, name):
    return json.loads(re.search(rf"^const {name} = (.*);$", worker, re.MULTILINE)[1])


@pytest.mark.parametrize(
    ("language", "name", "direction"), [("en", "Learning", "ltr"), ("ar", "", "rtl")]
)
def test_the_manifest_is_in_the_readers_language(client, language, name, direction):
    answer = client.get("/manifest.webmanifest", headers={"accept-language": language})
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["lang"], manifest["dir"]) == (language, direction)
    assert manifest["short_name"].startswith(name)
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")


def test_the_icons_are_as_large_as_the_manifest_says(client):
    icons = client.get("/manifest.webmanifest").json()["icons"]
    assert {"any", "maskable"} == {icon["purpose"] for icon in icons}
    pictures = [icon for icon in icons if icon["type"] == "image/png"]
    for icon in pictures:
        with open(finders.find(icon["src"].removeprefix("/static/")), "rb") as file:
            width, height = struct.unpack(">II", file.read(24)[16:])
        assert icon["sizes"] == f"{width}x{height}"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in pictures}


def test_what_the_worker_keeps_is_there_for_everyone(client, worker):
    pages = constant(worker, "PAGES")
    assert set(pages) == set(dict(settings.LANGUAGES))
    for url in pages.values():
        assert client.get(url).status_code == 200
    for url in constant(worker, "FILES"):
        assert finders.find(url.removeprefix("/static/"))


def test_the_page_for_times_offline_names_nobody_and_needs_nothing_else(client, worker):
    """Also when it is fetched while a learner is signed in: a device may be shared."""
    client.force_login(a_learner(full_name="Lena Fischer"))
    kept = constant(worker, "FILES")
    for code, url in constant(worker, "PAGES").items():
        page = client.get(url).content.decode()
        assert f'lang="{code}"' in page
        assert "Lena" not in page
        assert "csrfmiddlewaretoken" not in page
        needed = re.findall(r'(?:<script[^>]* src|rel="stylesheet" href)="([^"]+)"', page)
        assert needed
        assert set(needed) <= set(kept)


def test_another_language_has_no_such_page(client):
    assert client.get("/offline/xx/").status_code == 404


def test_only_learners_pages_install_the_worker(client):
    script = "pages/network.js"
    assert script not in client.get("/login/").content.decode()
    client.force_login(a_learner())
    answer = client.get("/")
    page = answer.content.decode()
    assert script in page
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
