"""The player: resuming, keys and positions, and progress on other devices."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from progress.models import ContentProgress
from tests.factories import content

from .learning import at, covered, eventually, play, progress_of, reach, saved, sign_in, until

pytestmark = pytest.mark.django_db(transaction=True)


def minutes_ago(course, code, minutes):
    """Move what a learner did in a content back in time."""
    moment = timezone.now() - timedelta(minutes=minutes)
    ContentProgress.objects.filter(content=content(course, code)).update(last_position_at=moment)


@pytest.fixture
def elsewhere(browser, site, learner, course):
    """The same learner's other device."""
    context = browser.new_context()
    sign_in(context, site, learner)
    yield context.new_page()
    context.close()


# --- Resuming ------------------------------------------------------------------------------------
def test_another_device_offers_the_position_and_the_first_gap(visit, elsewhere, course):
    visit("clip", page=elsewhere)
    play(elsewhere, seconds=2)
    elsewhere.locator("#media").evaluate("media => media.currentTime = 5")
    play(elsewhere, seconds=1)
    eventually(elsewhere, lambda: covered(course, "clip") >= 2_900)
    elsewhere.close()
    minutes_ago(course, "clip", 3)
    page = visit("clip")
    offer = page.locator("#offer")
    expect(offer).to_contain_text("You were at 0:06 on another device 3 minutes ago.")
    reach(page, 5.5)
    offer.get_by_role("button", name="First gap: 0:02").click()
    until(page, "media.currentTime < 4.5")
    assert 1.9 <= at(page) < 4.5
    expect(offer).to_be_hidden()


def test_the_same_device_a_moment_later_needs_no_offer(visit, course, page, site):
    visit("clip")
    play(page, seconds=2)
    eventually(page, lambda: covered(course, "clip") > 1_500)
    page.goto(f"{site}/")
    visit("clip")
    reach(page, 1.5)
    expect(page.locator("#offer")).to_be_hidden()
    minutes_ago(course, "clip", 90)
    page.goto(f"{site}/")
    page.evaluate("sessionStorage.clear()")
    visit("clip")
    expect(page.locator("#offer")).to_contain_text(re.compile(r"You were at 0:0[23] 2 hours ago\."))


def test_an_idle_page_notices_progress_on_another_device(visit, elsewhere, page, course):
    visit("clip")
    visit("clip", page=elsewhere)
    page.wait_for_timeout(5_000)
    elsewhere.locator("#media").evaluate("media => media.currentTime = 11")
    offer = page.locator("#offer")
    expect(offer).to_contain_text("on another device")
    offer.get_by_role("button", name="Continue there").click()
    until(page, "media.currentTime > 10")


def test_a_url_opens_a_position_and_missing_parts_link_to_it(visit, page, course, site):
    item = content(course, "clip")
    with page.expect_response("**/start_session"):
        page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/#at=9")
    reach(page, 9)
    expect(page.locator("#saved")).not_to_have_text("Not counted yet")
    play(page, seconds=1)
    missing = page.locator("#missing")
    expect(missing).to_contain_text(re.compile("Not watched yet: 0:00–0:09, 0:1[01]–0:12"))
    missing.get_by_role("link", name="0:00–0:09").click()
    until(page, "media.currentTime < 5")
    assert page.locator("#media").evaluate("media => !media.paused")


def test_a_click_on_the_strip_jumps_to_its_position(visit, page):
    visit("clip")
    reach(page, 0)
    until(page, "media.readyState >= 2")
    box = page.locator("#strip").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    reach(page, 8.5)
    assert at(page) < 9.5


