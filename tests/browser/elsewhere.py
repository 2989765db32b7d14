"""A page of another site with the element <learning-progress>, under a strict policy."""

import json
import re
from io import StringIO
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command

from tests.factories import content

from .other_site import mint

LINK = {
    "code": "link",
    "title": "The intranet",
    "content_type": "embed",
    "completion_source": "reported",
    "url": "/static/demo/what-fire-needs.html",
}
PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Elsewhere</title>
{head}
<script type="application/json" id="session">{session}</script>
<script type="module" src="/app.js"></script>
<main><h1>Elsewhere</h1><learning-progress {attributes}></learning-progress></main></html>"""
APP = """
window.states = [];
window.opened = [];
const element = document.querySelector("learning-progress");
element.addEventListener("state", ({ detail }) => states.push(detail.state));
element.addEventListener("open", (event) => {
  opened.push(event.detail);
  event.preventDefault();
});
"""


class Elsewhere:
    """A page of another origin with the element, as `manage.py tracker_html` has it loaded."""

    def __init__(self, page, site, other_site):
        self.page, self.site, self.address = page, site, other_site.address
        self.pages, self.headers = other_site.pages, other_site.headers
        self.pages["/app.js"] = APP
        self.is_checked = True

    def open(self, session, attributes='course="safety" session-from="#session"', language="en"):
        output = StringIO()
        call_command("tracker_html", base_url=self.site.url, stdout=output)
        head = output.getvalue()
        if self.is_checked:
            policy = re.search(r"script-src .*?; connect-src \S+", head)[0]
            policy = re.sub("-src", "-src 'self'", policy)
            self.headers["Content-Security-Policy"] = f"default-src 'none'; {policy}"
        else:
            head = head.replace('"integrity":', '"ignored":')
        values = {"session": json.dumps(session), "attributes": attributes, "language": language}
        self.pages["/"] = PAGE.format(head=head, **values)
        self.page.goto(self.address)
        return self.page.locator("learning-progress")


@pytest.fixture
def elsewhere(page, allowing_site, other_site):
    return Elsewhere(page, allowing_site, other_site)


def session_of(site, course, learner):
    learner.external_id = "hr-17"
    learner.save()
    return mint(site.url, {"external_id": "hr-17", "course_code": course.code})


def report(site, session, course, code, **fields):
    event = {"content_id": content(course, code).pk, **fields}
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Session {session['session_token']}",
    }
    address = f"{site.url}/api/employee/update_progress"
    with urlopen(Request(address, json.dumps(event).encode(), headers), timeout=10) as answer:
        return json.load(answer)


def complete(site, session, course, code):
    whole = {"interaction_type": "complete", "completion_percentage": 100}
    return report(site, session, course, code, **whole)


def bar(element):
    return element.get_by_role("progressbar")
