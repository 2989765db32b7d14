"""The embedded servers: shared, kept, and gone when nobody needs them."""

import os
import signal
import stat
import threading
import time

import psycopg2
import pytest
import redis

from lms_progress.embedded import keeper
from lms_progress.embedded.state import EmbeddedError


@pytest.fixture
def join(request):
    """Join a server; what a test doesn't leave itself is left at its end."""

    def join(installation, name="postgres", fast=True):
        membership = keeper.join(installation.state, name, fast=fast)
        request.addfinalizer(membership.leave)
        return membership

    return join


def run(membership, statement):
    connection = psycopg2.connect(membership.url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def test_rows_outlive_a_stop_and_a_start(installation, join):
    first = join(installation)
    run(first, "CREATE TABLE kept AS SELECT 7 AS number")
    first.leave()
    assert installation.processes() == []
    assert run(join(installation), "SELECT number FROM kept") == [(7,)]


@pytest.mark.parametrize("victims", ["keeper", "server", "both"])
def test_rows_outlive_a_kill(installation, join, victims):
    first = join(installation, fast=False)
    run(first, "CREATE TABLE kept AS SELECT 7 AS number")
    server = int((first.place / "data" / "postmaster.pid").read_text().splitlines()[0])
    pids = {"keeper": [first.keeper.pid], "server": [server], "both": [server, first.keeper.pid]}
    for pid in pids[victims]:
        os.kill(pid, signal.SIGKILL)
    first.keeper.wait(10)
    first.leave()
    assert run(join(installation), "SELECT number FROM kept") == [(7,)]


def test_a_killed_initdb_leaves_nothing_in_the_way(installation, join):
    # The first join says where everything goes; then it looks as after a kill in the middle.
    first = join(installation)
    first.leave()
    (first.place / "data").rename(first.place / "data.new")
    (first.place / "data.new" / "PG_VERSION").unlink()
    assert run(join(installation), "SELECT current_database()") == [("lms",)]


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_the_server_stays_for_the_second_user(installation, join, name):
    starter, second = join(installation, name), join(installation, name)
    starter.leave()
    time.sleep(0.5)
    assert second.is_alive()
    if name == "postgres":
        assert run(second, "SELECT 1") == [(1,)]
    else:
        assert redis.Redis.from_url(second.url).ping()
    second.leave()
    assert not second.is_alive()


def test_many_starting_at_once_share_one_server(installation, join):
    urls, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: urls.append(join(installation).url)))
        threads[-1].start()
    for thread in threads:
        thread.join(30)
    servers = [line for _, line in installation.processes() if "bin/postgres" in line]
    assert len(urls) == 4
    assert len(servers) == 1


def test_queued_tasks_outlive_a_restart(installation):
    for expected in (None, b"1"):
        broker = keeper.join(installation.state, "valkey")
        with redis.Redis.from_url(broker.url) as client:
            assert client.get("kept") == expected
            client.set("kept", 1)
        broker.leave()


def test_a_state_dir_too_long_for_a_socket_path_works(make_installation, join):
    installation = make_installation(below="/".join(["a-long-folder-name"] * 8).lstrip("/"))
    assert run(join(installation), "SELECT 1") == [(1,)]
    assert redis.Redis.from_url(join(installation, "valkey").url).ping()


def test_nobody_else_can_open_the_sockets(installation, join):
    for name in ("postgres", "valkey"):
        membership = join(installation, name)
        assert stat.S_IMODE(membership.place.stat().st_mode) == 0o700


def test_a_server_that_cannot_start_says_why(installation, join):
    first = join(installation)
    first.leave()
    (first.place / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        join(installation)
