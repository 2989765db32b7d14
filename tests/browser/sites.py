"""Web processes with settings of their own.

Starting one takes seconds of a core. Those that a module needs are started once for all its tests;
only a test that ends a process itself has one of its own (`own_site`).
"""

import pytest

from tests.conftest import Site

from .other_site import serving


class Sites:
    """The running processes of a module, by their settings."""

    def __init__(self, environment, folder):
        self._environment, self._folder = environment, folder
        self._running: dict[frozenset, Site] = {}

    def __call__(self, **settings) -> Site:
        """A running site with these settings, which are names of environment variables."""
        key = frozenset(settings.items())
        if key not in self._running:
            log = self._folder / f"web-{len(self._running)}.log"
            site = Site(self._environment | settings, log)
            site.start()
            self._running[key] = site
        return self._running[key]

    def stop(self):
        for site in self._running.values():
            site.stop()


@pytest.fixture(scope="module")
def _sites(_process_environment, tmp_path_factory):
    sites = Sites(_process_environment, tmp_path_factory.mktemp("sites"))
    yield sites
    sites.stop()


@pytest.fixture
def site_with(transactional_db, _sites):
    """Returns the running web process that has the settings given."""
    return _sites


class OtherSite:
    """Another site's web server: its address, its pages, and headers that it sends with each."""

    def __init__(self, address, pages, headers):
        self.address, self.pages, self.headers = address, pages, headers


@pytest.fixture(scope="session")
def _other_site():
    pages, headers = {}, {}
    with serving(pages, headers) as address:
        yield OtherSite(address, pages, headers)


@pytest.fixture
def other_site(_other_site):
    """Another site, without pages yet. Its address stays, so that a process can allow it."""
    _other_site.pages.clear()
    _other_site.headers.clear()
    return _other_site


@pytest.fixture
def allowing_site(site_with, other_site):
    """The site, with `other_site` among the origins that may use the API."""
    return site_with(CORS_ALLOWED_ORIGINS=other_site.address)
