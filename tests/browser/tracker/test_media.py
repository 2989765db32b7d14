"""Video and audio while a learner watches: other sources, errors, stalls, loops."""

import pytest

FILM = "/static/demo/extinguisher.mp4"  # 12 s
OTHER = "/static/demo/fire-doors.mp4"
VIDEO = f'<video id="media" src="{FILM}" muted></video>'


@pytest.fixture
def film(lms):
    """A video that is watched as content 11, ready to play."""
    lms.api.heartbeat_seconds = 60  # so that tests see the effect of each event
    lms.open(VIDEO)
    lms.run("""async () => {
        window.media = document.getElementById("media");
        window.until = async (isTrue) => {
            for (let waits = 0; !isTrue(); waits += 1) {
                if (waits > 3000) throw new Error(`Not after a minute: ${isTrue}`);
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
        };
        await until(() => media.readyState >= 3);
        window.watch = tracker.watchMedia(media, 11);
        window.playTo = async (seconds) => {
            media.play();
            await until(() => media.currentTime >= seconds);
        };
    }""")
    return lms


def settled(lms):
    lms.until(lambda: lms.state().get("waiting") == 0 and lms.state()["state"] == "saved")
    return lms.api.events()


def segments(events, content=11):
    found = [event.get("segments", []) for event in events if event["content_id"] == content]
    return [segment for each in found for segment in each]


def played(events, content=11):
    return sum(end - start for start, end in segments(events, content))


def test_another_video_in_the_same_element_keeps_its_own_position_and_time(film):
    film.run(
        """async (other) => {
        await playTo(2);
        media.src = other;
        const second = tracker.watchMedia(media, 12);
        await until(() => media.readyState >= 3);
        await playTo(3);
        media.pause();
    }""",
        OTHER,
    )
    film.goes_on(0.5)
    events = settled(film)
    assert 1.5 <= played(events, 11) <= 2.6
    assert 2.6 <= played(events, 12) <= 3.6
    places = {event["content_id"]: event["position"] for event in events if "position" in event}
    assert 1.5 <= places[11] <= 2.6
    assert 3 <= places[12] <= 3.6


def test_an_unwatched_source_earns_nothing_for_the_one_before(film):
    film.run(
        """async (other) => {
        await playTo(2);
        media.src = other;
        await until(() => media.readyState >= 3);
        await playTo(2);
        media.currentTime = 8;
        await playTo(9);
        media.pause();
    }""",
        OTHER,
    )
    film.goes_on(0.5)
    assert film.run("tracker.clock.playing.size") == 0
    events = settled(film)
    assert 1.5 <= played(events) <= 2.6
    assert max(event.get("position", 0) for event in events) <= 2.6


def test_the_first_video_continues_when_it_comes_back(film):
    film.run(
        """async ([film, other]) => {
        await playTo(2);
        media.src = other;
        await until(() => media.readyState >= 3);
        await playTo(1);
        media.src = film;
        await until(() => media.readyState >= 3);
        media.currentTime = 6;
        await playTo(8);
        media.pause();
    }""",
        [FILM, OTHER],
    )
    film.goes_on(0.5)
    spans = segments(settled(film))
    assert all(end <= 2.6 or start >= 5.9 for start, end in spans)
    assert any(start >= 5.9 for start, end in spans)


@pytest.mark.parametrize(
    "fault",
    [
        "media.src = '/static/nothing.mp4'; media.play().catch(() => {})",
        "media.removeAttribute('src'); media.load()",
        "media.load()",
    ],
    ids=["a source that fails", "no source", "loaded anew"],
)
def test_the_clock_stops_when_the_medium_is_gone_and_what_was_played_stays(film, fault):
    film.run(f"async () => {{ await playTo(2); {fault}; }}")
    film.until(lambda: film.run("tracker.clock.playing.size") == 0)
    film.goes_on(0.5)
    events = settled(film)
    assert 1.5 <= played(events) <= 2.6
    assert 1.5 <= [event for event in events if "position" in event][-1]["position"] <= 2.6


def test_a_stopped_watch_has_sent_its_rest_and_counts_no_more(film):
    film.run("async () => { await playTo(2); watch.stop(); await playTo(4); tracker.beat(); }")
    film.goes_on(0.5)
    assert film.run("[tracker.clock.playing.size, tracker.watches.size]") == [0, 0]
    assert 1.5 <= played(settled(film)) <= 2.6


