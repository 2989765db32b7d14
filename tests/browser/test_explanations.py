"""From the review of a quiz to the place where a question is taught."""

import pytest
from playwright.sync_api import expect

from progress.catalogue import course_document, replace_course
from tests.support.accessibility import violations

from .learning import answer, submit

pytestmark = pytest.mark.django_db(transaction=True)


def explained(course) -> None:
    document = course_document(course, is_author=True)
    contents = {each["code"]: each for each in document["modules"][0]["contents"]}
    contents["quiz"]["pass_percentage"] = 50
    oil, alarm = contents["quiz"]["questions"]
    oil |= {"explanation": "Without air it goes out.", "taught_in": "clip", "taught_at": 5}
    oil["choices"][0]["explanation"] = "Water spreads burning oil."
    alarm |= {"taught_in": "text", "taught_at": 3}
    replace_course(document)


def test_the_review_leads_to_the_second_and_to_the_paragraph(visit, course):
    explained(course)
    page = visit("quiz")
    expect(page.get_by_text("Water spreads burning oil.")).to_have_count(0)
    answer(page, "Water", "Leave", "Close doors")
    submit(page)
    expect(page.get_by_text("Water spreads burning oil.")).to_be_visible()
    expect(page.get_by_text("Without air it goes out.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="The extinguisher, 0:05").click()
    page.wait_for_function("() => document.getElementById('media')?.currentTime === 5")
    page.go_back()
    page.get_by_role("link", name="What fire needs, paragraph 3").click()
    third = page.locator("#text p").nth(2)
    expect(third).to_be_in_viewport()
    page.wait_for_function(
        "() => Math.abs(document.querySelectorAll('#text p')[2].getBoundingClientRect().top) < 60"
    )
