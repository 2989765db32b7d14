"""Which keys and sessions are watched at the moment, known to every process within seconds.

A target is `key:` with the first characters of an API key (as the database keeps them), or
`session:` with the id of a learning session. It is watched while a page asks for it, and forgotten
a minute later. Where nothing is watched, a request costs a comparison.
"""

import logging
import threading
import time
from typing import cast

from redis.exceptions import RedisError

from progress.security import tokens

from .store import client

logger = logging.getLogger(__name__)

WATCHED = "inspector:watched"
REFRESH_SECONDS = 2
AFTER_OUTAGE_SECONDS = 10
WATCH_SECONDS = 60
KEY_CHARACTERS = 15  # of a key, as knox stores them


def watch(target: str) -> None:
    """Watch a target for a minute from now. Raises RedisError."""
    now = time.time()
    with client().pipeline() as pipeline:
        pipeline.zremrangebyscore(WATCHED, "-inf", now)
        pipeline.zadd(WATCHED, {target: now + WATCH_SECONDS})
        pipeline.execute()


class Watched:
    """What is watched, as this process last read it, at most every two seconds."""

    def __init__(self) -> None:
        self._targets: frozenset[str] = frozenset()
        self._next_read = float("-inf")
        self._lock = threading.Lock()

    def current(self, *, may_wait: bool) -> frozenset[str]:
        """The targets. Without `may_wait`, as on an event loop, those that were known before."""
        if time.monotonic() < self._next_read or not self._lock.acquire(False):
            return self._targets
        if may_wait:
            self._refresh()
        else:
            threading.Thread(target=self._refresh, name="inspector", daemon=True).start()
        return self._targets

    def _refresh(self) -> None:
        try:
            self.refresh()
        except RedisError:
            self._targets = frozenset()
            self._next_read = time.monotonic() + AFTER_OUTAGE_SECONDS
        finally:
            self._lock.release()

    def refresh(self) -> None:
        """Reads it now. Raises RedisError."""
        found = cast(list[bytes], client().zrangebyscore(WATCHED, time.time(), "+inf"))
        self._targets = frozenset(each.decode() for each in found)
        self._next_read = time.monotonic() + REFRESH_SECONDS


watched = Watched()


def key_target(key: str) -> str:
    return f"key:{key[:KEY_CHARACTERS]}"


def session_target(session_id) -> str:
    return f"session:{session_id}"


def target_of(credential: str) -> str | None:
    """The target that an Authorization header belongs to, if any."""
    scheme, _, token = credential.partition(" ")
    if scheme.lower() in {"token", "bearer"}:
        return key_target(token.strip())
    if scheme.lower() == "session":
        return session_of(token.strip())
    return None


def session_of(token: str) -> str | None:
    """The target of a session's token; None for an invalid one."""
    try:
        return session_target(tokens.remembered_session_token(token).session_id)
    except tokens.InvalidToken:
        return None


def may_be_watched(credential: bytes | None) -> bool:
    """Whether a tracker's request has to be answered by Django, which notes it.

    Without a header the token is in the body: it may be any session's.
    """
    targets = watched.current(may_wait=False)
    if not targets:
        return False
    return credential is None or target_of(credential.decode("latin-1")) in targets
