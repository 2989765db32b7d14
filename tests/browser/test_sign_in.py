"""Signing in at a provider in a real browser, with the site's strict policy in force."""

import pytest
from playwright.sync_api import expect

from tests.conftest import Site
from tests.factories import a_course, a_learner
from tests.support import oidc, saml
from tests.support.accessibility import every_look, fits, violations, violations_in_every_look

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def school():
    with oidc.running() as (provider, url):
        provider.person()
        provider.url = url
        yield provider


@pytest.fixture(scope="module")
def _organisation(school, _process_environment, tmp_path_factory):
    settings = oidc.settings_of(school.url, END_SESSION="true")
    log = tmp_path_factory.mktemp("organisation") / "web.log"
    served = Site(_process_environment | settings, log)
    served.start()
    yield served.url
    served.stop()


@pytest.fixture(autouse=True)
def _without_the_providers_own(complaints):
    """The provider's page asks for files elsewhere, which aren't there without a network."""
    yield
    complaints[:] = [said for said in complaints if "ERR_NAME_NOT_RESOLVED" not in said]


@pytest.fixture
def organisation(transactional_db, _organisation):
    """The address of a web process that knows the provider."""
    return _organisation


def test_the_page_with_its_buttons(page, organisation):
    page.goto(f"{organisation}/login/")
    expect(page.get_by_role("link", name="Sign in with Hill School")).to_be_visible()
    for look in every_look(page):
        assert (look, violations(page), fits(page)) == (look, [], True)


def test_by_keyboard_to_the_page_that_was_wanted_and_out_again(page, organisation, school):
    a_learner(a_course(), username="lena", email="lena@example.org")
    page.goto(f"{organisation}/account/")
    page.get_by_role("link", name="Sign in with Hill School").focus()
    page.keyboard.press("Enter")
    page.get_by_placeholder("sub").fill(oidc.SUBJECT)
    page.get_by_role("button", name="Authorize").click()
    expect(page).to_have_url(f"{organisation}/account/")
    expect(page.get_by_text("lena@example.org")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    # On to the provider, although a form of this site may lead to this site only.
    page.wait_for_url(f"{school.url}/oauth2/end_session?**")
    page.goto(f"{organisation}/account/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_person_without_an_account(page, organisation, complaints):
    page.goto(f"{organisation}/login/")
    page.get_by_role("link", name="Sign in with Hill School").click()
    page.get_by_placeholder("sub").fill(oidc.SUBJECT)
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("alert")).to_contain_text("there is no learning account for you")
    assert violations_in_every_look(page, sizes=((1280, 720),)) == []
    complaints.clear()  # the status of the page


def test_by_saml_whose_answer_comes_from_another_site(
    page, transactional_db, _process_environment, tmp_path
):
    """The provider's page posts it: without this site's cookies, which are lax."""
    a_learner(a_course(), username="lena", email="lena@example.org")
    with saml.running() as provider:
        place = f"{provider.url}/metadata"
        variables = saml.settings_of(place, provider.entity_id)
        served = Site(_process_environment | variables, tmp_path / "web.log")
        served.start()
        try:
            page.goto(f"{served.url}/account/")
            page.get_by_role("link", name="Sign in with Hill School").click()
            page.get_by_role("button", name="Continue as Lena").click()
            expect(page).to_have_url(f"{served.url}/account/")
            expect(page.get_by_text("lena@example.org")).to_be_visible()
            page.goto("about:blank")
        finally:
            served.stop()
