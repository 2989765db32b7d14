"""research.settings, with what only tests want: speed, and a broker for each xdist worker."""

import atexit
import os
import re
from contextlib import ExitStack

from lms_progress import embedded
from lms_progress.embedded.state import State


def _own_broker(worker: str) -> None:
    """Keys could share a server by database number, but pub/sub channels ignore these numbers."""
    if os.environ["REDIS_URL"].startswith("unix:"):
        os.environ.pop("REDIS_URL")
        _held.extend(embedded.connect(State(f"{os.environ['STATE_DIR']}/{worker}"), fast=True))
    else:
        number = int(re.sub(r"\D", "", worker)) + 1
        os.environ["REDIS_URL"] = re.sub(r"/\d*$", "", os.environ["REDIS_URL"]) + f"/{number}"


_held: list = []
# Removed, so that processes started by a test share its broker.
if worker := os.environ.pop("PYTEST_XDIST_WORKER", None):
    _own_broker(worker)


def _own_citus() -> None:
    """A Citus for this process and those that it starts; it ends with this one."""
    from tests.citus.distributed import distributed_cluster

    made = ExitStack()
    atexit.register(made.close)
    os.environ["DATABASE_URL"] = made.enter_context(distributed_cluster()).coordinator.url
    os.environ.pop("TEST_TEMPLATE", None)
    os.environ.update(DATABASE_DISTRIBUTED="true", TEST_DISTRIBUTED="1")


# Tests that are given to bin/test with it run on a Citus. Removed, so that it is made once.
if os.environ.pop("TEST_ON_CITUS", None):
    _own_citus()
if worker and os.environ.get("TEST_DISTRIBUTED"):
    raise RuntimeError("Tests on a Citus share its database: without -n, please.")

from research.settings import *  # noqa: E402, F403
from research.settings import DATABASES  # noqa: E402

# bin/test has migrated its own server's database: each process works on a clone of it.
if template := os.environ.get("TEST_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}

# The database is there, migrated and distributed; tests/citus/by_design.py says what differs.
if os.environ.get("TEST_DISTRIBUTED"):
    DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"], "MIGRATE": False}

# Argon2 is deliberately slow.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
