"""The player at 200 %: a window half as wide and half as high still shows what plays the film."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, a_user, content, grant

from .learning import being_watched, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

DOORS = {
    "code": "doors",
    "title": "Fire doors",
    "content_type": "video",
    "url": "/static/demo/fire-doors.mp4",
    "duration_seconds": 60,
}

# Windows of 1280×720, 1366×768, 1440×900 and 1920×1080 at 200 %, and phones, one on its side.
WINDOWS = [(640, 360), (683, 384), (720, 450), (960, 540), (320, 568), (667, 375), (390, 760)]

# The buttons of an element that can't be clicked: outside the window, or behind something else.
UNREACHABLE = """element => [...element.querySelectorAll("button, input")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .filter((each) => {
        const { left, top, width, height } = each.getBoundingClientRect();
        const found = document.elementFromPoint(left + width / 2, top + height / 2);
        return !element.contains(found);
    })
    .map((each) => each.dataset.plyr ?? each.className)"""


def test_controls_and_progress_are_in_view_without_scrolling(page, visit):
    visit("clip")
    controls = page.locator(".plyr__controls")
    line = page.locator(".progress-line")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        expect(controls).to_be_in_viewport(ratio=0.99)
        expect(line).to_be_in_viewport(ratio=0.99)
        assert controls.evaluate(UNREACHABLE) == [], (width, height)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, height)


def test_the_menu_of_speeds_stays_inside_a_small_window(page, visit):
    page.set_viewport_size({"width": 640, "height": 360})
    visit("clip")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Speed").click()
    slowest, *_, fastest = page.locator("[data-plyr=speed]").all()
    for speed in (slowest, fastest):
        speed.scroll_into_view_if_needed()
        expect(speed).to_be_in_viewport(ratio=0.99)
    fastest.click()
    assert page.locator("#media").evaluate("media => media.playbackRate") > 1


def test_transcript_chapters_and_notes_are_one_step_away(page, site, context):
    """In the windows that are too small to show them under the film."""
    course = a_course_of(DOORS)
    sign_in(context, site, a_learner(course))
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'doors').pk}/")
    being_watched(page)
    parts = page.locator(".to-parts")
    for width, height in ((640, 360), (320, 568), (390, 760)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        page.get_by_role("link", name="Chapters", exact=True).click()
        chapters = page.locator(".chapters li")
        expect(chapters.first).to_be_in_viewport(ratio=0.9)
        page.evaluate("scrollTo(0, 0)")
        page.get_by_role("link", name="Transcript", exact=True).click()
        lines = page.locator("#transcript-lines li")
        expect(lines.first).to_be_in_viewport(ratio=0.9)
        expect(page.get_by_role("searchbox", name="Search the transcript")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        # Above the progress, and beside each other while there is room.
        box = parts.bounding_box()
        assert box["height"] <= 100, (width, box)
        page.locator("#transcript summary").click()
    page.get_by_role("link", name="Your notes").click()
    expect(page.get_by_role("heading", name="Your notes")).to_be_in_viewport()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_head_of_those_who_teach_fits_a_phone(page, context, site, language):
    author = grant(
        a_user(is_staff=True, full_name="Inês Carvalho", language=language), "add_course"
    )
    sign_in(context, site, author)
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(f"{site}/authoring/")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        # The site's name isn't broken into its letters.
        assert page.locator(".bar .home").bounding_box()["height"] < 60, width