def test_an_element_that_leaves_the_document_stops_the_clock(film):
    film.run("async () => { await playTo(2); media.remove(); await until(() => media.paused); }")
    film.until(lambda: film.run("tracker.clock.playing.size") == 0)
    film.until(lambda: film.api.of("pause"))
    assert 1.5 <= played(settled(film)) <= 2.6


def test_two_players_keep_their_own_seconds(film):
    film.run(
        """async (other) => {
        const second = document.createElement("video");
        Object.assign(second, { src: other, muted: true });
        document.body.append(second);
        tracker.watchMedia(second, 12);
        await until(() => second.readyState >= 3);
        await playTo(1.5);
        media.pause();
        second.currentTime = 4;
        second.play();
        await until(() => second.currentTime >= 6);
        second.pause();
    }""",
        OTHER,
    )
    film.goes_on(0.5)
    events = settled(film)
    assert all(end <= 2.2 for start, end in segments(events, 11))
    assert all(start >= 3.9 and end <= 6.8 for start, end in segments(events, 12))
    assert played(events, 12) >= 1.5


def test_seeking_while_paused_reports_the_starting_position(film):
    film.run("""async () => {
        for (const at of [5, 8, 2]) {
            media.currentTime = at;
            await new Promise((done) => media.addEventListener("seeked", done, { once: true }));
        }
    }""")
    film.goes_on(0.3)
    seeks = [(event["from_position"], event["position"]) for event in settled(film)]
    assert seeks == [(0, 5), (5, 8), (8, 2)]
    assert segments(film.api.events()) == []


def test_a_loop_is_no_jump_and_loses_nothing(film):
    film.run("""async () => {
        media.loop = true;
        media.currentTime = 10.5;
        await playTo(11.5);
        await until(() => media.currentTime < 2);
        await playTo(1);
        media.pause();
    }""")
    film.goes_on(0.5)
    events = settled(film)
    assert len([event for event in events if event["interaction_type"] == "seek"]) == 1
    spans = segments(events)
    assert max(end for start, end in spans) >= 11.9
    assert min(start for start, end in spans) == 0


def test_a_rate_of_zero_is_a_pause_and_every_rate_covers_the_same(film):
    film.run("""async () => {
        await playTo(1);
        media.playbackRate = 0;
        await new Promise((resolve) => setTimeout(resolve, 1000));
        window.whileStill = tracker.clock.playing.size;
        media.playbackRate = 2;
        await playTo(4);
        media.playbackRate = 0.5;
        await playTo(4.5);
        media.pause();
    }""")
    film.goes_on(0.5)
    assert film.run("whileStill") == 0
    events = settled(film)
    assert 4.2 <= played(events) <= 5
    assert all(event.get("playback_rate", 1) > 0 for event in events)


# --- Long stretches without a script --------------------------------------------------------------
# An element whose position the test decides, and a monotonic clock that the test moves.
PUPPET = """
const now = performance.now.bind(performance);
let ahead = 0;
performance.now = () => now() + ahead;
window.hide = () => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
};
window.puppet = Object.assign(new EventTarget(), {
    currentTime: 0, playbackRate: 1, paused: false, seeking: false, ended: false, readyState: 4,
    loop: false, duration: 7200, currentSrc: "https://lms.test/talk.m4a", srcObject: null,
});
window.goesBy = (seconds, played) => {
    ahead += seconds * 1000;
    puppet.currentTime += played;
};
"""


def stretch(lms, seconds, played):
    """A hidden page in which nothing runs for a while. Returns what it sends afterwards."""
    lms.api.heartbeat_seconds = 600
    lms.open(before=PUPPET)
    lms.run("hide(); tracker.watchMedia(puppet, 11)")
    lms.until(lambda: lms.api.of("play"))
    lms.run(
        "([seconds, played]) => { goesBy(seconds, played); tracker.beat(); }", [seconds, played]
    )
    lms.until(lambda: lms.api.of("progress") and lms.state()["waiting"] == 0)
    return lms.api.of("progress")


