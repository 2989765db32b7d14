"""Browsers that store nothing, and enrolments that change while a page is open."""

import json
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from progress.ingest.enrolling import unenroll
from progress.models import ContentInteraction, Enrollment, LearningSession
from tests.factories import content

from .learning import covered, eventually, play, progress_of, saved

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKED = """
for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
    Object.defineProperty(window, name, {
        get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
    });
}
"""


@pytest.fixture
def blocked(context):
    context.add_init_script(BLOCKED)


# --- Nothing can be stored ------------------------------------------------------------------------
def test_a_quiz_is_answered_and_passed_where_storage_is_blocked(blocked, visit, course):
    page = visit("quiz")
    page.get_by_role("button", name="One at a time").click()
    page.get_by_label("A lid").check()
    expect(page.locator(".answer-state").first).to_have_text("✓ Saved")
    page.get_by_role("button", name="All questions").click()
    for label in ["Leave", "Close doors"]:
        page.get_by_label(label).check()
    expect(page.locator(".answer-state").last).to_have_text("✓ Saved")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(".review")).to_be_visible()
    assert progress_of(course, "quiz").completed_at is not None


def test_every_page_works_where_storage_is_blocked(blocked, visit, course, page, site):
    visit("clip")
    play(page, seconds=2)
    eventually(page, lambda: covered(course, "clip") >= 1_500)
    expect(page.locator("#saved")).to_contain_text("nothing is stored on this device")
    visit("rules")
    expect(page.locator(".page")).to_have_count(6)
    eventually(page, lambda: covered(course, "rules"))
    visit("text")
    page.mouse.wheel(0, 400)
    eventually(page, lambda: ContentInteraction.objects.filter(content__code="text").exists())
    for address in ["/", f"/courses/{course.pk}/", "/realtime_progress_demo.html"]:
        page.goto(f"{site}{address}")
        expect(page.locator("h1").first).to_be_visible()


def test_offline_without_storage_asks_to_keep_the_page_open(blocked, visit, context, course):
    page = visit("clip")
    context.set_offline(True)
    play(page, seconds=2)
    expect(page.locator("#saved")).to_have_text("Offline, saved only while this page is open")
    context.set_offline(False)
    saved(page)
    eventually(page, lambda: covered(course, "clip") >= 1_800)


# --- The enrolment changes ------------------------------------------------------------------------
def test_a_learner_who_is_unenrolled_sees_a_message(visit, course, complaints):
    page = visit("clip")
    unenroll(Enrollment.objects.get(), now=timezone.now())
    play(page, seconds=1)
    expect(page.locator("#saved")).to_have_text(
        "You aren't enrolled in this course any more, so what you do here isn't counted.",
    )
    complaints.clear()  # about the server's refusal


def test_seconds_after_the_session_was_ended_elsewhere_arrive(visit, course, complaints):
    page = visit("clip")
    play(page, seconds=1)
    eventually(page, lambda: covered(course, "clip") >= 900)
    end_session(page)
    play(page, seconds=4)
    eventually(page, lambda: covered(course, "clip") >= 4_700, seconds=20)
    assert LearningSession.objects.count() == 2
    assert ContentInteraction.objects.filter(session__end_reason="", covered_ms__gt=0).exists()
    complaints.clear()  # about the 409 of the ended session


def end_session(page):
    """End the page's session, as another program of the learner might."""
    session = page.evaluate("""async () => {
        const { openQueue } = await import("/static/progress/queue.js");
        return (await (await openQueue()).sessions()).at(-1);
    }""")
    site = "/".join(page.url.split("/")[:3])
    body = json.dumps({"session_id": session["session_id"]}).encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Session {session['session_token']}",
    }
    urlopen(Request(f"{site}/api/employee/end_session", body, headers), timeout=10)


def test_the_end_of_a_session_waits_for_a_long_queue(visit, page, course):
    visit("text")
    ended = page.evaluate(
        """async ([user, course, module, content]) => {
        const { createTracker } = await import("/static/progress/tracker.js");
        const csrfToken = document.querySelector("#csrf [name=csrfmiddlewaretoken]").value;
        const tracker = createTracker({ csrfToken, storage: { getItem: () => null } });
        await tracker.startSession(user, course, module);
        for (let number = 0; number < 450; number += 1) tracker.record(content, "view");
        return tracker.endSession();
    }""",
        [
            LearningSession.objects.get().user_id,
            course.pk,
            content(course, "text").module_id,
            content(course, "text").pk,
        ],
    )
    session = LearningSession.objects.get(pk=ended["session_id"])
    assert session.end_reason == "ended"
    assert session.interactions.filter(status="accepted").count() == 450
