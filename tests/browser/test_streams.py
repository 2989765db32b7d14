"""HLS and DASH streams, played by the browser or by a library: counted like a file."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content
from tests.support.streams import SECONDS, make_dash, make_hls, serving_streams

from .learning import (
    RULES,
    being_watched,
    covered,
    eventually,
    play,
    progress_of,
    saved,
    sign_in,
    until,
)

pytestmark = pytest.mark.django_db(transaction=True)
# As in browsers that can't play HLS themselves.
NO_HLS = """
const canPlayType = HTMLMediaElement.prototype.canPlayType;
HTMLMediaElement.prototype.canPlayType = function (type) {
    return type.includes("mpegurl") ? "" : canPlayType.call(this, type);
};"""
PLAYED = {"hls.js": "index.m3u8", "the browser": "index.m3u8", "dash.js": "film.mpd"}
ways = pytest.mark.parametrize("way", PLAYED)


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streams")
    make_hls(folder)
    make_dash(folder)
    with serving_streams(folder) as site:
        yield site


@pytest.fixture
def show(page, context, site_with, settings, streams):
    """Open the page of a stream, played in one of the ways of `PLAYED`."""
    streams.faults.clear()

    def show(way, name=None, **more):
        settings.EMBEDDED_PLAYERS = [streams.url]
        site = site_with(EMBEDDED_PLAYERS=streams.url)
        if way == "hls.js":
            page.add_init_script(NO_HLS)
        film = {"code": "film", "title": "The stream", "content_type": "video"}
        film |= {"url": f"{streams.url}/{name or PLAYED[way]}", "duration_seconds": SECONDS} | more
        course = a_course_of(film, RULES)
        sign_in(context, site.url, a_learner(course))
        page.goto(f"{site.url}/courses/{course.pk}/contents/{content(course, 'film').pk}/")
        being_watched(page)
        return course

    return show


def loaded_libraries(page):
    return set(
        page.evaluate(
            "performance.getEntriesByType('resource').map((each) => each.name)"
            ".filter((name) => /vendor.(hls|dash).*mjs/.test(name))"
            ".map((name) => name.split('/').at(-2))"
        )
    )


@ways
def test_a_stream_is_counted_like_a_file(show, page, way):
    course = show(way)
    until(page, "media.readyState >= 3")
    end = 1000 * play(page, seconds=3)
    eventually(page, lambda: covered(course, "film") >= end - 300)
    page.locator("#media").evaluate("(media) => (media.currentTime = 8)")
    until(page, "!media.seeking && media.readyState >= 3")
    play(page)
    saved(page)
    eventually(page, lambda: covered(course, "film") >= end + 3_500)
    row = progress_of(course, "film")
    spans = sorted(row.coverage)
    assert spans[0][0] == 0
    assert spans[0][1] <= end + 300
    assert spans[-1][0] >= 7_900
    assert spans[-1][1] >= 1000 * SECONDS - 100
    assert row.seek_count == 1
    libraries = {"hls.js": {"hls.js-1.7.4"}, "the browser": set(), "dash.js": {"dashjs-5.2.1"}}
    assert loaded_libraries(page) == libraries[way]


@ways
def test_a_stream_to_its_end_completes_and_goes_on_elsewhere(show, page, way):
    course = show(way)
    until(page, "media.readyState >= 3")
    play(page, rate=2)
    expect(page.locator(".below [data-state]")).to_have_text("Complete")
    expect(page.locator("#end")).to_contain_text("House rules")
    eventually(page, lambda: covered(course, "film") >= 1000 * SECONDS - 300)


# dash.js looks for the end five times a second: here it never misses the last moment.
ALWAYS_LOOKING = """
const { setInterval } = window;
window.setInterval = (act, ms, ...more) => setInterval(act, ms === 200 ? 4 : ms, ...more);"""


def test_a_dash_film_goes_to_its_end_when_the_manifest_has_rounded_it_down(show, page):
    page.add_init_script(ALWAYS_LOOKING)
    course = show("dash.js")
    until(page, "media.readyState >= 3")
    page.locator("#media").evaluate("(media) => (media.currentTime = 11)")
    until(page, "!media.seeking && media.readyState >= 3")
    page.locator("#media").evaluate(
        """(media) => {
            media.past = 0;
            setInterval(() => (media.past += 12 < media.currentTime && !media.ended), 5);
            media.addEventListener("timeupdate", () => {
                if (media.currentTime > 11.95) media.playbackRate = 0.0625;
            });
        }"""
    )
    assert play(page) > SECONDS
    assert page.locator("#media").evaluate("(media) => media.ended && media.past > 0")
    saved(page)
    end = 1000 * SECONDS - 50
    eventually(page, lambda: any(span[1] >= end for span in progress_of(course, "film").coverage))


def test_a_wait_for_data_is_neither_played_nor_a_gap(show, page, streams):
    streams.faults |= {"1.ts": 6}
    course = show("hls.js")
    until(page, "media.readyState >= 3")
    page.evaluate(
        "window.waits = 0;"
        "document.getElementById('media').addEventListener('waiting', () => (waits += 1))"
    )
    end = 1000 * play(page, seconds=6)
    saved(page)
    eventually(page, lambda: covered(course, "film") >= end - 300)
    row = progress_of(course, "film")
    assert page.evaluate("waits") >= 1
    assert len(row.coverage) == 1
    assert row.seek_count == 0


@pytest.mark.parametrize("way", ["hls.js", "dash.js"])
def test_a_stream_that_is_not_there_is_said_and_may_be_loaded_again(
    show, page, streams, complaints, way
):
    streams.faults |= {PLAYED[way]: 404}
    course = show(way)
    notice = page.locator("#media-error")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("This couldn't be loaded.")
    streams.faults.clear()
    notice.get_by_role("button", name="Load it again").click()
    until(page, "media.currentTime > 1.5")
    page.locator("#media").evaluate("(media) => media.pause()")
    expect(notice).to_be_hidden()
    eventually(page, lambda: covered(course, "film") >= 1_000)
    assert all("404" in each or "manifest" in each.lower() for each in complaints)
    complaints.clear()


# --- The adapters themselves ---------------------------------------------------------------------
WATCH = """async (address) => {
    const { HlsStream } = await import("/static/progress/hls_stream.js");
    const { MediaWatch } = await import("/static/progress/media.js");
    document.getElementById("media").pause();
    window.events = [];
    const record = (_content, type, fields) => events.push({ type, ...fields });
    const tracker = { record, clock: { setPlaying() {} }, watches: new Set() };
    window.video = document.createElement("video");
    video.muted = true;
    document.body.append(video);
    const library = "/static/vendor/hls.js-1.7.4/hls.min.mjs";
    const config = { workerPath: "/static/vendor/hls.js-1.7.4/hls.worker.js" };
    window.film = new HlsStream(video, address, () => import(library), config);
    window.watch = new MediaWatch(film, 1, tracker);
    window.until = async (isTrue) => {
        for (let waits = 0; !isTrue(); waits += 1) {
            if (waits > 3000) throw new Error(`Not after a minute: ${isTrue}`);
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    };
    await until(() => video.readyState >= 3);
    video.play();
}"""


@pytest.fixture
def watched(show, page, streams):
    def watched(name="index.m3u8"):
        show("hls.js")
        page.evaluate(WATCH, f"{streams.url}/{name}")

    return watched


def recorded(page):
    events = page.evaluate("() => { video.pause(); watch.stop(); return events; }")
    spans = sorted(span for each in events for span in each.get("segments", []))
    assert all(other[0] - one[1] < 0.3 for one, other in pairwise(spans)), spans
    return events, spans


def test_another_level_is_no_seek(watched, page):
    watched()
    page.evaluate("""async () => {
        await until(() => video.currentTime > 1);
        const other = 1 - film.hls.currentLevel;
        film.hls.currentLevel = other;
        await until(() => film.hls.currentLevel === other && video.currentTime > 3);
    }""")
    events, spans = recorded(page)
    assert "seek" not in {each["type"] for each in events}
    assert sum(end - start for start, end in spans) > 2.5


def test_what_the_library_repairs_is_no_seek_and_no_error(watched, page):
    watched()
    page.evaluate("""async () => {
        const { default: Hls } = await import("/static/vendor/hls.js-1.7.4/hls.min.mjs");
        await until(() => video.currentTime > 1.5);
        const type = Hls.ErrorTypes.MEDIA_ERROR;
        film.hear({ fatal: true, type, details: "bufferAppendError" }, Hls);
        await until(() => video.currentTime > 4 && !video.seeking);
    }""")
    events, spans = recorded(page)
    assert "seek" not in {each["type"] for each in events}
    assert sum(end - start for start, end in spans) > 3
    assert page.evaluate("film.error") is None


def test_what_cannot_be_repaired_is_an_error_and_stops_counting(watched, page):
    watched()
    found = page.evaluate("""async () => {
        const { default: Hls } = await import("/static/vendor/hls.js-1.7.4/hls.min.mjs");
        await until(() => video.currentTime > 1);
        const type = Hls.ErrorTypes.MEDIA_ERROR;
        const problem = { fatal: true, type, details: "bufferAppendError" };
        film.hear(problem, Hls);
        film.hear(problem, Hls);
        return film.error;
    }""")
    assert found == {"code": "media", "detail": "bufferAppendError"}
    assert page.evaluate("watch.start") is None


def test_a_live_stream_is_known_as_one_and_counted_where_it_is(watched, page):
    watched("live.m3u8")
    begin = page.evaluate(
        "async () => { await until(() => !video.paused); return video.currentTime; }"
    )
    page.evaluate("async (begin) => { await until(() => video.currentTime > begin + 2); }", begin)
    assert page.evaluate("film.isLive") is True
    _events, spans = recorded(page)
    assert spans[0][0] >= begin - 0.5
    assert 1.5 <= sum(end - start for start, end in spans) <= 4


def test_what_the_browser_cannot_play_itself_the_library_is_asked_for(page, show, streams):
    # A browser that says it can, and then can't.
    page.add_init_script(
        NO_HLS.replace('? ""', '? "maybe"')
        + """
        const { set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "src");
        Object.defineProperty(HTMLMediaElement.prototype, "src", { set(url) {
            set.call(this, url.includes("m3u8") ? "/static/pages/style.css" : url);
        } });"""
    )
    course = show("the browser")
    until(page, "media.readyState >= 3")
    play(page, seconds=1.5)
    eventually(page, lambda: covered(course, "film") >= 1_000)
    assert loaded_libraries(page) == {"hls.js-1.7.4"}
