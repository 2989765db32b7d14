"""Shared by browser tests: a small course, and what a person does on its pages."""

import re

from django.conf import settings
from django.test import Client
from playwright.sync_api import TimeoutError, expect

from progress.models import ContentProgress
from tests.factories import content

CLIP = {
    "code": "clip",
    "title": "The extinguisher",
    "content_type": "video",
    "url": "/static/demo/extinguisher.mp4",
    "duration_seconds": 12,
}
RULES = {
    "code": "rules",
    "title": "House rules",
    "content_type": "document",
    "url": "/static/demo/house-rules.pdf",
    "page_count": 6,
}
TEXT = {
    "code": "text",
    "title": "What fire needs",
    "content_type": "text",
    "url": "/static/demo/what-fire-needs.html",
    "reading_seconds": 10,
}
QUIZ = {
    "code": "quiz",
    "title": "What would you do?",
    "content_type": "quiz",
    "pass_percentage": 100,
    "questions": [
        {
            "code": "oil",
            "text": "Oil burns. What puts it out?",
            "choices": [{"text": "Water"}, {"text": "A lid", "correct": True}],
        },
        {
            "code": "alarm",
            "text": "The alarm sounds. Which are right?",
            "choices": [
                {"text": "Leave", "correct": True},
                {"text": "Close doors", "correct": True},
                {"text": "Wait"},
            ],
        },
    ],
}


def sign_in(context, site, user):
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])


def progress_of(course, code):
    return ContentProgress.objects.get(content=content(course, code))


def being_watched(page):
    """Wait until the session has begun, and the watch of this content type is running."""
    expect(page.locator("html[data-tracking=on]")).to_have_count(1)


def play(page, seconds=None, rate=1.0, selector="#media"):
    """Play so many seconds, or to the end; returns the position then, in seconds.

    On a busy machine the pause comes late: what was played is up to there.
    """
    media = page.locator(selector)
    media.evaluate(
        """(media, [rate, seconds]) => {
            media.muted = true;
            media.playbackRate = rate;
            media.stopsAt = seconds === null ? Infinity : media.currentTime + seconds;
            media.isPlayed = false;
            const timer = setInterval(() => {
                if (media.currentTime < media.stopsAt && !media.ended) return;
                clearInterval(timer);
                media.pause();
                media.isPlayed = true;
            }, 20);
            media.play();
        }""",
        [rate, seconds],
    )
    until(page, "media.isPlayed", selector)
    return media.evaluate("media => media.currentTime")


STATE = """(selector) => {
    const media = document.querySelector(selector);
    if (!media) return "there is no media";
    const { currentTime, duration, ended, error, paused, readyState, seeking, src } = media;
    const spans = [...Array(media.buffered.length).keys()];
    const buffered = spans.map((n) => [media.buffered.start(n), media.buffered.end(n)]);
    const state = { currentTime, duration, ended, paused, readyState, seeking, src, buffered };
    return JSON.stringify({ ...state, error: error?.code });
}"""


def at(page):
    return page.locator("#media").evaluate("media => media.currentTime")


def reach(page, seconds):
    """Wait until the clip has reached this position."""
    until(page, f"media.currentTime >= {seconds}")


def until(page, condition, selector="#media"):
    """Wait until an expression about `media` is true in the page; fails after a minute, saying how
    the media was then."""
    try:
        page.wait_for_function(
            f"() => {{ const media = document.querySelector('{selector}');"
            f" return Boolean(media && ({condition})); }}",
            polling=20,
        )
    except TimeoutError as error:
        state = page.evaluate(STATE, selector)
        raise AssertionError(f"{condition} never came true: {state}") from error


def eventually(page, question, seconds=45):
    """Wait until `question()` is true for the server's rows."""
    for _ in range(seconds * 10):
        if answer := question():
            return answer
        page.wait_for_timeout(100)
    raise AssertionError("It never came true.")


def covered(course, code):
    """The covered length of a content, in its unit (ms for a video)."""
    rows = ContentProgress.objects.filter(content=content(course, code))
    return sum(end - start for row in rows for start, end in row.coverage)


def saved(page):
    expect(page.locator("#saved")).to_have_text(re.compile("^Saved"))


SAVED = "✓ Saved"


def answer(page, *labels):
    """Choose these, and wait until they are saved."""
    for label in labels:
        page.get_by_label(label).check()
        state = page.locator("fieldset", has=page.get_by_label(label)).locator(".answer-state")
        expect(state).to_have_text(SAVED)


def submit(page):
    page.get_by_role("button", name="Submit", exact=True).click()
