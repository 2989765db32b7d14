"""The board in a browser: select alerts and write to their learners, all accessible."""

import pytest
from playwright.sync_api import expect

from analytics.models import Alert, Outreach, OutreachTemplate
from tests.factories import a_course_of
from tests.support.accessibility import fits, settled, violations
from tests.support.admin import VIDEO
from tests.support.alerts import an_idle_learner, watch
from tests.support.learners import A_QUIZ, an_instructor_of

from .learning import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def board(context, site):
    """Three alerts of a course, and its instructor signed in."""
    course = a_course_of(VIDEO, A_QUIZ, title="Fire safety")
    for name in ("Ada", "Ben", "Cleo"):
        an_idle_learner(course, full_name=name)
    watch()
    OutreachTemplate.objects.all().delete()
    OutreachTemplate.objects.create(name="Hello", subject="{course}", body="Dear {name}")
    sign_in(context, site, an_instructor_of(course))
    return f"{site}/admin/insight/alerts/"


def test_from_the_board_to_a_letter(page, board):
    page.goto(board)
    every = page.get_by_role("checkbox", name="Selected")
    every.check()
    expect(page.locator('input[name="alert"]:checked')).to_have_count(3)
    page.get_by_role("checkbox", name="Never started: Ben").uncheck()
    assert every.evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Write to them").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Dear Cleo")).to_be_visible()
    page.get_by_role("button", name="Send 2 letters").click()
    expect(page.get_by_text("2 letters are on their way.")).to_be_visible()
    assert Outreach.objects.count() == 2
    assert Alert.objects.get(user__full_name="Ben").state == "open"


def test_the_board_and_its_letters_are_accessible(page, board):
    page.goto(board)
    settled(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    settled(page)
    assert violations(page) == [] and fits(page)
    page.get_by_role("checkbox", name="Never started: Ben").check()
    page.get_by_role("button", name="Write to them").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Dear Ben")).to_be_visible()
    assert violations(page) == [] and fits(page)
