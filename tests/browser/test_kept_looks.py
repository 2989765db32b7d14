"""The pages of courses that are kept: accessible in both schemes and sizes, in four languages."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content
from tests.support.accessibility import violations

from .kept_device import Device, under_control
from .learning import CLIP, QUIZ, RULES, TEXT, being_watched

pytestmark = pytest.mark.django_db(transaction=True)
TIMED = QUIZ | {"code": "timed", "title": "Against time", "time_limit_minutes": 10}
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}
BLOCKED = """
Object.defineProperty(window, "caches", {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
});
"""


@pytest.fixture
def site(forwarder):
    return forwarder.url


@pytest.fixture
def course(site):
    return a_course_of(CLIP, RULES, TEXT, QUIZ, TIMED)


@pytest.fixture
def open_device(browser_type, browser_type_launch_args, tmp_path, forwarder):
    opened, folder = [], tmp_path / "profile"

    def open_it(site, learner, **options):
        device = Device(browser_type, browser_type_launch_args, folder, forwarder, **options)
        opened.append(device)
        device.sign_in(site, learner)
        return device

    yield open_it
    for device in opened:
        device.close()
        assert device.complaints == []


def keep_in_any_language(page, site, course):
    page.goto(f"{site}/courses/{course.pk}/")
    under_control(page)
    page.locator("[data-keep=keep]").click()
    expect(page.locator("[data-keep=remove]")).to_be_visible()


def fits(page):
    return page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("window", SIZES)
def test_axe_finds_nothing_on_them(window, colors, open_device, site, course):
    options = {"viewport": SIZES[window], "color_scheme": colors, "reduced_motion": "reduce"}
    device = open_device(site, a_learner(course, full_name="Lena Fischer"), **options)
    page = device.page
    keep_in_any_language(page, site, course)
    page.locator("[data-keep=left-out] summary").click()
    assert violations(page) == []
    assert fits(page)
    for path in ("account/", "kept/sign-out/"):
        page.goto(f"{site}/{path}")
        expect(page.get_by_text("Fire safety").last).to_be_visible()
        assert violations(page) == []
        assert fits(page)
    device.set_offline(True)
    codes = ["clip", "rules", "text", "quiz"]
    pages = [f"contents/{content(course, code).pk}/" for code in codes]
    for path in (f"courses/{course.pk}/{page_path}" for page_path in ["", *pages]):
        page.goto(f"{site}/{path}")
        expect(page.locator("#offline")).to_be_visible()
        assert violations(page) == []
        assert fits(page)
    page.goto(f"{site}/")
    expect(page.get_by_role("link", name="Fire safety")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("code", dict(settings.LANGUAGES))
def test_they_are_in_the_learners_language(code, open_device, site, course):
    device = open_device(site, a_learner(course, language=code), viewport=SIZES["narrow"])
    page = device.page
    keep_in_any_language(page, site, course)
    device.set_offline(True)
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'quiz').pk}/")
    being_watched(page)
    page.locator("fieldset input").first.check()
    banner = page.locator("#offline")
    expect(banner.locator("span").first).to_have_text(re.compile(r"\d"))
    assert page.locator("html").get_attribute("lang") == code
    assert ("No network" in banner.inner_text()) == (code == "en")
    assert ("Waiting to be sent" in banner.inner_text()) == (code == "en")
    assert fits(page)
    page.goto(f"{site}/")
    assert page.locator("html").get_attribute("lang") == code
    expect(page.get_by_role("link", name="Fire safety")).to_be_visible()


def test_a_browser_that_stores_nothing_says_so(open_device, site, course):
    device = open_device(site, a_learner(course))
    device.context.add_init_script(BLOCKED)
    page = device.page
    page.goto(f"{site}/courses/{course.pk}/")
    expect(page.locator("#keep")).to_contain_text("This browser can’t keep courses")
    expect(page.locator("#keep button:visible")).to_have_count(0)


# --- Files from the device ------------------------------------------------------------------------
# Parts as small as this one end within the ranges.
IN_SMALL_PARTS = """async () => {
    const cache = await caches.open("kept-files");
    for (const { url } of await cache.keys()) {
        if (!/^\\/kept\\/file\\/[^/]+$/.test(new URL(url).pathname)) continue;
        const about = await (await cache.match(url)).json();
        if (about.type !== "video/mp4") continue;
        const whole = await (await cache.match(`${url}/0`)).blob();
        for (let number = 0; number * 700 < about.size; number += 1) {
            const part = whole.slice(number * 700, (number + 1) * 700);
            await cache.put(`${url}/${number}`, new Response(part));
        }
        await cache.put(url, new Response(JSON.stringify({ ...about, part: 700 })));
        return about.size;
    }
    return 0;
}"""


@pytest.mark.parametrize("are_parts_small", [False, True], ids=["one part", "many parts"])
def test_ranges_of_a_kept_film_are_cut_exactly(are_parts_small, open_device, site, course):
    device = open_device(site, a_learner(course))
    page = device.page
    keep_in_any_language(page, site, course)
    ask = """async (range) => {
        const headers = range ? { Range: range } : {};
        const answer = await fetch("/static/demo/extinguisher.mp4", { headers });
        const bytes = new Uint8Array(await answer.arrayBuffer());
        const digest = await crypto.subtle.digest("SHA-256", bytes);
        return [answer.status, answer.headers.get("Content-Range"), bytes.length,
            [...new Uint8Array(digest)].join()];
    }"""
    ranges = ["", "bytes=0-99", "bytes=1000-1999", "bytes=-500", "bytes=5000-"]
    online = [page.evaluate(ask, each) for each in ranges]
    if are_parts_small:
        assert page.evaluate(IN_SMALL_PARTS) > 5_000
    device.set_offline(True)
    # Only a copy of a page gets its files from the device alone, and not from the browser's cache.
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'clip').pk}/")
    offline = [page.evaluate(ask, each) for each in ranges]
    assert offline == online
    assert [each[0] for each in offline] == [200, 206, 206, 206, 206]
    assert page.evaluate(ask, "bytes=99999999-")[0] == 416
