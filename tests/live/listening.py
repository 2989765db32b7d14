"""A client of the stream without a network: it speaks ASGI to the application."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from progress import live
from progress.live import topics

SECONDS = 10


@dataclass(frozen=True)
class Event:
    kind: str
    id: str | None
    body: dict


@dataclass
class Listener:
    """What a client has received of a stream; a client that is stuck receives nothing."""

    app: object
    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    is_complete: bool = False

    def __post_init__(self):
        self._gone = asyncio.Event()
        self._news = asyncio.Condition()
        self._can_take = asyncio.Event()
        self._can_take.set()
        self._read = 0
        self.task = asyncio.create_task(self.app(self._scope(), self._receive, self._send))

    def _scope(self) -> dict:
        parts = urlsplit(self.url)
        return {
            "type": "http",
            "method": self.method,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in self.headers.items()],
        }

    async def _receive(self) -> dict:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict) -> None:
        await self._can_take.wait()
        async with self._news:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.answer_headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                self.text += message["body"].decode()
                self.is_complete = not message.get("more_body", False)
            self._news.notify_all()

    def leave(self) -> None:
        self._gone.set()

    def get_stuck(self) -> None:
        self._can_take.clear()

    def get_going(self) -> None:
        self._can_take.set()

    async def until(self, condition) -> None:
        async with asyncio.timeout(SECONDS), self._news:
            await self._news.wait_for(lambda: condition(self))

    async def end(self) -> None:
        """Until the application has finished with this client."""
        async with asyncio.timeout(SECONDS):
            await self.task

    async def event(self) -> Event:
        """The next event."""
        await self.until(lambda client: self._next() is not None)
        event, self._read = self._next()
        return event

    def _next(self) -> tuple[Event, int] | None:
        start = self._read
        while (end := self.text.find("\n\n", start)) >= 0:
            lines = self.text[start:end].split("\n")
            fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
            if "event" in fields:
                body = json.loads(fields["data"])
                return Event(fields["event"], fields.get("id"), body), end + 2
            start = end + 2
        return None

    @property
    def body(self) -> dict:
        return json.loads(self.text)


@asynccontextmanager
async def listening(app, url: str, **options):
    """A client that disconnects at the end, which ends the stream."""
    listener = Listener(app, url, **options)
    try:
        yield listener
    finally:
        listener.leave()
        listener.get_going()
        await listener.end()


def assert_refused(client, status, code):
    assert client.status == status
    assert client.answer_headers["content-type"] == "application/json"
    assert client.body["type"] == "client_error"
    assert client.body["errors"][0]["code"] == code
    assert set(client.body["errors"][0]) == {"code", "detail", "attr"}


# --- Pushes ---------------------------------------------------------------------------------------
def stream_url(user_id, course_id, reader=None):
    """The stream's URL, with a token for the learner or for another reader."""
    return topics.stream_url(user_id, course_id, reader_id=reader.pk if reader else user_id)


def message(course, percent, *, events, contents=()):
    return {
        "contents": [{"content_id": id, "completion_percentage": percent} for id in contents],
        "modules": [],
        "course": {"course_id": course.pk, "completion_percentage": percent, "event_count": events},
        "certificate": None,
    }


def push(learner, course, percent, *, events):
    live.push(learner.pk, course.pk, message(course, percent, events=events))


def percent_of(event):
    return event.body["course"]["completion_percentage"]
