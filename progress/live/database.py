"""Runs database queries for an event loop, in a few threads that keep their connections."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import Any

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from .exchange import Refused

logger = logging.getLogger(__name__)

THREADS = 4
STOP_SECONDS = 2


class DatabaseThreads:
    """A few connections, shared by however many streams begin at once.

    Opening a connection costs more than most queries. Before each query, Django closes one that is
    broken or older than `CONN_MAX_AGE`.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "stream")

    async def run(self, query: Callable, *args) -> Any:
        """Returns what `query(*args)` returns; it isn't started any more once this is cancelled.

        Raises Refused when the database is unavailable.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, _run, query, *args)
        except DatabaseError:
            logger.exception("a database query failed")
            raise Refused(503, "error", "The server can't answer now. Try again soon.") from None

    async def stop(self) -> None:
        """Closes the connections, each in its own thread, and ends the threads."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        together = Barrier(THREADS)  # every thread closes its own: none can take two of the tasks

        def close() -> None:
            with contextlib.suppress(BrokenBarrierError):
                together.wait(STOP_SECONDS)
            connections.close_all()

        for _ in range(THREADS):
            self._threads.submit(close)
        self._threads.shutdown()


def _run(query: Callable, *args) -> Any:
    close_old_connections()
    try:
        return query(*args)
    finally:
        close_old_connections()
