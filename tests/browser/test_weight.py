"""What a player's page loads of our own JavaScript: what its type of content needs, and no more.

Counted are the bytes that `collectstatic` writes, which is what a site serves.
"""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from lms_progress.served_scripts import served

pytestmark = pytest.mark.django_db(transaction=True)

# Bytes at load, not compressed, without the vendored players.
MAX_BYTES = {"clip": 60_000, "rules": 60_000, "text": 60_000, "quiz": 60_000}
# Loaded once the browser is idle: other devices, and what has to work without a network as well.
IDLE = {"live_bars.js", "live.js", "feed.js", "tabs.js", "pdf_search.js"}
MAX_IDLE_BYTES = 15_000
WATCHES = {
    "clip": {"media.js", "media_player.js"},
    "rules": {"reading.js", "visible.js", "pdf.js"},
    "text": {"reading.js", "visible.js", "text.js"},
    "quiz": {"quiz.js", "question.js"},
}


@pytest.fixture
def scripts(page):
    """The paths of the scripts of ours that the page has asked for."""
    found = set()

    def note(request):
        path = urlsplit(request.url).path
        if path.endswith(".js") and "/vendor/" not in path:
            found.add(path)

    page.on("request", note)
    return found


@pytest.mark.parametrize("code", MAX_BYTES)
def test_a_page_loads_no_more_than_its_type_of_content_needs(visit, scripts, code):
    visit(code)
    names = {Path(path).name for path in scripts}
    others = set().union(*WATCHES.values()) - WATCHES[code]
    assert not others & names
    assert names >= WATCHES[code]
    # Where to continue elsewhere: there is no place here yet.
    assert "offer.js" not in names
    # Nothing was refused, and no session has ended.
    assert "recovery.js" not in names
    at_load = sizes_of(path for path in scripts if Path(path).name not in IDLE)
    assert sum(at_load.values()) <= MAX_BYTES[code], at_load


def test_what_can_wait_is_loaded_once_the_browser_is_idle(page, visit, scripts):
    page.add_init_script(
        "window.idle = []; window.requestIdleCallback = (act) => { window.idle.push(act); };"
    )
    visit("rules")
    assert not IDLE & {Path(path).name for path in scripts}
    page.get_by_label("Find in the document").wait_for()
    with page.expect_request("**/tabs.js"), page.expect_request("**/pdf_search.js"):
        page.evaluate("window.idle.forEach((act) => act())")
    idle = sizes_of(path for path in scripts if Path(path).name in IDLE)
    assert {Path(path).name for path in idle} == IDLE
    assert sum(idle.values()) <= MAX_IDLE_BYTES, idle


def sizes_of(paths):
    names = {path: path.removeprefix("/static/") for path in paths}
    folder = settings.BASE_DIR / "static"
    return {path: len(served(name, (folder / name).read_bytes())) for path, name in names.items()}
