"""YouTube's and Vimeo's players on a learner's page: what they really play is what is credited."""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from authoring import drafting, outline
from tests.factories import a_course_of, a_learner, an_instructor, content
from tests.support.accessibility import violations
from tests.support.players import FakePlayer, common, length, union

from .learning import RULES, covered, eventually, progress_of, saved, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = {
    "youtube": "https://www.youtube.com/watch?v=M7lc1UVf-VE",
    "vimeo": "https://vimeo.com/76979871",
}
services = pytest.mark.parametrize("service", ADDRESSES)


class Scene:
    """A learner's page with a fake of a service's player."""

    def __init__(self, page, context, site_with, settings):
        self.page, self.context, self.site_with = page, context, site_with
        self.earlier = []  # played before the page was loaded again
        settings.EMBEDDED_PLAYERS = list(ADDRESSES)
        self.settings = {"EMBEDDED_PLAYERS": ",".join(ADDRESSES)}

    def open(self, service, url=None, *, is_away=False, **fake):
        self.site = self.site_with(**self.settings)
        film = {"code": "film", "title": "The film", "content_type": "video"}
        film |= {"url": url or ADDRESSES[service], "duration_seconds": fake.get("duration", 20)}
        self.course = a_course_of(film, RULES)
        self.learner = a_learner(self.course)
        sign_in(self.context, self.site.url, self.learner)
        self.fake = FakePlayer(self.page, service, **fake)
        self.fake.is_away = is_away
        self.go()
        return self

    def go(self, place=""):
        item = content(self.course, "film")
        address = f"{self.site.url}/courses/{self.course.pk}/contents/{item.pk}/{place}"
        with self.page.expect_response("**/start_session"):
            self.page.goto(address)
        expect(self.page.locator("html[data-tracking=on]")).to_have_count(1)
        if not self.fake.is_away:
            self.fake.until("() => window.isAsked !== false")

    def credited(self):
        """The covered stretches in seconds, once everything is saved."""
        saved(self.page)
        row = progress_of(self.course, "film")
        return [[start / 1000, end / 1000] for start, end in row.coverage]

    def agrees(self, ends):
        """What was credited was played, and of what was played only ends of stretches miss."""
        really = union([*self.earlier, *self.fake.played()])
        eventually(
            self.page, lambda: covered(self.course, "film") >= 1000 * length(really) - 400 * ends
        )
        found = self.credited()
        assert common(found, really) == pytest.approx(length(found), abs=0.05), (found, really)
        return length(found)


@pytest.fixture
def scene(page, context, site_with, settings):
    return Scene(page, context, site_with, settings)


@services
def test_what_the_player_really_played_is_what_is_credited(scene, service):
    scene.open(service, duration=40)
    fake, run = scene.fake, scene.fake.run
    fake.plays_to(2)
    run("film.seek(10)")
    run("film.setRate(2)")
    fake.plays_to(13)
    run("film.setRate(1)")
    run("film.seek(20); film.play()")
    fake.until("() => film.position > 21")
    run("film.stall(1)")
    fake.until("() => film.position > 22.5")
    if service == "youtube":
        run("film.advertise(4, 'standing')")
        fake.until("() => film.position > 24")
    run("film.seek(11)")
    fake.until("() => film.position > 12")
    run("film.pause()")
    assert scene.agrees(ends=6) > 6
    row = progress_of(scene.course, "film")
    assert row.withheld_ms == 0


@services
def test_a_film_to_its_end_is_complete_and_the_next_content_is_offered(scene, service):
    scene.open(service, duration=4)
    scene.fake.run("film.play()")
    scene.fake.until("() => film.position >= 4")
    end = scene.page.locator("#end")
    expect(end).to_be_visible()
    expect(end).to_contain_text("House rules")
    expect(scene.page.locator(".below [data-state]")).to_have_text("Complete")
    assert scene.agrees(ends=1) == pytest.approx(4, abs=0.4)


@services
def test_it_goes_on_where_the_learner_was(scene, service):
    scene.open(service)
    scene.fake.plays_to(3)
    scene.agrees(ends=1)
    scene.earlier = scene.fake.played()
    scene.go()
    scene.fake.until("() => film.position > 2.5")
    scene.fake.run("film.play()")
    scene.fake.until("() => film.position > 5")
    scene.fake.run("film.pause()")
    assert scene.agrees(ends=2) > 4
    row = progress_of(scene.course, "film")
    assert row.seek_count == 0


def test_it_begins_where_its_address_says(scene):
    scene.open("youtube", f"{ADDRESSES['youtube']}&t=12s")
    scene.fake.until("() => film.position === 12")
    scene.page.locator("#strip").click(position={"x": 1, "y": 1})
    scene.fake.until("() => film.position < 1")


