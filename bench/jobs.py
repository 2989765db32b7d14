"""How long the background jobs take at size, and what learners notice of them.

    DATABASE_URL=postgres://…/scratch REDIS_URL=… SECRET_KEY=… python bench/jobs.py
        [--sessions 100000] [--learners 10000]

In a database that is made for the run and dropped afterwards: 100,000 idle sessions are swept, and
a changed course of 10,000 learners is folded anew while others of its learners send events to a web
process. Exits with 1 unless the sweep takes 10 s at most, the refold 60 s, and the p95 of
update_progress stays under twice what it is without a refold.
"""

import argparse
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.client import Learner, Load, Site, until  # noqa: E402
from lms_progress.embedded.children import dies_with_parent  # noqa: E402
from progress import ingest  # noqa: E402
from progress.catalogue import replace_course  # noqa: E402
from progress.ingest.closing import expire_silent  # noqa: E402
from progress.ingest.evidence import GENESIS  # noqa: E402
from progress.models import (  # noqa: E402
    Content,
    ContentProgress,
    CourseProgress,
    Enrollment,
    LearningSession,
    User,
)
from progress.security import tokens  # noqa: E402

SWEEP_SECONDS, REFOLD_SECONDS, TIMES_IDLE = 10, 60, 2
LOADED = 20  # learners who send events meanwhile
PAUSE = 1.0
CONTENTS = 20
PORT = 18399


def a_document(code: str, weight: int) -> dict:
    """A course of twenty videos; another weight of the first is a change of what counts."""
    video = {"content_type": "video", "duration_seconds": 36_000}
    contents = [{"code": f"c{n}", "title": f"C{n}", **video} for n in range(CONTENTS)]
    contents[0] |= {"code": "video", "weight": weight}
    return {"code": code, "title": code, "modules": [{"code": "m", "contents": contents}]}


def make_learners(course, count: int) -> list[Enrollment]:
    """Enrolled learners, written in bulk: what the doors would write, without their time."""
    now = timezone.now()
    tag = uuid.uuid4().hex[:8]
    people = User.objects.bulk_create(
        [User(username=f"{tag}-{n}", password="!") for n in range(count)], batch_size=5000
    )
    rows = Enrollment.objects.bulk_create(
        [Enrollment(user=person, course=course, enrolled_at=now) for person in people],
        batch_size=5000,
    )
    CourseProgress.objects.bulk_create(
        [
            CourseProgress(
                enrollment=row,
                user_id=row.user_id,
                course=course,
                chain_hash=GENESIS,
                structure_version=course.structure_version,
            )
            for row in rows
        ],
        batch_size=5000,
    )
    return rows


def sweep(sessions: int) -> float:
    """The seconds in which so many idle sessions are closed."""
    course = replace_course(a_document("sweep", 1))
    began = timezone.now() - timedelta(hours=2)
    LearningSession.objects.bulk_create(
        [
            LearningSession(
                enrollment=row,
                user_id=row.user_id,
                course=course,
                start_time=began,
                # Learners stop at different microseconds.
                last_activity_at=began + timedelta(minutes=10, milliseconds=number),
            )
            for number, row in enumerate(make_learners(course, sessions))
        ],
        batch_size=5000,
    )
    _analyze()
    started = time.perf_counter()
    closed = expire_silent(timezone.now())
    seconds = time.perf_counter() - started
    assert closed == sessions
    return seconds


def make_progress(rows: list[Enrollment], contents: list[Content]) -> None:
    """Every learner has watched an hour of half of the contents."""
    now = timezone.now()
    ContentProgress.objects.bulk_create(
        [
            ContentProgress(
                enrollment=row,
                user_id=row.user_id,
                content=content,
                coverage=((0, 3_600_000),),
                completion_bp=1000,
                first_event_at=now,
                last_event_at=now,
            )
            for row in rows
            for content in contents[: CONTENTS // 2]
        ],
        batch_size=5000,
    )


def a_tracker(url: str, enrollment: Enrollment, contents: dict[str, int]) -> Learner:
    started = ingest.start(
        user_id=enrollment.user_id, course_id=enrollment.course_id, now=timezone.now()
    ).session
    claims = tokens.SessionClaims(
        started.pk, enrollment.user_id, enrollment.course_id, enrollment.pk
    )
    site = Site(url, f"Session {tokens.issue_session_token(claims)}")
    course_id = enrollment.course_id
    return Learner(site, enrollment.user_id, course_id, str(started.pk), "", contents)


def refold(learners: int) -> tuple[float, float, float]:
    """Seconds of the refold, and p95 of update_progress in ms: without it and during it."""
    course = replace_course(a_document("refold", 1))
    rows = make_learners(course, learners)
    contents = list(Content.objects.filter(module__course=course))
    make_progress(rows, contents)
    _analyze()
    url = f"http://127.0.0.1:{PORT}"
    web = _start_web()
    try:
        until(lambda: _answers(url), 30, "the web process")
        codes = {content.code: content.pk for content in contents}
        trackers = [a_tracker(url, row, codes) for row in rows[:: learners // LOADED][:LOADED]]
        with Load(trackers, pause=PAUSE):
            time.sleep(3)  # warm
        with Load(trackers, pause=PAUSE) as idle:
            time.sleep(30)
        replace_course(a_document("refold", 2))
        with Load(trackers, pause=PAUSE) as busy:
            seconds, folded = _refold_elsewhere(course.pk)
        # Those who sent an event meanwhile were folded by it.
        assert learners - LOADED <= folded <= learners, folded
        assert not idle.failures() and not busy.failures(), (idle.results, busy.results)
        return seconds, idle.p95_ms(), busy.p95_ms()
    finally:
        web.kill()
        web.wait()


REFOLD = """
import sys, time, django; django.setup()
from django.utils import timezone
from progress.ingest.refold import refold_course
began = time.perf_counter()
folded = refold_course(int(sys.argv[1]), now=timezone.now(), rest=time.sleep)
print(time.perf_counter() - began, folded)
"""


def _refold_elsewhere(course_id: int) -> tuple[float, int]:
    """Seconds and learners of a refold in a process of its own, as a worker does it."""
    done = subprocess.run(
        [sys.executable, "-c", REFOLD, str(course_id)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, folded = done.stdout.split()
    return float(seconds), int(folded)


def _start_web() -> subprocess.Popen:
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "docs/production/gunicorn.conf.py"]
    return subprocess.Popen(
        [*gunicorn, "lms_progress.wsgi"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(PORT), "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(9),
    )


def _answers(url: str) -> bool:
    try:
        return Site(url).ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--learners", type=int, default=10_000)
    options = parser.parse_args()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    address = os.environ["DATABASE_URL"].rpartition("/")
    os.environ["DATABASE_URL"] = f"{address[0]}/{name}"
    try:
        swept = sweep(options.sessions)
        print(f"{options.sessions:,} idle sessions swept in {swept:.1f} s", flush=True)
        folded, idle, busy = refold(options.learners)
    finally:
        connection.creation.destroy_test_db(address[2], verbosity=0)
    print(f"a course of {options.learners:,} learners refolded in {folded:.1f} s")
    print(f"update_progress meanwhile: p95 {busy:.0f} ms, without it {idle:.0f} ms")
    if swept > SWEEP_SECONDS or folded > REFOLD_SECONDS or busy > TIMES_IDLE * idle:
        raise SystemExit("That is too slow.")


if __name__ == "__main__":
    main()
