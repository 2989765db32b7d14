"""Sends events with whatever JSON can say in their fields, each beside good ones.

    python bench/fuzz.py [--events N] [--seed N]

Works in a database that is made for the run and dropped afterwards. Exits with 1 if an answer was
5xx, if a batch was refused because of one of its events, or if a good event beside a broken one was
not accepted and stored.
"""

import argparse
import json
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import ScratchDatabase  # noqa: E402

UPDATE = "/api/employee/update_progress"
BATCH = 20
LARGEST_BATCH = 60_000  # bytes; the endpoint takes 64 KiB
REQUESTS_OF_A_SESSION = 50  # fewer than its throttle's bucket holds
TYPES = ["view", "play", "progress", "pause", "seek", "complete", "download"]
TYPES += ["begin", "answer", "submit"]
FIELDS = [
    "event_id",
    "content_id",
    "interaction_type",
    "position",
    "from_position",
    "duration_seconds",
    "idle_seconds",
    "segments",
    "playback_rate",
    "completion_percentage",
    "page",
    "reading_position",
    "span",
    "question_id",
    "answer",
    "attempt",
    "base_revision",
    "distractions",
    "is_active",
    "sequence",
    "occurred_at",
    "unknown",
    "\\u0000",
    "__proto__",
]


class Fuzzer:
    """Events as JSON texts; the same seed makes the same ones."""

    def __init__(self, seed: int, contents: list[int]):
        self.random = random.Random(seed)
        self.contents = contents

    def event(self) -> str:
        chosen = self.random
        event = {
            "content_id": str(chosen.choice(self.contents)),
            "interaction_type": json.dumps(chosen.choice(TYPES)),
        }
        for _ in range(chosen.randint(0, 6)):
            event[chosen.choice(FIELDS)] = self.value()
        pairs = [f'"{name}":{value}' for name, value in event.items()]
        if chosen.random() < 0.1:  # a name twice
            pairs.append(f'"{chosen.choice(FIELDS)}":{self.value()}')
        return self.value() if chosen.random() < 0.02 else "{" + ",".join(pairs) + "}"

    def value(self, depth: int = 0) -> str:
        kinds = [self.number, self.number, self.moment, self.text, self.word]
        if depth < 3:
            kinds += [self.pair, self.items, self.mapping]
        if self.random.random() < 0.01:
            kinds = [self.nested, self.long_number]
        kind = self.random.choice(kinds)
        return kind(depth + 1) if kind in (self.pair, self.items, self.mapping) else kind()

    def number(self) -> str:
        chosen = self.random
        return chosen.choice(
            [
                *("0", "-0", "1", "-1", "0.5", "604800", "604800.001", "1e-320", "1e308", "1e999"),
                *("-1e999", "NaN", "Infinity", "-Infinity", "9223372036854775807"),
                *("9223372036854775808", "2147483648", "1.0000000000000000001"),
                str(chosen.randint(-(10**6), 10**6)),
                repr(chosen.uniform(-10, 700_000)),
                str(chosen.choice(self.contents)),
            ]
        )

    def long_number(self) -> str:
        sign = self.random.choice(["", "-"])
        return sign + self.random.choice(["9" * 5000, "1" + "0" * 4300, "1e" + "9" * 50])

    def nested(self) -> str:
        depth = self.random.choice([50, 400, 5000])
        begin, end = self.random.choice([("[", "]"), ('{"a":', "}")])
        return begin * depth + "1" + end * depth

    def moment(self) -> str:
        chosen = self.random
        year = chosen.choice(["0000", "0001", "1969", "2026", "9999", "10000", "-0001"])
        zone = chosen.choice(["Z", "", "+23:59", "-23:59", "+24:00", "+15:59", "+00:00:01"])
        return json.dumps(f"{year}-{chosen.choice(['01-01', '12-31', '02-30'])}T23:59:59{zone}")

    def text(self) -> str:
        return self.random.choice(
            [
                *('""', r'"\u0000"', r'"\ud800"', r'"\udc00\ud800"', r'"\u202e"', '"\U0001f600"'),
                *('"null"', '"1"', '"\' OR 1=1 --"', '"' + "a" * 3000 + '"'),
                json.dumps(str(uuid.UUID(int=self.random.getrandbits(128)))),
                json.dumps("".join(map(chr, self.random.choices(range(1, 0xD7FF), k=8)))),
            ]
        )

    def word(self) -> str:
        return self.random.choice(["null", "true", "false", "[]", "{}"])

    def pair(self, depth: int) -> str:
        return f"[{self.value(depth)},{self.value(depth)}]"

    def items(self, depth: int) -> str:
        return "[" + ",".join(self.value(depth) for _ in range(self.random.randint(0, 4))) + "]"

    def mapping(self, depth: int) -> str:
        return '{"a":' + self.value(depth) + "}"


