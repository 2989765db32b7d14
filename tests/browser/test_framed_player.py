"""The player's page in a frame of another site: an allowed one, a refused one, an unrelated one."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content

from .learning import CLIP, RULES, covered, eventually, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
FRAME = '<!doctype html><html lang="en"><title>LMS</title><iframe src="{}" {}></iframe></html>'
WIDE = 'title="Player" width="1200" height="800" allow="autoplay"'


@pytest.fixture
def framing(page, context, site_with, other_site):
    """Open a page of another site that frames the player of a film, or what `path` names."""

    def framing(*, is_allowed=True, host="127.0.0.1", path=None):
        address = other_site.address.replace("127.0.0.1", host)
        site = site_with(PLAYER_FRAME_ANCESTORS=address if is_allowed else "")
        course = a_course_of(CLIP, RULES)
        sign_in(context, site.url, a_learner(course))
        player = f"/courses/{course.pk}/contents/{content(course, 'clip').pk}/"
        other_site.pages["/"] = FRAME.format(site.url + (path or player), WIDE)
        page.goto(address)
        return course

    return framing


def test_a_site_that_is_allowed_frames_the_player_which_counts(framing, page, context):
    course = framing()
    frame = page.frame_locator("iframe")
    expect(frame.locator("html[data-tracking=on]")).to_have_count(1)
    frame.locator("#media").evaluate("(media) => { media.muted = true; media.play(); }")
    eventually(page, lambda: covered(course, "clip") >= 1_500)
    frame.locator("#media").evaluate("(media) => media.pause()")
    # Another page of the site may not be framed, and opens in a tab; another player stays.
    with context.expect_page() as opened:
        frame.locator(".crumb a").click()
    assert opened.value.url.endswith(f"/courses/{course.pk}/")
    frame.get_by_role("link", name="House rules").first.click()
    expect(frame.get_by_role("heading", name="House rules")).to_be_visible()


@pytest.mark.parametrize("path", [None, "/"])
def test_what_is_not_allowed_shows_nothing(framing, page, complaints, path):
    framing(is_allowed=path is not None, path=path)
    eventually(page, lambda: any("frame-ancestors" in said for said in complaints))
    assert page.frames[1].url == "chrome-error://chromewebdata/"
    complaints.clear()


def test_a_frame_to_which_the_browser_sends_no_cookies_asks_to_sign_in_outside(
    framing, page, context, complaints
):
    framing(host="localhost")  # not the same site as 127.0.0.1
    link = page.frame_locator("iframe").get_by_role("link", name="Sign in")
    with context.expect_page() as opened:
        link.click()
    # There the cookie is sent: it is the player itself.
    expect(opened.value.get_by_role("heading", name="The extinguisher")).to_be_visible()
    complaints.clear()  # about the 403