# --- Keys and speeds ------------------------------------------------------------------------------
def test_the_keys_do_what_their_list_says(visit, page):
    visit("clip")
    until(page, "media.readyState >= 2")
    page.keyboard.press("l")
    until(page, "media.currentTime >= 9.5")
    page.keyboard.press("ArrowLeft")
    until(page, "Math.abs(media.currentTime - 5) < 1")
    page.keyboard.press("j")
    until(page, "media.currentTime < 0.5")
    page.locator("#media").evaluate("media => media.muted = true")
    page.keyboard.press("k")
    until(page, "!media.paused")
    page.keyboard.press(" ")
    until(page, "media.paused")
    assert not page.locator("#media").evaluate("media => media.loop")
    page.keyboard.press("c")
    until(page, "[...media.textTracks].some((t) => t.mode !== 'disabled')")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_playback_speed_is_limited_to_what_counts(visit, page):
    visit("clip")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name=re.compile("^Speed")).click()
    speeds = page.get_by_role("menuitemradio").filter(has_text=re.compile("×|Normal"))
    expect(speeds.last).to_have_text("2×")
    page.locator("#media").evaluate("media => media.playbackRate = 4")
    until(page, "media.playbackRate === 2")


def test_twice_as_fast_covers_the_same_in_less_time(visit, course):
    page = visit("clip")
    end = 1000 * play(page, seconds=8, rate=2)
    saved(page)
    eventually(page, lambda: covered(course, "clip") >= end - 200)
    row = progress_of(course, "clip")
    assert covered(course, "clip") <= end + 100
    # Half of it is played; what is left is for a busy machine, whose pause comes late.
    assert row.time_ms < end
    assert row.withheld_ms == 0


def test_watching_again_counts_once(visit, course):
    page = visit("clip")
    play(page, seconds=2)
    page.locator("#media").evaluate("media => media.currentTime = 0")
    play(page, seconds=2)
    eventually(page, lambda: progress_of(course, "clip").replayed_ms >= 1_500)
    assert covered(course, "clip") <= 2_600


# --- The course page ------------------------------------------------------------------------------
def test_the_course_page_updates_missing_parts_live(visit, context, page, site, course):
    other = context.new_page()
    other.goto(f"{site}/courses/{course.pk}/")
    why = other.locator("[data-part=why]")
    expect(why).to_have_count(1)
    expect(why).to_be_empty()
    visit("clip")
    end = int(play(page, seconds=3))
    missing = f"0:{end:02}–0:12"
    expect(why).to_contain_text(f"Not watched yet: {missing}")
    why.get_by_role("link", name=missing).click()
    reach(other, end)


def test_completion_is_announced_once(visit, page, course):
    visit("clip")
    play(page, rate=2)
    toast = page.locator("#toast")
    expect(toast).to_have_text("This content is complete.")
    expect(toast).to_be_hidden()
    visit("clip")
    play(page, seconds=2)
    saved(page)
    expect(toast).to_be_hidden()


# --- The end of a content ------------------------------------------------------------------------
def test_the_end_of_a_film_leads_on_by_one_key(visit, page, course):
    visit("clip")
    play(page, rate=2)
    card = page.locator("#end")
    expect(card).to_contain_text("This content is complete.")
    expect(card.get_by_role("link", name="Next: ")).to_have_count(1)
    address = card.locator("[data-next]").get_attribute("href")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))


def test_a_film_with_a_gap_says_at_its_end_what_is_missing(visit, page):
    visit("clip")
    page.locator("#media").evaluate("media => media.currentTime = 6")
    play(page)
    card = page.locator("#end")
    # A jump ends a moment later than asked.
    expect(card).to_contain_text(re.compile("Still missing: 0:0[67]"))
    card.get_by_role("link", name=re.compile("0:00–0:0[67]")).click()
    expect(card).to_be_hidden()
    until(page, "media.currentTime < 4")
    saved(page)


def test_a_chapter_link_works_twice(visit, page):
    visit("clip")
    page.evaluate(
        """() => {
            const link = document.createElement("a");
            link.href = "#at=5";
            link.textContent = "Fifth second";
            document.querySelector("main").append(link);
        }"""
    )
    for _ in range(2):
        page.locator("#media").evaluate("media => media.currentTime = 0")
        until(page, "media.currentTime < 4")
        page.get_by_role("link", name="Fifth second").click()
        reach(page, 5)
    assert "#" not in page.url


