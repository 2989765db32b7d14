"""/readyz says no while something can't do its work, and names it."""

import os
import shutil
import subprocess
import tempfile
from collections import namedtuple
from pathlib import Path

import psycopg2
import pytest
import redis
from django.core.cache import cache

from lms_progress import health
from lms_progress.embedded import keeper
from lms_progress.embedded.state import State

pytestmark = pytest.mark.django_db
ALL_WELL = {
    "ready": True,
    "database": "ok",
    "broker": "ok",
    "disk": "ok",
    "migrations": "ok",
}


def test_all_is_well(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == ALL_WELL


@pytest.mark.django_db(transaction=True)
def test_asking_leaves_nothing_behind_and_changes_no_setting(client, django_assert_max_num_queries):
    from django.db import connection

    def memory():
        with connection.cursor() as cursor:
            cursor.execute("SHOW work_mem")
            return cursor.fetchone()[0]

    before = memory()
    with django_assert_max_num_queries(8):
        client.get("/readyz")
    assert memory() == before


@pytest.mark.parametrize("folder", ["STATE_DIR", "temporary files"])
def test_a_full_disk_is_named(client, settings, monkeypatch, tmp_path, folder):
    full = tmp_path if folder == "STATE_DIR" else Path(tempfile.gettempdir())
    settings.STATE_DIR = tmp_path
    usage = namedtuple("usage", "total used free")
    real = shutil.disk_usage

    def disk_usage(path):
        return usage(100, 99, 1) if Path(path) == full else real(path)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == ALL_WELL | {"ready": False, "disk": "full"}


def test_a_broker_that_takes_no_write_is_named(client):
    """As when its memory or its disk is full: it answers, and refuses."""
    broker = cache._cache.get_client(None, write=True)
    broker.config_set("maxmemory", "1")
    try:
        assert broker.ping()
        with pytest.raises(redis.exceptions.RedisError):
            broker.set("any", "thing")
        answer = client.get("/readyz")
    finally:
        broker.config_set("maxmemory", "0")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "out of reach"


@pytest.fixture
def small_disk():
    """A disk of its own, which a test may fill."""
    folder = Path(tempfile.mkdtemp(prefix="lms-disk-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=711", "lms-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("needs the right to mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def test_a_database_whose_disk_is_full_is_found_out(small_disk):
    membership = keeper.join(State(small_disk / "state"), "postgres")
    connection = psycopg2.connect(membership.url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET work_mem = '64kB'")
            cursor.execute(health.SPILL)
            with open(small_disk / "filler", "wb") as filler:
                filler.write(b"\0" * (shutil.disk_usage(small_disk).free - 512 * 1024))
            cursor.execute("SELECT 1")
            with pytest.raises(psycopg2.Error) as refused:
                cursor.execute(health.SPILL)
            assert refused.value.pgcode == health.DISK_FULL
            (small_disk / "filler").unlink()
            cursor.execute(health.SPILL)
    finally:
        (small_disk / "filler").unlink(missing_ok=True)
        connection.close()
        membership.leave()
