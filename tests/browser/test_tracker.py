"""The tracker in difficult conditions, and as a library in a page of another site."""

import contextlib
import json
import re
import signal
import time
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from progress.models import ContentInteraction, ContentProgress, LearningSession
from tests.factories import a_course_of, a_learner, content

from .learning import CLIP, RULES, at, covered, eventually, play, progress_of, reach, saved, sign_in
from .other_site import mint

pytestmark = pytest.mark.django_db(transaction=True)

PARTNER = """<!doctype html><html lang="en"><title>Elsewhere</title>
<video id="media" src="{site}/static/demo/extinguisher.mp4" muted></video>
<script type="module">
import {{ createTracker }} from "{site}/static/progress/tracker.js";
const {{ session, user, course, module, content }} = {data};
const tracker = createTracker({{ baseUrl: "{site}", session }});
window.answers = [];
window.states = [];
tracker.addEventListener("state", ({{ detail }}) => states.push([detail.state, detail.code]));
tracker.addEventListener("progress", (event) => answers.push(event.detail));
tracker.addEventListener("renew", () => (window.asksForAnother = true));
window.tracker = tracker;
await tracker.startSession(user, course, module);
tracker.watchMedia(document.getElementById("media"), content);
window.isReady = true;
</script>"""


@pytest.fixture
def partner(page, other_site):
    """Open a front end of another origin, whose server got the session. Returns its course."""

    def partner(site):
        course = a_course_of(CLIP)
        clip = content(course, "clip")
        data = {
            "user": a_learner(course).pk,
            "course": course.pk,
            "module": clip.module_id,
            "content": clip.pk,
        }
        data["session"] = mint(site.url, asked(data))
        other_site.pages["/"] = PARTNER.format(site=site.url, data=json.dumps(data))
        page.goto(other_site.address)
        return course, data

    return partner


@pytest.fixture
def restarted(own_site, other_site):
    """The site, which may be stopped and started again; says whether it allows the other site."""

    def restarted(*, is_allowed):
        own_site.environment["CORS_ALLOWED_ORIGINS"] = other_site.address if is_allowed else ""
        own_site.start()
        return own_site

    return restarted


def asked(data):
    return {"user_id": data["user"], "course_id": data["course"], "module_id": data["module"]}


# --- On another origin ---------------------------------------------------------------------------
def test_a_front_end_of_another_origin_tracks_a_video(partner, page, allowing_site):
    course, data = partner(allowing_site)
    page.wait_for_function("() => window.isReady")
    play(page, seconds=3)
    eventually(page, lambda: covered(course, "clip") >= 2_900)
    assert covered(course, "clip") <= 4_000
    page.wait_for_function("() => answers.some((body) => body.course.completion_percentage > 20)")
    assert str(LearningSession.objects.get().pk) == data["session"]["session_id"]


def test_a_page_of_another_origin_reports_when_it_is_left(partner, page, allowing_site):
    course, _ = partner(allowing_site)
    page.wait_for_function("() => window.isReady")
    page.locator("#media").evaluate("media => media.play()")
    reach(page, 2.5)
    page.goto("about:blank")
    eventually(
        page,
        lambda: (
            ContentProgress.objects.filter(content__module__course=course).exists()
            and covered(course, "clip") >= 2_300
        ),
    )


def test_another_session_is_requested_when_the_given_one_has_ended(
    partner, page, allowing_site, complaints
):
    course, data = partner(allowing_site)
    page.wait_for_function("() => window.isReady")
    body = json.dumps({"session_id": data["session"]["session_id"]}).encode()
    token = f"Session {data['session']['session_token']}"
    headers = {"Content-Type": "application/json", "Authorization": token}
    urlopen(Request(f"{allowing_site.url}/api/employee/end_session", body, headers), timeout=10)
    play(page, seconds=1)
    page.wait_for_function("() => window.asksForAnother")
    page.evaluate("(session) => tracker.useSession(session)", mint(allowing_site.url, asked(data)))
    play(page, seconds=2)
    eventually(page, lambda: covered(course, "clip") >= 1_900)
    complaints.clear()  # about the 409 of the ended session


BLOCKED = ["blocked", "origin_not_allowed"]


