"""A page of another site in a frame reports by messages: what is accepted, and what isn't."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content

from .learning import being_watched, covered, eventually, progress_of, sign_in
from .tracker.conftest import serve_file

pytestmark = pytest.mark.django_db(transaction=True)

STATIC = Path(__file__).parents[2] / "static"
PARTNER = "https://partner.test"
# Asks until it is answered; then the test may send what it likes.
RAW = """<!doctype html><title>Lesson</title><p>Lesson</p><script>
window.send = (message) => parent.postMessage({ learning_progress: 1, ...message }, "*");
const hello = setInterval(() => send({ type: "hello" }), 100);
addEventListener("message", ({ data }) => { window.welcome = data; clearInterval(hello); });
</script>"""
WITH_LIBRARY = """<!doctype html><title>Lesson</title>
<video src="/static/demo/extinguisher.mp4" muted width="320"></video>
<script type="module">
import { connect } from "/static/progress/framed.js";
window.progress = await connect({ parentOrigin: "%s" });
window.welcome = progress.welcome;
</script>"""


@pytest.fixture
def warnings(page):
    found = []
    ours = "Learning progress: a message was ignored: "
    page.on("console", lambda said: said.text.startswith(ours) and found.append(said.text))
    return found


@pytest.fixture
def open_lesson(page, context, site):
    """Show a partner's page in a course; returns the course and the page's frame."""

    def serve(route, markup):
        path = route.request.url.removeprefix(f"{PARTNER}/")
        if path.startswith("static/"):
            serve_file(route, STATIC / path.removeprefix("static/"))
        else:
            route.fulfill(content_type="text/html", body=markup)

    def go(markup=RAW, url=f"{PARTNER}/lesson.html", **rule):
        context.route(f"{PARTNER}/**", lambda route: serve(route, markup))
        course = a_course_of({"code": "out", "content_type": "embed", "url": url} | rule)
        sign_in(context, site, a_learner(course))
        page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'out').pk}/")
        being_watched(page)
        frame = page.frame(url=url)
        frame.wait_for_function("() => window.welcome")
        return course, frame

    return go


UNUSABLE = [
    ({"learning_progress": 2, "type": "segments", "segments": [[0, 5]]}, "version 2 is unknown"),
    ({"type": "dance"}, "its type"),
    ({"type": "segments", "segments": [[5, 3]]}, "from before to"),
    ({"type": "segments", "segments": "all"}, "from before to"),
    ({"type": "segments", "segments": [[0, 5]] * 201}, "more than 200"),
    ({"type": "segments", "segments": [[0, 5]], "note": "x" * 20_000}, "longer than"),
    ({"type": "page", "page": 1}, "isn't measured by page"),
    ({"type": "score", "percentage": 100}, "scores aren't accepted"),
]


def test_what_was_played_counts_and_nothing_unusable_does(page, open_lesson, warnings):
    course, frame = open_lesson(duration_seconds=20)
    assert frame.evaluate("welcome") == {
        "learning_progress": 1,
        "type": "welcome",
        "measure": "segments",
        "extent": 20,
        "position": 0,
        "accepts_score": False,
        "max_rate": 2,
    }
    for message, _ in UNUSABLE:
        frame.evaluate("send", message)
    frame.evaluate("parent.postMessage({ of: 'another library' }, '*')")
    page.evaluate(
        "postMessage({ learning_progress: 1, type: 'segments', segments: [[10, 12]] }, '*')"
    )
    frame.evaluate("send", {"type": "segments", "segments": [[0, 2]], "position": 2})
    eventually(page, lambda: covered(course, "out") == 2_000)
    assert progress_of(course, "out").last_position_milli == 2_000
    expected = [reason for _, reason in UNUSABLE] + ["another window"]
    assert len(warnings) == len(expected)
    for reason, warning in zip(expected, warnings, strict=True):
        assert reason in warning


def test_a_page_that_moved_to_another_site_is_not_believed(page, open_lesson, context, warnings):
    _, frame = open_lesson(duration_seconds=20)
    elsewhere = "https://elsewhere.test/"
    context.route(f"{elsewhere}**", lambda route: route.fulfill(content_type="text/html", body=RAW))
    frame.goto(elsewhere)
    eventually(page, lambda: warnings)
    assert "comes from https://elsewhere.test" in warnings[0]


def test_a_page_of_this_site_is_known_by_its_window_as_it_has_no_origin(
    page, site, open_lesson, context
):
    url = f"{site}/static/demo/lesson.html"
    context.route(url, lambda route: route.fulfill(content_type="text/html", body=RAW))
    course, frame = open_lesson(url=url, duration_seconds=20)
    assert frame.evaluate("origin") == "null"
    frame.evaluate("send", {"type": "segments", "segments": [[0, 2]]})
    eventually(page, lambda: covered(course, "out") == 2_000)


def test_the_pages_score_completes_where_the_author_allows_it(page, site, open_lesson):
    course, frame = open_lesson(WITH_LIBRARY % site, completes_on="score", complete_at=80)
    expect(
        page.get_by_text("the score that the embedded page reports: 80 % needed")
    ).to_be_visible()
    expect(page.get_by_role("button", name="I have finished this")).to_have_count(0)
    frame.evaluate("progress.score(50)")
    expect(page.locator(".below [data-percent]")).to_have_text("50 %")
    assert progress_of(course, "out").completed_at is None
    frame.evaluate("progress.score(85)")
    expect(page.locator(".below [data-state]")).to_have_text("Complete")


def test_pages_count_once_they_were_in_view_long_enough(page, site, open_lesson):
    course, frame = open_lesson(WITH_LIBRARY % site, page_count=3)
    frame.evaluate("progress.page(2)")
    eventually(page, lambda: covered(course, "out") == 1)
    assert progress_of(course, "out").coverage == ((1, 2),)


def test_a_video_inside_is_measured_by_the_library(page, site, open_lesson):
    course, frame = open_lesson(WITH_LIBRARY % site, duration_seconds=12)
    frame.evaluate(
        """() => {
            const video = document.querySelector("video");
            progress.watchMedia(video);
            video.addEventListener("timeupdate", () => video.currentTime >= 2 && video.pause());
            video.play();
        }"""
    )
    frame.wait_for_function("() => document.querySelector('video').currentTime >= 2")
    eventually(page, lambda: 1_500 < covered(course, "out") < 5_000)
