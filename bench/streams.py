"""Holds many open streams in one process, and measures what they need.

    python bench/streams.py [--streams N] [--learners N] [--updates N] [--recover [--forgetful]]

Starts the real ASGI application (one uvicorn process) on a database made for the run, opens N
streams of many learners from this process, and measures the memory of the other: before, with all
streams open, and after updates were pushed to them. An update is pushed as ingest pushes it; its
latency is the time from there until a listener has its bytes. Exits with 1 when the process holds
more than 200 MB in all, or an update didn't arrive.

With `--recover` the process is killed and started again while all streams are open; clients come
back as browsers do, after the time that the server asked for, and with the last event they have
(`--forgetful`: without it, so that each needs a snapshot). Prints how many are back after how long,
from the moment of the kill; exits with 1 when not all are within 20 s (of more than 2,000: within
two minutes).
"""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import ScratchDatabase  # noqa: E402

MAX_MB = 200
AT_ONCE = 50
SPARE_FILES = 200


def raise_file_limit(streams: int) -> None:
    """Each stream is an open file in both processes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = streams + SPARE_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        sys.exit(f"{wanted} open files are needed, and {hard} are allowed: ulimit -n {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server:
    """The application in a process of its own; it keeps its port when it is started again."""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()
        deadline = time.monotonic() + 120
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.kill()
                sys.exit("The application didn't start.")
            time.sleep(0.1)
        return self

    def start(self) -> None:
        arguments = [sys.executable, "-m", "uvicorn", "lms_progress.asgi:application"]
        arguments += ["--port", str(self.port), "--log-level", "warning", "--backlog", "4096"]
        arguments += ["--no-proxy-headers", "--http", "lms_progress.bounded_heads:BoundedHeads"]
        self.process = subprocess.Popen(arguments, cwd=ROOT, env=os.environ | address_of_database())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        try:
            address = f"http://127.0.0.1:{self.port}/healthz"
            return urllib.request.urlopen(address, timeout=5).status == 200
        except OSError:
            return False

    def megabytes(self) -> float:
        """Resident memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def __exit__(self, *_):
        self.kill()


def address_of_database() -> dict[str, str]:
    from django.db import connection

    named = connection.settings_dict
    login = quote(named["USER"], safe="")
    if named["PASSWORD"]:
        login += f":{quote(named['PASSWORD'], safe='')}"
    place = quote(named["HOST"] or "", safe="") + (f":{named['PORT']}" if named["PORT"] else "")
    return {"DATABASE_URL": f"postgres://{login}@{place}/{named['NAME']}"}


def make_learners(count: int) -> list[tuple[int, int]]:
    """Enrolled learners of one course: `(user id, course id)`."""
    from django.utils import timezone

    from progress.catalogue import replace_course
    from progress.ingest.enrolling import enroll
    from progress.models import User

    content = {"code": "c", "title": "c", "content_type": "video", "url": "/c.mp4"}
    content["duration_seconds"] = 60
    module = {"code": "m", "title": "m", "contents": [content]}
    structure = {"code": "streams", "title": "streams", "modules": [module], "instructors": []}
    course = replace_course(structure)
    now = timezone.now()
    people = User.objects.bulk_create(User(username=f"person-{n}") for n in range(count))
    for person in people:
        enroll(person.pk, course.pk, now=now)
    return [(person.pk, course.pk) for person in people]


class Stream:
    """One open stream, read by its raw bytes."""

    def __init__(self) -> None:
        self.arrived: list[float] = []

    async def open(self, port: int, url: str) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=2**14)
        parts = urlsplit(url)
        request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        self.writer.write(request.encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise RuntimeError(head.decode())
        await self.reader.readuntil(b"event: snapshot")

    async def listen(self) -> None:
        while True:
            await self.reader.readuntil(b"event: progress")
            self.arrived.append(time.perf_counter())


async def open_all(port: int, urls: list[str]) -> list[Stream]:
    """Some at a time, as browsers that come back do."""
    gate = asyncio.Semaphore(AT_ONCE)
    streams = [Stream() for _ in urls]

    async def one(stream: Stream, url: str) -> None:
        async with gate:
            await stream.open(port, url)

    await asyncio.gather(*(one(*pair) for pair in zip(streams, urls, strict=True)))
    return streams


class Browser:
    """One EventSource: comes back by itself, by the rules of server-sent events."""

    def __init__(self, port: int, url: str, *, is_forgetful: bool):
        self.port, self.url, self.is_forgetful = port, urlsplit(url), is_forgetful
        self.last_id, self.retry_seconds = "", 3.0
        self.opened: list[float] = []
        self.is_open = asyncio.Event()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError):
                await self._listen()
            self.is_open.clear()
            await asyncio.sleep(self.retry_seconds)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**14)
        last = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        path = f"{self.url.path}?{self.url.query}"
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head:
                return
            while line := await reader.readline():
                self._take(line)
        finally:
            writer.close()

    def _take(self, line: bytes) -> None:
        name, _, value = line.decode().strip().partition(": ")
        if name == "id" and not self.is_forgetful:
            self.last_id = value
        elif name == "retry":
            # The first line of a stream: all that was missed is in the same piece.
            self.retry_seconds = int(value) / 1000
            self.opened.append(time.monotonic())
            self.is_open.set()


