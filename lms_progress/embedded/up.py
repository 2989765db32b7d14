"""bin/up: from installed packages to a running system, and down again."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from . import connect, keeper
from .children import dies_with_parent, end, log_tail, trim_log
from .services import Service, services, sole_services_lock
from .state import CHECKOUT, EmbeddedError, State, try_lock

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A server that ends more often than this within that time isn't restarted.
_MAX_RESTARTS = 3
_RESTART_SECONDS = 600


class Stop(BaseException):
    """A signal asked us to end. Not an Exception, so that no handler swallows it."""


def main() -> None:
    options = _options()
    for number in _ENDING:
        signal.signal(number, _stop)
    state = State.from_environment()
    memberships: list[keeper.Membership] = []
    code = 0
    try:
        state.make()
        with _only_one(state, options), sole_services_lock(state) as lock:
            _check_port(options)
            say("Starting PostgreSQL and Valkey.")
            memberships = connect(state)
            os.environ["SECRET_KEY"] = os.environ.get("SECRET_KEY") or state.secret_key(create=True)
            # Printed links, such as those of certificates, must lead to this site.
            os.environ["PUBLIC_URL"] = os.environ.get("PUBLIC_URL") or options.url
            collecting = _collect_static_files(state)
            logins = _prepare_database(state, options)
            _finish(collecting, state, "collectstatic")
            _serve(state, options, lock, memberships, logins)
    except Stop:
        say("Stopping.")
    except EmbeddedError as error:
        say(f"Stopped: {error}")
        code = 1
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
        for membership in memberships:
            membership.leave()
    if not code:
        say("Stopped.")
    sys.exit(code)


def say(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:
        pass  # the terminal is gone, but the services must still be ended cleanly


def _stop(_number: int, _frame: object) -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise Stop


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/up",
        description="Start everything: PostgreSQL and Valkey, web, worker and beat. Ctrl-C stops.",
        epilog="Environment: PORT (8000), HOST (127.0.0.1), STATE_DIR (.state in the checkout); "
        "DATABASE_URL and REDIS_URL replace the embedded servers; docs/settings.md lists the rest.",
    )
    parser.add_argument("--no-demo", action="store_true", help="no demo course, no demo people")
    options = parser.parse_args()
    options.host = os.environ.get("HOST") or "127.0.0.1"
    try:
        options.port = int(os.environ.get("PORT") or 8000)
    except ValueError:
        parser.error(f"PORT must be a number, not {os.environ['PORT']!r}")
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)
    options.address = f"[{reachable}]" if ":" in reachable else reachable
    options.url = f"http://{options.address}:{options.port}"
    return options


@contextmanager
def _only_one(state: State, options: argparse.Namespace) -> Iterator[None]:
    """Holds the lock of this STATE_DIR, or says which process holds it."""
    with state.open_lock("up.lock") as lock:
        if not try_lock(lock):
            raise EmbeddedError(
                f"bin/up already runs with STATE_DIR {state.directory} ({lock.read().strip()}). "
                "Stop it first, or choose another STATE_DIR and PORT."
            )
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {options.url}\n")
        lock.flush()
        yield


def _check_port(options: argparse.Namespace) -> None:
    # A bin/up killed an instant ago takes its web process with it, but not before it dies.
    for _attempt in range(10):
        try:
            kind = socket.AF_INET6 if ":" in options.host else socket.AF_INET
            with socket.socket(kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((options.host, options.port))
            return
        except OSError as error:
            reason = error
            time.sleep(0.1)
    raise EmbeddedError(
        f"{options.host}:{options.port} can't be used: {reason.strerror}. "
        "Choose another: PORT=8001 bin/up"
    )


def _prepare_database(state: State, options: argparse.Namespace) -> str:
    """Bring the tables up to date and make the demo; returns what there is to log in with."""
    say("Bringing the database up to date.")
    if options.no_demo:
        _manage(state, "migrate", "--noinput")
        return ""
    say("Preparing the demo course and people (`--no-demo` leaves them out).")
    # One process does both: to start another takes as long as its work.
    return _manage(state, "seed_demo", "--migrate")


def _collect_static_files(state: State) -> subprocess.Popen[str]:
    """Begin to collect what a production site serves: scripts without comments and blank space."""
    os.environ.setdefault("STATIC_ROOT", str(state.directory / "static"))
    return _begin(state, "collectstatic", "--noinput", "--verbosity", "0")


def _manage(state: State, *arguments: str) -> str:
    """Run a manage.py command and return what it printed; its log keeps all of it."""
    return _finish(_begin(state, *arguments), state, arguments[0])


def _begin(state: State, *arguments: str) -> subprocess.Popen[str]:
    log = state.log(arguments[0])
    trim_log(log)
    with open(log, "ab") as errors:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )


def _finish(process: subprocess.Popen[str], state: State, command: str) -> str:
    """What the command printed once it has ended. Raises EmbeddedError if it failed."""
    try:
        printed, _ = process.communicate()
    except Stop:
        end(process, (signal.SIGTERM, 10))
        raise
    if process.returncode:
        raise EmbeddedError(f"manage.py {command} failed:\n{log_tail(state.log(command))}")
    return printed


def _serve(
    state: State,
    options: argparse.Namespace,
    lock: IO[str],
    memberships: list[keeper.Membership],
    logins: str,
) -> None:
    """Start web, worker and beat, and keep them up until a signal. Raises Stop, EmbeddedError."""
    say("Starting web, worker and beat.")
    running = services(state, options.host, options.port, lock)
    servers = _Servers(state, memberships)
    is_ready, checked = False, time.monotonic()
    try:
        while True:
            for service in running:
                for line in service.tend(must_start=not is_ready):
                    say(line)
            if not is_ready and (is_ready := _answers(options)):
                _announce(state, options, memberships, logins)
            if time.monotonic() - checked > 2:
                checked = time.monotonic()
                servers.tend()
            time.sleep(0.2)
    finally:
        _end_together(running)


def _end_together(running: list[Service]) -> None:
    # All are asked first, so that they end at the same time.
    for service in running:
        service.ask_to_end()
    for service in running:
        service.end()


class _Servers:
    """The embedded servers, started again on their data when one ends by itself."""

    def __init__(self, state: State, memberships: list[keeper.Membership]) -> None:
        self._state, self._memberships = state, memberships
        self._ended: list[float] = []

    def tend(self) -> None:
        """Reports and restarts servers that ended. Raises EmbeddedError if one keeps ending."""
        for at, membership in enumerate(self._memberships):
            if not membership.is_alive():
                self._start_again(at, membership)

    def _start_again(self, at: int, membership: keeper.Membership) -> None:
        title, log = keeper.TITLES[membership.name], self._state.log(membership.name)
        ended = f"{title} ended by itself. The end of {log}:\n{log_tail(log)}"
        now = time.monotonic()
        self._ended = [moment for moment in self._ended if now - moment < _RESTART_SECONDS] + [now]
        if len(self._ended) > _MAX_RESTARTS:
            raise EmbeddedError(
                f"{ended}\nIt has been started again {_MAX_RESTARTS} times already."
            )
        say(f"{ended}\nStarting it again; its data is kept.")
        # The address stays the same, so that web, worker and beat reconnect by themselves.
        self._memberships[at] = keeper.join(self._state, membership.name)
        membership.users.close()
        say(f"{title} answers again.")


def _answers(options: argparse.Namespace) -> bool:
    allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    headers = {"Host": allowed} if allowed and allowed != "*" else {}
    request = urllib.request.Request(f"{options.url}/readyz", headers=headers)
    # No proxy from the environment: this address is our own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _announce(
    state: State, options: argparse.Namespace, memberships: list[keeper.Membership], logins: str
) -> None:
    url = os.environ.get("PUBLIC_URL", "").rstrip("/") or options.url
    say(f"\nReady: {url}/\n")
    for title, path in (("Administration", "/admin/"), ("The API", "/api/docs/")):
        say(f"  {title:16}{url}{path}")
    say(f"  {'Logs':16}{state.directory / 'logs'}")
    for membership in memberships:
        if not membership.place.is_relative_to(state.directory):
            say(f"  {'Data':16}{membership.place} (STATE_DIR is closed to the database's user)")
    say(f"\n{logins.strip()}\n" if logins.strip() else "")
    say("Ctrl-C stops everything.")


if __name__ == "__main__":
    main()
