"""PostgreSQL and Valkey from two wheels, for a machine that has neither.

`DATABASE_URL` and `REDIS_URL`, if set, are used instead, and no server is started. Otherwise
every process that needs a server joins the one of its STATE_DIR (`keeper.join`) or starts it, and
the server stops when the last of them has gone. Only the standard library is used here: it runs
before Django does.

    state      the files of one STATE_DIR: secret key, locks, logs
    postgres   starting PostgreSQL, and stopping it
    valkey     the same for Valkey
    postgres_folders
               where PostgreSQL's files can be when root starts it
    children   processes that must not outlive the one that started them
    keeper     one process for each running server, which ends with its last user
    up         bin/up, and services what it keeps running
    testing    bin/test
    template   the migrated database that bin/test clones
"""

import os
import sys

from . import keeper
from .state import EmbeddedError, State

# These commands need no database.
_WITHOUT_SERVERS = {"check", "compilemessages", "help", "makemessages", "spectacular", "version"}
# Held until `manage.py` ends.
_held: list[keeper.Membership] = []


def prepare(argv: list[str]) -> None:
    """Puts SECRET_KEY, DATABASE_URL and REDIS_URL into the environment for `manage.py`.

    Values that are set already stay. Without a secret key no server is started, and settings.py
    says what is missing. Exits with a message if a server can't start.
    """
    state = State.from_environment()
    try:
        if not os.environ.get("SECRET_KEY"):
            os.environ["SECRET_KEY"] = state.secret_key()
        if not os.environ["SECRET_KEY"]:
            return
        if _needs_servers(argv):
            _held.extend(connect(state))
        else:
            os.environ.setdefault("DATABASE_URL", "postgres:///lms")
    except EmbeddedError as error:
        sys.exit(f"{error}")


def connect(state: State, *, fast: bool = False) -> list[keeper.Membership]:
    """Joins the embedded servers that the environment doesn't replace, and sets their addresses.

    `fast` gives up durability, for tests. Raises EmbeddedError if one can't start.
    """
    memberships = []
    for variable, name in (("DATABASE_URL", "postgres"), ("REDIS_URL", "valkey")):
        if not os.environ.get(variable):
            membership = keeper.join(state, name, fast=fast)
            os.environ[variable] = membership.url
            memberships.append(membership)
    return memberships


def _needs_servers(argv: list[str]) -> bool:
    command = argv[1] if len(argv) > 1 else "help"
    if any(argument.startswith("--database") for argument in argv):
        return True  # `check` looks at the databases that this names, and only then
    return not (command in _WITHOUT_SERVERS or {"-h", "--help", "--version"} & set(argv))
