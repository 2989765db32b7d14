"""Players of other sites: what they really played is what is recorded, and nothing else."""

from itertools import pairwise

import pytest

from tests.support.players import FakePlayer, common, length

from .test_media import played, segments, settled

FRAMES = {
    "youtube": "https://www.youtube-nocookie.com/embed/M7lc1UVf-VE?enablejsapi=1",
    "vimeo": "https://player.vimeo.com/video/76979871",
}
CLASSES = {"youtube": "YouTubePlayer", "vimeo": "VimeoPlayer"}
WATCH = """async ([address, module, name, isWatched]) => {
    const { [name]: Player } = await import(`/static/progress/${module}.js`);
    const frame = document.createElement("iframe");
    frame.src = address;
    frame.allow = "autoplay";
    document.body.append(frame);
    window.player = new Player(frame);
    window.said = [];
    const types = ["play", "playing", "pause", "waiting", "seeked", "ratechange", "ended", "error"];
    for (const type of types) player.addEventListener(type, () => said.push(type));
    if (isWatched) window.watch = tracker.watchMedia(player, 11);
}"""
# A position is said four times a second: so much of a stretch's end may be missing.
LATE = 0.4

services = pytest.mark.parametrize("service", FRAMES)


class Scene:
    """The page with a fake player in a frame, watched as content 11."""

    def __init__(self, lms, service, *, is_watched=True, **settings):
        self.lms, self.service = lms, service
        lms.api.heartbeat_seconds = 60
        lms.open()
        self.fake = FakePlayer(lms.page, service, **settings)
        lms.run(WATCH, [FRAMES[service], service, CLASSES[service], is_watched])
        if not settings.get("error"):
            lms.until(lambda: lms.run("player.readyState") >= 2)

    def run(self, script):
        return self.fake.run(script)

    def plays_to(self, seconds):
        self.fake.plays_to(seconds)
        self.lms.until(lambda: self.lms.run("player.paused"))

    def until_said(self, what, count=1):
        self.lms.until(lambda: self.lms.run("said").count(what) >= count)

    def recorded(self):
        self.lms.goes_on(0.3)
        self.lms.run("tracker.beat()")
        return settled(self.lms)


@pytest.fixture
def scene(lms):
    return lambda service, **settings: Scene(lms, service, **settings)


def agrees(scene, events, ends):
    """What was recorded was played, and of what was played only the ends of stretches miss."""
    spans, really = segments(events), scene.fake.played()
    assert common(spans, really) == pytest.approx(length(spans), abs=0.05), (spans, really)
    assert length(really) - length(spans) <= LATE * ends, (spans, really)
    return length(spans)


def has_no_hole(spans):
    return all(other[0] - one[1] < 0.02 for one, other in pairwise(sorted(spans)))


@services
def test_what_was_played_is_recorded_across_pauses_and_seeks(scene, service):
    film = scene(service)
    film.plays_to(2)
    film.run("film.seek(8)")
    film.plays_to(9.5)
    film.run("film.play()")
    film.lms.goes_on(1)
    film.run("film.seek(1)")
    film.lms.goes_on(1.5)
    film.run("film.pause()")
    events = film.recorded()
    assert agrees(film, events, ends=4) >= 3.5
    seeks = [event for event in events if event["interaction_type"] == "seek"]
    assert round(seeks[0]["from_position"]) == 2
    assert round(seeks[0]["position"]) == 8
    # The clock counted what was played, not the time of the test.
    assert film.lms.run("tracker.clock.playing.size") == 0


@services
def test_twice_as_fast_is_recorded_as_such(scene, service):
    film = scene(service)
    film.run("film.setRate(2)")
    film.until_said("ratechange")
    film.plays_to(5)
    events = film.recorded()
    assert agrees(film, events, ends=2) >= 4
    assert events[-1]["playback_rate"] == 2


@services
def test_a_stall_is_neither_played_nor_a_gap(scene, service):
    film = scene(service)
    film.run("film.play()")
    film.fake.until("() => film.position > 1")
    film.run("film.stall(1.5)")
    film.until_said("waiting", 2 if service == "vimeo" else 1)
    assert film.lms.run("tracker.clock.playing.size") == 0
    film.fake.until("() => film.position > 3")
    film.run("film.pause()")
    events = film.recorded()
    assert agrees(film, events, ends=1) >= 2.5
    assert has_no_hole(segments(events))


@pytest.mark.parametrize("how", ["standing", "named"])
def test_an_advertisement_is_neither_counted_nor_a_gap(scene, how):
    film = scene("youtube")
    film.run("film.play()")
    film.fake.until("() => film.position > 1")
    film.run(f"film.advertise(5, '{how}')")
    film.until_said("waiting")
    assert film.lms.run("tracker.clock.playing.size") == 0
    film.fake.until("() => film.position > 3")
    film.run("film.pause()")
    events = film.recorded()
    assert agrees(film, events, ends=1) >= 2.5
    assert has_no_hole(segments(events))
    assert "seek" not in {event["interaction_type"] for event in events}


def test_a_film_that_begins_with_an_advertisement_is_counted_from_its_beginning(scene):
    film = scene("youtube")
    film.run("film.advertise(4, 'standing'); film.play()")
    film.fake.until("() => film.position > 2")
    film.run("film.pause()")
    events = film.recorded()
    assert agrees(film, events, ends=1) >= 1.6
    assert min(segments(events))[0] == 0