def states(page):
    return page.evaluate("states.map(([state]) => state)")


def test_an_origin_that_is_not_allowed_is_named_and_loses_nothing(
    partner, page, restarted, complaints
):
    own_site = restarted(is_allowed=False)
    course, _ = partner(own_site)
    page.wait_for_function("() => window.isReady")
    play(page, seconds=2)
    page.wait_for_function(f"() => String(states.at(-1)) === '{','.join(BLOCKED)}'")
    assert not ContentInteraction.objects.exists()
    own = page.evaluate("location.origin")
    lines = [said for said in complaints if "CORS_ALLOWED_ORIGINS" in said]
    assert lines and own in lines[0] and own_site.url in lines[0]
    assert len(lines) == 1
    # Once it is allowed, what was waiting arrives.
    before = len(states(page))
    own_site.stop()
    restarted(is_allowed=True)
    eventually(page, lambda: covered(course, "clip") >= 1_900)
    page.wait_for_function("() => states.at(-1)[0] === 'saved'")
    # It was said to be offline only while it was.
    assert "offline" not in states(page)[:before]
    complaints.clear()


def test_a_server_of_another_origin_that_is_away_is_not_an_origin_refused(
    partner, page, restarted, complaints
):
    own_site = restarted(is_allowed=True)
    partner(own_site)
    page.wait_for_function("() => window.isReady")
    own_site.stop()
    play(page, seconds=1)
    page.wait_for_function("() => states.at(-1)[0] === 'offline'")
    own_site.start()
    page.wait_for_function("() => states.at(-1)[0] === 'saved'")
    assert "blocked" not in states(page)
    assert not any("CORS_ALLOWED_ORIGINS" in said for said in complaints)
    complaints.clear()


# --- Tabs ----------------------------------------------------------------------------------------
def test_two_tabs_with_one_video_count_once(visit, page, context, course):
    began = time.monotonic()
    visit("clip")
    other = context.new_page()
    visit("clip", page=other)
    for tab in [page, other]:
        tab.locator("#media").evaluate("media => media.muted = true")
        tab.locator("#media").evaluate("media => media.play()")
    for tab in [page, other]:
        reach(tab, 4)
        tab.locator("#media").evaluate("media => media.pause()")
    seconds = time.monotonic() - began
    furthest = max(at(tab) for tab in [page, other])
    saved(page)
    saved(other)
    eventually(page, lambda: 3_800 <= covered(course, "clip") <= 1000 * furthest + 100)
    assert LearningSession.objects.count() == 2
    row = progress_of(course, "clip")
    # Two tabs that play at the same time are still one person: time is a union.
    assert row.time_ms <= 1000 * seconds


def test_a_killed_tab_loses_no_stored_event(visit, page, context, course, complaints):
    visit("clip")
    # Nothing is delivered, so everything waits in the queue.
    page.route("**/update_progress", lambda route: route.abort())
    play(page, seconds=3)
    expect(page.locator("#saved")).to_have_text("Offline, saved on this device")
    with contextlib.suppress(Exception):
        page.goto("chrome://crash", timeout=3_000)
    page.close()
    assert covered(course, "clip") == 0
    again = context.new_page()
    visit("rules", page=again)
    eventually(again, lambda: covered(course, "clip") >= 2_900)
    complaints.clear()


def test_a_tab_killed_while_playing_loses_at_most_a_heartbeat(site_with, page, context, complaints):
    site = site_with(HEARTBEAT_SECONDS="2")
    course = a_course_of(CLIP, RULES)
    sign_in(context, site.url, a_learner(course))
    with page.expect_response("**/start_session"):
        page.goto(f"{site.url}/courses/{course.pk}/contents/{content(course, 'clip').pk}/")
    expect(page.locator("#saved")).not_to_have_text("Not counted yet")
    page.locator("#media").evaluate("media => media.muted = true")
    page.locator("#media").evaluate("media => media.play()")
    reach(page, 7)
    with contextlib.suppress(Exception):
        page.goto("chrome://crash", timeout=3_000)
    page.close()
    again = context.new_page()
    again.goto(f"{site.url}/courses/{course.pk}/contents/{content(course, 'rules').pk}/")
    eventually(again, lambda: covered(course, "clip") >= 4_500)
    again.goto("about:blank")
    complaints.clear()