@services
def test_keys_and_speeds_work_outside_the_frame(scene, service):
    scene.open(service)
    page, fake = scene.page, scene.fake
    assert violations(page) == []
    page.locator("h1").click()
    page.keyboard.press("k")
    fake.until("() => film.isPlaying && film.position > 0.3")
    page.keyboard.press("l")
    fake.until("() => film.position > 9")
    page.keyboard.press("m")
    fake.until("() => muted === true")
    page.keyboard.press(">")
    fake.until("() => film.rate === 1.25")
    page.keyboard.press("k")
    fake.until("() => !film.isPlaying")
    page.keyboard.press("0")
    fake.until("() => film.position === 0")
    page.keyboard.press("c")
    expect(page.locator("#toast")).to_contain_text("Captions are switched in the player of")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_faster_than_what_counts_is_set_back_and_said(scene):
    scene.settings["MAX_PLAYBACK_RATE"] = "1.5"
    scene.open("youtube")
    scene.fake.run("film.setRate(2); film.play()")
    scene.fake.until("() => film.rate === 1.5")
    expect(scene.page.get_by_text("Faster than 1.5× isn't counted.")).to_be_visible()
    scene.fake.run("film.pause()")


def test_a_film_that_may_only_play_at_one_speed_is_no_error(scene):
    scene.open("vimeo", hasOneRate=True)
    scene.page.locator("h1").click()
    scene.page.keyboard.press(">")
    scene.fake.plays_to(1.5)
    expect(scene.page.locator("#media-error")).to_be_hidden()
    scene.agrees(ends=1)


@pytest.mark.parametrize(
    ("service", "error", "said"),
    [
        ("youtube", 100, "YouTube says that this video doesn't exist any more."),
        ("youtube", 150, "YouTube says that this video may not be shown on other sites."),
        ("youtube", 153, "this page's address is hidden from it"),
        ("vimeo", "PrivacyError", "Vimeo says that this video may not be shown on other sites."),
    ],
)
def test_why_it_cannot_be_played_is_said_on_the_page(scene, service, error, said):
    scene.open(service, error=error)
    expect(scene.page.locator("#media-error")).to_contain_text(said)


def test_without_a_network_the_page_says_so_and_goes_on_with_it(scene, context):
    scene.open("youtube", is_away=True)
    notice = scene.page.locator("#media-error")
    expect(notice).to_contain_text("The player of YouTube doesn't answer, so nothing is counted.")
    scene.fake.is_away = False
    notice.get_by_role("button", name="Load it again").click()
    scene.page.wait_for_function("() => document.getElementById('media-error').hidden")
    eventually(scene.page, lambda: len(scene.page.frames) > 1)
    scene.fake.plays_to(1.5)
    assert scene.agrees(ends=1) > 1


def test_the_page_of_a_file_loads_nothing_of_them(page, visit, learner):
    asked = set()
    page.on("request", lambda request: asked.add(Path(urlsplit(request.url).path).name))
    visit("clip")
    assert "media_player.js" in asked
    others = {"youtube.js", "vimeo.js", "player.js", "frame_player.js", "film_frame.js"}
    others |= {"film_loading.js", "stream.js", "stream_player.js", "hls_stream.js"}
    others |= {"dash_stream.js", "hls.min.mjs", "dash.mediaplayer.min.mjs"}
    assert not others & asked


# --- Authors -------------------------------------------------------------------------------------
@pytest.fixture
def build(page, context, site_with, settings):
    """The draft of a course with a new video, and its author signed in."""

    def build(allowed, url=""):
        settings.EMBEDDED_PLAYERS = allowed
        site = site_with(EMBEDDED_PLAYERS=",".join(allowed))
        course = a_course_of(RULES)
        author = an_instructor(course)
        keys = []
        drafting.change(course, author, 0, partial(_with_video, url=url, keys=keys))
        sign_in(context, site.url, author)
        [key] = keys
        query = f"?module={key[0]}&content={key[1]}"
        return course, f"{site.url}/authoring/courses/{course.pk}", query

    return build


def _with_video(document, url, keys):
    video = {"title": "The film", "content_type": "video", "url": url}
    module = document["modules"][0]["code"]
    changed, key = outline.add_content(document, module, video)
    keys.append(key)
    return changed


def test_an_author_reads_while_typing_whether_an_address_is_played(page, build):
    _course, address, query = build(["youtube"])
    page.goto(f"{address}/content/{query}")
    field, said = page.get_by_label("Or another address"), page.locator("#address-check")
    field.fill(ADDRESSES["youtube"])
    expect(said).to_have_text("Played by the player of YouTube. The preview shows how long it is.")
    field.fill(ADDRESSES["vimeo"])
    expect(said).to_contain_text("This site doesn't show videos of Vimeo.")
    field.fill("https://www.youtube.com/playlist?list=PL1")
    expect(said).to_contain_text("This address leads to no single video at YouTube")
    field.fill("/static/demo/extinguisher.mp4")
    expect(said).to_be_hidden()


def test_the_preview_measures_a_film_and_says_when_the_course_differs(page, build):
    course, address, query = build(["youtube"], ADDRESSES["youtube"])
    fake = FakePlayer(page, "youtube", duration=212.5)
    page.goto(f"{address}/preview/{query}")
    said = page.locator("#measured")
    expect(said).to_contain_text("The course doesn't say how long this is. The player says: 3:33")
    page.get_by_role("button", name="Use this length").click()
    expect(said).to_contain_text("The course has the length that the player says: 3:33")
    document = drafting.shown(course).document
    assert document["modules"][0]["contents"][-1]["duration_seconds"] == 212.5
    fake.settings["duration"] = 180
    page.reload()
    expect(said).to_contain_text(
        "The course gives another length than the player, which says: 3:00"
    )
    expect(page.get_by_role("button", name="Use this length")).to_be_visible()
