"""Starts the production topology and drives it through nginx, like an integrator and its learners.

    python bench/smoke.py [--directory DIR] [--port PORT]      as root, outside CI

Learning, live streams on both stream processes, a completion carried by a worker, static files, ids
in the logs; then every process is restarted in turn under load, first as `systemctl reload` does it
and then drained and ended, without one failed request. Exits with 1 when something isn't so.
"""

import json
import re
import signal
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg2  # noqa: E402

from bench.client import (  # noqa: E402
    EMBED,
    LONG_VIDEO,
    Learner,
    Load,
    Site,
    Stream,
    a_course,
    a_learner,
    until,
)
from bench.topology import Topology, arguments, fresh  # noqa: E402

LEARNERS = 8
PAUSE = 0.25


def open_site(topology: Topology) -> Site:
    """A service account's way in."""
    password = {"DJANGO_SUPERUSER_PASSWORD": topology.secret}
    topology.manage(
        "createsuperuser", "--noinput", "--username=lms", "--email=a@b.example", **password
    )
    key = topology.manage("create_api_token", "lms").splitlines()[-1]
    return Site(topology.url, f"Token {key}")


def check_pages(topology: Topology, site: Site) -> None:
    """Static files from nginx, numbers only from inside, a HEAD without a body."""
    outside = Site(topology.url)
    assert outside.ask("GET", "/readyz")[0] == 200
    assert outside.ask("GET", "/static/progress/tracker.js")[0] == 200
    assert outside.ask("GET", "/metrics")[0] == 404
    inside = Site(f"http://127.0.0.1:{topology.ports['web1']}")
    assert inside.ask("GET", "/metrics")[0] == 200
    assert outside.ask("HEAD", "/healthz")[0] == 200
    assert site.ask("GET", "/api/courses/")[0] == 200


def check_streams(site: Site, learner: Learner) -> float:
    """Four streams, so that both processes have some; the seconds until all heard a beat."""
    streams = [Stream(site, learner.stream_url) for _ in range(4)]
    until(lambda: all(stream.count("snapshot") for stream in streams), 5, "snapshots")
    assert learner.send(learner.beat()) == 200
    return until(lambda: all(stream.count("progress") for stream in streams), 5, "pushes")


def check_completion(topology: Topology, learner: Learner) -> float:
    """A completed course leaves through a worker; the seconds until its message is sent."""
    assert learner.send(learner.complete("embed")) == 200
    return until(lambda: _number(topology, "lms_outbox_waiting") == 0, 20, "the outbox empty")


def _number(topology: Topology, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{topology.ports['web1']}/metrics") as answer:
        text = answer.read().decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])


def check_ids(topology: Topology) -> None:
    """What nginx logs and what Django logs about one request has one id."""
    log = topology.directory / "log"
    Site(topology.url).ask("POST", "/api/no-such-thing/", {"x": 1})
    entries = [json.loads(line) for line in (log / "access.log").read_text().splitlines()]
    ids = {entry["request_id"] for entry in entries if entry["uri"] == "/api/no-such-thing/"}
    logged = "".join((log / f"{name}.out").read_text() for name in ("web1", "web2"))
    assert ids and all(request_id in logged for request_id in ids), "ids"
    assert "token=" not in (log / "access.log").read_text()


def reload_in_turn(topology: Topology) -> None:
    """As `systemctl reload lms-web@…`: new workers first."""
    for name in ("web1", "web2"):
        topology.parts[name].send_signal(signal.SIGHUP)
        time.sleep(4)
        topology.parts[name].wait()


def restart_in_turn(topology: Topology) -> None:
    for name in ("web1", "web2", "streams1", "streams2"):
        topology.restart(name)


def check_restarts(topology: Topology, learners: list[Learner]) -> None:
    for way in (reload_in_turn, restart_in_turn):
        with Load(learners, pause=PAUSE) as load:
            time.sleep(1)
            way(topology)
            time.sleep(1)
        print(f"{way.__name__}: {load.results[200]} requests, failed: {load.failures() or 'none'}")
        assert not load.failures() and load.results[200] > 50


def check_stream_returns(topology: Topology, site: Site, learner: Learner) -> float:
    """A stream that its process ends is opened again at the other one, as a page does."""
    stream = Stream(site, learner.stream_url)
    topology.drain("streams1")
    topology.parts["streams1"].stop()
    again = stream if stream.is_open else Stream(site, learner.stream_url)
    assert learner.send(learner.beat()) == 200
    seconds = until(lambda: again.count("progress") >= 1, 5, "a push from the other process")
    topology.parts["streams1"].start()
    topology.drain()
    return seconds


def check_replica(topology: Topology, learner: Learner) -> None:
    """The admin's lists come from the replica: while that is paused they show nothing new."""
    admin = Administrator(topology)

    def ask_replica(function: str) -> None:
        address = topology.address("replica")
        with closing(psycopg2.connect(address)) as opened, opened.cursor() as cursor:
            cursor.execute(f"SELECT {function}()")

    before = admin.count(learner)
    ask_replica("pg_wal_replay_pause")
    assert learner.send(learner.beat()) == 200
    assert admin.count(learner) == before
    ask_replica("pg_wal_replay_resume")
    until(lambda: admin.count(learner) == before + 1, 5, "the replica up to date")


class Administrator:
    """A browser signed in to the admin."""

    def __init__(self, topology: Topology):
        jar = urllib.request.HTTPCookieProcessor()
        self._browser = urllib.request.build_opener(jar)
        self._url = topology.url
        page = self._read("/admin/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        fields = {"username": "lms", "password": topology.secret, "csrfmiddlewaretoken": token}
        self._browser.open(f"{self._url}/admin/login/", urlencode(fields).encode()).close()

    def count(self, learner: Learner) -> int:
        """How many events the evidence's page lists of a session."""
        page = self._read(f"/admin/progress/contentinteraction/?q={learner.session_id}")
        return page.count('<th class="field-')

    def _read(self, path: str) -> str:
        with self._browser.open(self._url + path) as answer:
            return answer.read().decode()


def main() -> None:
    with fresh(arguments(__doc__).parse_args()) as topology:
        site = open_site(topology)
        check_pages(topology, site)
        course = a_course(site, "long", LONG_VIDEO)
        short = a_course(site, "short", EMBED)
        learners = [a_learner(site, course, f"learner{i}") for i in range(LEARNERS)]
        print(f"streams: a beat is seen after {check_streams(site, learners[0]):.2f} s")
        leaver = a_learner(site, short, "leaver")
        print(f"completion: sent after {check_completion(topology, leaver):.1f} s")
        check_ids(topology)
        check_replica(topology, learners[2])
        check_restarts(topology, learners)
        print(
            f"stream, its process ended: {check_stream_returns(topology, site, learners[1]):.2f} s"
        )
        print(topology.manage("check_progress").strip())
    print("All of it is so.")


if __name__ == "__main__":
    main()
