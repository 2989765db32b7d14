"""Many tabs of one browser: each loads its pages and is updated, and one has the stream."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content, enrolled

from .learning import CLIP, eventually, play, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

TABS = 10


@pytest.fixture
def streams(context):
    """The URLs of the open streams."""
    opened = []

    def note(request):
        if "/api/employee/stream/" in request.url:
            opened.append(request)

    context.on("request", note)
    context.on("requestfailed", lambda request: request in opened and opened.remove(request))
    context.on("requestfinished", lambda request: request in opened and opened.remove(request))
    return opened


def hide(page, is_hidden=True):
    page.evaluate(
        """(isHidden) => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def percent(page, course):
    return page.locator(f"[data-course='{course.pk}'] [data-percent]").first


@pytest.fixture
def tab(context, site, course, learner):
    """Open the course's page in a tab of its own."""

    def tab():
        page = context.new_page()
        page.goto(f"{site}/courses/{course.pk}/")
        return page

    return tab


def test_ten_tabs_share_one_stream_and_all_are_updated(tab, visit, course, streams):
    tabs = [tab() for _ in range(TABS)]
    player = visit("clip")
    play(player, seconds=3)
    for each in tabs:
        expect(percent(each, course)).to_have_text(re.compile("^[1-9]"))
    assert len(streams) == 1
    for each in tabs:
        each.reload()
        expect(percent(each, course)).to_have_text(re.compile("^[1-9]"))
    eventually(player, lambda: len(streams) == 1)


def test_another_tab_takes_over_when_the_one_with_the_stream_is_closed(tab, visit, course, streams):
    first, second = tab(), tab()
    eventually(second, lambda: len(streams) == 1)
    assert streams[0].frame.page is first
    first.close()
    eventually(second, lambda: any(each.frame.page is second for each in streams))
    player = visit("clip")
    play(player, seconds=3)
    expect(percent(second, course)).to_have_text(re.compile("^[1-9]"))


def test_a_hidden_tab_disconnects_and_catches_up_when_shown(tab, visit, course, streams):
    first = tab()
    eventually(first, lambda: len(streams) == 1)
    hide(first)
    eventually(first, lambda: not streams)
    player = visit("clip")
    hide(player)
    play(player, seconds=3)
    expect(percent(first, course)).to_have_text("0 %")
    hide(first, False)
    expect(percent(first, course)).to_have_text(re.compile("^[1-9]"))


def test_ten_courses_in_ten_tabs_leave_connections_for_their_pages(context, site, streams):
    courses = [a_course_of(CLIP, title=f"Course {number}") for number in range(TABS)]
    learner = a_learner()
    for course in courses:
        enrolled(learner, course)
    sign_in(context, site, learner)
    tabs = [context.new_page() for _ in courses]
    for page, course in zip(tabs, courses, strict=True):
        page.goto(f"{site}/courses/{course.pk}/")
        expect(percent(page, course)).to_have_text("0 %")
    assert len(streams) <= 3
    player = context.new_page()
    item = content(courses[-1], "clip")
    with player.expect_response("**/start_session"):
        player.goto(f"{site}/courses/{courses[-1].pk}/contents/{item.pk}/")
    play(player, seconds=3)
    # Without a stream of its own it polls, about every 15 seconds.
    expect(percent(tabs[-1], courses[-1])).to_have_text(re.compile("^[1-9]"))


def test_without_locks_each_tab_has_its_own_stream(context, tab, visit, course, streams):
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });"
    )
    first, second = tab(), tab()
    eventually(second, lambda: len(streams) == 2)
    player = visit("clip")
    play(player, seconds=3)
    for each in (first, second):
        expect(percent(each, course)).to_have_text(re.compile("^[1-9]"))