def test_an_hour_on_a_locked_phone_is_split_and_credited_in_full(lms):
    events = stretch(lms, 3600, 3600)
    assert all(event["duration_seconds"] <= 120 for event in events)
    assert all(played([event]) <= 240 and len(event["segments"]) <= 200 for event in events)
    assert played(events) == pytest.approx(3600, abs=1)
    assert sum(event["duration_seconds"] for event in events) == pytest.approx(3600, abs=2)
    sequences = [event["sequence"] for event in events]
    assert sequences == sorted(sequences)
    moments = [event["occurred_at"] for event in events]
    assert moments == sorted(moments) and len(set(moments)) == len(moments)
    assert events[-1]["position"] == pytest.approx(3600, abs=1)
    ends = [event["segments"][-1][1] for event in events]
    assert ends == sorted(ends)


def test_a_laptop_that_slept_played_nothing(lms):
    events = stretch(lms, 3600, 0.2)
    assert sum(event["duration_seconds"] for event in events) < 3
    assert played(events) < 1


def test_a_silently_stalled_player_earns_no_active_time(lms):
    lms.api.heartbeat_seconds = 600
    lms.open(before=PUPPET)
    lms.run("hide(); tracker.watchMedia(puppet, 11)")
    lms.run("for (let beat = 0; beat < 6; beat += 1) { goesBy(10, 0); tracker.beat(); }")
    lms.until(lambda: lms.api.of("progress") and lms.state()["waiting"] == 0)
    assert sum(event["duration_seconds"] for event in lms.api.events()) <= 5


@pytest.mark.parametrize("fault", ["error", "abort", "emptied", "waiting"])
def test_a_video_that_breaks_off_stops_the_clock_and_keeps_its_seconds(lms, fault):
    lms.api.heartbeat_seconds = 600
    lms.open(before=PUPPET)
    lms.run("tracker.watchMedia(puppet, 11)")
    assert lms.run("tracker.clock.playing.size") == 1
    lms.run("(fault) => { goesBy(7, 7); puppet.dispatchEvent(new Event(fault)); }", fault)
    assert lms.run("tracker.clock.playing.size") == 0
    lms.run("hide(); goesBy(100, 0); tracker.beat();")
    lms.until(lambda: lms.api.of("progress") and lms.state()["waiting"] == 0)
    assert played(lms.api.events()) == pytest.approx(7, abs=0.5)
    assert sum(event["duration_seconds"] for event in lms.api.events()) < 9


def test_a_jump_without_an_event_is_not_played(lms):
    events = stretch(lms, 5, 1000)
    assert played(events) < 12


# What is reported at once, and how many events that is at least.
LONG = [
    ({"duration_seconds": 119}, 1),
    ({"duration_seconds": 121}, 2),
    ({"duration_seconds": 3600, "page": 4}, 31),
    ({"duration_seconds": 100, "segments": [[0, 200]]}, 2),
    ({"duration_seconds": 10, "segments": [[n, n + 0.01] for n in range(450)]}, 3),
    ({"duration_seconds": 500, "segments": [[0, 1], [5, 700], [3, 4]]}, 6),
]


def test_long_reports_are_split_without_loss(lms):
    lms.open()
    for number, (fields, count) in enumerate(LONG, 1):
        report = "([id, fields]) => tracker.record(id, 'pause', { idle_seconds: 7, ...fields })"
        lms.run(report, [number, fields])
        lms.until(lambda n=number: len(lms.api.of("pause")) == n and lms.state()["waiting"] == 0)
        events = [event for event in lms.api.events() if event["content_id"] == number]
        assert len(events) >= count, fields
        kinds = [event["interaction_type"] for event in events]
        assert kinds == ["progress"] * (len(events) - 1) + ["pause"]
        assert all(event["duration_seconds"] <= 120 for event in events)
        total = sum(event["duration_seconds"] for event in events)
        assert total == pytest.approx(fields["duration_seconds"], abs=0.01)
        assert sum(event.get("idle_seconds", 0) for event in events) == 7
        assert all(event.get("page") == fields.get("page") for event in events)
        sent = sum(end - start for start, end in fields.get("segments", []))
        assert played(events, number) == pytest.approx(sent, abs=0.01)
        assert all(len(event.get("segments", [])) <= 200 for event in events)
