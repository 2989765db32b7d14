"""Only visible parts count as seen: containers, panels, overlays, images that load late."""

import pytest

# 40 lines of 50 px: 2000 px; the window is 720 px high.
LINES = "".join(f'<p style="margin:0;height:50px">Line {number}</p>' for number in range(40))


def text(style="", lines=LINES):
    return f'<article id="text" style="{style}">{lines}</article>'


@pytest.fixture
def read(lms):
    """Open a page with a text that is watched as content 11."""
    lms.api.heartbeat_seconds = 60

    def read(body, watch="tracker.watchText(document.getElementById('text'), 11)"):
        lms.page.set_viewport_size({"width": 800, "height": 720})
        lms.open(body)
        lms.run(f"void (window.watch = {watch})")
        return lms

    return read


def span(lms):
    return lms.run("watch.span")


def near(expected):
    return pytest.approx(expected, abs=0.03)


def becomes(lms, expected):
    lms.until(lambda: span(lms) == (expected and near(expected)))


# --- Texts ----------------------------------------------------------------------------------------
def test_a_text_in_the_page_is_seen_as_far_as_the_window_goes(read):
    lms = read(text())
    becomes(lms, [0, 0.36])
    lms.run("scrollTo(0, 640)")
    becomes(lms, [0.32, 0.68])
    lms.until(lambda: lms.api.of("view"))


def test_a_text_in_a_scrolling_container_is_seen_as_far_as_the_container_shows_it(read):
    lms = read(f'<div id="box" style="height:200px;overflow:auto">{text()}</div>')
    becomes(lms, [0, 0.1])
    lms.run("document.getElementById('box').scrollTop = 1000")
    becomes(lms, [0.5, 0.6])


def test_a_text_that_scrolls_itself_is_measured_by_its_own_extent(read):
    lms = read(text("height:200px;overflow-y:scroll"))
    becomes(lms, [0, 0.1])
    lms.run("document.getElementById('text').scrollTop = 1800")
    becomes(lms, [0.9, 1])


def test_containers_in_containers_show_what_all_of_them_show(read):
    inner = f'<div style="height:600px;overflow:auto">{text()}</div>'
    read_box = f'<div style="height:100px;overflow:hidden"><div>{inner}</div></div>'
    becomes(read(read_box), [0, 0.05])


# How each is closed, and what opens it. The one that takes room while it is closed comes last.
PANELS = {
    "details": ("<details id=panel{0}><summary>More</summary>{1}</details>", "open = true"),
    "tab": ("<div id=panel{0} hidden>{1}</div>", "hidden = false"),
    "dialog": ("<dialog id=panel{0}>{1}</dialog>", "showModal()"),
    "accordion": (
        "<div id=panel{0} style='height:0;overflow:hidden'>{1}</div>",
        "style.height = 'auto'",
    ),
    "invisible": (
        "<div id=panel{0} style='visibility:hidden'>{1}</div>",
        "style.visibility = ''",
    ),
}


def test_a_text_in_a_closed_panel_is_seen_once_it_is_open(read):
    bodies = [
        markup.format(number, f"<article id=text{number}>{LINES}</article>")
        for number, (markup, _) in enumerate(PANELS.values())
    ]
    watch = "[0, 1, 2, 3, 4].map((n) => tracker.watchText(document.getElementById(`text${n}`), n))"
    lms = read("".join(bodies), watch)
    lms.goes_on(2.2)
    assert lms.run("watch.map((each) => each.span)") == [None] * len(PANELS)
    assert lms.api.of("view") == []
    for number, (name, (_, open_it)) in enumerate(PANELS.items()):
        lms.run(f"() => {{ document.getElementById('panel{number}').{open_it}; }}")
        lms.until(lambda count=number + 1: len(lms.api.of("view")) == count)
        begin, end = lms.run(f"watch[{number}].span")
        assert begin == pytest.approx(0, abs=0.02), name
        assert 0.2 <= end <= 0.4, name
        # The next one is opened where this one was.
        panel = f"document.getElementById('panel{number}')"
        lms.run(f"() => {{ watch[{number}].stop(); {panel}.remove(); }}")
    assert [event["content_id"] for event in lms.api.of("view")] == [*range(len(PANELS))]
    # The time before doesn't count for the texts.
    for number, name in enumerate(PANELS):
        own = [each for each in lms.api.events() if each["content_id"] == number]
        assert sum(each["duration_seconds"] for each in own if "span" in each) < 2.2, name


def test_a_text_under_a_dialog_is_not_seen_until_it_closes(read):
    lms = read(text() + "<dialog id=dialog style='width:100px'>Are you there?</dialog>")
    becomes(lms, [0, 0.36])
    lms.run("document.getElementById('dialog').showModal()")
    becomes(lms, None)
    lms.run("document.getElementById('dialog').close()")
    becomes(lms, [0, 0.36])


