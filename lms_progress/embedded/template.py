"""PostgreSQL's data with every migration applied, kept for the next run of bin/test.

Migrating an empty database takes as long as some hundred tests. It is done once for each state of
the migrations; a run copies the files, and each of its processes clones the database in them.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import keeper
from .children import dies_with_parent
from .postgres import Postgres
from .state import CHECKOUT, EmbeddedError, State, open_lock

CACHE = CHECKOUT / ".pytest_cache" / "postgres"


def copy_into(state: State) -> None:
    """Give `state`, whose server hasn't started yet, data whose database is migrated.

    Raises EmbeddedError when the migrations fail.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    kept = CACHE / _digest()
    with open_lock(CACHE / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _make(kept)
        _copy(kept, Postgres(state, fast=True).data)


def _digest() -> str:
    """Changes with the migrations, ours and those of what we install, and with the baseline."""
    digest = hashlib.sha256((CHECKOUT / "requirements.txt").read_bytes())
    built_from = [*CHECKOUT.glob("*/migrations/*.py"), *CHECKOUT.glob("lms_progress/schema/*.sql")]
    for path in sorted(built_from):
        digest.update(f"{path.relative_to(CHECKOUT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _make(kept: Path) -> None:
    print("Making the tests' database.", flush=True)
    directory = Path(tempfile.mkdtemp(prefix="lms-template-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            directory.chmod(0o711)  # PostgreSQL won't run as root and must get in
        state = State(directory)
        memberships = [keeper.join(state, name, fast=True) for name in ("postgres", "valkey")]
        try:
            _migrate(directory)
        finally:
            for membership in memberships:
                membership.leave()
        for old in CACHE.glob("*/"):
            shutil.rmtree(old)
        _copy(Postgres(state, fast=True).data, kept)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _migrate(directory: Path) -> None:
    migrating = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=CHECKOUT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
        env=os.environ | {"STATE_DIR": str(directory)},
        check=False,
    )
    if migrating.returncode:
        raise EmbeddedError(f"migrate failed ({migrating.returncode}).")


def _copy(source: Path, target: Path) -> None:
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    # Not shutil.copytree: root's copy must keep its owner.
    subprocess.run(["cp", "-a", source, fresh], check=True)
    fresh.rename(target)
