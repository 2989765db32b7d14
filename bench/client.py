"""An integrator's server and its learners, over HTTP: what the benches drive a site with."""

import http.client
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import urlsplit

LONG_VIDEO = {
    "code": "video", "title": "Long", "content_type": "video", "duration_seconds": 36_000,
}  # fmt: skip
EMBED = {
    "code": "embed",
    "title": "Short",
    "content_type": "embed",
    "completion_source": "reported",
}
PLACE = "/api/employee"


class Site:
    """Requests to a site, each on a connection of its own."""

    def __init__(self, url: str, authorization: str = ""):
        self.place = urlsplit(url).netloc
        self._headers = {"Content-Type": "application/json"}
        if authorization:
            self._headers["Authorization"] = authorization

    def ask(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        """Status and JSON. Raises OSError and HTTPException when there is no answer."""
        connection = http.client.HTTPConnection(self.place, timeout=60)
        try:
            content = json.dumps(body) if body is not None else None
            connection.request(method, path, content, self._headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        return answer.status, json.loads(text) if is_json else {}

    def post(self, path: str, body: dict) -> dict:
        """The JSON of an answer that must be a good one. Raises RuntimeError."""
        status, answer = self.ask("POST", path, body)
        if status not in {200, 201}:
            raise RuntimeError(f"POST {path}: {status} {answer}")
        return answer


@dataclass
class Learner:
    """A learner in a session, who remembers which events were acknowledged."""

    site: Site  # with the session's token
    user_id: int
    course_id: int
    session_id: str
    stream_url: str
    contents: dict[str, int]
    acknowledged: list[str] = field(default_factory=list)
    sequence: int = 0

    def beat(self, seconds: float = 1) -> dict:
        """The next event: some seconds further in the long video."""
        self.sequence += 1
        start = self.sequence * seconds
        return {
            "session_id": self.session_id,
            "content_id": self.contents["video"],
            "interaction_type": "progress",
            "segments": [[start, start + seconds]],
            "duration_seconds": seconds,
            "event_id": str(uuid.uuid4()),
            "sequence": self.sequence,
        }

    def send(self, event: dict) -> int:
        """The status; a 200 is remembered as an acknowledgement."""
        status, answer = self.site.ask("POST", f"{PLACE}/update_progress", event)
        if status == 200 and answer["events"][0]["status"] in {"accepted", "duplicate"}:
            self.acknowledged.append(event["event_id"])
        return status

    def complete(self, content: str) -> dict:
        """An event that reports a content as complete, not sent yet."""
        self.sequence += 1
        return {
            "session_id": self.session_id,
            "content_id": self.contents[content],
            "interaction_type": "complete",
            "completion_percentage": 100,
            "duration_seconds": 1,
            "event_id": str(uuid.uuid4()),
            "sequence": self.sequence,
        }


def a_course(site: Site, code: str, *contents: dict) -> dict:
    """Make a course of one module; the API's answer."""
    module = {"code": "m", "title": "M", "contents": list(contents)}
    return site.post("/api/courses/", {"code": code, "title": code, "modules": [module]})


def a_learner(site: Site, course: dict, name: str) -> Learner:
    """Make a learner, enrolled, with a session."""
    person = {"username": name, "email": f"{name}@example.org", "full_name": name}
    user_id = site.post("/api/learners/", person)["id"]
    place = {"user_id": user_id, "course_id": course["id"]}
    site.post("/api/enrollments/", place)
    started = site.post(f"{PLACE}/start_session", place)
    contents = {c["code"]: c["id"] for m in course["modules"] for c in m["contents"]}
    own = Site(f"http://{site.place}", f"Session {started['session_token']}")
    return Learner(
        own, user_id, course["id"], started["session_id"], started["stream_url"], contents
    )


class Load:
    """Learners who each send an event every `pause` seconds, in threads, until the block ends.

    `must_arrive`: an event is sent again until it is acknowledged, as a tracker does. `results`
    counts statuses and kinds of errors; `seconds` are the times of the answers with 200.
    """

    def __init__(self, learners: list[Learner], *, pause: float, must_arrive: bool = False):
        self.results: Counter = Counter()
        self.seconds: list[float] = []
        self._pause, self._must_arrive = pause, must_arrive
        self._end = Event()
        self._threads = [Thread(target=self._live, args=[learner]) for learner in learners]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
            self._end.wait(self._pause / len(self._threads))
        return self

    def __exit__(self, *_) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def failures(self) -> dict:
        return {result: count for result, count in self.results.items() if result != 200}

    def p95_ms(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.95)] * 1000 if ordered else 0.0

    def _live(self, learner: Learner) -> None:
        while not self._end.is_set():
            event = learner.beat()
            while not self._send(learner, event) and self._must_arrive:
                time.sleep(0.5)
            self._end.wait(self._pause)

    def _send(self, learner: Learner, event: dict) -> bool:
        began = time.perf_counter()
        try:
            status: int | str = learner.send(event)
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        self.results[status] += 1
        if status == 200:
            self.seconds.append(time.perf_counter() - began)
        return status == 200


class Stream:
    """A learner's open stream: its events as they come, in a thread."""

    def __init__(self, site: Site, url: str):
        self.events: list[tuple[float, str]] = []
        connection = http.client.HTTPConnection(site.place, timeout=40)
        connection.request("GET", url)
        self._answer = connection.getresponse()
        if self._answer.status != 200:
            raise RuntimeError(f"the stream answers {self._answer.status}")
        self.is_open = True
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while line := self._answer.readline():
                if line.startswith(b"event: "):
                    self.events.append((time.monotonic(), line[7:].strip().decode()))
        except (OSError, http.client.HTTPException):
            pass  # cut off, which ends it as well
        self.is_open = False

    def count(self, kind: str) -> int:
        return sum(1 for _, each in self.events if each == kind)


def until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait for it; the seconds that it took. Raises RuntimeError, saying what didn't come."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - began
