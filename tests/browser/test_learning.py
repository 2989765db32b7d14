"""A learner in a real browser: only what is played, read and answered counts."""

import io
import json
import re

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import expect
from pypdf import PdfWriter

from lms_progress.demo.seeding import HERE, replace_guest_course
from progress.catalogue import replace_course
from progress.models import CourseProgress, LearningSession
from tests.factories import a_course_of, a_learner, content

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
    saved,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- Video ----------------------------------------------------------------------------------------
def test_a_played_clip_is_complete_and_announced(visit, course):
    page = visit("clip")
    play(page, rate=2)
    below = page.locator(".below")
    expect(below.locator("[data-percent]")).to_have_text(re.compile("^(9|10)"))
    expect(below.locator("[data-state]")).to_have_text("Complete")
    # It may be complete one heartbeat before its last seconds have arrived.
    eventually(page, lambda: covered(course, "clip") >= 11_500)
    row = progress_of(course, "clip")
    assert row.completed_at is not None
    [(start, end)] = row.coverage
    assert start <= 200
    assert end >= 11_800
    assert row.replayed_ms == 0
    assert 4_000 <= row.time_ms <= 9_000


def test_a_jump_to_the_end_earns_the_end_only(visit, course):
    page = visit("clip")
    page.locator("#media").evaluate("media => media.currentTime = 11")
    play(page)
    saved(page)
    expect(page.locator(".below [data-percent]")).to_have_text(re.compile(r"^[1-9] %$"))
    row = progress_of(course, "clip")
    assert row.completed_at is None
    assert row.seek_count == 1
    assert all(start >= 10_500 for start, end in row.coverage)


def test_a_reload_continues_at_the_position_in_the_same_session(visit, course):
    page = visit("clip")
    play(page, seconds=3)
    eventually(page, lambda: covered(course, "clip") > 2_500)
    at = page.locator("#media").evaluate("media => media.currentTime")
    visit("clip")
    reach(page, 0.1)
    assert abs(page.locator("#media").evaluate("media => media.currentTime") - at) < 0.3
    page.wait_for_timeout(500)
    end = 1000 * play(page, seconds=2)
    eventually(page, lambda: end - 500 <= covered(course, "clip") <= end + 100)
    assert progress_of(course, "clip").seek_count == 0
    assert LearningSession.objects.count() == 1


def test_what_was_played_when_the_page_was_left_is_not_lost(visit, page, course, site):
    visit("clip")
    page.locator("#media").evaluate("media => media.muted = true")
    page.locator("#media").evaluate("media => media.play()")
    reach(page, 2.5)
    page.goto(f"{site}/courses/{course.pk}/")
    expect(
        page.locator(f"[data-content='{content(course, 'clip').pk}'] [data-percent]")
    ).to_have_text(re.compile("^[2-9][0-9] %$"))


def test_offline_is_shown_and_events_are_sent_later(visit, context, course):
    page = visit("clip")
    context.set_offline(True)
    end = 1000 * play(page, seconds=3)
    expect(page.locator("#saved")).to_have_text("Offline, saved on this device")
    assert covered(course, "clip") == 0
    context.set_offline(False)
    saved(page)
    assert end - 500 <= covered(course, "clip") <= end + 100


def test_another_window_follows_live(visit, context, course, site, page):
    visit("clip")
    other = context.new_page()
    other.goto(f"{site}/courses/{course.pk}/")
    percent = 100 * play(page, seconds=4) / 12
    number = other.locator(f"[data-content='{content(course, 'clip').pk}'] [data-percent]")
    expect(number).to_have_text(f"{int(percent)} %")
    assert other.locator(f"[data-course='{course.pk}'] progress").evaluate("bar => bar.value") > 0


# --- Reading --------------------------------------------------------------------------------------
def test_a_text_counts_as_far_as_it_was_read(visit, course):
    page = visit("text")
    page.wait_for_timeout(4000)
    page.mouse.wheel(0, 10_000)
    eventually(page, lambda: covered(course, "text"))
    row = progress_of(course, "text")
    assert row.coverage[0][0] == 0
    assert 0 < row.completion_bp < 9000
    assert row.completed_at is None
    page.wait_for_timeout(500)
    at = page.evaluate("scrollY")
    assert at > 500
    visit("text")
    page.wait_for_function("(at) => Math.abs(scrollY - at) < 60", arg=at)


# --- The demo -------------------------------------------------------------------------------------
def test_the_demo_goes_through_its_five_steps(page, context, site):
    document = json.loads((HERE / "simulation.json").read_text())
    replace_course(document | {"instructors": []})
    sign_in(context, site, a_learner())
    page.goto(f"{site}/realtime_progress_demo.html")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    done = 0

    def press(name, said):
        nonlocal done
        done += 1
        page.get_by_role("button", name=name).click()
        expect(page.locator("#log li")).to_have_count(done)
        expect(page.locator("#log li").first.locator(".outcome")).to_contain_text(said)

    press("Start session", "The session is open.")
    for _ in range(4):
        press("Watch the next 15 s", "15 s newly covered")
    press("Watch the last 15 s again", "0 s newly covered")
    press("Jump to the end", "0 s newly covered")
    for _ in range(10):
        press("Read the next page", "Accepted")
    for _ in range(4):
        press("Answer the next question", "Accepted")
    press("Submit", "Score 100 %")
    expect(page.locator("[data-course] [data-percent]")).to_have_text("100 %")
    press("Send the last event again", "Duplicate: 0 s of active time")
    press("End session", "The session has ended.")
    assert LearningSession.objects.get().end_reason == "ended"
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("[data-course] [data-percent]")).to_have_text("0 %")


