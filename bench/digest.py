"""A digest of all that random events leave behind: equal for two versions that decide alike.

    python bench/digest.py [--events 32000] [--seed 54]

In a database of its own, the same learners send the same events, in groups and batches of every
size: plausible ones, repeated ones, ones in conflict, and those that `bench/fuzz.py` makes up.
Printed are the digests of the answers and of each table's rows. Run it on the version before a
change and on the one after it: where every line is the same, they answer and store the same bytes.
"""

import argparse
import hashlib
import json
import random
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.fuzz import Fuzzer  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402

LEARNERS = 40
GROUP_SIZES = [1, 2, 3, 8]
BATCH_SIZES = [1, 1, 1, 5, 20, 60]
# Each table and the order of its rows; what the clock or a transaction's number is in is left out.
TABLES = {
    "progress_contentinteraction": "enrollment_id, chain_index",
    "progress_contentprogress": "enrollment_id, content_id",
    "progress_courseprogress": "enrollment_id",
    "progress_learningsession": "session_id",
    "progress_quizattempt": "enrollment_id, content_id, number",
    "progress_pastspans": "enrollment_id",
    "progress_rowchange": "table_name, row_id",
}
LEFT_OUT = "changed_at", "transaction_id"


class Events:
    """Random events as they are once their JSON was read; the same seed makes the same ones."""

    def __init__(self, seed: int, contents: list):
        self.random = random.Random(seed)
        self._contents = contents
        self._fuzzer = Fuzzer(seed, [content.pk for content in contents])
        self._sent: list[dict] = []
        self._sequence = 0

    def batch(self, now) -> list:
        return [self._event(now) for _ in range(self.random.choice(BATCH_SIZES))]

    def _event(self, now):
        from progress.api.parsers import parse_object

        dice = self.random.random()
        if dice < 0.1:
            return parse_object(b'{"event":' + self._fuzzer.event().encode() + b"}")["event"]
        if dice < 0.15 and self._sent:
            return self.random.choice(self._sent)
        if dice < 0.2 and self._sent:
            return self.random.choice(self._sent) | {"position": 1}
        event = self._plausible(now)
        self._sent = [*self._sent[-30:], event]
        return event

    def _plausible(self, now) -> dict:
        chosen = self.random
        self._sequence += chosen.choice([1, 1, 1, 2, -3])
        content = chosen.choice(self._contents)
        at, lasted = chosen.randint(0, 60_000) / 1000, chosen.choice([0, 1, 4.5, 5, 5, 15])
        event = {
            "event_id": str(uuid.UUID(int=chosen.getrandbits(128), version=4)),
            "content_id": content.pk,
            "interaction_type": chosen.choice(["progress"] * 6 + ["play", "pause", "seek", "view"]),
            "duration_seconds": lasted,
            "sequence": max(self._sequence, 0),
        }
        further = {
            "segments": [[at, at + lasted], [at + 9, at + chosen.randint(5, 12)]],
            "position": at + lasted,
            "idle_seconds": chosen.randint(0, 3),
            "page": chosen.randint(1, 11),
            "span": [at / 61, min(at / 60, 1)],
            "reading_position": at / 60,
            "completion_percentage": at,
            "playback_rate": chosen.choice([1, 1.5, 2]),
            "is_active": chosen.random() < 0.9,
            "occurred_at": (now - timedelta(seconds=chosen.randint(0, 90))).isoformat(),
        }
        event |= {name: value for name, value in further.items() if chosen.random() < 0.35}
        questions = list(content.questions.all())
        if questions and chosen.random() < 0.8:
            question = chosen.choice(questions)
            choices = [choice.pk for choice in question.choices.all()]
            event |= {"interaction_type": "answer", "question_id": question.pk}
            event |= {"answer": [chosen.choice(choices)] if choices else [1]}
            if chosen.random() < 0.2:
                event |= {"interaction_type": "submit"}
        return event


def deliveries(number: int) -> Iterator[list]:
    """Groups of deliveries of different learners, whose clock goes on from group to group."""
    from progress.ingest import Delivery
    from progress.models import Content, LearningSession
    from tests.factories import NOON, a_course, a_learner, a_session

    course = a_course()
    contents = list(Content.objects.filter(module__course=course).order_by("pk"))
    sessions = []
    for index in range(LEARNERS):
        found = a_session(course, a_learner(course))
        fixed = uuid.UUID(int=index + 1, version=4)
        LearningSession.objects.filter(pk=found.pk).update(session_id=fixed)
        sessions.append((fixed, found.user_id, found.enrollment_id))
    events = Events(number, contents)
    now = NOON
    while True:
        now += timedelta(seconds=events.random.choice([1, 2, 20]))
        size = events.random.choice(GROUP_SIZES)
        yield [
            Delivery(*session, events.batch(now), None, now)
            for session in events.random.sample(sessions, size)
        ]


def run(events: int, seed: int) -> tuple[str, Counter]:
    """Record the events. Returns a digest of the answers, and how many of each kind they are."""
    from progress.api.employee.responses import encode
    from progress.ingest.recording import record_together

    answers, statuses = hashlib.sha256(), Counter()
    groups = deliveries(seed)
    while statuses.total() < events:
        for receipt in record_together(next(groups), lambda works: None):
            outcomes = [outcome.as_payload() for outcome in receipt.outcomes]
            statuses.update(outcome["status"] for outcome in outcomes)
            answers.update(json.dumps(outcomes, default=str).encode())
            answers.update(encode(receipt.payload))
    return answers.hexdigest(), statuses


def digest_of(table: str, order: str) -> tuple[int, str]:
    from django.db import connection

    left_out = ", ".join(f"'{name}'" for name in LEFT_OUT)
    found, count = hashlib.sha256(), 0
    with connection.cursor() as cursor:
        rows = f"SELECT (to_jsonb(t) - ARRAY[{left_out}])::text FROM {table} t ORDER BY {order}"
        cursor.execute(rows)
        for (text,) in cursor:
            found.update(text.encode())
            count += 1
    return count, found.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=32_000)
    parser.add_argument("--seed", type=int, default=54)
    options = parser.parse_args()
    with ScratchDatabase():
        answers, statuses = run(options.events, options.seed)
        print(", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items())))
        print(f"{'answers':32}{statuses.total():>9,}  {answers[:32]}")
        for table, order in TABLES.items():
            count, found = digest_of(table, order)
            print(f"{table:32}{count:>9,}  {found[:32]}")


if __name__ == "__main__":
    main()
