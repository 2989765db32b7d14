"""Sends what is due: many endpoints at once, each with its own small share.

Requests are made in threads that never touch the database; this thread claims and settles. An
endpoint that hangs holds one of its own few threads until its deadline; after a few failures it is
left alone for growing intervals. So it costs the others nothing.
"""

import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from connections.events import publishing
from connections.models import Endpoint

from . import claiming, sending, signing
from .claiming import Claim

logger = logging.getLogger(__name__)

THREADS = 24
PER_ENDPOINT = 4  # requests at once
RUN_SECONDS = 25  # after which no further delivery is begun; the next run continues


def run(*, seconds: float = RUN_SECONDS) -> int:
    """Publishes what is new and sends what is due; returns how many deliveries were tried."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        return _Round(pool, seconds).run()


class _Round:
    """One run over the deliveries that are due."""

    def __init__(self, pool: ThreadPoolExecutor, seconds: float):
        self._pool = pool
        self._ends = time.monotonic() + seconds
        self._in_flight: dict[Future, tuple[Claim, datetime]] = {}
        self._busy: Counter[int] = Counter()

    def run(self) -> int:
        count = 0
        while True:
            if time.monotonic() < self._ends:
                publishing.publish_all(timezone.now())
                self._begin()
            if not self._in_flight:
                return count
            finished, _ = wait(self._in_flight, timeout=1, return_when=FIRST_COMPLETED)
            for future in finished:
                count += self._settle(future)

    def _begin(self) -> None:
        """Claims and begins what there is room for."""
        now = timezone.now()
        for endpoint in claiming.due_endpoints(now):
            room = min(THREADS - len(self._in_flight), self._share(endpoint))
            if room > 0:
                self._begin_endpoint(endpoint, room, now)

    def _share(self, endpoint: Endpoint) -> int:
        """How many more requests this endpoint may have now; a failing one gets one at a time."""
        allowed = 1 if endpoint.failures_in_a_row else PER_ENDPOINT
        return allowed - self._busy[endpoint.pk]

    def _begin_endpoint(self, endpoint: Endpoint, room: int, now: datetime) -> None:
        try:
            claims = claiming.claim(endpoint, now, limit=room)
        except signing.UnreadableSecret:
            logger.error("the secret of webhook endpoint %s can't be read", endpoint.pk)
            claiming.disable_unreadable(endpoint, now)
            return
        for claimed in claims:
            self._busy[endpoint.pk] += 1
            self._in_flight[self._pool.submit(_send, claimed)] = claimed, timezone.now()

    def _settle(self, future: Future) -> int:
        claimed, started_at = self._in_flight.pop(future)
        self._busy[claimed.endpoint_id] -= 1
        claiming.settle(claimed, future.result(), started_at, timezone.now())
        return 1


def _send(claimed: Claim) -> sending.SendResult:
    timestamp = int(time.time())
    headers = signing.headers(claimed.secrets, claimed.message_id, timestamp, claimed.body)
    return sending.post(
        claimed.url, claimed.body, headers, seconds=settings.WEBHOOK_TIMEOUT_SECONDS
    )
