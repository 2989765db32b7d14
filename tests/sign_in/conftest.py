import pytest
import requests
from django.test import Client

from tests.support import oidc


@pytest.fixture(scope="session")
def _local_provider():
    with oidc.running() as (provider, url):
        yield provider, url


@pytest.fixture
def school(_local_provider, settings, db):
    """A local provider, configured as `school`, which knows Lena."""
    provider, url = _local_provider
    fresh = oidc.LocalProvider
    provider.token, provider.sign = (lambda claims: claims), oidc.signed
    provider.config, provider.userinfo = {}, {}
    provider.asked.clear()
    provider.person()
    provider.url = url
    settings.SIGN_IN_PROVIDERS = oidc.configured(url)
    assert isinstance(provider, fresh)
    return provider


@pytest.fixture
def configure(school, settings):
    """Changes how the school is configured."""

    def configure(**more):
        settings.SIGN_IN_PROVIDERS = oidc.configured(school.url, **more)

    return configure


@pytest.fixture
def come(school, client):
    """Signs in at the provider as a browser does; returns this site's last answer."""

    def come(subject=oidc.SUBJECT, *, window: Client = client, after=""):
        begun = window.get("/sign-in/school/", {"next": after} if after else {})
        assert begun.status_code == 302, begun.content
        answer = requests.post(begun["Location"], data={"sub": subject}, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return window.get(answer.headers["Location"].removeprefix("http://testserver"))

    return come
