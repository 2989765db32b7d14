"""Follows the list of enrolments by `updated_since` while events come in, and compares at the end.

    python bench/following.py [--events 100000] [--learners 200] [--writers 3]

In a database of its own, threads deliver events of many learners, 50 at a time, and begin and end
enrolments; another follows the list and keeps a copy. Prints events per second, how many rounds and
rows the follower read, and how far it was behind at the end. Exits with 1 if the copy differs from
the database in any enrolment, or if a round listed one twice.
"""

import argparse
import random
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import ScratchDatabase  # noqa: E402

BATCH = 50
LIST = "/api/enrollments/"
SHOWN = ("completion_percentage", "is_active", "is_current")


class Follower:
    """Keeps a copy of the list, round after round."""

    def __init__(self, user):
        from rest_framework.test import APIClient

        self._client = APIClient()
        self._client.force_authenticate(user)
        self._position: str | None = None
        self.copy: dict[int, tuple] = {}
        self.rounds = self.rows = self.repeated = 0

    def read(self) -> int:
        """One round; returns the number of rows that it listed."""
        query = {"page_size": 100, "cursor": ""}
        if self._position:
            query["updated_since"] = self._position
        body = self._client.get(LIST, query).json()
        position, rows = body["next_updated_since"], body["results"]
        while body["next"]:
            parts = urlsplit(body["next"])
            body = self._client.get(f"{parts.path}?{parts.query}").json()
            rows += body["results"]
        for row in rows:
            if row.get("deleted"):
                self.copy.pop(row["id"], None)
            else:
                self.copy[row["id"]] = tuple(row[name] for name in SHOWN)
        self._position = position
        self.rounds, self.rows = self.rounds + 1, self.rows + len(rows)
        self.repeated += len(rows) - len({row["id"] for row in rows})
        return len(rows)


def write(course, target: int, sessions: list, events: int, seed: int) -> None:
    """Delivers events of these sessions, and enrols and unenrols people between them."""
    from django.db import connections
    from django.utils import timezone

    from progress import ingest
    from progress.ingest import enrolling
    from progress.models import Enrollment, LearningSession
    from tests.factories import a_learner

    dice = random.Random(seed)
    watched = dict.fromkeys([session.pk for session in sessions], 0)
    everybody = LearningSession.objects.all()
    enrolled = []
    try:
        for number in range(events // BATCH):
            session = sessions[number % len(sessions)]
            first = watched[session.pk]
            watched[session.pk] += BATCH
            now = session.start_time + timedelta(seconds=first + BATCH + 5)
            batch = [
                {
                    "content_id": target,
                    "interaction_type": "progress",
                    "segments": [[at, at + 1]],
                    "duration_seconds": 1,
                    "occurred_at": (session.start_time + timedelta(seconds=at + 2)).isoformat(),
                }
                for at in range(first, first + BATCH)
            ]
            sent = round(now.timestamp() * 1000)
            ingest.record(ingest.delivery_to(everybody, session.pk, batch, sent_ms=sent, now=now))
            if dice.random() < 0.05:
                learner = a_learner(course)
                enrolled.append(Enrollment.objects.get(user=learner, course=course))
            if enrolled and dice.random() < 0.03:
                enrolling.unenroll(enrolled.pop(), now=timezone.now())
    finally:
        connections.close_all()


def stored() -> dict[int, tuple]:
    from progress.models import Enrollment

    rows = Enrollment.objects.select_related("course_progress")
    return {
        row.pk: (
            row.course_progress.completion_bp / 100,
            row.unenrolled_at is None,
            row.is_current,
        )
        for row in rows
    }


def measure(args) -> bool:
    from django.utils import timezone

    from tests.factories import a_course_of, a_learner, a_session, a_user, content

    course = a_course_of({"content_type": "video", "duration_seconds": 36_000})
    target = content(course, "c1").pk
    begin = timezone.now() - timedelta(days=1)
    sessions = [a_session(course, a_learner(course), now=begin) for _ in range(args.learners)]
    follower = Follower(a_user(is_superuser=True))
    share = args.events // args.writers
    threads = [
        threading.Thread(target=write, args=(course, target, sessions[n :: args.writers], share, n))
        for n in range(args.writers)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        follower.read()
    took = time.monotonic() - began
    behind = follower.read()
    print(f"{args.events:,} events in {took:.0f} s by {args.writers} writers")
    print(f"{follower.rounds} rounds read {follower.rows:,} rows; {behind} in the last one")
    expected = stored()
    wrong = {
        pk
        for pk in expected.keys() | follower.copy.keys()
        if expected.get(pk) != follower.copy.get(pk)
    }
    print(f"{len(expected):,} enrolments; {len(wrong)} differ; {follower.repeated} came twice")
    for pk in sorted(wrong)[:5]:
        print(f"  {pk}: {follower.copy.get(pk)} read, {expected.get(pk)} stored")
    return not wrong and not follower.repeated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--writers", type=int, default=3)
    args = parser.parse_args()
    with ScratchDatabase():
        is_right = measure(args)
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
