"""The states of a player that only says what it does: by a clock of the test's own."""

import pytest

EVENTS = ["play", "playing", "pause", "waiting", "seeking", "seeked", "ended", "error"]
EVENTS += ["ratechange", "durationchange", "loadedmetadata"]
SETUP = """async () => {
    const { Player } = await import("/static/progress/player.js");
    window.clock = 0;
    window.setInterval = () => 1;  // the test looks itself
    window.player = new Player("film", { now: () => clock });
    player.seekTo = () => {};
    window.said = [];
    for (const type of EVENTS) player.addEventListener(type, () => said.push(type));
}""".replace("EVENTS", str(EVENTS))


@pytest.fixture
def states(lms):
    """Gives the player what it says, each at a moment in ms; returns its events and its place."""
    lms.open()

    def states(*steps):
        lms.run(SETUP)
        return lms.run(
            """(steps) => {
            for (const [at, what, fields] of steps) {
                clock = at;
                if (what === "look") player.look();
                else if (what === "startAt") player.startAt(fields);
                else player.says(what, fields);
            }
            return [said, player.currentTime];
        }""",
            [[at, what, (more or [{}])[0]] for at, what, *more in steps],
        )

    return states


def at(position):
    return {"position": position}


CASES = [
    # Playing moves the position as fast as the clock, and no faster.
    ([(0, "playing"), (1000, "position", at(1)), (2000, "position", at(2))], [], 2),
    ([(0, "playing"), (1000, "position", at(9))], ["seeking", "seeked"], 9),
    (
        [(0, "playing"), (1000, "position", at(1)), (1200, "position", at(0.2))],
        ["seeking", "seeked"],
        0.2,
    ),
    # A pause lasts long: the position afterwards isn't explained by it.
    (
        [
            (0, "playing"),
            (500, "pause", at(0.5)),
            (90_000, "playing"),
            (90_250, "position", at(40)),
        ],
        ["pause", "play", "playing", "seeking", "seeked"],
        40,
    ),
    # So does an advertisement, during which the player says that it plays.
    (
        [
            (0, "playing"),
            (1000, "position", at(1)),
            *[(1000 + 500 * step, "look") for step in range(1, 60)],
            (31_000, "position", at(1.25)),
            (31_500, "position", at(1.75)),
        ],
        ["waiting", "playing"],
        1.75,
    ),
    (
        [
            (0, "playing"),
            (1000, "position", at(1)),
            *[(1000 + 500 * step, "look") for step in range(1, 60)],
            (31_000, "position", at(20)),
        ],
        ["waiting", "seeking", "seeked"],
        20,
    ),
    # A page that didn't run for a minute: nothing is known of it yet, and then all of it.
    (
        [
            (0, "playing"),
            (500, "look"),
            (60_500, "look"),
            *[(60_600, "position", at(0.25 * step)) for step in range(1, 240)],
        ],
        [],
        59.75,
    ),
    # While it stands still only a small correction is no seek.
    ([(0, "position", at(0.2))], None, 0.2),
    # A rate explains more.
    (
        [
            (0, "rate", {"rate": 2}),
            (0, "playing"),
            (1000, "position", at(2)),
            (3000, "position", at(6)),
        ],
        ["ratechange", "play", "playing"],
        6,
    ),
    # Positions from before its beginning are none.
    (
        [
            (0, "startAt", 30),
            (10, "position", at(0)),
            (20, "playing"),
            (30, "position", at(0)),
            (500, "position", at(30.3)),
        ],
        [],
        30.3,
    ),
    (
        [(0, "startAt", 30), (20, "playing"), (500, "position", at(0.5))],
        ["seeking", "seeked"],
        0.5,
    ),
    # What is shown in an advertisement has no place in the film.
    (
        [
            (0, "playing"),
            (1000, "position", at(1)),
            (1100, "advertisement"),
            (1600, "position", at(1.4)),
            (2000, "position", at(9)),
            (5000, "playing"),
        ],
        ["waiting", "playing"],
        1,
    ),
    # Said twice, it is one event.
    (
        [(0, "playing"), (10, "playing"), (900, "ended", at(0.9)), (910, "ended")],
        ["ended"],
        0.9,
    ),
    ([(0, "position", at("NaN")), (0, "position", at(-3)), (0, "rate", {"rate": 0})], None, 0),
]


def test_what_a_player_says_becomes_events(states):
    for steps, said, place in CASES:
        found, position = states((0, "ready", {"duration": 100}), *steps)
        expected = ["durationchange", "loadedmetadata"]
        if said is not None:
            expected += said if said[:1] == ["ratechange"] else ["play", "playing", *said]
        assert (steps, found) == (steps, expected)
        assert position == pytest.approx(place), steps
