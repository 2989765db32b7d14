"""How long it takes to score everybody.

    DATABASE_URL=postgres://… REDIS_URL=… SECRET_KEY=… python bench/risk.py
        [--enrollments 100000] [--courses 50]

In a database that is made for the run and dropped afterwards: open enrolments with five completed
contents and six days of sessions each, at all stages of courses of twenty contents, are read and
scored by the daily job's function, and the scores written. Every week of every course counts as
validated, so each score is shown and has its reasons: the most work. Exits with 1 unless it took
60 s at most.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import ScratchDatabase  # noqa: E402

LIMIT_SECONDS = 60
CONTENTS = 20

PEOPLE = """
INSERT INTO progress_user (username, password, is_superuser, is_staff, is_active, date_joined,
    email, full_name, department, time_zone)
SELECT 'bench-' || n, '!', false, false, true, now(), '', '', '', 'UTC'
FROM generate_series(1, %(enrollments)s) n
"""
# Day 5 to day 85 of ninety.
ENROLLMENTS = """
INSERT INTO progress_enrollment (user_id, course_id, cycle, is_current, enrolled_at, due_at)
SELECT u.id, (%(courses)s::int[])[1 + u.id %% array_length(%(courses)s::int[], 1)], 1, true,
    now() - make_interval(days => (5 + u.id / 64 %% 80)::int),
    now() + make_interval(days => (85 - u.id / 64 %% 80)::int)
FROM progress_user u WHERE username LIKE 'bench-%%'
"""
CONTENTS_DONE = """
INSERT INTO progress_contentprogress (enrollment_id, content_id, user_id, completion_bp,
    completed_at, coverage, media_version, reported_bp, replayed_ms, withheld_ms, time_ms,
    view_count, play_count, pause_count, seek_count, download_count, answered_bp,
    first_event_at, last_event_at)
SELECT e.id, c.id, e.user_id, 10000, at, '{}', 1, 0, 0, 0, 60000, 1, 1, 0, 0, 0, 0, at, at
FROM (
    SELECT e.*, enrolled_at + (now() - enrolled_at) * random() AS at FROM progress_enrollment e
) e
JOIN progress_module m ON m.course_id = e.course_id
JOIN progress_content c ON c.module_id = m.id AND (c.position + e.id) %% 4 = 0
"""
SESSIONS = """
INSERT INTO progress_learningsession (session_id, enrollment_id, user_id, course_id, device_id,
    start_time, end_time, end_reason, last_event_at, active_ms, idle_ms, distractions,
    pages_viewed, videos_watched, quizzes_attempted, opened, played, answered, elapsed_spans,
    positions)
SELECT gen_random_uuid(), e.id, e.user_id, e.course_id, '', at, at, 'ended', at, 600000, 0, 0,
    0, 0, 0, '{}', '{}', '{}', '{}', '{}'
FROM (
    SELECT e.*, enrolled_at + (now() - enrolled_at) * random() AS at
    FROM progress_enrollment e, generate_series(1, 6)
) e
"""


def fill(enrollments: int, courses: int) -> list[int]:
    """Rows as the doors would have written them, without the doors' time; the courses' ids."""
    from django.db import connection

    from progress.catalogue import replace_course
    from progress.ingest.evidence import GENESIS
    from progress.models import CourseProgress, Enrollment

    embed = {"content_type": "embed", "completion_source": "reported"}
    contents = [{"code": f"c{n}", "title": f"C{n}", **embed} for n in range(CONTENTS)]
    ids = [
        replace_course(
            {
                "code": f"bench-{number}",
                "title": f"Course {number}",
                "modules": [{"code": "m", "title": "M", "contents": contents}],
            }
        ).pk
        for number in range(courses)
    ]
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"enrollments": enrollments})
        cursor.execute(ENROLLMENTS, {"courses": ids})
        CourseProgress.objects.bulk_create(
            (
                CourseProgress(
                    enrollment=e, user_id=e.user_id, course_id=e.course_id, chain_hash=GENESIS
                )
                for e in Enrollment.objects.iterator()
            ),
            batch_size=5000,
        )
        cursor.execute(CONTENTS_DONE, {})
        cursor.execute(SESSIONS, {})
        cursor.execute("ANALYZE")
    return ids


def validate(courses: list[int]) -> None:
    from django.utils import timezone

    from analytics.facts.risk import active_model
    from analytics.models import RiskSource, RiskValidation

    now = timezone.now()
    base = active_model.active(now)
    RiskValidation.objects.bulk_create(
        RiskValidation(
            course_id=course,
            week=week,
            source=RiskSource.BASE,
            verdict=RiskValidation.Verdict.VALID,
            is_chosen=True,
            outcomes=120,
            failed=60,
            auc=0.8,
            auc_low=0.7,
            calibration_error=0.05,
            base_id=base.pk,
            measured_at=now,
        )
        for course in courses
        for week in range(1, 15)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enrollments", type=int, default=100_000)
    parser.add_argument("--courses", type=int, default=50)
    options = parser.parse_args()
    with ScratchDatabase():
        from django.utils import timezone

        from analytics.facts.risk import scoring
        from analytics.models import RiskPrediction, RiskScore
        from progress.jobs import Run

        validate(fill(options.enrollments, options.courses))
        seconds = []
        for _ in range(2):  # the first writes new rows, the second changes them
            now = timezone.now()
            began, spent = time.perf_counter(), time.process_time()
            scoring.score_all(now, run=Run("bench", now))
            seconds.append((time.perf_counter() - began, time.process_time() - spent))
        explained = RiskScore.objects.exclude(reasons=[]).count()
        predicted = RiskPrediction.objects.values("enrollment").distinct().count()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"enrolments        {options.enrollments:>9,}  in {options.courses} courses")
    print(f"predicted         {predicted:>9,}")
    print(f"with reasons      {explained:>9,}")
    for name, (wall, own) in zip(("first", "again"), seconds, strict=True):
        print(f"{name:<17} {wall:>9.1f} s, {own:.1f} s of them in this process")
    print(f"memory            {peak:>9.0f} MB at most")
    return 0 if max(wall for wall, _ in seconds) <= LIMIT_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
