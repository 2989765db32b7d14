"""A quiz with a time limit in the browser: started, announced, and submitted when it is over."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from progress.catalogue import course_document, replace_course
from progress.models import QuizAttempt
from tests.support.accessibility import violations

from .learning import answer, being_watched, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def started(visit, page, course):
    """Start an attempt, with so many seconds left."""
    document = course_document(course, is_author=True)
    for content in document["modules"][0]["contents"]:
        if content["code"] == "quiz":
            content |= {"time_limit_minutes": 30, "pass_percentage": 50}
    replace_course(document)

    def start(seconds: float):
        page.clock.install()
        visit("quiz")
        expect(page.locator("[data-question]")).to_have_count(0)
        assert violations(page) == []
        page.get_by_role("button", name="Start attempt 1").click()
        expect(page.locator("[data-question]")).to_have_count(2)
        being_watched(page)
        ends = timezone.now() + timedelta(seconds=seconds)
        QuizAttempt.objects.update(ends_at=ends, closes_at=ends + timedelta(minutes=10))
        page.reload()
        being_watched(page)
        return page

    return start


def passes(page, seconds: float, *, left: float = 0) -> None:
    """Let time go by in the page, until `left` seconds are left at the server.

    An attempt has minutes at first: a page may take as long as it needs to be loaded.
    """
    ends = timezone.now() + timedelta(seconds=left)
    QuizAttempt.objects.update(ends_at=ends, closes_at=ends + timedelta(minutes=10))
    page.clock.fast_forward(int(1000 * seconds))


def test_the_time_is_announced_without_moving_the_focus(started):
    page = started(600)
    timer = page.get_by_role("timer")
    expect(timer).to_contain_text("9:")
    assert violations(page) == []
    page.get_by_label("Water").focus()
    passes(page, 302, left=298)
    announced = page.locator("#announcer")
    expect(announced).to_contain_text("5 minutes left")
    passes(page, 239, left=59)
    expect(announced).to_contain_text("1 minute left")
    # Who listens may not have heard the first when the second comes.
    expect(announced).to_contain_text("5 minutes left")
    expect(page.locator(".quiz-clock")).to_have_class("quiz-clock is-short")
    assert page.get_by_label("Water").evaluate("element => element === document.activeElement")
    expect(page.get_by_role("timer")).to_contain_text("0:")


def test_when_the_time_is_over_what_was_answered_is_submitted(started):
    page = started(600)
    answer(page, "A lid")
    passes(page, 600)
    expect(page.locator("#review")).to_contain_text("Attempt 1: 50 %, passed")
    attempt = QuizAttempt.objects.get()
    assert attempt.score_bp == 5000
    assert not attempt.was_timed_out


def test_more_time_that_was_given_meanwhile_is_asked_for_before_the_end(started):
    page = started(300)
    passes(page, 300, left=900)
    expect(page.get_by_role("timer")).to_contain_text("14:")
    answer(page, "A lid")
    assert QuizAttempt.objects.get().submitted_at is None


def test_without_a_connection_the_answers_wait_and_count(started, context):
    page = started(600)
    context.set_offline(True)
    page.get_by_label("A lid").check()
    passes(page, 600)
    expect(page.locator("#result")).to_contain_text("The time is over")
    expect(page.get_by_label("A lid")).to_be_disabled()
    context.set_offline(False)
    eventually(page, lambda: QuizAttempt.objects.filter(score_bp=5000).exists())
