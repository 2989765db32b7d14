"""Many streams at once: what they share, what they cost, and how they come back."""

import asyncio
import contextlib
import re
import threading
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from progress.live import batching, database, hub, pushing, stream
from progress.live.snapshot import snapshots
from tests.factories import NOON, a_learner, a_session, content, report

from .listening import listening, percent_of, push, stream_url

pytestmark = pytest.mark.django_db(transaction=True)


# --- Coming back ----------------------------------------------------------------------------------
@pytest.mark.parametrize("pushed", [0, 3])
def test_a_stream_on_which_nothing_happened_goes_on_without_a_snapshot(
    visit, url, learner, course, pushed
):
    """After a restart of the process: most learners did nothing meanwhile."""

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
        await asyncio.sleep(0.005)  # the broker's clock counts in milliseconds
        async with listening(app, url) as client:
            last = (await client.event()).id
        for number in range(1, pushed + 1):
            push(learner, course, number, events=number)
        async with listening(app, url, headers={"Last-Event-ID": last}) as client:
            await client.until(lambda client: client.text)
            push(learner, course, 20, events=9)
            events = [await client.event() for _ in range(pushed + 1)]
        assert [event.kind for event in events] == ["progress"] * (pushed + 1)
        assert percent_of(events[-1]) == 20

    visit(scenario)


def test_who_comes_back_after_a_message_was_lost_gets_a_snapshot(
    visit, url, learner, course, monkeypatch
):
    def is_away(*args, **kwargs):
        raise RedisConnectionError("no broker")

    async def scenario(app):
        push(learner, course, 1, events=1)
        async with listening(app, url) as client:
            last = (await client.event()).id
        with monkeypatch.context() as without:
            without.setattr(pushing, "_push", is_away)
            push(learner, course, 2, events=2)
        pushing._breaker._retry_at = 0.0
        push(learner, course, 3, events=3)
        async with listening(app, url, headers={"Last-Event-ID": last}) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


# --- Many at once ---------------------------------------------------------------------------------
@pytest.fixture
def slow_snapshots(monkeypatch):
    """Snapshots that wait for an event. Yields the event and the batches that have begun."""
    may_go_on, begun, whole = threading.Event(), [], stream.snapshots

    def slowly(keys, now):
        begun.append(list(keys))
        assert may_go_on.wait(10)
        return whole(keys, now)

    monkeypatch.setattr(stream, "snapshots", slowly)
    yield may_go_on, begun
    may_go_on.set()


async def come_true(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_who_waits_for_the_same_snapshot_shares_one(visit, url, slow_snapshots):
    may_go_on, begun = slow_snapshots

    async def scenario(app):
        async with contextlib.AsyncExitStack() as stack:
            first = await stack.enter_async_context(listening(app, url))
            await come_true(lambda: begun)
            # The first is being read: a later client mustn't get a snapshot older than its request.
            others = [await stack.enter_async_context(listening(app, url)) for _ in range(50)]
            await come_true(lambda: len(begun) >= 2)
            may_go_on.set()
            for client in [first, *others]:
                assert (await client.event()).kind == "snapshot"
        # Some came while one was read; most waited for the same.
        assert len(begun) <= 15

    visit(scenario)


def test_what_is_saved_while_a_snapshot_is_read_reaches_all_clients(
    visit, url, learner, course, slow_snapshots
):
    may_go_on, begun = slow_snapshots
    session = a_session(course, learner)
    beat = {"content_id": content(course, "video").pk, "interaction_type": "progress"}

    async def scenario(app):
        async with listening(app, url) as first:
            await come_true(lambda: begun)
            await sync_to_async(report)(session, beat, now=NOON.replace(second=30))
            async with listening(app, url) as second:
                await come_true(lambda: len(begun) == 2)
                may_go_on.set()
                for client in (first, second):
                    while (await client.event()).body["course"]["event_count"] < 1:
                        pass
        await sync_to_async(connections.close_all)()

    visit(scenario)


def test_no_snapshot_is_made_for_a_client_that_left(visit, course, slow_snapshots):
    """All batches are busy; a client that leaves meanwhile costs nothing any more."""
    may_go_on, begun = slow_snapshots
    people = [a_learner(course) for _ in range(batching.AT_ONCE + 5)]

    async def scenario(app):
        async with contextlib.AsyncExitStack() as stack:
            for number, person in enumerate(people):
                url = stream_url(person.pk, course.pk)
                client = await stack.enter_async_context(listening(app, url))
                if number < batching.AT_ONCE:
                    await come_true(lambda number=number: len(begun) == number + 1)
                else:
                    await asyncio.sleep(0.02)
                    client.leave()
                    await client.end()
                    assert client.status is None
            may_go_on.set()
        assert begun == [[(person.pk, course.pk)] for person in people[: batching.AT_ONCE]]

    visit(scenario)


def test_many_who_begin_together_are_read_together(
    visit, course, slow_snapshots, django_assert_max_num_queries
):
    """Each gets their own snapshot, and the batch makes no more statements than one client."""
    may_go_on, begun = slow_snapshots
    people = [a_learner(course) for _ in range(20)]
    for number, person in enumerate(people, 1):
        session = a_session(course, person)
        beat = {"content_id": content(course, "video").pk, "interaction_type": "progress"}
        report(session, beat | {"segments": [[0, 1.5 * number]]}, now=NOON.replace(second=30))

    async def scenario(app):
        async with contextlib.AsyncExitStack() as stack:
            clients = []
            for person in people:
                url = stream_url(person.pk, course.pk)
                clients.append(await stack.enter_async_context(listening(app, url)))
            await come_true(lambda: begun)
            may_go_on.set()
            events = [await client.event() for client in clients]
        assert [event.kind for event in events] == ["snapshot"] * len(people)
        percentages = [event.body["contents"][0]["completion_percentage"] for event in events]
        assert percentages == [2.5 * number for number in range(1, len(people) + 1)]
        assert len(begun) < len(people)

    visit(scenario)
    keys = [(person.pk, course.pk) for person in people]
    with django_assert_max_num_queries(2):
        assert list(snapshots(keys, NOON)) == keys


def test_a_stream_is_kept_open_while_its_next_snapshot_is_made(
    visit, url, slow_snapshots, monkeypatch
):
    may_go_on, begun = slow_snapshots
    may_go_on.set()

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            may_go_on.clear()
            monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.02)
            app._hub._note_return()  # the broker is back
            await come_true(lambda: len(begun) == 2)
            before = client.text.count("\n: ")
            await client.until(lambda client: client.text.count("\n: ") >= before + 3)
            may_go_on.set()
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


