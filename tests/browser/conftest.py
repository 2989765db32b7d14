"""A real Chromium, Debian's own: nothing is downloaded."""

import os
import shutil
import time

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.factories import a_course_of, a_learner, content

from .elsewhere import elsewhere
from .endless import pages_end_after
from .kept_device import forwarder, laptop
from .learning import CLIP, QUIZ, RULES, TEXT, being_watched, sign_in
from .sites import _other_site, _sites, allowing_site, other_site, site_with

__all__ = ["_other_site", "_sites", "allowing_site", "elsewhere", "forwarder", "laptop"]
__all__ += ["other_site", "site_with"]
UNDER_WAY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
# Tests wait for conditions, which may take long on a busy machine.
expect.set_options(timeout=45_000)
INSTALL = "apt-get install chromium-headless-shell libatomic1"
# Debian's package also installs the headless shell outside the PATH.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/usr/lib/chromium/chromium-headless-shell",
)


@pytest.fixture(scope="session", autouse=True)
def _rows_beside_the_loop():
    """Let tests use the ORM although Playwright keeps an event loop running in this thread."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if not browser:
        message = f"No Chromium here: {INSTALL}"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return {
        **browser_type_launch_args,
        "executable_path": browser,
        "args": [
            "--no-sandbox",  # Chromium's own needs a user other than root
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--autoplay-policy=no-user-gesture-required",
            "--disable-gpu",  # there is none: the software that stands in for it takes longer
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    # Requests that a service worker makes can't be replaced by tests.
    return {**browser_context_args, "service_workers": "block"}


@pytest.fixture(autouse=True)
def _patience(context):
    context.set_default_timeout(60_000)


@pytest.fixture(autouse=True)
def _no_endless_waits():
    with pages_end_after():
        yield


@pytest.fixture(autouse=True)
def complaints(context):
    """The browser's errors and refusals by the policy; there must be none at the end."""
    found = []
    context.on("console", lambda said: said.type == "error" and found.append(said.text))
    context.on("weberror", lambda error: found.append(str(error.error)))
    yield found
    # Being offline is part of some tests.
    assert [said for said in found if "ERR_INTERNET_DISCONNECTED" not in said] == []


@pytest.fixture(autouse=True)
def _at_rest(site, context):
    """Close the pages before the database is emptied, so that neither waits for the other."""
    yield
    # They report nothing when they are closed like this, as they would when they are left.
    context.close()
    time.sleep(0.05)  # for a request that was on its way
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(UNDER_WAY)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


@pytest.fixture
def course(site):
    return a_course_of(CLIP, RULES, TEXT, QUIZ)


@pytest.fixture
def learner(course, context, site):
    """A learner of the course, signed in in this browser."""
    learner = a_learner(course, full_name="Lena Fischer")
    sign_in(context, site, learner)
    return learner


@pytest.fixture
def visit(page, site, course, learner):
    """Open a content's page and wait for its session."""

    def visit(code, page=page):
        item = content(course, code)
        with page.expect_response("**/start_session"):
            page.goto(f"{site}/courses/{course.pk}/contents/{item.pk}/")
        being_watched(page)
        return page

    return visit
