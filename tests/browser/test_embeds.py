"""A page in a frame: time in view counts, and a click into it is no distraction."""

import pytest
from playwright.sync_api import expect

from progress.models import LearningSession
from tests.factories import a_course_of, a_learner, content

from .learning import being_watched, eventually, progress_of, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_embed(page, context, site):
    def go(**rule):
        outside = {
            "code": "out",
            "title": "Elsewhere",
            "content_type": "embed",
        }
        outside["url"] = "/static/demo/what-fire-needs.html"
        course = a_course_of(outside | rule)
        sign_in(context, site, a_learner(course))
        page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'out').pk}/")
        being_watched(page)
        return course

    return go


def test_time_in_the_frame_completes_and_is_no_distraction(open_embed, page):
    course = open_embed(view_seconds=3)
    expect(page.get_by_text("3 s needed")).to_be_visible()
    expect(page.get_by_role("button", name="I have finished this")).to_have_count(0)
    page.frame_locator("#frame").locator("body").click()
    page.wait_for_function("() => document.activeElement.id === 'frame'")
    # Heartbeats come every few seconds; leaving the view reports the time so far.
    page.wait_for_timeout(3_500)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    eventually(page, lambda: LearningSession.objects.filter(active_ms__gte=3_000).exists())
    eventually(page, lambda: progress_of(course, "out").completed_at)
    assert LearningSession.objects.get().distractions == 0


def test_a_window_that_loses_the_focus_otherwise_is_a_distraction(open_embed, page):
    open_embed(completes_on="confirmation")
    page.evaluate("dispatchEvent(new Event('blur'))")
    page.get_by_role("button", name="I have finished this").click()
    expect(page.locator(".below [data-state]")).to_have_text("Complete")
    assert LearningSession.objects.get().distractions == 1
