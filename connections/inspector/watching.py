"""Which keys and sessions are watched at the moment, known to every process within seconds.

A target is `key:` with the first characters of an API key (as the database keeps them), or
`session:` with the id of a learning session. It is watched while a page asks for it, and forgotten
a minute later. Where nothing is watched, a request costs a comparison.
"""

import logging
import threading
import time

from redis.exceptions import RedisError

from progress.security import tokens

from .store import client

logger = logging.getLogger(__name__)

WATCHED = "inspector:watched"
REFRESH_SECONDS = 2
WATCH_SECONDS = 60
KEY_CHARACTERS = 15  # of a key, as knox stores them


def watch(target: str) -> None:
    """Watch a target for a minute from now. Raises RedisError."""
    now = time.time()
    with client() as redis, redis.pipeline() as pipeline:
        pipeline.zremrangebyscore(WATCHED, "-inf", now)
        pipeline.zadd(WATCHED, {target: now + WATCH_SECONDS})
        pipeline.execute()


class Watched:
    """What is watched, as this process last read it; read again in the background."""

    def __init__(self) -> None:
        self._targets: frozenset[str] = frozenset()
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def current(self) -> frozenset[str]:
        """Never waits: what was read up to two seconds ago."""
        if time.monotonic() - self._read_at > REFRESH_SECONDS and self._lock.acquire(False):
            # Said before it is done, so that an outage isn't asked about by every request.
            self._read_at = time.monotonic()
            threading.Thread(target=self._refresh, name="inspector", daemon=True).start()
        return self._targets

    def _refresh(self) -> None:
        try:
            self.refresh()
        except RedisError:
            self._targets = frozenset()
        finally:
            self._lock.release()

    def refresh(self) -> None:
        """Reads it now. Raises RedisError."""
        with client() as redis:
            found = redis.zrangebyscore(WATCHED, time.time(), "+inf")
        self._targets = frozenset(each.decode() for each in found)
        self._read_at = time.monotonic()


watched = Watched()


def key_target(key: str) -> str:
    return f"key:{key[:KEY_CHARACTERS]}"


def session_target(session_id) -> str:
    return f"session:{session_id}"


def target_of(credential: str) -> str | None:
    """The target that an Authorization header belongs to, if any."""
    scheme, _, token = credential.partition(" ")
    if scheme.lower() == "token":
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
    targets = watched.current()
    if not targets:
        return False
    return credential is None or target_of(credential.decode("latin-1")) in targets