def test_the_demo_continues_where_it_was_left(page, context, site):
    document = json.loads((HERE / "simulation.json").read_text())
    replace_course(document | {"instructors": []})
    sign_in(context, site, a_learner())
    page.goto(f"{site}/realtime_progress_demo.html")
    page.get_by_role("button", name="Join").click()
    said = page.locator("#log li").first.locator(".outcome")
    for answered in ["1/4", "2/4"]:
        page.get_by_role("button", name="Start session").click()
        expect(said).to_have_text("The session is open.")
        page.get_by_role("button", name="Watch the next 15 s").click()
        expect(said).to_contain_text("15 s newly covered")
        page.get_by_role("button", name="Answer the next question").click()
        expect(said).to_contain_text("Accepted")
        quiz = page.locator(".live-bars [data-content]").last
        expect(quiz.locator("[data-percent]")).to_have_text(answered)
        page.reload()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_demo_needs_no_account_and_says_what_was_completed(page, site, width):
    replace_guest_course()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/realtime_progress_demo.html")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Start session").click()
    entry = page.locator("#log li").first
    expect(entry.locator("strong")).to_have_text("Start session")
    for _ in range(4):
        page.get_by_role("button", name="Watch the next 15 s").click()
    expect(entry.locator(".outcome")).to_contain_text("“A video of one minute” is complete.")
    expect(page.locator(".live-bars")).to_be_in_viewport()
    expect(page.locator("#activity")).to_be_in_viewport()


# --- A whole course -------------------------------------------------------------------------------
def test_a_person_goes_through_the_whole_course(page, context, site):
    """Signs in, and clicks through a video, a document, a text and a quiz, up to 100 %."""
    rules, text = RULES | {"page_count": 2, "url": "/two-pages.pdf"}, TEXT | {"reading_seconds": 4}
    course = a_course_of(CLIP, rules, text, QUIZ)
    learner = a_learner(course, full_name="Lena Fischer")
    learner.set_password("correct horse battery")
    learner.save()
    page.route("**/two-pages.pdf", lambda route: route.fulfill(body=two_pages()))
    page.goto(f"{site}/courses/{course.pk}/")
    page.get_by_label("User name").fill(learner.username)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    percent = page.locator(".big-bar [data-percent]")
    expect(percent).to_have_text("0 %")
    page.get_by_role("link", name=re.compile("^Start")).click()
    own = page.locator(".below [data-state]")
    page.locator("#media").evaluate("media => media.muted = true")
    page.get_by_role("button", name="Play", exact=True).first.click()
    expect(own).to_have_text("Complete")
    page.locator("#end").get_by_role("link", name="Next: House rules").click()
    expect(page.locator(".page")).to_have_count(2)
    being_watched(page)
    page.wait_for_timeout(3500)  # of reading
    page.locator(".page").nth(1).evaluate("page => page.scrollIntoView()")
    expect(own).to_have_text("Complete")
    page.locator("#end").get_by_role("link", name="Next: What fire needs").click()
    being_watched(page)
    for _ in range(12):
        page.wait_for_timeout(1200)  # of reading
        page.mouse.wheel(0, 300)
    expect(own).to_have_text("Complete")
    page.locator("#end").get_by_role("link", name="Next: What would you do?").click()
    for answer in ["A lid", "Leave", "Close doors"]:
        page.get_by_label(answer).check()
    expect(page.locator(".answer-state").last).to_have_text("✓ Saved")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".review")).to_contain_text("You have completed “Fire safety”.")
    page.get_by_role("link", name="Fire safety").click()
    expect(percent).to_have_text("100 %")
    row = CourseProgress.objects.get()
    assert (row.completion_bp, row.completed_at is not None) == (10000, True)


def two_pages():
    """The first two pages of the demo's document."""
    file = io.BytesIO()
    writer = PdfWriter()
    writer.append(str(finders.find("demo/house-rules.pdf")), pages=(0, 2))
    writer.write(file)
    return file.getvalue()


def test_what_was_read_is_marked_and_what_is_missing_has_names(visit, page, course):
    visit("text")
    page.set_viewport_size({"width": 1000, "height": 500})
    page.locator(".prose").evaluate("text => text.scrollIntoView()")
    expect(page.locator(".prose > .is-read").first).to_be_visible()
    missing = page.locator("#missing")
    expect(missing).to_contain_text("“")
    expect(missing).not_to_contain_text("%")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
