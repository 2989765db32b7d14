"""axe-core finds nothing on our own pages, in light and dark, wide and narrow."""

import pytest
from playwright.sync_api import expect

from certificates.documents import rendering
from progress.pages.searching import indexing
from tests.factories import a_course_of, a_learner, content
from tests.support.accessibility import violations
from tests.support.certificates import a_certificate

from .learning import CLIP, QUIZ, RULES, TEXT, play, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

SOUND = {
    "code": "sound",
    "title": "The alarm",
    "content_type": "audio",
    "url": "/static/demo/alarm.m4a",
    "duration_seconds": 16,
}
OUTSIDE = {
    "code": "outside",
    "title": "Elsewhere",
    "content_type": "embed",
    "completion_source": "reported",
    "url": "/static/demo/what-fire-needs.html",
}


def test_signing_in(page, site, scheme):
    page.goto(f"{site}/login/")
    assert violations(page) == []
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("code", ["clip", "sound", "rules", "text", "quiz", "outside"])
def test_each_type_of_content(code, page, context, site, scheme):
    course = a_course_of(CLIP, SOUND, RULES, TEXT, QUIZ, OUTSIDE)
    sign_in(context, site, a_learner(course))
    item = content(course, code)
    with page.expect_response("**/start_session"):
        page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/")
    if code == "rules":
        expect(page.locator(".page").first.locator(".words")).to_contain_text("House rules")
    assert violations(page) == []


def test_searching(page, site, course, learner, scheme, size):
    indexing.index_course(course.pk)
    page.goto(f"{site}/")
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Search your courses and notes").fill("oxygen")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text("oxygen")
    assert violations(page) == []
    page.locator(".hits a").first.click()
    page.wait_for_url("**/contents/**")


def test_a_course_begun_and_my_learning(page, visit, site, course, scheme, size):
    page.goto(f"{site}/")
    assert violations(page) == []
    page.goto(f"{site}/courses/{course.pk}/")
    assert violations(page) == []
    visit("clip")
    play(page, seconds=2)
    expect(page.locator("#missing")).to_be_visible()
    assert violations(page) == []
    for address in ["/", f"/courses/{course.pk}/"]:
        page.goto(site + address)
        assert violations(page) == []


def test_the_list_of_keys(page, visit):
    visit("clip")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert violations(page) == []


def test_what_is_not_there(page, site, learner, complaints, scheme):
    page.goto(f"{site}/courses/999999/")
    assert violations(page) == []
    complaints.clear()


def test_the_account_and_a_forgotten_password(page, context, site, learner, scheme, size):
    for address in ["/account/", "/account/password/", "/password/", "/password/sent/"]:
        page.goto(site + address)
        assert violations(page) == []
    context.clear_cookies()
    page.goto(f"{site}/login/")
    page.get_by_label("Show what is typed").check()
    assert violations(page) == []


def test_the_demo(page, context, site, scheme, size):
    page.goto(f"{site}/realtime_progress_demo.html")
    assert violations(page) == []


def test_a_certificate_and_its_check(page, context, site, scheme, size):
    certificate = a_certificate()
    rendering.render(certificate.pk, certificate.issued_at)
    sign_in(context, site, certificate.user)
    for address in [
        f"/courses/{certificate.course_id}/",
        f"/certificates/{certificate.number}/",
        f"/verify/{certificate.code}/",
        "/verify/nothing/",
    ]:
        page.goto(site + address)
        assert violations(page) == []
