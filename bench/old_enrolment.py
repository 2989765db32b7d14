"""What a heartbeat costs in an old enrolment, 200 hours over a year, beside a new one.

    python bench/old_enrolment.py [--hours 200] [--rounds 12] [--beats 40]

In a database of its own. The old learner's year is delivered through ingest, in batches. Then both
learners send heartbeats in turns, a round each. Printed are how much CPU one takes, of this process
and of its database connection, and how long; the ratios of the medians must be at most 1.3.
"""

import argparse
import random
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.backend import backend_seconds  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402

AT_MOST = 1.3
BEAT = 15
SESSION_BEATS = 80  # of twenty minutes


def a_year(course, learner, hours: float, now) -> None:
    """Sessions of twenty minutes spread over a year; beats come up to 3 s early or late."""
    from progress import ingest
    from progress.models import LearningSession
    from tests.factories import a_session, content

    dice = random.Random(25)
    wanted = round(hours * 3600 / (SESSION_BEATS * BEAT))
    begins = sorted(dice.uniform(0, 363 * 86_400) for _ in range(wanted))
    targets = [content(course, f"c{number}") for number in range(1, 9)]
    for number, seconds in enumerate(begins):
        start = now - timedelta(days=365) + timedelta(seconds=seconds)
        session = a_session(course, learner, now=start)
        for first in range(0, SESSION_BEATS, 40):
            last = start + timedelta(seconds=(first + 40) * BEAT + 20)
            events = []
            for beat in range(first, first + 40):
                at = start + timedelta(seconds=(beat + 1) * BEAT + 5 + dice.uniform(-3, 3))
                here = (number * SESSION_BEATS + beat) * BEAT % 3_000
                events.append(
                    {
                        "content_id": targets[number % len(targets)].pk,
                        "interaction_type": "progress",
                        "segments": [[here, here + BEAT - dice.random()]],
                        "position": here + BEAT,
                        "duration_seconds": BEAT,
                        "occurred_at": at.isoformat(),
                    }
                )
            _deliver(session, events, last)
        end = start + timedelta(seconds=SESSION_BEATS * BEAT + 30)
        ingest.end(LearningSession.objects.all(), session.pk, [], sent_ms=None, now=end)


def _deliver(session, events, now):
    from progress import ingest
    from progress.models import LearningSession

    sent, everybody = round(now.timestamp() * 1000), LearningSession.objects.all()
    receipt = ingest.record(
        ingest.delivery_to(everybody, session.pk, events, sent_ms=sent, now=now)
    )
    assert {outcome.status for outcome in receipt.outcomes} == {"accepted"}


class Learner:
    """A learner who sends a heartbeat every fifteen seconds of their own time."""

    def __init__(self, course, user, now):
        from tests.factories import a_session, content

        self.session = a_session(course, user, now=now)
        self.target = content(course, "c1")
        self.at, self.position = now, 0

    def beats(self, count: int) -> None:
        for _ in range(count):
            self.at += timedelta(seconds=BEAT)
            self.position += BEAT
            event = {
                "content_id": self.target.pk,
                "interaction_type": "progress",
                "segments": [[self.position - BEAT, self.position]],
                "position": self.position,
                "duration_seconds": BEAT,
            }
            _deliver(self.session, [event], self.at)


class Beats(NamedTuple):
    """A round's CPU time and the median of its beats' durations, in seconds."""

    cpu: float
    p50: float


def deliver(person: Learner, beats: int) -> Beats:
    """Send beats one after the other; the CPU is that of this process and of the database's."""
    durations = []
    before = time.process_time() + backend_seconds()
    for _ in range(beats):
        began = time.perf_counter()
        person.beats(1)
        durations.append(time.perf_counter() - began)
    cpu = time.process_time() + backend_seconds() - before
    return Beats(cpu / beats, statistics.median(durations))


def compare(hours: float, rounds: int, beats: int) -> tuple[Beats, Beats]:
    """A heartbeat of an old enrolment and one of a new one: medians of rounds by turns."""
    from django.db import connection
    from django.utils import timezone

    from progress.models import CourseProgress, PastSpans
    from tests.factories import a_course_of, a_learner

    now = timezone.now()
    video = {"content_type": "video", "duration_seconds": 36_000}
    course = a_course_of(*[video] * 8)
    old, new = a_learner(course), a_learner(course)
    began = time.process_time()
    a_year(course, old, hours, now)
    print(f"a year of {hours:g} h took {time.process_time() - began:.0f} s CPU")
    stored = CourseProgress.objects.get(user=old)
    past = PastSpans.objects.filter(user=old).first()
    print(
        f"old: {stored.time_ms / 3_600_000:.1f} h, {stored.total_sessions} sessions, "
        f"{len(stored.active_spans)} + {len(past.active_spans) if past else 0} active spans, "
        f"{len(stored.elapsed_spans)} + {len(past.elapsed_spans) if past else 0} elapsed",
        flush=True,
    )
    people = [Learner(course, old, now), Learner(course, new, now)]
    for person in people:
        person.beats(beats)  # warm
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    found: dict[int, list[Beats]] = {id(person): [] for person in people}
    for number in range(rounds):
        # The order alternates, too.
        for person in people if number % 2 else people[::-1]:
            found[id(person)].append(deliver(person, beats))
    old_beats, new_beats = (
        Beats(*map(statistics.median, zip(*found[id(person)], strict=True))) for person in people
    )
    return old_beats, new_beats


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--hours", type=float, default=200)
    asked.add_argument("--rounds", type=int, default=12)
    asked.add_argument("--beats", type=int, default=40)
    options = asked.parse_args()
    with ScratchDatabase():
        old, new = compare(options.hours, options.rounds, options.beats)
    cpu, p50 = old.cpu / new.cpu, old.p50 / new.p50
    print(f"CPU of a heartbeat: old {old.cpu * 1000:.2f} ms, new {new.cpu * 1000:.2f}, {cpu:.2f} x")
    print(f"p50 of a heartbeat: old {old.p50 * 1000:.2f} ms, new {new.p50 * 1000:.2f}, {p50:.2f} x")
    return 0 if max(cpu, p50) <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
