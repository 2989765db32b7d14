"""The player at 200 %: a window half as wide and half as high still shows what plays the film."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)

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
