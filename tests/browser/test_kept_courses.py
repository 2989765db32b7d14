"""A course is kept on a device, studied without a network, and everything arrives once."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from progress.ingest.enrolling import unenroll
from progress.models import ContentInteraction, Enrollment, LearningSession, QuizAttempt
from tests.factories import a_course_of, a_learner, content

from .kept_device import KEPT, files_on, keep, make_contact
from .learning import (
    CLIP,
    QUIZ,
    RULES,
    TEXT,
    being_watched,
    covered,
    eventually,
    play,
    progress_of,
    reach,
)

pytestmark = pytest.mark.django_db(transaction=True)
TIMED = QUIZ | {"code": "timed", "title": "Against time", "time_limit_minutes": 10}
ELSEWHERE = {
    "code": "elsewhere",
    "title": "On another site",
    "content_type": "video",
    "url": "https://films.example.org/a.mp4",
    "duration_seconds": 30,
}
BANNER = "No network. What you do is kept on this device and sent later."


@pytest.fixture
def site(forwarder):
    return forwarder.url


@pytest.fixture
def course(site):
    return a_course_of(CLIP, RULES, TEXT, QUIZ, TIMED, ELSEWHERE)


@pytest.fixture
def learner(course):
    return a_learner(course, full_name="Lena Fischer")


def open_content(page, site, course, code):
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, code).pk}/")
    being_watched(page)


def test_a_kept_course_is_studied_offline_and_everything_arrives_once(laptop, site, course):
    keep(laptop.page, site, course)
    size = laptop.page.locator("[data-keep=state]").inner_text()
    assert re.search(r"[1-9].* MB", size)
    assert LearningSession.objects.count() == 1  # the one that is reserved
    laptop.restart(offline=True)

    page = laptop.page
    page.goto(f"{site}/courses/{course.pk}/")
    expect(page.get_by_role("heading", name="Fire safety")).to_be_visible()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text(BANNER)
    needs = page.locator("section", has=page.get_by_role("heading", name="What needs a network"))
    expect(needs).to_contain_text("Against time Has a time limit")
    expect(needs).to_contain_text("On another site Comes from another site")

    page.get_by_role("link", name=CLIP["title"]).last.click()
    being_watched(page)
    page.locator("#media").evaluate("media => media.currentTime = 6")
    reach(page, 6)
    page.locator("#media").evaluate("media => media.currentTime = 0")
    end = 1000 * play(page, seconds=4)
    expect(page.locator("#saved")).to_have_text("Offline, saved on this device")
    open_content(page, site, course, "rules")
    expect(page.locator(".page canvas").first).to_be_visible()
    page.wait_for_timeout(3_000)  # of reading
    open_content(page, site, course, "text")
    page.wait_for_timeout(4_000)  # of reading
    open_content(page, site, course, "quiz")
    for label in ["A lid", "Leave", "Close doors"]:
        page.get_by_label(label).check()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#result")).to_contain_text("Submitted on this device.")
    expect(page.locator("#offline")).to_contain_text(re.compile("answers: [3-9]"))
    expect(page.locator("#offline")).to_contain_text("it has to be sent before")
    page.reload()
    expect(page.locator("#stage")).to_contain_text("Submitted on this device.")
    expect(page.get_by_label("A lid")).to_have_count(0)
    assert not ContentInteraction.objects.exists()

    laptop.restart()  # online, and on a page without a player
    page = laptop.page
    page.goto(f"{site}/courses/{course.pk}/")
    make_contact(page)
    page.goto(f"{site}/")
    eventually(page, lambda: QuizAttempt.objects.filter(submitted_at__isnull=False).exists())
    eventually(page, lambda: covered(course, "text"))
    assert end - 500 <= covered(course, "clip") <= end + 100
    assert covered(course, "rules") == 1
    attempt = QuizAttempt.objects.get()
    assert (attempt.score_bp, attempt.passed) == (10_000, True)
    assert progress_of(course, "quiz").completed_at is not None
    # A page that was left while it sent them may have sent them twice.
    rows = ContentInteraction.objects.filter(status=ContentInteraction.Status.ACCEPTED)
    assert len({row.event_id for row in rows}) == len(rows)
    sessions = set(rows.values_list("session_id", flat=True))
    assert len(sessions) == 1


def test_what_was_done_offline_before_is_there_when_it_is_opened_again(laptop, site, course):
    keep(laptop.page, site, course)
    laptop.restart(offline=True)
    page = laptop.page
    open_content(page, site, course, "quiz")
    page.get_by_label("A lid").check()
    open_content(page, site, course, "clip")
    at = play(page, seconds=3)
    page.goto("about:blank")
    laptop.restart(offline=True)
    page = laptop.page
    open_content(page, site, course, "quiz")
    expect(page.get_by_label("A lid")).to_be_checked()
    open_content(page, site, course, "clip")
    page.wait_for_function(
        "at => Math.abs(document.getElementById('media').currentTime - at) < 1", arg=at
    )
    laptop.set_offline(False)
    eventually(page, lambda: 1000 * at - 500 <= covered(course, "clip") <= 1000 * at + 100)


def test_the_offline_page_lists_what_is_kept(laptop, site, course):
    keep(laptop.page, site, course)
    laptop.set_offline(True)
    page = laptop.page
    page.goto(f"{site}/")
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()
    page.get_by_role("link", name="Fire safety").click()
    expect(page.locator("#offline")).to_contain_text(BANNER)
    laptop.set_offline(False)
    # It is loaded again by itself: no copy any more.
    expect(page.locator("body:not([data-kept])")).to_have_count(1)
    expect(page.locator("#offline")).to_be_hidden()


def test_another_person_on_this_browser_sees_and_sends_nothing_of_it(laptop, site, course):
    keep(laptop.page, site, course)
    laptop.set_offline(True)
    page = laptop.page
    open_content(page, site, course, "clip")
    play(page, seconds=2)
    page.goto("about:blank")
    other = a_learner(course, full_name="Omar Haddad")
    laptop.set_offline(False)
    laptop.sign_in(site, other)
    page.goto(f"{site}/account/")
    make_contact(page)
    page.goto(f"{site}/account/")
    expect(page.get_by_text("You keep no course on this device.")).to_be_visible()
    open_content(page, site, course, "clip")
    play(page, seconds=1)
    eventually(page, lambda: ContentInteraction.objects.filter(user_id=other.pk).exists())
    laptop.set_offline(True)
    page.goto(f"{site}/courses/{course.pk}/")
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()
    expect(page.get_by_role("link", name="Fire safety")).to_have_count(0)
    assert set(ContentInteraction.objects.values_list("user_id", flat=True)) == {other.pk}


def test_signing_out_sends_what_waits_then_asks_and_removes(laptop, site, course, learner):
    keep(laptop.page, site, course)
    laptop.set_offline(True)
    page = laptop.page
    open_content(page, site, course, "clip")
    play(page, seconds=2)
    page.goto("about:blank")
    laptop.set_offline(False)
    page.goto(f"{site}/search/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign out?")).to_be_visible()
    expect(page.locator("#waiting")).to_have_text(
        "Everything you did on this device has been sent."
    )
    expect(page.locator("#courses li")).to_contain_text("Fire safety")
    assert ContentInteraction.objects.filter(user_id=learner.pk).exists()
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    kept = page.evaluate(
        "async () => (await (await caches.open('kept')).keys()).length"
        " + (await (await caches.open('kept-files')).keys()).length"
    )
    assert kept == 0


def test_nothing_is_renewed_where_it_is_about_to_be_removed(laptop, site, course):
    page = laptop.page
    keep(page, site, course)
    asked = []
    laptop.context.on("request", lambda request: asked.append(request.url))
    renewals = f"/kept/courses/{course.pk}/"
    make_contact(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#courses li")).to_contain_text("Fire safety")
    page.wait_for_timeout(3_000)
    assert not any(url.endswith(renewals) for url in asked)
    page.get_by_role("link", name="Stay signed in").click()
    eventually(page, lambda: any(url.endswith(renewals) for url in asked))


def test_what_is_removed_while_it_is_renewed_stays_removed(laptop, site, course, learner):
    page = laptop.page
    keep(page, site, course)
    # Copies of pages are the last that is loaded; now each waits until the course was removed.
    renewed = page.evaluate(
        """async ([user, course]) => {
            const store = await import("/static/pages/kept_store.js");
            const { recordOf, putRecord, remove } = store;
            const { keepCourse } = await import("/static/pages/keeper.js");
            const record = await recordOf(user, course);
            const kept = { ...record.kept, version: "an earlier one" };
            await putRecord({ ...record, kept });
            const { fetch } = window;
            let isRemoved = null;
            window.fetch = async (address, options) => {
                const isCopy = record.kept.pages.some(({ source }) => source === address);
                if (isCopy) await (isRemoved ??= remove(user, course));
                return fetch(address, options);
            };
            const said = await keepCourse(record.address, user).then(() => "kept", String);
            window.fetch = fetch;
            return [isRemoved !== null, said];
        }""",
        [learner.pk, course.pk],
    )
    assert renewed == [True, "Error"]
    kept = page.evaluate("async () => (await (await caches.open('kept')).keys()).length")
    assert (kept, files_on(page)) == (0, 0)


def test_a_session_that_begins_while_its_course_is_removed_is_not_stored(
    laptop, site, course, learner
):
    keep(laptop.page, site, course)
    (worker,) = laptop.context.service_workers
    stored = worker.evaluate(
        """async ([user_id, course_id]) => {
            const cache = await caches.open("kept");
            const answer = {
                async json() {
                    for (const key of await cache.keys()) await cache.delete(key);
                    return { session_token: "a token" };
                },
            };
            await rememberSession({ user_id, course_id, client_session_id: "a name" }, answer);
            return (await cache.keys()).length;
        }""",
        [learner.pk, course.pk],
    )
    assert stored == 0


def test_what_couldnt_be_sent_before_signing_out_is_said_and_stays(laptop, site, course):
    keep(laptop.page, site, course)
    laptop.set_offline(True)
    page = laptop.page
    open_content(page, site, course, "clip")
    play(page, seconds=2)
    page.goto("about:blank")
    laptop.set_offline(False)
    laptop.context.route("**/update_progress", lambda route: route.abort())
    page.goto(f"{site}/search/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#waiting")).to_contain_text("This couldn’t be sent now.")
    assert not ContentInteraction.objects.exists()
    page.get_by_role("link", name="Stay signed in").click()
    laptop.context.unroute("**/update_progress")
    make_contact(page)
    page.goto(f"{site}/search/")
    eventually(page, lambda: ContentInteraction.objects.exists())


def test_a_course_that_is_no_longer_open_is_removed_at_the_next_contact(
    laptop, site, course, learner
):
    keep(laptop.page, site, course)
    unenroll(Enrollment.objects.get(user=learner), now=timezone.now())
    page = laptop.page
    make_contact(page)
    page.goto(f"{site}/account/")
    expect(page.locator("#toast")).to_contain_text("“Fire safety” isn’t open to you any more")
    laptop.set_offline(True)
    page.goto(f"{site}/courses/{course.pk}/")
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()


def test_a_tab_of_before_keeps_and_removes_nothing_for_who_signed_in_since(
    laptop, site, course, learner
):
    keep(laptop.page, site, course)
    page = laptop.page
    make_contact(page)
    with page.expect_response(f"**/kept/courses/{course.pk}/"):
        page.goto(f"{site}/account/")
    expect(page.locator("#kept").get_by_role("link", name="Fire safety")).to_be_visible()
    stranger = a_learner(full_name="Omar Haddad")
    laptop.sign_in(site, stranger)
    make_contact(page)
    with page.expect_response(f"**/kept/courses/{course.pk}/") as found:
        page.evaluate("dispatchEvent(new Event('online'))")
    assert found.value.status == 404
    page.wait_for_timeout(500)
    kept = page.evaluate("async () => (await (await caches.open('kept')).keys()).map(it => it.url)")
    assert f"{site}/kept/record/{learner.pk}/{course.pk}" in kept
    assert not [url for url in kept if f"/record/{stranger.pk}/" in url]


def test_a_changed_course_is_renewed_at_the_next_contact(laptop, site, course, learner):
    keep(laptop.page, site, course)
    course.title = "Fire safety for all"
    course.save()
    page = laptop.page
    make_contact(page)
    page.goto(f"{site}/search/")
    title = """async (key) => {
        const cache = await caches.open("kept");
        return (await (await cache.match(key)).json()).kept.title;
    }"""
    record = f"/kept/record/{learner.pk}/{course.pk}"
    eventually(page, lambda: page.evaluate(title, record) == "Fire safety for all")
    laptop.set_offline(True)
    page.goto(f"{site}/courses/{course.pk}/")
    expect(page.get_by_role("heading", name="Fire safety for all")).to_be_visible()


def test_only_pages_with_new_progress_are_renewed(laptop, site, course):
    keep(laptop.page, site, course)
    page = laptop.page
    open_content(page, site, course, "clip")
    play(page, seconds=2)
    eventually(page, lambda: covered(course, "clip") >= 1_500)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/courses/{course.pk}/")
    expect(page.locator("[data-keep=state]")).to_have_text(KEPT)
    clip = content(course, "clip").pk
    kept = f"{site}/kept/courses/{course.pk}/"
    wanted = {kept, f"{kept}page/", f"{kept}contents/{clip}/"}
    assert {url for url in asked if "/kept/" in url} == wanted
    assert not [url for url in asked if url.endswith(".pdf")]


def test_it_is_removed_on_the_account_page(laptop, site, course):
    keep(laptop.page, site, course)
    page = laptop.page
    page.goto(f"{site}/account/")
    section = page.locator("#kept")
    expect(section.get_by_role("link", name="Fire safety")).to_be_visible()
    expect(section.locator("[data-room]")).to_contain_text("left on this device")
    section.get_by_role("button", name="Remove", exact=True).click()
    expect(section.get_by_text("You keep no course on this device.")).to_be_visible()
    assert files_on(page) == 0
