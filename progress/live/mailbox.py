"""The message that waits to be sent to one client."""

import asyncio
from collections.abc import Mapping

from .messages import age_of, order_of

_LISTS = {"contents": "content_id", "modules": "module_id"}
_SINGLES = ("course", "certificate")


class Mailbox:
    """One waiting message, into which newer ones are merged, so that a slow client costs little.

    Progress is state, not a log, so of each content, module and course only the newest waits.
    Messages can overtake each other between commit and push. Each part of a message that is older
    than the part that came before is dropped here.
    """

    __slots__ = (
        "_ages",
        "_last",
        "_waiter",
        "_waiting",
        "is_closed",
        "message_id",
        "people",
        "wants_snapshot",
    )

    def __init__(self, *people: int) -> None:
        self.people = frozenset(people)  # the learner and the reader
        self.is_closed = False
        self.message_id: str | None = None
        self.wants_snapshot = False
        self._last = (0, 0)
        self._waiting: dict[tuple, object] = {}
        self._ages: dict[tuple, int] = {}
        self._waiter: asyncio.Future | None = None

    def put(self, message_id: str, body: dict) -> None:
        """Merges a message in, unless it or a later one was sent or waits already."""
        if order_of(message_id) <= self._last:
            return
        self._advance(message_id)
        age = age_of(body)
        for part, value in _parts(body):
            if age is None or age >= self._ages.get(part, 0):
                self._waiting[part] = value
                self._ages[part] = age or 0
        self.wake()

    def take(self) -> dict | None:
        """Removes and returns the waiting message; None when there is none."""
        waiting, self._waiting = self._waiting, {}
        body: dict = {}
        for (name, _), value in waiting.items():
            if name in _LISTS:
                body.setdefault(name, []).append(value)
            else:
                body[name] = value
        return body or None

    def mark_sent(self, message_id: str | None, body: Mapping) -> None:
        """Records that the client gets `body` in another way, and drops what is no newer."""
        age = age_of(body)
        for part, _ in _parts(body):
            if age is not None and age >= self._ages.get(part, 0):
                self._ages[part] = age
                self._waiting.pop(part, None)
        if message_id is not None:
            self._advance(message_id)

    def _advance(self, message_id: str) -> None:
        self._last = max(self._last, order_of(message_id))
        self.message_id = "{}-{}".format(*self._last)

    def ask_for_snapshot(self) -> None:
        """Called when messages may have been lost on their way."""
        self.wants_snapshot = True
        self.wake()

    def close(self) -> None:
        """Called when its stream must end: an account was deactivated."""
        self.is_closed = True
        self.wake()

    def wake(self) -> None:
        self._wake(True)

    def _wake(self, is_news: bool) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(is_news)

    async def wait(self, seconds: float) -> bool:
        """Waits for `wake` and returns True, or False when the time has passed.

        Lighter than an Event with a timeout: there are thousands of these.
        """
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._wake, False)
        try:
            return await self._waiter
        finally:
            timer.cancel()
            self._waiter = None


def _parts(body: Mapping):
    for name, key in _LISTS.items():
        for entry in body.get(name) or ():
            yield (name, entry[key]), entry
    for name in _SINGLES:
        if name in body:
            yield (name, None), body[name]
