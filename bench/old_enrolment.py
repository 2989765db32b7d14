"""What a heartbeat costs in an old enrolment, 200 hours over a year, beside a new one.

    python bench/old_enrolment.py [--hours 200] [--rounds 12] [--beats 40]

In a database of its own. The old learner's year is delivered through ingest, in batches. Then both
learners send heartbeats in turns, a round each, and the CPU time of this process and of its
database connections is counted; the ratio of the medians is printed and must be at most 1.3.
"""

import argparse
import random
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

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


def spent(work) -> float:
    """CPU seconds of `work`, here and in the database."""
    before = time.process_time() + backend_seconds()
    work()
    return time.process_time() + backend_seconds() - before


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--hours", type=float, default=200)
    asked.add_argument("--rounds", type=int, default=12)
    asked.add_argument("--beats", type=int, default=40)
    options = asked.parse_args()
    with ScratchDatabase():
        from django.db import connection
        from django.utils import timezone

        from progress.models import CourseProgress, PastSpans
        from tests.factories import a_course_of, a_learner

        now = timezone.now()
        video = {"content_type": "video", "duration_seconds": 36_000}
        course = a_course_of(*[video] * 8)
        old, new = a_learner(course), a_learner(course)
        began = time.process_time()
        a_year(course, old, options.hours, now)
        print(f"a year of {options.hours:g} h took {time.process_time() - began:.0f} s CPU")
        stored = CourseProgress.objects.get(user=old)
        past = PastSpans.objects.filter(user=old).first()
        print(
            f"old: {stored.time_ms / 3_600_000:.1f} h, {stored.total_sessions} sessions, "
            f"{len(stored.active_spans)} + {len(past.active_spans) if past else 0} active spans, "
            f"{len(stored.elapsed_spans)} + {len(past.elapsed_spans) if past else 0} elapsed"
        )
        people = [Learner(course, old, now), Learner(course, new, now)]
        for person in people:
            person.beats(options.beats)  # warm
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        rounds = []
        for number in range(options.rounds):
            # The order alternates, too.
            order = people if number % 2 else people[::-1]
            took = {id(each): spent(lambda each=each: each.beats(options.beats)) for each in order}
            rounds.append([took[id(each)] for each in people])
        old_ms, new_ms = (
            statistics.median(each[who] for each in rounds) * 1000 / options.beats for who in (0, 1)
        )
        ratio = old_ms / new_ms
        print(f"a heartbeat: old {old_ms:.2f} ms CPU, new {new_ms:.2f} ms, {ratio:.2f} times")
        return 0 if ratio <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