@services
def test_the_end_is_recorded_and_playing_again_is_a_seek(scene, service):
    film = scene(service, duration=3)
    film.run("film.play()")
    film.until_said("ended")
    film.run("film.play()")
    film.fake.until("() => film.position > 0.8 && film.position < 2.5")
    film.run("film.pause()")
    events = film.recorded()
    kinds = [event["interaction_type"] for event in events]
    assert "complete" in kinds and "seek" in kinds
    spans = segments(events)
    assert max(end for start, end in spans) == pytest.approx(3, abs=0.01)
    assert length(spans) == pytest.approx(3, abs=0.05)


@services
def test_it_begins_where_it_is_to_begin_and_that_is_no_seek(scene, service):
    film = scene(service, is_watched=False)
    film.lms.run("player.startAt(7.5); window.watch = tracker.watchMedia(player, 11)")
    film.fake.until("() => film.position === 7.5")
    film.lms.run("player.play()")
    film.fake.until("() => film.position > 9")
    film.lms.run("player.pause()")
    film.lms.until(lambda: film.lms.run("player.paused"))
    events = film.recorded()
    assert agrees(film, events, ends=1) >= 1
    assert min(segments(events))[0] == 7.5
    assert "seek" not in {event["interaction_type"] for event in events}


@services
def test_the_page_controls_it(scene, service):
    film = scene(service)
    page = film.lms
    page.until(lambda: page.run("player.duration") == 20)
    page.run("player.play()")
    film.fake.until("() => film.isPlaying")
    page.run(
        "player.currentTime = 12; player.playbackRate = 1.5;"
        "player.volume = 0.3; player.muted = true"
    )
    film.fake.until("() => film.position >= 12 && film.rate === 1.5 && muted === true")
    assert film.run("volume") in (30, 0.3)
    page.until(lambda: page.run("player.playbackRate") == 1.5)
    page.run("player.pause()")
    film.fake.until("() => !film.isPlaying")


ERRORS = [
    ("youtube", 2, "unavailable"),
    ("youtube", 5, "media"),
    ("youtube", 100, "unavailable"),
    ("youtube", 101, "not_embeddable"),
    ("youtube", 150, "not_embeddable"),
    ("youtube", 153, "no_referrer"),
    ("vimeo", "NotFoundError", "unavailable"),
    ("vimeo", "PrivacyError", "not_embeddable"),
    ("vimeo", "PasswordError", "not_embeddable"),
]


def test_an_error_is_named_and_stops_the_clock(scene):
    for service, error, code in ERRORS:
        film = scene(service, error=error)
        film.until_said("error")
        assert film.lms.run("player.error") == {"code": code, "detail": error}
        assert film.lms.run("tracker.clock.playing.size") == 0
        assert segments(film.lms.api.events()) == []


def test_an_error_while_it_plays_keeps_what_was_played(scene):
    film = scene("youtube")
    film.run("film.play()")
    film.fake.until("() => film.position > 2")
    film.run("film.isPlaying = false; fail(5)")
    film.until_said("error")
    assert film.lms.run("tracker.clock.playing.size") == 0
    assert agrees(film, film.recorded(), ends=1) >= 1.6


def test_a_rate_that_the_film_may_not_have_is_no_error_of_the_film(scene):
    film = scene("vimeo", hasOneRate=True)
    film.lms.run("player.playbackRate = 2")
    film.plays_to(1.5)
    assert "error" not in film.lms.run("said")
    assert film.lms.run("player.playbackRate") == 1
    agrees(film, film.recorded(), ends=1)


def test_a_player_that_refuses_to_begin_by_itself_is_not_playing(scene):
    film = scene("youtube", isBlocked=True)
    film.lms.run("player.play()")
    film.lms.goes_on(0.5)
    assert film.lms.run("player.paused")
    film.plays_to(1)
    assert agrees(film, film.recorded(), ends=1) >= 0.6


def test_messages_as_text_are_understood(scene):
    film = scene("vimeo", isText=True)
    film.plays_to(2)
    assert agrees(film, film.recorded(), ends=1) >= 1.6


def test_only_the_frame_itself_is_believed(scene):
    film = scene("youtube")
    said = {"event": "infoDelivery", "info": {"currentTime": 9, "playerState": 1}}
    film.lms.run("(said) => postMessage(JSON.stringify(said), '*')", said)
    film.lms.run("postMessage('no JSON', '*'); postMessage(null, '*')")
    film.lms.goes_on(0.3)
    assert film.lms.run("[player.currentTime, player.paused]") == [0, True]


def test_a_frame_of_another_site_is_refused(lms):
    lms.open('<iframe id="frame" src="https://lms.test/other"></iframe>')
    refused = lms.run("""async () => {
        const { YouTubePlayer } = await import("/static/progress/youtube.js");
        const frame = document.getElementById("frame");
        try { new YouTubePlayer(frame); } catch (error) { return error.message; }
    }""")
    assert "https://www.youtube-nocookie.com" in refused


def test_a_frame_that_is_replaced_by_another_plays_on_at_its_place(scene):
    film = scene("youtube")
    film.plays_to(2)
    film.lms.run("player.load()")
    film.lms.until(lambda: len(film.fake.asked) == 2 and film.lms.run("player.readyState") == 4)
    film.fake.until("() => film.position > 1.5")
    film.lms.run("player.play()")
    film.fake.until("() => film.position > 3")
    film.lms.run("player.pause()")
    film.lms.until(lambda: film.lms.run("player.paused"))
    events = film.recorded()
    assert 2.2 <= played(events) <= 3.6
    assert "seek" not in {event["interaction_type"] for event in events}


def test_a_stopped_player_listens_no_more(scene):
    film = scene("youtube")
    film.lms.run("watch.stop(); player.stop()")
    film.run("film.play()")
    film.fake.until("() => film.position > 1")
    assert film.lms.run("[player.currentTime, player.paused]") == [0, True]