def test_a_long_queue_of_a_tab_that_is_gone_is_delivered_whole(visit, page, context, complaints):
    visit("text")
    page.route("**/update_progress", lambda route: route.abort())
    page.evaluate("() => { navigator.sendBeacon = () => true; }")
    count = page.evaluate("""async () => {
        const { openQueue } = await import("/static/progress/queue.js");
        const queue = await openQueue();
        const [{ name, asked }] = await queue.sessions();
        const waiting = (await queue.waiting(name)).length;
        for (let number = 1; number <= 450; number += 1) {
            await queue.add(name, {
                event_id: crypto.randomUUID(),
                sequence: 1000 + number,
                occurred_at: new Date().toISOString(),
                content_id: asked.content_id,
                interaction_type: "view",
            });
        }
        return waiting + 450;
    }""")
    page.close()
    again = context.new_page()
    visit("rules", page=again)
    eventually(
        again,
        lambda: ContentInteraction.objects.filter(content__code="text").count() >= count,
        seconds=30,
    )
    complaints.clear()


# --- The server ----------------------------------------------------------------------------------
def test_retry_after_is_obeyed(visit, page, course, complaints):
    asked = []

    def busy(route):
        asked.append(time.monotonic())
        if len(asked) > 1:
            return route.continue_()
        return route.fulfill(status=503, headers={"Retry-After": "3"}, body="")

    visit("clip")
    page.route("**/update_progress", busy)
    play(page, seconds=1)
    eventually(page, lambda: covered(course, "clip") >= 900)
    assert asked[1] - asked[0] >= 2.9
    complaints.clear()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_is_gone_for_a_while_loses_nothing(how, own_site, page, context, complaints):
    own_site.start()
    course = a_course_of(CLIP)
    sign_in(context, own_site.url, a_learner(course))
    item = content(course, "clip")
    with page.expect_response("**/start_session"):
        page.goto(f"{own_site.url}/courses/{course.pk}/contents/{item.pk}/")
    expect(page.locator("#saved")).not_to_have_text("Not counted yet")
    page.wait_for_function("() => document.getElementById('media').readyState === 4")
    page.locator("#media").evaluate("media => media.muted = true")
    page.locator("#media").evaluate("media => media.play()")
    reach(page, 2)
    own_site.stop(how)
    reach(page, 6)
    page.locator("#media").evaluate("media => media.pause()")
    expect(page.locator("#saved")).to_have_text("Offline, saved on this device")
    own_site.start()
    expect(page.locator("#saved")).to_have_text(re.compile("^Saved"))
    eventually(page, lambda: covered(course, "clip") >= 5_900)
    assert ContentInteraction.objects.filter(status="rejected").count() == 0
    complaints.clear()


# --- Attention -----------------------------------------------------------------------------------
def test_a_switch_of_the_tab_is_a_distraction_and_hidden_time_is_idle(visit, page, course):
    began = time.monotonic()
    visit("text")
    page.wait_for_timeout(1500)  # of reading
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(3000)  # of absence
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
        document.dispatchEvent(new Event("visibilitychange"));
        scrollBy(0, 200);
    }""")
    session = eventually(page, lambda: LearningSession.objects.filter(distractions=1).first())
    eventually(page, lambda: LearningSession.objects.filter(idle_ms__gte=2_500).exists())
    session.refresh_from_db()
    assert 1_000 <= session.active_ms <= 1000 * (time.monotonic() - began - 2.5)


def test_unmeasured_content_is_reported_by_the_learner(page, context, site):
    outside = {
        "code": "out",
        "title": "Elsewhere",
        "content_type": "embed",
        "completion_source": "reported",
        "url": "/static/demo/what-fire-needs.html",
    }
    course = a_course_of(outside)
    sign_in(context, site, a_learner(course))
    item = content(course, "out")
    page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/")
    page.get_by_role("button", name="I have finished this").click()
    expect(page.locator(".below [data-state]")).to_have_text("Complete")
    assert progress_of(course, "out").reported_bp == 10_000