def test_clients_are_asked_to_come_back_at_different_times(visit, url):
    async def scenario(app):
        waits = set()
        for _ in range(8):
            async with listening(app, url) as client:
                await client.event()
                waits.add(int(re.search(r"^retry: (\d+)$", client.text, re.M)[1]))
        assert len(waits) > 1
        assert all(1000 <= wait <= 6000 for wait in waits)

    visit(scenario)


def test_a_broker_that_answers_is_never_given_up_however_much_there_is_to_do(
    visit, url, learner, course, monkeypatch, caplog
):
    """The process stands still for longer than many pings take."""
    monkeypatch.setattr(hub, "PING_SECONDS", 0.05)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            for _ in range(5):
                time.sleep(0.3)  # the loop is busy, not waiting
                await asyncio.sleep(0.05)
            push(learner, course, 30, events=1)
            event = await client.event()
        assert (event.kind, percent_of(event)) == ("progress", 30)
        assert not app._hub._lost

    visit(scenario)
    assert "unreachable" not in caplog.text


def test_pings_go_out_by_the_clock_while_streams_come_and_go(visit, url, monkeypatch):
    monkeypatch.setattr(hub, "PING_SECONDS", 0.05)
    pings, ping = [], PubSub.ping

    def counted(self, *args):
        pings.append(time.monotonic())
        return ping(self, *args)

    monkeypatch.setattr(PubSub, "ping", counted)

    async def scenario(app):
        began = time.monotonic()
        while time.monotonic() - began < 1:
            async with listening(app, url) as client:
                await client.event()
        assert len(pings) >= 4

    visit(scenario)


def test_a_broker_that_says_nothing_is_given_up(visit, url, monkeypatch, caplog):
    monkeypatch.setattr(hub, "PING_SECONDS", 0.02)
    monkeypatch.setattr(PubSub, "ping", lambda *_: asyncio.sleep(0))

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            await come_true(lambda: "unreachable" in caplog.text)

    visit(scenario)


# --- The database ---------------------------------------------------------------------------------
@pytest.fixture
def others():
    """Returns the database connections of all but this thread and the calling one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()

    def others():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> ALL(%s)",
                [[own, connection.connection.info.backend_pid]],
            )
            return {pid for (pid,) in cursor.fetchall()}

    return others


def test_open_streams_hold_a_few_connections_to_the_database_however_many(visit, url, others):
    before = others()

    async def scenario(app):
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(20):
                client = await stack.enter_async_context(listening(app, url))
                await client.event()
            assert 1 <= len(await sync_to_async(others)() - before) <= database.THREADS
            await sync_to_async(connections.close_all)()

    visit(scenario)
    deadline = time.monotonic() + 10
    while others() - before and time.monotonic() < deadline:
        time.sleep(0.02)  # a backend ends a moment after its connection
    assert not others() - before


def test_a_connection_that_broke_is_replaced(visit, url, others):
    before = others()

    def end_others():
        ended = others() - before
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [list(ended)])
        return ended

    async def scenario(app):
        for _ in range(3):
            async with listening(app, url) as client:
                assert (await client.event()).kind == "snapshot"
            assert await sync_to_async(end_others)()
        await sync_to_async(connections.close_all)()

    visit(scenario)
