"""The HTML that loads the tracker elsewhere: addresses that never change, with hashes."""

import hashlib
import json
import re
from base64 import b64encode
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories import a_user

SITE = "https://progress.example.com"
SOURCE = Path(settings.BASE_DIR) / "static" / "progress"


def printed(base_url=SITE) -> str:
    output = StringIO()
    call_command("tracker_html", base_url=base_url, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def html() -> str:
    return printed()


@pytest.fixture(scope="module")
def import_map_text(html) -> str:
    return re.search(r'<script type="importmap">(.*?)</script>', html, re.S)[1]


def hash_of(content: bytes, algorithm="sha384") -> str:
    return f"{algorithm}-{b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def test_every_module_is_served_with_its_hash_to_every_origin_and_for_good(import_map_text):
    hashes = json.loads(import_map_text)["integrity"]
    assert {path.split("/")[-1].split("?")[0] for path in hashes} == {
        path.name for path in SOURCE.glob("*.js")
    }
    client = Client()
    for address, expected in hashes.items():
        answer = client.get(address.removeprefix(SITE))
        assert answer.status_code == 200, address
        assert hash_of(b"".join(answer.streaming_content)) == expected
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "immutable" in answer["Cache-Control"]
        assert answer["Content-Type"].startswith("text/javascript")


def test_the_addresses_under_which_a_module_is_loaded_again_have_hashes(import_map_text):
    attempts = re.search(r"Math\.min\(this\.failedLoads \+ 1, (\d+)\)", _text("delivery.js"))[1]
    hashes = json.loads(import_map_text)["integrity"]
    again = {address.split("?again=")[1] for address in hashes if "?again=" in address}
    assert again == {str(number + 1) for number in range(int(attempts))}


def _text(name: str) -> str:
    return (SOURCE / name).read_text()


def test_the_names_in_the_map_are_those_of_the_package(import_map_text):
    imports = json.loads(import_map_text)["imports"]
    package = json.loads(_text("package.json"))
    names = {name.replace(".", package["name"], 1) for name in package["exports"]}
    assert set(imports) == names - {f"{package['name']}/package.json"}
    assert imports[package["name"]].endswith("/tracker.js")


def test_the_policy_allows_this_map_and_no_other_inline_script(html, import_map_text):
    assert f"'{hash_of(import_map_text.encode(), 'sha256')}'" in html
    assert "unsafe-inline" not in html


def test_the_line_has_the_hash_of_the_element(html):
    found = re.search(r'<script type="module" src="(.+?)" integrity="(.+?)" crossorigin', html)
    assert found[1].startswith(f"{SITE}/static/progress-")
    assert found[2] == hash_of((SOURCE / "learning_progress.js").read_bytes())


@pytest.mark.parametrize("wrong", ["progress.example.com", "https://a.example/lms", "ftp://a"])
def test_an_address_that_is_no_origin_is_refused(wrong):
    with pytest.raises(CommandError, match="--base-url"):
        printed(wrong)


def test_older_folders_are_kept_when_files_are_collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    older = tmp_path / "progress-0123456789ab" / "tracker.js"
    older.parent.mkdir()
    older.write_text("// of an earlier version")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert older.exists()
    [current] = [path for path in tmp_path.glob("progress-*") if path != older.parent]
    assert {path.name for path in current.iterdir()} == {path.name for path in SOURCE.glob("*.js")}


def test_an_unknown_version_is_not_served():
    assert Client().get("/static/progress-0123456789ab/tracker.js").status_code == 404


def test_other_static_files_are_found_as_before():
    assert finders.find("progress/nothing.js") is None
    assert finders.find("progress/tracker.js") == str(SOURCE / "tracker.js")


# --- In the admin --------------------------------------------------------------------------------
LINES = "/admin/knox/authtoken/tracker-lines"


@pytest.mark.django_db
def test_the_page_of_keys_leads_to_the_same_lines(settings):
    settings.PUBLIC_URL = SITE
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example.org"]
    client = Client()
    client.force_login(a_user(is_staff=True, is_superuser=True))
    listed = client.get("/admin/knox/authtoken/").content.decode()
    assert LINES in listed
    page = client.get(re.search(rf'"({LINES}[^"]*)"', listed)[1]).content.decode()
    shown = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[1]
    assert unescape(shown).strip() == printed(SITE).strip()
    assert "https://shop.example.org" in page


@pytest.mark.django_db
def test_who_may_not_see_keys_does_not_see_the_lines():
    client = Client()
    client.force_login(a_user(is_staff=True))
    assert client.get(f"{LINES}/").status_code in {403, 404}
