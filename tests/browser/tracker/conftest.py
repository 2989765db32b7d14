"""The tracker's modules in a real Chromium, in another site's page, with a faulty API.

No server and no database: the page, the modules, the media and the API's answers are given to the
browser by interception, so that each test decides what the world around the tracker does.
"""

import json
import time
import uuid
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "static"
TYPES = {".js": "text/javascript", ".mp4": "video/mp4", ".m4a": "audio/mp4"}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elsewhere</title>
<style>body { margin: 0 }</style></head><body>%s
<script type="module">
import { createTracker } from "/static/progress/tracker.js";
const types = ["state", "refused", "renew", "stopped", "durability", "progress", "result"];
window.dispatched = Object.fromEntries(types.map((type) => [type, []]));
window.tracker = createTracker({ csrfToken: "x", ...window.options });
for (const type of types) {
    tracker.addEventListener(type, ({ detail }) => dispatched[type].push(detail));
}
window.started = tracker.startSession(7, 3, 5, 11);
started.then(() => (window.isReady = true), (error) => (window.startError = String(error)));
</script></body></html>"""

WATCH_FAILURES = """
window.failures = [];
addEventListener("error", (event) => failures.push(String(event.message)));
addEventListener("unhandledrejection", (event) => failures.push(String(event.reason)));
"""

# By how much the clock of a hurried page is moved each time that a test has looked.
HURRY_MS = 500

HTML = {"status": 200, "content_type": "text/html", "body": "<html>Sign in to the Wi-Fi</html>"}


def ours(status, code, **more):
    """An answer in the API's own shape of errors."""
    body = {"type": "client_error", "errors": [{"code": code, "detail": "…", "attr": None}]}
    return {"status": status, "content_type": "application/json", "body": json.dumps(body), **more}


class Api:
    """An API that accepts everything, unless `script` says otherwise.

    `script(request)` gets {path, body, at} and returns what `route.fulfill` takes, "abort", or
    None for the usual answer. `taken` are the events that were accepted, by session.
    """

    def __init__(self):
        self.script = lambda request: None
        self.requests = []
        self.taken = {}
        self.rejections = {}  # event type → code, in an answer with status 200
        self.heartbeat_seconds = 1
        self.sessions = {}
        self.ended = []

    def events(self):
        return [event for events in self.taken.values() for event in events]

    def of(self, interaction_type):
        return [event for event in self.events() if event["interaction_type"] == interaction_type]

    def answer(self, path, body):
        request = {"path": path, "body": body, "at": time.monotonic()}
        self.requests.append(request)
        scripted = self.script(request)
        if scripted is not None:
            return scripted
        answer = self.start(body) if path == "start_session" else self.take(path, body)
        return {"status": 200, "content_type": "application/json", "body": json.dumps(answer)}

    def start(self, body):
        name = body.get("client_session_id")
        session = self.sessions.setdefault(name, str(uuid.uuid4()))
        return {
            "session_id": session,
            "session_token": f"token-{session}",
            "heartbeat_seconds": self.heartbeat_seconds,
            "idle_timeout_seconds": 300,
            **({"end_time": "2026-01-01T00:00:00Z"} if session in self.ended else {}),
        }

    def take(self, path, body):
        session = body["session_id"]
        known = self.taken.setdefault(session, [])
        results = []
        for event in body["events"]:
            is_known = any(each["event_id"] == event["event_id"] for each in known)
            code = self.rejections.get(event["interaction_type"])
            if session in self.ended:
                code = "session_ended"
            status = "rejected" if code else "duplicate" if is_known else "accepted"
            if status == "accepted":
                known.append(event)
            results.append({"event_id": event["event_id"], "status": status, "code": code})
        if path == "end_session":
            self.ended.append(session)
        answer = {"session_id": session, "events": results}
        return answer if path == "end_session" else answer | {"course": {"course_id": 3}}


class Lms:
    """Another site's page. `open` shows it; `api` is the API that it uses."""

    def __init__(self, page):
        self.page, self.api = page, Api()
        self.is_hurried = False
        self.failures = []  # in pages that were open before
        page.add_init_script(WATCH_FAILURES)

    def open(
        self, body="", *, origin="https://lms.test", before="", is_ready=True, is_hurried=False
    ):
        """Show the page. `is_hurried`: while a test waits for something, its clock runs faster."""
        if is_hurried and not self.is_hurried:
            self.page.clock.install()
            self.is_hurried = True
        self.note_failures()
        context = self.page.context
        context.unroute_all()
        context.route(f"{origin}/**", lambda route: self.serve(route, PAGE % body))
        if before:
            self.page.add_init_script(before)
        self.page.goto(f"{origin}/")
        if is_ready:
            self.until(lambda: self.run("() => window.isReady"))
        return self.page

    def note_failures(self):
        """Note the exceptions that reached the page."""
        self.failures += [
            said for said in self.page.evaluate("() => window.failures ?? []") if said
        ]

    def serve(self, route, page):
        path = route.request.url.split("/", 3)[3].split("?")[0].split("#")[0]
        if path.startswith("api/"):
            body = json.loads(route.request.post_data or "{}")
            answer = self.api.answer(path.rsplit("/", 1)[1], body)
            if answer == "abort":
                route.abort()
            else:
                route.fulfill(**answer)
        elif path.startswith("static/"):
            serve_file(route, STATIC / path.removeprefix("static/"))
        elif path == "":
            route.fulfill(content_type="text/html; charset=utf-8", body=page)
        else:
            route.fulfill(status=404, body="")

    def run(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def until(self, question, seconds=45):
        """Wait until something is true in Python, while the browser keeps running."""
        for _ in range(seconds * 33):
            if answer := question():
                return answer
            self.page.wait_for_timeout(30)
            if self.is_hurried:
                self.page.clock.run_for(HURRY_MS)
        raise AssertionError("It never came true.")

    def goes_on(self, seconds):
        self.page.wait_for_timeout(seconds * 1000)

    def dispatched(self, kind):
        return self.run("(kind) => JSON.parse(JSON.stringify(dispatched[kind]))", kind)

    def state(self):
        return (self.dispatched("state") or [{}])[-1]


def serve_file(route, path):
    if not path.is_file():
        route.fulfill(status=404, body="")
        return
    content = path.read_bytes()
    headers = {
        "Content-Type": TYPES.get(path.suffix, "application/octet-stream"),
        "Accept-Ranges": "bytes",
    }
    asked = route.request.headers.get("range")
    if not asked:
        route.fulfill(body=content, headers=headers)
        return
    first, _, last = asked.removeprefix("bytes=").partition("-")
    start, end = int(first), int(last or len(content) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    route.fulfill(status=206, body=content[start : end + 1], headers=headers)


@pytest.fixture
def lms(page):
    lms = Lms(page)
    yield lms
    # Whatever happened, no exception reached the page.
    lms.note_failures()
    assert lms.failures == []


# These tests use neither the site nor its database, and ignore the browser's failed requests.
@pytest.fixture
def _at_rest():
    pass


@pytest.fixture
def complaints():
    pass


@pytest.fixture
def _nothing_left_over():
    pass