async def recover(server: Server, learners: list, options) -> bool:
    """Kills the process under its streams; says how many are back after how long."""
    from progress import live

    owners = [learners[n % len(learners)] for n in range(options.streams)]
    urls = [live.stream_url(*owner, reader_id=owner[0]) for owner in owners]
    browsers = [Browser(server.port, url, is_forgetful=options.forgetful) for url in urls]
    running = []
    for start in range(0, len(browsers), AT_ONCE):
        some = browsers[start : start + AT_ONCE]
        running += [asyncio.create_task(browser.run()) for browser in some]
        await asyncio.gather(*(browser.is_open.wait() for browser in some))
    print(f"{len(browsers):,} streams of {len(learners):,} learners are open")
    killed = time.monotonic()
    server.kill()
    server.start()
    limit = 20.0 if options.streams <= 2000 else 120.0
    back = 0
    while back < len(browsers) and time.monotonic() - killed < 2 * limit:
        await asyncio.sleep(1)
        back = sum(browser.opened[-1] > killed for browser in browsers)
        print(f"{time.monotonic() - killed:6.0f} s {back:8,} back", flush=True)
    last = max(browser.opened[-1] for browser in browsers) - killed
    print(
        f"all within {last:.1f} s" if back == len(browsers) else f"{len(browsers) - back:,} missing"
    )
    for task in running:
        task.cancel()
    return back == len(browsers) and last <= limit


async def push_and_wait(streams: dict, learners: list, updates: int) -> tuple[list[float], int]:
    """Milliseconds until each listener had each update, and how many never came."""
    from progress import live

    listeners = [asyncio.create_task(s.listen()) for each in streams.values() for s in each]
    waits, missing = [], 0
    for number in range(updates):
        learner = learners[number % len(learners)]
        for stream in streams[learner]:
            stream.arrived.clear()
        percent = 100 * (number + 1) / (updates + 1)
        course = {"course_id": learner[1], "completion_percentage": percent, "event_count": number}
        began = time.perf_counter()
        body = {"contents": [], "modules": [], "course": course, "certificate": None}
        await asyncio.to_thread(live.push, *learner, body)
        await asyncio.sleep(0.05)
        for stream in streams[learner]:
            waits += [(arrived - began) * 1000 for arrived in stream.arrived[:1]]
            missing += not stream.arrived
    for listener in listeners:
        listener.cancel()
    return waits, missing


async def measure(server: Server, learners: list, options) -> bool:
    from progress import live

    before = server.megabytes()
    owners = [learners[n % len(learners)] for n in range(options.streams)]
    began = time.monotonic()
    opened = await open_all(
        server.port, [live.stream_url(*owner, reader_id=owner[0]) for owner in owners]
    )
    seconds = time.monotonic() - began
    with_streams = server.megabytes()
    streams: dict = {}
    for owner, stream in zip(owners, opened, strict=True):
        streams.setdefault(owner, []).append(stream)
    waits, missing = await push_and_wait(streams, learners, options.updates)
    after = server.megabytes()
    quantiles = statistics.quantiles(waits, n=20)
    kilobytes = 1024 * (with_streams - before) / options.streams
    for name, value, unit, more in [
        ("streams", f"{options.streams:,}", "", f"opened in {seconds:.1f} s"),
        ("learners", f"{len(learners):,}", "", ""),
        ("memory before", f"{before:.1f}", "MB", ""),
        ("with streams", f"{with_streams:.1f}", "MB", f"{kilobytes:.1f} KB a stream"),
        ("after updates", f"{after:.1f}", "MB", ""),
        ("latency", f"{quantiles[9]:.1f}", "ms", f"{quantiles[18]:.1f} ms at the 95th percentile"),
        ("missing", f"{missing:,}", "", f"of {len(waits) + missing:,} deliveries"),
    ]:
        print(f"{name:<16}{value:>10} {unit:<3} {more}".rstrip())
    return max(with_streams, after) <= MAX_MB and not missing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--streams", type=int, default=5000)
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--recover", action="store_true")
    parser.add_argument("--forgetful", action="store_true")
    options = parser.parse_args()
    raise_file_limit(options.streams)
    with ScratchDatabase():
        learners = make_learners(min(options.learners, options.streams))
        with Server() as server:
            run = recover if options.recover else measure
            is_good = asyncio.run(run(server, learners, options))
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