# Each shows another stretch of the text than the one before.
OVERLAYS = [
    ("background:#fff", [0.18, 0.36]),
    ("background:transparent", [0, 0.36]),
    ("background:rgba(0, 0, 0, 0.8)", [0.18, 0.36]),
    ("background:rgba(0, 0, 0, 0.1)", [0, 0.36]),
    ("background:#fff", [0.18, 0.36]),
    ("background:#fff;width:15%", [0, 0.36]),
]


def test_an_opaque_element_on_top_hides_the_text(read):
    bar = "position:fixed;top:0;left:0;width:100%;height:360px;"
    lms = read(f"{text()}<div id=bar style='{bar}{OVERLAYS[0][0]}'></div>")
    for style, expected in OVERLAYS:
        lms.run("(style) => { document.getElementById('bar').style = style; }", bar + style)
        becomes(lms, expected)


def test_an_overlay_that_comes_later_is_noticed(read):
    lms = read(text())
    becomes(lms, [0, 0.36])
    lms.run("""() => {
        const cover = document.createElement("div");
        cover.style = "position:fixed;inset:0;background:#fff";
        document.body.append(cover);
    }""")
    becomes(lms, None)


def test_an_image_that_comes_late_moves_what_is_seen(read):
    lms = read("<div id=image></div>" + text())
    becomes(lms, [0, 0.36])
    lms.run("document.getElementById('image').style.height = '400px'")
    becomes(lms, [0, 0.16])
    assert lms.until(lambda: lms.api.of("progress"))[-1]["span"] == near([0, 0.36])


def test_an_image_inside_the_text_makes_it_longer(read):
    lms = read(text(lines="<div id=image></div>" + LINES))
    becomes(lms, [0, 0.36])
    lms.run("document.getElementById('image').style.height = '2000px'")
    becomes(lms, [0, 0.18])


def test_another_size_of_the_window_shows_more_or_less(read):
    lms = read(text())
    becomes(lms, [0, 0.36])
    lms.page.set_viewport_size({"width": 800, "height": 360})
    becomes(lms, [0, 0.18])
    lms.run("document.body.style.zoom = 0.5")
    becomes(lms, [0, 0.36])


def test_time_while_the_text_is_out_of_view_is_no_dwell(read):
    lms = read(text() + "<div style='height:3000px'></div>")
    becomes(lms, [0, 0.36])
    lms.run("scrollTo(0, 3000)")
    becomes(lms, None)
    lms.goes_on(3)
    before = len(lms.api.events())
    lms.run("scrollTo(0, 0)")
    becomes(lms, [0, 0.36])
    lms.until(lambda: len(lms.api.events()) > before)
    away = [event for event in lms.api.events()[before:] if "span" not in event]
    assert sum(event["duration_seconds"] for event in away) >= 2.5


def test_steady_scrolling_is_followed_too(read):
    lms = read(text())
    becomes(lms, [0, 0.36])
    lms.run("""() => {
        let at = 0;
        window.steady = setInterval(() => scrollTo(0, (at += 20)), 50);
    }""")
    lms.until(lambda: span(lms)[0] > 0.15)
    lms.run("clearInterval(steady)")


def test_a_stopped_watch_sends_its_rest_and_no_more(read):
    lms = read(text())
    becomes(lms, [0, 0.36])
    lms.goes_on(1)
    lms.run("watch.stop()")
    lms.until(lambda: lms.api.of("progress"))
    count = len(lms.api.events())
    lms.run("scrollTo(0, 900); tracker.beat();")
    lms.goes_on(2)
    assert len(lms.api.events()) == count


# --- Pages ----------------------------------------------------------------------------------------
def pages(heights):
    return "".join(
        f'<div class="sheet" style="height:{height}px">A page</div>' for height in heights
    )


def test_pages_in_a_container_count_by_what_the_container_shows(read):
    lms = read(
        f'<div id="box" style="height:300px;overflow:auto">{pages([400] * 5)}</div>',
        "tracker.watchPages([...document.querySelectorAll('.sheet')], 11)",
    )
    lms.until(lambda: lms.run("watch.seen") == [1])
    lms.run("document.getElementById('box').scrollTop = 1250")
    lms.until(lambda: lms.run("watch.seen") == [4])
    lms.until(lambda: [event["page"] for event in lms.api.of("view")] == [1])


def test_pages_that_are_seen_together_share_the_time_and_no_other_does(read):
    lms = read(
        pages([300] * 6),
        "tracker.watchPages([...document.querySelectorAll('.sheet')], 11)",
    )
    lms.until(lambda: lms.run("watch.seen") == [1, 2])
    lms.goes_on(2)
    lms.run("tracker.beat()")
    lms.until(lambda: len(lms.api.of("progress")) >= 2 and lms.state()["waiting"] == 0)
    time = {}
    for event in lms.api.events():
        time[event["page"]] = time.get(event["page"], 0) + event["duration_seconds"]
    assert set(time) == {1, 2}
    assert time[1] == pytest.approx(time[2], abs=0.5)
    assert lms.api.events()[-1]["page"] == 1
