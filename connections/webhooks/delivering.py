"""Sends what is due: many endpoints at once, each with its own small share.

Requests are made in threads that never touch the database; this thread claims and settles. An
endpoint that hangs holds one of its own few threads until its deadline; after a few failures it is
left alone for growing intervals. So it costs the others nothing.
"""

import itertools
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
FOR_FAILING = THREADS // 2
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
        self._failing = 0  # requests to endpoints that fail, among those in flight
        self._turns = itertools.count(1)
        self._served: dict[int, int] = {}  # endpoint: its last turn
        self._publishes_at = 0.0

    def run(self) -> int:
        count = 0
        while True:
            if time.monotonic() < self._ends:
                self._publish()
                self._begin()
            if not self._in_flight:
                return count
            finished, _ = wait(self._in_flight, timeout=1, return_when=FIRST_COMPLETED)
            for future in finished:
                count += self._settle(future)

    def _publish(self) -> None:
        """At most once a second, however fast the answers come."""
        if time.monotonic() >= self._publishes_at:
            publishing.publish_all(timezone.now())
            self._publishes_at = time.monotonic() + 1

    def _begin(self) -> None:
        """Claims and begins what there is room for; who was served longest ago comes first."""
        now = timezone.now()
        due = claiming.due_endpoints(now)
        for endpoint in sorted(due, key=lambda each: self._served.get(each.pk, 0)):
            room = min(THREADS - len(self._in_flight), self._share(endpoint))
            if room > 0:
                self._begin_endpoint(endpoint, room, now)

    def _share(self, endpoint: Endpoint) -> int:
        """How many more requests this endpoint may have now.

        A failing one gets one at a time, and all that fail together half of the threads.
        """
        if not endpoint.failures_in_a_row:
            return PER_ENDPOINT - self._busy[endpoint.pk]
        return min(1 - self._busy[endpoint.pk], FOR_FAILING - self._failing)

    def _begin_endpoint(self, endpoint: Endpoint, room: int, now: datetime) -> None:
        try:
            claims = claiming.claim(endpoint, now, limit=room)
        except signing.UnreadableSecret:
            logger.error("the secret of webhook endpoint %s can't be read", endpoint.pk)
            claiming.disable_unreadable(endpoint, now)
            return
        if claims:
            self._served[endpoint.pk] = next(self._turns)
        for claimed in claims:
            self._failing += claimed.is_failing
            self._busy[endpoint.pk] += 1
            self._in_flight[self._pool.submit(_send, claimed)] = claimed, timezone.now()

    def _settle(self, future: Future) -> int:
        claimed, started_at = self._in_flight.pop(future)
        self._busy[claimed.endpoint_id] -= 1
        self._failing -= claimed.is_failing
        claiming.settle(claimed, future.result(), started_at, timezone.now())
        return 1


def _send(claimed: Claim) -> sending.SendResult:
    timestamp = int(time.time())
    headers = signing.headers(claimed.secrets, claimed.message_id, timestamp, claimed.body)
    return sending.post(
        claimed.url, claimed.body, headers, seconds=settings.WEBHOOK_TIMEOUT_SECONDS
    )
