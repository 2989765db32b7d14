"""A real Chromium, Debian's own: nothing is downloaded."""

import os
import shutil

import pytest

INSTALL = "apt-get install chromium-headless-shell libatomic1"
# Debian's package installs the shell outside the PATH as well.
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
        ],
    }
