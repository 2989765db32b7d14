"""Sends what is due: many endpoints at once, each with its own small share.

Requests are made in threads that never touch the database; this thread claims and settles, several
deliveries in one transaction. An endpoint that hangs holds one of its own few threads until its
deadline; after a few failures it is left alone for growing intervals. So it costs the others
nothing.
"""

import itertools
import logging
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from connections.events import publishing
from connections.models import Endpoint

from . import claiming, sending, signing
from .claiming import Answered, Claim

logger = logging.getLogger(__name__)

THREADS = 24
PER_ENDPOINT = 4  # requests at once
CLAIMED_AT_ONCE = 64  # by an endpoint that works; fewer statements for each
LOOK_SECONDS = 0.2  # between two looks at what is due, while there is enough to send
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
        self._due: dict[int, Endpoint] = {}
        self._looks_at = 0.0
        self._claimed: defaultdict[int, deque[Claim]] = defaultdict(deque)  # not begun
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
            else:
                self._release(self._claimed)
            if not self._in_flight:
                return count
            finished, _ = wait(self._in_flight, timeout=1, return_when=FIRST_COMPLETED)
            count += self._settle(finished)

    def _publish(self) -> None:
        """At most once a second, however fast the answers come."""
        if time.monotonic() >= self._publishes_at:
            publishing.publish_all(timezone.now())
            self._publishes_at = time.monotonic() + 1

    def _begin(self) -> None:
        """Begins what there is room for; the endpoint served longest ago comes first."""
        now = timezone.now()
        if time.monotonic() >= self._looks_at or not self._in_flight:
            self._look(now)
        for pk in sorted(self._due, key=lambda pk: self._served.get(pk, 0)):
            room = min(THREADS - len(self._in_flight), self._share(self._due[pk]))
            if room > 0:
                self._begin_endpoint(self._due[pk], room, now)

    def _look(self, now: datetime) -> None:
        """Finds the endpoints that something is due for; one that was disabled, deleted or left
        alone meanwhile isn't sent what had been claimed for it."""
        self._due = {each.pk: each for each in claiming.due_endpoints(now)}
        self._release(
            [pk for pk, claims in self._claimed.items() if claims and pk not in self._due]
        )
        self._looks_at = time.monotonic() + LOOK_SECONDS

    def _share(self, endpoint: Endpoint) -> int:
        """How many more requests this endpoint may have now.

        A failing one gets one at a time, and all that fail together half of the threads.
        """
        if not endpoint.failures_in_a_row:
            return PER_ENDPOINT - self._busy[endpoint.pk]
        return min(1 - self._busy[endpoint.pk], FOR_FAILING - self._failing)

    def _begin_endpoint(self, endpoint: Endpoint, room: int, now: datetime) -> None:
        claims = self._claimed[endpoint.pk]
        if claims and claims[0].claimed_until - now < claiming.SPARE:
            self._release([endpoint.pk])
        if not claims:
            self._claim(endpoint, room, now)
        for _ in range(min(room, len(claims))):
            claimed = claims.popleft()
            self._served[endpoint.pk] = next(self._turns)
            self._failing += claimed.is_failing
            self._busy[endpoint.pk] += 1
            self._in_flight[self._pool.submit(_send, claimed)] = claimed, timezone.now()

    def _claim(self, endpoint: Endpoint, room: int, now: datetime) -> None:
        limit = room if endpoint.failures_in_a_row else CLAIMED_AT_ONCE
        try:
            self._claimed[endpoint.pk].extend(claiming.claim(endpoint, now, limit=limit))
        except signing.UnreadableSecret:
            logger.error("the secret of webhook endpoint %s can't be read", endpoint.pk)
            claiming.disable_unreadable(endpoint, now)

    def _release(self, endpoint_ids: Iterable[int]) -> None:
        """Gives back what was claimed and not begun."""
        for pk in endpoint_ids:
            if self._claimed[pk]:
                claiming.release(self._claimed[pk])
                self._claimed[pk].clear()

    def _settle(self, finished: Iterable[Future]) -> int:
        """Records the answers; returns how many. An endpoint that begins to fail is sent no more
        of what was claimed while it worked."""
        answered: defaultdict[int, list[Answered]] = defaultdict(list)
        for future in finished:
            claimed, started_at = self._in_flight.pop(future)
            self._busy[claimed.endpoint_id] -= 1
            self._failing -= claimed.is_failing
            answered[claimed.endpoint_id].append(Answered(claimed, future.result(), started_at))
        for endpoint_id, answers in answered.items():
            claiming.settle(endpoint_id, answers, timezone.now())
            if not all(each.result.is_success for each in answers):
                self._release([endpoint_id])
                self._looks_at = 0.0
        return sum(map(len, answered.values()))


def _send(claimed: Claim) -> sending.SendResult:
    timestamp = int(time.time())
    headers = signing.headers(claimed.secrets, claimed.message_id, timestamp, claimed.body)
    return sending.post(
        claimed.url, claimed.body, headers, seconds=settings.WEBHOOK_TIMEOUT_SECONDS
    )
