"""axe-core finds nothing on the admin's main pages, in light and dark, wide and narrow."""

import pytest
from playwright.sync_api import expect

from progress.models import Content, Course, CourseProgress, Enrollment, Job
from tests.factories import a_user
from tests.support.accessibility import (
    SCHEMES,
    settled,
    violations,
    violations_in_every_look,
)
from tests.support.admin import complete_a_course, page

from .learning import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(context, site):
    person = a_user(is_staff=True, is_superuser=True, full_name="Ada Admin")
    sign_in(context, site, person)
    return person


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signing_in(page, site, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{site}/admin/login/")
    assert violations(page) == []
    page.get_by_label("Username").fill("nobody")
    page.locator("#id_password").fill("nothing")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct")).to_be_visible()
    assert violations(page) == []


def test_the_main_pages(page, site, administrator):
    complete_a_course()
    for address in addresses():
        page.goto(site + address)
        settled(page)
        found = violations_in_every_look(page, is_loaded_again=True)
        assert (address, found) == (address, [])


def test_a_form_with_rows_in_it_and_a_list_without_rows(page, site, administrator):
    for address in ("/admin/analytics/requirement/add/", "/admin/analytics/escalation/?q=nobody"):
        page.goto(site + address)
        settled(page)
        assert (address, violations(page)) == (address, [])
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    expect(page.get_by_role("link", name="Show everything")).to_be_visible()


def addresses() -> list[str]:
    lists = [page(model) for model in (Course, CourseProgress, Enrollment, Job)]
    forms = [page(model, "change", model.objects.first().pk) for model in (Course, Content)]
    return ["/admin/", *lists, page(Enrollment, "add"), *forms, "/admin/password_change/"]
