"""Health checks: whether this process answers, and whether it can work."""

import shutil
import tempfile
from os.path import exists

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

MIN_FREE_BYTES = 64 * 1024 * 1024
DISK_FULL = "53100"  # PostgreSQL's code for it
# Sorting more than fits into `work_mem` makes PostgreSQL write a temporary file of some megabytes
# to the disk of its tables; the file is removed at once.
SPILL = "SELECT count(*) FROM generate_series(1, 200000)"


@never_cache
def healthz(request):
    """The process answers; says nothing about anything else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request):
    """200 when the database, the broker, the disks and the migrations are in order, else 503."""
    parts = {"database": _database(), "broker": _broker(), "disk": _disk()}
    parts["migrations"] = _migrations() if parts["database"] == "ok" else "unknown"
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)


def _database() -> str:
    """Whether the database answers and can write; leaves no row behind."""
    try:
        with (
            transaction.atomic(using=DEFAULT_DB_ALIAS),
            connections[DEFAULT_DB_ALIAS].cursor() as cursor,
        ):
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(SPILL)
    except DatabaseError as error:
        is_full = getattr(error.__cause__, "pgcode", None) == DISK_FULL
        return "disk full" if is_full else "out of reach"
    return "ok"


def _broker() -> str:
    """Whether the broker accepts a write: with full memory or disk it still answers a ping."""
    try:
        cache._cache.get_client(None, write=True).set("readyz", 1, ex=60)
    except (RedisError, OSError):
        return "out of reach"
    return "ok"


def _disk() -> str:
    """Whether the disks of this process have room for keys, logs and incoming bodies."""
    folders = [folder for folder in (settings.STATE_DIR, tempfile.gettempdir()) if exists(folder)]
    has_room = all(shutil.disk_usage(folder).free >= MIN_FREE_BYTES for folder in folders)
    return "ok" if has_room else "full"


def _migrations() -> str:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(unapplied)} unapplied" if unapplied else "ok"
