"""How many webhooks a worker delivers, with many waiting.

    python bench/webhooks.py [--learners 200] [--events 10] [--endpoints 1] [--answer-ms 5]

Writes events of learners in a database of its own, has them published, and delivers them to a
receiver on this machine. Prints deliveries per second and the CPU time of each, in Python (with the
receiver's) and in PostgreSQL, and exits with 1 if any is missing, comes twice, or overtakes an
earlier one of its learner.
"""

import argparse
import json
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.backend import backend_seconds
from bench.scratch import ScratchDatabase


def receiver(received: list[tuple[str, int, str]], seconds: float) -> ThreadingHTTPServer:
    """A server that answers 204 after `seconds`, and notes path, learner and id."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((self.path, body["data"]["user_id"], self.headers["webhook-id"]))
            time.sleep(seconds)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def write_events(learners: int, events: int) -> None:
    """`events` of each learner, one learner after the other in each round."""
    from django.utils import timezone

    from connections.models import Event
    from progress.models import User

    people = User.objects.bulk_create(
        User(username=f"learner-{number}", email=f"learner-{number}@example.org")
        for number in range(learners)
    )
    Event.objects.all().delete()
    now = timezone.now()
    for _ in range(events):
        Event.objects.bulk_create(
            Event(type="learner.created", user_id=person.pk, recorded_at=now) for person in people
        )


def measure(args, server, received) -> bool:
    from django.conf import settings
    from django.utils import timezone

    from connections.events import publishing
    from connections.models import Delivery
    from connections.webhooks import delivering, endpoints
    from progress.models import User

    settings.WEBHOOK_ALLOW_PRIVATE = True
    owner = User.objects.create(username="owner", is_superuser=True)
    for number in range(args.endpoints):
        url = f"http://127.0.0.1:{server.server_port}/{number}"
        endpoints.create(owner, {"url": url, "events": ["*"]}, timezone.now())
    write_events(args.learners, args.events)
    publishing.publish_all(timezone.now())
    expected = Delivery.objects.count()
    print(f"{expected:,} deliveries wait")
    began, cpu, database = time.monotonic(), time.process_time(), backend_seconds()
    count = delivering.run(seconds=args.seconds)
    took = time.monotonic() - began
    cpu, database = time.process_time() - cpu, backend_seconds() - database
    print(
        f"{count:,} delivered in {took:.1f} s: {count / took:.0f}/s;"
        f" ms of CPU for each: Python {1000 * cpu / count:.1f},"
        f" PostgreSQL {1000 * database / count:.1f}"
    )
    return is_right(received, count)


def is_right(received, count: int) -> bool:
    """Each once, and those of a learner in the order of their ids at each endpoint."""
    from connections.models import Event

    position = {event.public_id: event.position for event in Event.objects.all()}
    sequences = defaultdict(list)
    for path, learner, event in received:
        sequences[path, learner].append(position[event])
    once = len(received) == count and all(len(set(s)) == len(s) for s in sequences.values())
    ordered = all(s == sorted(s) for s in sequences.values())
    print(f"each once: {once}; in order for each learner: {ordered}")
    return once and ordered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--events", type=int, default=10, help="of each learner")
    parser.add_argument("--endpoints", type=int, default=1)
    parser.add_argument("--answer-ms", type=int, default=5, help="how long the receiver takes")
    parser.add_argument("--seconds", type=int, default=60, help="after which none is begun")
    args = parser.parse_args()
    received: list[tuple[str, int, str]] = []
    server = receiver(received, args.answer_ms / 1000)
    with ScratchDatabase():
        is_good = measure(args, server, received)
    server.shutdown()
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
