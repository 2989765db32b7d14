"""The preview of a certificate's design follows the form."""

import pytest
from playwright.sync_api import expect

from certificates.models import Design
from tests.factories import a_user

from .learning import eventually, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_preview_follows_the_form_and_says_what_is_wrong(page, context, site):
    sign_in(context, site, a_user(is_staff=True, is_superuser=True))
    page.goto(f"{site}/admin/certificates/design/add/")
    picture = page.get_by_role("img", name="The certificate with this design")
    expect(picture).to_be_visible()
    first = picture.get_attribute("src")
    page.get_by_label("Template").select_option("bold")
    eventually(page, lambda: picture.get_attribute("src") != first)
    second = picture.get_attribute("src")
    page.get_by_label("Issuer", exact=True).fill("ACME Academy")
    eventually(page, lambda: picture.get_attribute("src") != second)
    page.get_by_label("Accent").fill("#ffee00")
    expect(page.locator("[data-preview-errors]")).to_contain_text("be read on white")
    page.get_by_label("Accent").fill("#7a1f3d")
    expect(page.locator("[data-preview-errors]")).to_be_hidden()
    assert not Design.objects.exists()
    page.get_by_label("Name", exact=False).first.fill("Our own")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/certificates/design/")
    assert Design.objects.get().accent == "#7a1f3d"
