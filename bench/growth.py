"""What a heartbeat and the streams cost where much is stored already, for `bench/ingest.py`."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bench import streams
from bench.filling import multiply
from bench.load import Round, run
from bench.trackers import Learner

ROUNDS = 10


class Pair(NamedTuple):
    """Rounds against a large database and against a small one, which took turns."""

    large: list[Round]
    small: list[Round]


@contextmanager
def database_copy() -> Iterator[str]:
    """Another database like Django's, which no other process may use while it is copied.

    Yields its name.
    """
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}_large" TEMPLATE "{name}"')
    try:
        yield f"{name}_large"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}_large" WITH (FORCE)')


@contextmanager
def large_database(large: str, group: list[Learner], copies: int) -> Iterator[None]:
    """Within it, Django's connection is to the database `large`, with many more learners.

    Each learner of the group is given ten contents and a hundred events, and then copies of all.
    """
    from django.db import connection

    small = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = large
    try:
        began = time.monotonic()
        _add_events(group)
        for table, rows in multiply(copies).items():
            print(f"{table:32}{rows:12,}")
        print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = small


def _add_events(group: list[Learner]) -> None:
    from django.utils import timezone

    from progress import ingest
    from progress.models import LearningSession

    everybody = LearningSession.objects.all()
    for each in group:
        events = [
            each.event() | {"content_id": each.contents[number % 10]} for number in range(100)
        ]
        ingest.record(
            ingest.delivery_to(everybody, each.session_id, events, sent_ms=None, now=timezone.now())
        )


def compare_sizes(
    large: tuple[int, dict[str, int]],
    small: tuple[int, dict[str, int]],
    wires: Iterator[bytes],
    seconds: float,
) -> Pair:
    """Single events one after the other, in short rounds by turns. Each side: port, processes."""
    pair = Pair([], [])
    for number in range(ROUNDS + 1):
        for (port, processes), rounds in zip((large, small), pair, strict=True):
            one = run(port, wires, at_once=1, seconds=seconds, processes=processes)
            if number:  # the first one warms up
                rounds.append(one)
    return pair


def open_streams(port: int, group: list[Learner], count: int) -> float:
    """Seconds until that many streams are open and have their first snapshot."""
    from progress import live

    owners = [group[number % len(group)] for number in range(count)]
    urls = [
        live.stream_url(each.user_id, each.course_id, reader_id=each.user_id) for each in owners
    ]
    return asyncio.run(_open_and_close(port, urls))


async def _open_and_close(port: int, urls: list[str]) -> float:
    began = time.monotonic()
    opened = await streams.open_all(port, urls)
    seconds = time.monotonic() - began
    for stream in opened:
        stream.writer.close()
    return seconds
