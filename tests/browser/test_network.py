"""The pages without a network: a page of their own, in the language seen last, and a banner."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner

from .learning import RULES, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "service_workers": "allow"}


@pytest.fixture
def course():
    return a_course_of(RULES, title="Fire safety")


def test_without_a_network_a_page_says_so_and_comes_back_by_itself(page, context, site, course):
    sign_in(context, site, a_learner(course, full_name="Lena Fischer"))
    page.goto(f"{site}/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    banner = page.get_by_text("No network. What you do is kept on this device and sent later.")
    expect(banner).to_be_hidden()
    context.set_offline(True)
    expect(banner).to_be_visible()
    page.get_by_role("link", name="Fire safety").last.click()
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()
    expect(page.get_by_text("Lena Fischer")).to_have_count(0)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_role("heading", name="Fire safety")).to_be_visible()


def test_it_is_said_in_the_language_of_the_page_seen_last(page, context, site, course):
    sign_in(context, site, a_learner(course))
    page.goto(f"{site}/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.get_by_role("button", name="العربيّة").click()
    expect(page.locator("html[lang=ar]")).to_have_count(1)
    context.set_offline(True)
    page.reload()
    expect(page.locator("html[lang=ar][dir=rtl]")).to_have_count(1)
    expect(page.locator("[data-course]")).to_have_count(0)
    assert page.evaluate("caches.keys().then((names) => names.length)") == 1
