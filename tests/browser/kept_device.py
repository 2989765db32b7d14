"""Shared by the tests of courses that are kept: a browser that can be closed and opened again."""

import re
import time

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from .forwarder import Forwarder

KEPT = re.compile("^Kept on this device: ")


class Device:
    """A browser whose profile stays when it is closed."""

    def __init__(self, browser_type, arguments, folder, forwarder, **options):
        self._open = lambda: browser_type.launch_persistent_context(
            folder, **arguments, service_workers="allow", **options
        )
        self.complaints = []
        self.context = None
        self.forwarder = forwarder
        self.open()

    def open(self):
        self.context = self._open()
        self.context.set_default_timeout(60_000)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", self._note)

    def _note(self, said):
        is_offline = "net::ERR_" in said.text or "Failed to load" in said.text
        if said.type == "error" and not is_offline:
            self.complaints.append(said.text)

    def close(self):
        self.context.close()

    def restart(self, *, offline=False):
        self.close()
        self.forwarder.cut(offline)
        self.open()
        self.context.set_offline(offline)

    def set_offline(self, offline):
        self.forwarder.cut(offline)
        self.context.set_offline(offline)

    @property
    def page(self):
        return self.context.pages[0]

    def sign_in(self, site, user):
        client = Client()
        client.force_login(user)
        cookie = {
            "name": settings.SESSION_COOKIE_NAME,
            "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
            "url": site,
            "expires": time.time() + 86_400,
        }
        self.context.add_cookies([cookie])


@pytest.fixture
def forwarder(transactional_db, _site):
    forwarder = Forwarder(_site)
    yield forwarder
    forwarder.close()


@pytest.fixture
def laptop(browser_type, browser_type_launch_args, tmp_path, forwarder, site, learner):
    laptop = Device(browser_type, browser_type_launch_args, tmp_path / "profile", forwarder)
    laptop.sign_in(site, learner)
    yield laptop
    laptop.close()
    assert laptop.complaints == []


def files_on(page):
    """The number of files, and of their parts, that are stored."""
    return page.evaluate("async () => (await (await caches.open('kept-files')).keys()).length")


def under_control(page):
    """Wait until the service worker answers for the page."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def keep(page, site, course):
    """Keep a course on this device, as a learner does."""
    page.goto(f"{site}/courses/{course.pk}/")
    under_control(page)
    page.get_by_role("button", name=re.compile(r"^Keep on this device \(.*MB\)")).click()
    expect(page.locator("[data-keep=state]")).to_have_text(KEPT)


def make_contact(page):
    """The next page looks at once whether what is kept is still open and up to date."""
    page.evaluate("localStorage.removeItem('kept-contact')")
