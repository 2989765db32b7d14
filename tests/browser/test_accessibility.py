"""axe-core finds nothing on our own pages, in light and dark, wide and narrow."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import expect

from certificates.documents import rendering
from progress.mail import study_reminders
from progress.models import User
from progress.pages import locale_formats
from progress.pages.searching import indexing
from tests.factories import a_course_of, a_learner, content
from tests.support.accessibility import every_look, fits, violations, violations_in_every_look
from tests.support.certificates import a_certificate

from .learning import CLIP, QUIZ, RULES, TEXT, play, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

# Where the size of the window was looked at elsewhere.
AS_OPENED = ((1280, 720),)
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


def test_signing_in(page, site):
    page.goto(f"{site}/login/")
    assert violations_in_every_look(page, sizes=AS_OPENED) == []
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations_in_every_look(page, sizes=AS_OPENED) == []


@pytest.mark.parametrize("code", ["clip", "sound", "rules", "text", "quiz", "outside"])
def test_each_type_of_content(code, page, context, site):
    course = a_course_of(CLIP, SOUND, RULES, TEXT, QUIZ, OUTSIDE)
    sign_in(context, site, a_learner(course))
    item = content(course, code)
    with page.expect_response("**/start_session"):
        page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/")
    if code == "rules":
        expect(page.locator(".page").first.locator(".words")).to_contain_text("House rules")
    assert violations_in_every_look(page, sizes=AS_OPENED) == []


def test_searching(page, site, course, learner):
    indexing.index_course(course.pk)
    page.goto(f"{site}/")
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Search your courses and notes").fill("oxygen")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text("oxygen")
    assert violations_in_every_look(page) == []
    page.locator(".hits a").first.click()
    page.wait_for_url("**/contents/**")


def test_a_course_begun_and_my_learning(page, visit, site, course):
    page.goto(f"{site}/")
    assert violations_in_every_look(page) == []
    page.goto(f"{site}/courses/{course.pk}/")
    assert violations_in_every_look(page) == []
    visit("clip")
    play(page, seconds=2)
    expect(page.locator("#missing")).to_be_visible()
    assert violations_in_every_look(page) == []
    for address in ["/", f"/courses/{course.pk}/"]:
        page.goto(site + address)
        assert violations_in_every_look(page) == []


def test_the_list_of_keys(page, visit):
    visit("clip")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert violations(page) == []


def test_what_is_not_there(page, site, learner, complaints):
    page.goto(f"{site}/courses/999999/")
    assert violations_in_every_look(page, sizes=AS_OPENED) == []
    complaints.clear()


def test_the_account_and_a_forgotten_password(page, context, site, learner):
    for address in ["/account/", "/account/password/", "/password/", "/password/sent/"]:
        page.goto(site + address)
        assert violations_in_every_look(page) == []
    context.clear_cookies()
    page.goto(f"{site}/login/")
    page.get_by_label("Show what is typed").check()
    assert violations_in_every_look(page) == []


def test_the_account_in_every_language(page, site, learner):
    """With a second browser that can be signed out."""
    other = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/133.0"})
    other.force_login(learner)
    other.get("/account/")
    stop = reverse("stop-reminders", args=[study_reminders.token_of(learner)])
    page.goto(f"{site}/account/")
    for code in ["de", "es", "ar", "en"]:
        page.locator(f".foot button[value={code}]").click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        expect(page.locator(".devices form")).to_have_count(1)
        for look in every_look(page):
            assert (look, violations(page), fits(page)) == (look, [], True)
    page.goto(site + stop)
    assert violations_in_every_look(page) == []


def test_scripts_write_numbers_as_the_server_does(page, site, learner):
    script = "import('/static/pages/words.js').then((n) => [n.percentage(50), n.decimal(66.67)])"
    for code in ["en", "de", "es", "ar"]:
        User.objects.filter(pk=learner.pk).update(language=code)
        page.goto(f"{site}/")
        expect(page.locator("html")).to_have_attribute("lang", code)
        with translation.override(code):
            written = [locale_formats.percentage(50), locale_formats.decimal(6667)]
        assert (code, page.evaluate(script)) == (code, written)


def test_the_demo(page, context, site):
    page.goto(f"{site}/realtime_progress_demo.html")
    assert violations_in_every_look(page) == []


def test_a_certificate_and_its_check(page, context, site):
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
        assert violations_in_every_look(page) == []
