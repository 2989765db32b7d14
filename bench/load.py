"""Requests over connections that are kept, as many at once as asked for, and what they cost."""

import itertools
import os
import selectors
import socket
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SILENT_SECONDS = 3  # the server closes a connection that was silent for five
TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    found = [pid]
    for parent in found:
        found += [child for child, above in parents.items() if above == parent]
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and of all that it started, also of those that have ended."""
    total = 0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICK


def busy_seconds() -> float:
    """CPU time that the whole machine has spent, also what other machines took from it."""
    # user, nice, system, (idle, iowait,) irq, softirq, steal
    ticks = [int(part) for part in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICK


def request(path: str, body: bytes, authorization: str, method: str = "POST") -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: {authorization}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Round:
    """What one round of one case measured."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    own_seconds: float = 0.0  # CPU of the load itself
    others_share: float = 0.0  # of all cores, what neither the load nor what it measures took

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def cpu_ms(self, part: str) -> float:
        return self.cpu[part] * 1000 / len(self.latencies)

    @property
    def total_ms(self) -> float:
        return sum(self.cpu_ms(part) for part in self.cpu)

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


class Meter:
    """CPU time from here on: of the processes, of the load itself, and of everything else."""

    def __init__(self, processes: dict[str, int]):
        self._processes = processes
        self._before, self._began = self._now(), time.perf_counter()

    def _now(self) -> tuple[dict[str, float], float, float, float]:
        parts = {name: cpu_seconds(pid) for name, pid in self._processes.items()}
        return parts, time.process_time(), busy_seconds(), time.perf_counter()

    def note(self, measured: Round) -> None:
        measured.seconds = time.perf_counter() - self._began
        parts, own, busy, clock = self._now()
        parts_before, own_before, busy_before, clock_before = self._before
        measured.cpu = {name: parts[name] - parts_before[name] for name in parts}
        measured.own_seconds = own - own_before
        others = busy - busy_before - measured.own_seconds - sum(measured.cpu.values())
        cores = os.cpu_count() or 1
        measured.others_share = max(others, 0.0) / (clock - clock_before) / cores


def median(rounds: list[Round], value: Callable[[Round], float]) -> float:
    return statistics.median(value(each) for each in rounds)


class Connection:
    """One request at a time; reads answers that say how long they are."""

    def __init__(self, port: int):
        self._port = port
        self._wire = b""
        self.began = time.perf_counter()
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = bytearray()

    def send(self, wire: bytes) -> None:
        self.began, self._wire = time.perf_counter(), wire
        self.socket.sendall(wire)

    def send_again(self) -> None:
        """As browsers do when a connection that was kept is closed just when it is used."""
        self.socket.close()
        self.open()
        self.socket.sendall(self._wire)

    def answered(self) -> int | None:
        """The status, once the whole answer is there."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("closed before the answer")
        self._read += part
        head, blank, body = self._read.partition(b"\r\n\r\n")
        if not blank:
            return None
        lowered = head.lower()
        if b"content-length:" in lowered:
            length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(body) < length:
                return None
        elif not body.endswith(b"0\r\n\r\n"):
            return None
        self._read.clear()
        return int(head.split(b" ", 2)[1])


def run(
    port: int,
    wires: Iterator[bytes],
    *,
    at_once: int,
    seconds: float,
    processes: dict[str, int],
    prepared: int = 0,
) -> Round:
    """Keep `at_once` requests on their way for some seconds; then wait for the last answers.

    What is sent is prepared before: the load shares the machine's cores with what it measures.
    """
    chosen = selectors.DefaultSelector()
    connections = [Connection(port) for _ in range(at_once)]
    measured = Round()
    wires = itertools.chain(deque(itertools.islice(wires, prepared)), wires)
    meter = Meter(processes)
    began = time.perf_counter()
    for connection in connections:
        chosen.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(next(wires))
    open_requests = at_once
    while open_requests:
        for key, _ in chosen.select():
            connection = key.data
            status = connection.answered()
            if status is None:
                continue
            now = time.perf_counter()
            measured.latencies.append(now - connection.began)
            measured.statuses[status] = measured.statuses.get(status, 0) + 1
            if now - began < seconds:
                connection.send(next(wires))
            else:
                open_requests -= 1
    meter.note(measured)
    for connection in connections:
        connection.socket.close()
    return measured


def run_at(
    port: int,
    wires: Iterator[bytes],
    *,
    per_second: float,
    seconds: float,
    processes: dict[str, int],
    connections: int = 64,
) -> Round:
    """Send at a steady rate, whether or not what went before is answered.

    A request's latency counts from the moment at which it was due: one that had to wait because
    all connections were busy waited for the server, too.
    """
    chosen = selectors.DefaultSelector()
    idle = deque(Connection(port) for _ in range(connections))
    measured = Round()
    meter = Meter(processes)
    began = time.perf_counter()
    sent, wanted = 0, int(per_second * seconds)
    while len(measured.latencies) < wanted:
        due = began + sent / per_second
        while sent < wanted and idle and due <= time.perf_counter():
            connection = idle.popleft()
            if time.perf_counter() - connection.began > SILENT_SECONDS:
                connection.socket.close()
                connection.open()
            chosen.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(wires))
            connection.began = due
            sent += 1
            due = began + sent / per_second
        is_waiting = sent < wanted and idle
        pause = max(due - time.perf_counter(), 0) if is_waiting else None
        for key, _ in chosen.select(pause):
            try:
                status = key.data.answered()
            except ConnectionError:
                chosen.unregister(key.data.socket)
                key.data.send_again()
                chosen.register(key.data.socket, selectors.EVENT_READ, key.data)
                continue
            if status is not None:
                chosen.unregister(key.data.socket)
                measured.latencies.append(time.perf_counter() - key.data.began)
                measured.statuses[status] = measured.statuses.get(status, 0) + 1
                idle.append(key.data)
    meter.note(measured)
    for connection in idle:
        connection.socket.close()
    return measured
