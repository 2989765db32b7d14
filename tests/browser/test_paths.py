"""A learner skips what a pre-test shows they know, and may decline."""

import pytest
from playwright.sync_api import expect

from analytics.models import QuizRecord
from tests.browser.learning import answer, submit
from tests.factories import a_course_of, a_learner, content
from tests.support.accessibility import violations, violations_in_every_look

from .learning import RULES, TEXT, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

TEST = {
    "code": "test",
    "title": "Do you know the rules?",
    "content_type": "quiz",
    "required": False,
    "pass_percentage": 100,
    "max_attempts": 1,
    "skills": ["rules"],
    "waives": ["rules"],
    "questions": [
        {
            "code": "lift",
            "text": "It burns. How do you leave?",
            "choices": [
                {"text": "The lift"},
                {"text": "The stairs", "correct": True},
                {"text": "The window"},
                {"text": "Not at all"},
            ],
        }
    ],
}


@pytest.fixture
def course(site):
    return a_course_of(TEST, RULES, TEXT, path="adaptive")


@pytest.fixture
def overview(course, context, site, page):
    """A function that opens the course's page."""
    sign_in(context, site, a_learner(course))
    return lambda: page.goto(f"{site}/courses/{course.pk}/")


def steps(page):
    return page.locator(".path-steps .row-title")


def pass_the_test(page):
    page.get_by_role("link", name="Do you know the rules?").first.click()
    answer(page, "The stairs")
    submit(page)
    expect(page.locator("#review")).to_contain_text("100 %")


def test_a_passed_pre_test_waives_and_the_learner_can_decline(page, course, overview):
    overview()
    expect(steps(page)).to_have_text([TEST["title"], RULES["title"], TEXT["title"]])
    pass_the_test(page)

    overview()
    expect(steps(page)).to_have_text([TEXT["title"]])
    expect(page.locator(".waived")).to_contain_text(
        "You passed “Do you know the rules?” with 100 %."
    )
    page.locator(".waived a").click()
    page.get_by_role("button", name="Learn it anyway").click()
    expect(page.get_by_role("button", name="Skip it after all")).to_be_visible()

    overview()
    expect(steps(page)).to_have_text([RULES["title"], TEXT["title"]])
    expect(page.locator(".waived")).to_have_count(0)


def test_the_courses_own_order_is_a_click_away_by_keyboard(page, overview):
    overview()
    page.get_by_role("button", name="Use the course’s order").focus()
    page.keyboard.press("Enter")
    back = page.get_by_role("button", name="Adapt the order to me")
    expect(back).to_be_visible()
    back.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your path")).to_be_visible()


def test_a_dismissed_pre_test_stays_away(page, overview):
    overview()
    page.locator(".path-steps").get_by_role("button", name="Not for me").click()
    expect(steps(page)).to_have_text([RULES["title"], TEXT["title"]])
    overview()
    expect(steps(page)).to_have_text([RULES["title"], TEXT["title"]])


def test_a_pre_test_that_most_fail_is_offered_and_can_be_dismissed(page, course, overview):
    QuizRecord.objects.create(
        content=content(course, "test"),
        first_tries=30,
        first_passed=3,
        next_tries=0,
        next_passed=0,
    )
    overview()
    expect(steps(page)).to_have_text([RULES["title"], TEXT["title"]])
    offer = page.locator(".path-offers li")
    expect(offer).to_contain_text("It takes about 1 min and may save you 6 min.")
    assert violations(page) == []
    offer.get_by_role("button", name="Not for me").click()
    expect(offer).to_have_count(0)
    overview()
    expect(offer).to_have_count(0)


def test_axe_finds_nothing(page, site, course, overview):
    overview()
    assert violations_in_every_look(page) == []
    pass_the_test(page)
    overview()
    assert violations_in_every_look(page) == []
    page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'rules').pk}/")
    expect(page.get_by_role("button", name="Learn it anyway")).to_be_visible()
    assert violations_in_every_look(page) == []
