"""What it costs to start: commands, an empty database, the web process, bin/up, and its packages.

    python bench/start.py [--times 3] [--packages]

Seconds of waiting and seconds of CPU, the latter with all processes that were started: on a busy
machine only these can be compared. Everything happens in folders of its own that are gone
afterwards. With --packages also what a bare machine adds: downloading them, and installing them
into a new .venv. Ends with 1 if `manage.py check` takes more than 1.5 s or the web process more
than 3 s, by CPU or by the clock, whichever is less (the clock has two cores to wait for).
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lms_progress.embedded.children import end  # noqa: E402

PYTHON = str(ROOT / ".venv" / "bin" / "python")
MAX_CHECK_SECONDS, MAX_WEB_SECONDS = 1.5, 3.0
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    clock: float
    cpu: float

    @property
    def least(self) -> float:
        return min(self.clock, self.cpu)


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """The environment of an installation without any data."""
    folder = Path(tempfile.mkdtemp(prefix="lms-start-", dir="/tmp"))
    folder.chmod(0o711)  # PostgreSQL won't run as root and must get in
    ours = {"STATE_DIR": str(folder), "SECRET_KEY": "bench", "PORT": str(_free_port())}
    try:
        yield {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | ours
    finally:
        while _processes(str(folder)):
            time.sleep(0.1)  # its servers end when they have noticed that they aren't used
        shutil.rmtree(folder)


def main() -> None:
    options = _options()
    print(f"{'':34}{'seconds':>9}{'of CPU':>9}")
    with installation() as environment:
        _run(environment, "version")  # compiles what has never been imported
        check = _best(options.times, lambda: _run(environment, "check"))
        _show("manage.py check", check)
    with installation() as environment:
        holding = _start(environment, "shell", "-v0", "-c", "import time; time.sleep(3600)")
        _until(lambda: (Path(environment["STATE_DIR"]) / "valkey").exists())
        _show("migrate, empty database", _run(environment, "migrate", "--verbosity", "0"))
        _show("migrate, nothing new", _run(environment, "migrate", "--verbosity", "0"))
        web = _best(options.times, lambda: _web(environment))
        _show("web process, until it is ready", web)
        end(holding, (signal.SIGTERM, 10))
    with installation() as environment:
        _show("bin/up, without data", _up(environment))
        _show("bin/up, the next time", _up(environment))
    if options.packages:
        _packages()
    sys.exit(check.least > MAX_CHECK_SECONDS or web.least > MAX_WEB_SECONDS)


def _show(name: str, cost: Cost) -> None:
    print(f"{name:34}{cost.clock:9.1f}{cost.cpu:9.1f}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--packages", action="store_true", help="download and install them too")
    return parser.parse_args()


def _best(times: int, measure: Callable[[], Cost]) -> Cost:
    return min((measure() for _ in range(times)), key=lambda cost: cost.cpu)


def _start(environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    return subprocess.Popen([PYTHON, "manage.py", *arguments], cwd=ROOT, env=environment)


def _run(environment: dict[str, str], *arguments: str) -> Cost:
    return _measured([PYTHON, "manage.py", *arguments], environment)


def _measured(command: list[str], environment: dict[str, str]) -> Cost:
    began, before = time.monotonic(), os.times()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system
    return Cost(time.monotonic() - began, cpu - before.children_user - before.children_system)


def _web(environment: dict[str, str]) -> Cost:
    servers = _addresses(environment)
    command = [PYTHON, "-m", "uvicorn", "lms_progress.asgi:application"]
    command += ["--no-access-log", "--no-proxy-headers", "--port", environment["PORT"]]
    command += ["--http", "lms_progress.bounded_heads:BoundedHeads"]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment | servers)
    _until(lambda: _is_ready(environment))
    cost = Cost(time.monotonic() - began, _cpu(process.pid))
    end(process, (signal.SIGTERM, 10))
    return cost


def _addresses(environment: dict[str, str]) -> dict[str, str]:
    """The addresses of the servers that this installation's commands use."""
    ask = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
    command = [PYTHON, "manage.py", "shell", "-v0", "-c", ask]
    printed = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)
    return dict(zip(("DATABASE_URL", "REDIS_URL"), printed.split()[-2:], strict=True))


def _up(environment: dict[str, str]) -> Cost:
    """From installed packages to a page that answers, with the demo."""
    began = time.monotonic()
    command = [PYTHON, "-m", "lms_progress.embedded.up"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _until(lambda: _is_ready(environment))
    clock = time.monotonic() - began
    # What has ended counts with its parent; PostgreSQL's processes with the keeper's.
    cpu = sum(_cpu(each) for each in _processes(environment["STATE_DIR"]))
    end(process, (signal.SIGTERM, 30))
    return Cost(clock, cpu)


def _packages() -> None:
    """What pip takes to download what bin/up needs, and then to install it without the network."""
    folder = tempfile.mkdtemp(prefix="lms-packages-")
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--quiet"]
    needed = ["--require-hashes", "-r", "requirements.txt"]
    wheels = ["--dest", f"{folder}/wheels", "--only-binary", ":all:", "--no-cache-dir"]
    offline = ["--no-index", "--find-links", f"{folder}/wheels"]
    new = f"{folder}/venv/bin/python"
    try:
        for name, command in (
            ("packages: download", [PYTHON, "-m", "pip", "download", *options, *wheels, *needed]),
            ("packages: a new .venv", [PYTHON, "-m", "venv", f"{folder}/venv"]),
            ("packages: install", [new, "-m", "pip", "install", *options, *offline, *needed]),
        ):
            _show(name, _measured(command, dict(os.environ)))
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _until(is_done: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise SystemExit(f"Not ready within {seconds} s.")
        time.sleep(0.02)


def _is_ready(environment: dict[str, str]) -> bool:
    try:
        address = f"http://127.0.0.1:{environment['PORT']}/readyz"
        return urllib.request.urlopen(address, timeout=5).status == 200
    except OSError:
        return False


def _cpu(process: int) -> float:
    """Of this process and of those that it started and that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0  # it has just ended
    return sum(map(int, fields[11:15])) / TICK


def _processes(state: str) -> set[int]:
    """All processes of an installation, and those of its PostgreSQL."""
    found, parents = set(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        process = int(folder.name)
        try:
            parents[process] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            named = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended, or is another user's
        if state.encode() in named:
            found.add(process)
    return found | {process for process, parent in parents.items() if parent in found}


if __name__ == "__main__":
    main()