# --- Progress that can be seen -------------------------------------------------------------------
LENGTH = "parts => parts.reduce((sum, part) => sum + Number(part.getAttribute('width')), 0) / 100"


def test_what_is_being_counted_is_lighter_and_then_solid(visit, page, context, course):
    visit("clip")
    play(page, seconds=1)
    saved(page)
    context.set_offline(True)
    play(page, seconds=2)
    light = page.locator("#strip .counting rect")
    eventually(page, lambda: light.evaluate_all(LENGTH) > 1.5 / 12)
    context.set_offline(False)
    eventually(page, lambda: covered(course, "clip") >= 2_500)
    expect(light).to_have_count(0)


def test_a_broken_film_is_said_and_can_be_loaded_again(context, page, visit, complaints):
    context.route("**/extinguisher.mp4", lambda route: route.abort())
    visit("clip")
    notice = page.locator("#media-error")
    expect(notice).to_contain_text("This couldn't be loaded.")
    context.unroute("**/extinguisher.mp4")
    notice.get_by_role("button", name="Load it again").click()
    expect(notice).to_be_hidden()
    reach(page, 0.5)
    complaints.clear()


# --- The transcript ------------------------------------------------------------------------------
def test_the_transcript_follows_leads_and_is_searched(visit, page):
    visit("clip")
    until(page, "media.readyState >= 2")
    transcript = page.locator("#transcript")
    transcript.locator("summary").click()
    last = transcript.get_by_role("listitem").last
    last.get_by_role("link").click()
    expect(last.locator("[aria-current]")).to_have_count(1)
    text = last.get_by_role("link").inner_text()
    # Neither case nor accents matter.
    transcript.get_by_role("searchbox").fill(text.upper().replace("E", "É"))
    expect(last).to_be_visible()
    transcript.get_by_role("searchbox").fill("no such word anywhere")
    expect(last).to_be_hidden()
    expect(transcript.locator("output")).to_have_text("0")


def test_digits_and_angle_brackets_are_keys_too(visit, page):
    visit("clip")
    until(page, "media.readyState >= 2")
    page.keyboard.press("5")
    until(page, "Math.abs(media.currentTime - media.duration / 2) < 0.5")
    page.keyboard.press("0")
    until(page, "media.currentTime < 0.5")
    page.keyboard.press(">")
    until(page, "media.playbackRate === 1.25")
    page.keyboard.press("<")
    until(page, "media.playbackRate === 1")
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_what_is_missing_is_asked_for_at_once_and_then_once_a_second(visit, page):
    """So that it never stands for long beside a percentage that has moved on."""
    visit("clip")
    asked = page.evaluate(
        """async () => {
            const { Strip } = await import("/static/pages/strip.js");
            const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            const options = { user_id: 0, content_id: 0, extent: 10, extent_unit: "seconds" };
            const strip = new Strip(svg, null, { ...options, covered: [] });
            const asked = [];
            window.fetch = async (address) => {
                // The page has requests of its own, for other addresses.
                if (String(address) === String(strip.address)) asked.push(performance.now());
                return new Response("{}", { status: 503 });
            };
            strip.refresh({ session_token: "x" });
            const atOnce = asked.length;
            for (let i = 0; i < 5; i++) strip.refresh({ session_token: "x" });
            for (let waits = 0; asked.length < 2 && waits < 1200; waits += 1) {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            await new Promise((resolve) => setTimeout(resolve, 1500));
            return { atOnce, count: asked.length, pause: asked[1] - asked[0] };
        }"""
    )
    assert (asked["atOnce"], asked["count"]) == (1, 2)
    assert asked["pause"] > 900
