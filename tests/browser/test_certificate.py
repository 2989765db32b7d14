"""At 100 % a certificate appears by itself, on every open page."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content

from .learning import CLIP, play, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_certificate_appears_on_the_open_course_page(page, context, site, worker):
    course = a_course_of(CLIP)
    sign_in(context, site, a_learner(course, full_name="Lena Fischer"))
    other = context.new_page()
    other.goto(f"{site}/courses/{course.pk}/")
    with page.expect_response("**/start_session"):
        page.goto(f"{site}/courses/{course.pk}/contents/{content(course, 'clip').pk}/")
    expect(page.locator("#saved")).not_to_have_text("Not counted yet")
    play(page, rate=2)
    link = other.get_by_role("link", name="Your certificate", exact=True)
    expect(link).to_be_visible()
    link.click()
    expect(other.get_by_role("img", name="Lena Fischer has completed the course")).to_be_visible()
    with other.expect_download() as download:
        other.get_by_role("link", name="Download the PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")
    other.get_by_role("link", name="/verify/").click()
    expect(other.get_by_role("heading", name="Genuine and valid")).to_be_visible()
