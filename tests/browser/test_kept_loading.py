"""Loading a course onto a device: interrupted, cancelled, and without enough room."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner

from .kept_device import KEPT, files_on, under_control
from .learning import CLIP, QUIZ, RULES, TEXT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(forwarder):
    return forwarder.url


@pytest.fixture
def course(site):
    return a_course_of(CLIP, RULES, TEXT, QUIZ)


@pytest.fixture
def learner(course):
    return a_learner(course, full_name="Lena Fischer")


def test_loading_goes_on_after_an_interruption(laptop, site, course):
    page = laptop.page
    laptop.context.route("**/house-rules.pdf", lambda route: route.abort())
    page.goto(f"{site}/courses/{course.pk}/")
    under_control(page)
    page.get_by_role("button", name=re.compile("^Keep on this device")).click()
    state = page.locator("[data-keep=state]")
    expect(state).to_contain_text(re.compile("^Interrupted at"))
    laptop.context.unroute("**/house-rules.pdf")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Go on").click()
    expect(state).to_have_text(KEPT)
    assert any("house-rules.pdf" in url for url in asked)
    assert not [url for url in asked if url.endswith("extinguisher.mp4")]


def test_of_a_large_file_only_the_missing_parts_are_loaded(laptop, site, course):
    page = laptop.page
    whole, asked = bytes(range(256)) * 40_000, []  # 10.24 MB, three parts

    def add_large(route):
        answer = route.fetch()
        kept = answer.json()
        large = {"address": "/large.bin", "source": "/large.bin", "key": "large"}
        kept["files"].append(large | {"bytes": len(whole)})
        kept["bytes"] += len(whole)
        route.fulfill(response=answer, json=kept)

    def send_part(route):
        first, last = map(int, re.findall(r"\d+", route.request.headers["range"]))
        asked.append(first)
        if len(asked) == 2:
            route.abort()
            return
        headers = {"Content-Range": f"bytes {first}-{last}/{len(whole)}"}
        route.fulfill(status=206, headers=headers, body=whole[first : last + 1])

    laptop.context.route(f"**/kept/courses/{course.pk}/", add_large)
    laptop.context.route("**/large.bin", send_part)
    page.goto(f"{site}/courses/{course.pk}/")
    under_control(page)
    page.get_by_role("button", name=re.compile(r"^Keep on this device \(13 MB\)")).click()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-keep=state]")).to_have_text(KEPT)
    part = 4 * 1024 * 1024
    assert asked == [0, part, part, 2 * part]
    stored = page.evaluate(
        """async () => {
            const cache = await caches.open("kept-files");
            const parts = [0, 1, 2].map((number) => cache.match(`/kept/file/large/${number}`));
            const sizes = [];
            for (const part of parts) sizes.push((await (await part).arrayBuffer()).byteLength);
            return sizes;
        }"""
    )
    assert stored == [part, part, len(whole) - 2 * part]


def test_cancelled_loading_leaves_nothing(laptop, site, course):
    page = laptop.page
    held = []
    laptop.context.route("**/house-rules.pdf", lambda route: held.append(route))
    page.goto(f"{site}/courses/{course.pk}/")
    under_control(page)
    page.get_by_role("button", name=re.compile("^Keep on this device")).click()
    expect(page.locator("[data-keep=state]")).to_contain_text(re.compile("^Loading: .* of "))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name=re.compile("^Keep on this device"))).to_be_visible()
    assert files_on(page) == 0
    for route in held:
        route.abort()


def test_without_enough_room_it_says_so_and_keeps_nothing(laptop, site, course):
    page = laptop.page
    page.goto(f"{site}/courses/{course.pk}/")
    under_control(page)
    button = page.get_by_role("button", name=re.compile("^Keep on this device"))
    expect(button).to_be_visible()
    quota = laptop.context.new_cdp_session(page)
    quota.send("Storage.overrideQuotaForOrigin", {"origin": site, "quotaSize": 1_500_000})
    button.click()
    expect(page.locator("[data-keep=state]")).to_contain_text("There isn’t enough room")
    assert files_on(page) == 0