def batches(fuzzer: Fuzzer, events: int) -> Iterator[tuple[list[str], list[str]]]:
    """Events of a batch, fuzzed and good in turn, and the ids of the good ones."""
    left = events
    while left > 0:
        texts, ids, size = [], [], 0
        for _ in range(min(BATCH, left)):
            fuzzed = fuzzer.event()
            if size + len(fuzzed) > LARGEST_BATCH - 400:
                break
            name = str(uuid.UUID(int=fuzzer.random.getrandbits(128), version=4))
            good = {"content_id": fuzzer.contents[0], "interaction_type": "view", "event_id": name}
            texts += [fuzzed, json.dumps(good)]
            ids.append(name)
            size += len(fuzzed) + 150
        left -= len(ids)
        yield texts, ids


def run(events: int, seed: int) -> tuple[Counter, list[str]]:
    """What was answered, counted, and what should not have been."""
    from progress.models import ContentInteraction
    from tests.factories import a_course

    course = a_course()
    contents = [each.pk for module in course.modules.all() for each in module.contents.all()]
    counts: Counter = Counter()
    faults: list[str] = []
    post, accepted = None, 0
    for number, (texts, ids) in enumerate(batches(Fuzzer(seed, contents), events)):
        if number % REQUESTS_OF_A_SESSION == 0:
            post = a_sender(course)
        answer = post('{"events":[' + ",".join(texts) + "]}")
        counts[f"HTTP {answer.status_code}"] += 1
        if answer.status_code != 200:
            faults.append(f"batch {number}: {answer.status_code} {answer.content[:300]!r}")
            continue
        results = answer.json()["events"]
        counts.update(each["status"] for each in results[::2])
        accepted += len(ids)
        lost = [each for each in results[1::2] if each["status"] != "accepted"]
        faults += [f"batch {number}: a neighbour is {each}" for each in lost]
        if len(results) != len(texts):
            faults.append(f"batch {number}: {len(texts)} events, {len(results)} results")
    stored = ContentInteraction.objects.filter(status="accepted", interaction_type="view")
    counts["neighbours accepted"] = accepted
    if stored.count() < accepted:
        faults.append(f"{accepted} neighbours were accepted, {stored.count()} views are stored")
    return counts, faults


def a_sender(course):
    """Delivers bodies to a session of a new learner's own."""
    from django.utils import timezone
    from rest_framework.test import APIClient

    from progress.security import tokens
    from tests.factories import a_learner, a_session

    session = a_session(course, a_learner(course), now=timezone.now())
    claims = tokens.SessionClaims(
        session.pk, session.user_id, session.course_id, session.enrollment_id
    )
    key = tokens.issue_session_token(claims)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Session {key}")
    return lambda body: client.generic("POST", UPDATE, body, content_type="application/json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    with ScratchDatabase():
        began = time.monotonic()
        counts, faults = run(options.events, options.seed)
        seconds = time.monotonic() - began
    for name, count in counts.most_common():
        print(f"{name:24}{count:>10,}")
    print(f"{'seconds':24}{seconds:>10,.1f}")
    for fault in faults[:20]:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
