"""What a player's page loads of our own JavaScript: what its type of content needs, and no more."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.django_db(transaction=True)

# Bytes, uncompressed, without the vendored players.
MOST = {"clip": 90_000, "rules": 98_000, "text": 84_000, "quiz": 84_000}
WATCHES = {
    "clip": {"media.js", "media_player.js"},
    "rules": {"reading.js", "visible.js", "pdf.js"},
    "text": {"reading.js", "visible.js", "text.js"},
    "quiz": {"quiz.js", "question.js"},
}


@pytest.fixture
def scripts(page):
    """The bytes of each script of ours that the page has loaded, by its file's name."""
    found = {}

    def note(response):
        path = urlsplit(response.url).path
        if path.endswith(".js") and "/vendor/" not in path and response.status == 200:
            found[path.rsplit("/", 1)[1]] = len(response.body())

    page.on("response", note)
    return found


@pytest.mark.parametrize("code", MOST)
def test_a_page_loads_no_more_than_its_type_of_content_needs(visit, scripts, code):
    visit(code)
    others = set().union(*WATCHES.values()) - WATCHES[code]
    assert not others & scripts.keys()
    assert scripts.keys() >= WATCHES[code]
    # Where to continue elsewhere: nobody has been here yet.
    assert "offer.js" not in scripts
    assert sum(scripts.values()) <= MOST[code], scripts
