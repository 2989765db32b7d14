"""The examples of docs/examples, each started by its one command, in a browser."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from knox.models import AuthToken
from playwright.sync_api import expect

from lms_progress.embedded.children import kill_group
from progress.models import CourseProgress, LearningSession
from tests.factories import a_course_of, a_learner, an_integrator

from .learning import CLIP, RULES, covered, eventually, play
from .other_site import mint

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = Path(settings.BASE_DIR) / "docs" / "examples"
REACT = EXAMPLES / "react"
COMMANDS = {
    "plain": [sys.executable, str(EXAMPLES / "plain" / "serve.py")],
    "react": ["npm", "start", "--silent", "--prefix", str(REACT)],
}


@pytest.fixture(params=COMMANDS)
def example(request, own_site, page):
    """A started example, and its course; the film has not been played yet."""
    if request.param == "react" and not (shutil.which("npm") and (REACT / "node_modules").is_dir()):
        missing = "npm ci --prefix docs/examples/react"
        (pytest.fail if os.environ.get("REQUIRE_NODE") else pytest.skip)(missing)
    course = a_course_of(CLIP, RULES)
    learner = a_learner(course)
    learner.external_id = "hr-17"
    learner.save()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    own_site.environment["CORS_ALLOWED_ORIGINS"] = address
    own_site.start()
    key = AuthToken.objects.create(an_integrator("add_learningsession"))[1]
    environment = os.environ | {"SITE": own_site.url, "KEY": key, "PORT": str(port)}
    environment |= {"LEARNER": "hr-17", "COURSE": course.code}
    process = subprocess.Popen(
        COMMANDS[request.param],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline().strip() == f"{address}/"
    page.goto(address)
    yield course
    page.goto("about:blank")
    kill_group(process.pid)
    process.wait()


def test_a_film_is_played_its_seconds_arrive_and_the_element_moves(example, page):
    element = page.locator("learning-progress")
    bar = element.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    eventually(page, lambda: LearningSession.objects.exists())
    play(page, 4, selector="#film")
    eventually(page, lambda: covered(example, "clip") >= 3_800)
    # A third of one of two contents, or what was played until a busy machine paused it.
    eventually(
        page,
        lambda: (
            int(bar.get_attribute("aria-valuenow"))
            == int(CourseProgress.objects.get().completion_percentage)
            > 14
        ),
    )
    expect(element.get_by_role("link", name=re.compile("^0:0[45]–0:12$"))).to_be_visible()
    expect(page.get_by_role("status").first).to_have_text("saved")
    # The key stays on the server.
    assert "lp_" not in page.content()


def test_a_reload_continues_the_session(example, page):
    bar = page.locator("learning-progress").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    play(page, 2, selector="#film")
    eventually(page, lambda: covered(example, "clip") >= 1_800)
    page.reload()
    expect(bar).not_to_have_attribute("aria-valuenow", "0")
    assert LearningSession.objects.count() == 1


def test_the_page_of_the_manual_tracks_a_film(page, allowing_site, other_site):
    manual = (Path(settings.BASE_DIR) / "docs" / "tracker.md").read_text()
    html = re.search(r"^```html\n(.+?)^```$", manual, re.S | re.M)[1]
    course = a_course_of(CLIP)
    learner = a_learner(course)
    other_site.pages["/"] = html.replace("https://progress.example.com", allowing_site.url)
    session = mint(allowing_site.url, {"user_id": learner.pk, "course_code": course.code})
    other_site.pages["/learning-session"] = json.dumps(session)
    page.goto(other_site.address)
    element = page.locator("learning-progress")
    expect(element.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")
    play(page, 2, selector="#film")
    eventually(page, lambda: covered(course, "clip") >= 1_800)
    expect(element.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0")
    page.goto("about:blank")
