"""Seals the evidence of certificates with few and with many events, makes and verifies the packets.

    python bench/packets.py [--events 100 50000]

Prints what each step takes and the memory that it adds at its peak. Events of the learner wait
while the packet is sealed, and no longer. Exits with 1 when a packet isn't verified, or when
sealing adds more than MAX_MB.
"""

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import ScratchDatabase  # noqa: E402

MAX_MB = 100
BEAT_SECONDS = 10
AT_ONCE = 200
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def completed(events: int) -> int:
    """Returns the id of an enrolment with that many events, of which the last completed it."""
    from progress import ingest
    from progress.catalogue import replace_course
    from progress.ingest.enrolling import enroll
    from progress.models import LearningSession, User

    seconds = (events - 1) * BEAT_SECONDS
    video = {"code": "v", "title": "Film", "content_type": "video", "duration_seconds": seconds}
    walk = {"code": "w", "title": "Walk", "content_type": "embed", "completion_source": "reported"}
    module = {"code": "m", "title": "Module", "contents": [video, walk]}
    course = replace_course({"code": f"of-{events}", "title": "Bench", "modules": [module]})
    learner = User.objects.create_user(f"learner-{events}", full_name="Lena Fischer")
    enrollment = enroll(learner.pk, course.pk, now=NOON).enrollment
    session = ingest.start(user_id=learner.pk, course_id=course.pk, now=NOON).session
    film, way = course.modules.get().contents.order_by("code")
    events_sent = [beat(film.pk, number) for number in range(events - 1)]
    events_sent.append({"content_id": way.pk, "interaction_type": "complete"})
    events_sent[-1]["completion_percentage"] = 100
    for at in range(0, events, AT_ONCE):
        batch = events_sent[at : at + AT_ONCE]
        now = NOON + timedelta(seconds=(at + len(batch)) * BEAT_SECONDS)
        ingest.record(
            ingest.delivery_to(
                LearningSession.objects.all(), session.pk, batch, sent_ms=None, now=now
            )
        )
    return enrollment.pk


def beat(content_id: int, number: int) -> dict:
    return {
        "content_id": content_id,
        "interaction_type": "progress",
        "segments": [[number * BEAT_SECONDS, (number + 1) * BEAT_SECONDS]],
        "duration_seconds": BEAT_SECONDS,
        "sequence": number,
    }


def aside(work: Callable, *arguments) -> None:
    """In a process of its own, so that this one keeps none of the memory that it needs."""
    from django.db import connections

    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(f"{work.__name__} failed")


def fill(counts: list[int]) -> None:
    from certificates.lifecycle import issuing

    for events in counts:
        assert issuing.issue(completed(events)) is not None


def measured(step: str, work: Callable) -> tuple[object, float]:
    """Prints seconds and the memory added at the peak; returns what `work` did, and the MB."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    before, began = memory_kb("VmRSS"), time.perf_counter()
    done = work()
    seconds, added = time.perf_counter() - began, (memory_kb("VmHWM") - before) / 1024
    print(f"  {step:8}{seconds:>9.3f} s{added:>9.1f} MB", flush=True)
    return done, added


def memory_kb(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0])


def measure(counts: list[int]) -> None:
    from certificates.documents import rendering
    from certificates.evidence import packet_archive, sealing
    from certificates.models import Certificate
    from certificates.signing import identity

    is_good = True
    certificates = Certificate.objects.order_by("chain_length")
    # Fonts, keys and the like are read once for each process.
    rendering.render(certificates[0].pk, NOON)
    identity.signing_identity()
    for certificate in certificates:
        print(f"{certificate.chain_length:,} events")
        rendering.render(certificate.pk, NOON)
        packet, added = measured("seal", lambda pk=certificate.pk: sealing.seal(pk, NOON))
        is_good = is_good and added <= MAX_MB
        made, _ = measured("archive", lambda of=certificate: packet_archive.archive(of))
        with closing(made), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "evidence.zip"
            path.write_bytes(made.read())
            print(f"  {'size':8}{len(packet.sealed) / 2**20:>9.2f} MB sealed")
            asked = [sys.executable, "-I", str(packet_archive.HERE / "verify.py"), str(path)]
            began = time.perf_counter()
            done = subprocess.run(asked, capture_output=True, text=True)
            print(f"  {'verify':8}{time.perf_counter() - began:>9.3f} s")
            print(f"  {done.stdout.partition('VERIFIED')[1] or done.stdout}")
            is_good = is_good and done.returncode == 0
    sys.exit(not is_good)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[100, 50_000])
    options = parser.parse_args()
    with ScratchDatabase():
        from progress.operations import partitions

        partitions.ensure(NOON.date().replace(day=1), 1)
        aside(fill, options.events)
        aside(measure, options.events)


if __name__ == "__main__":
    main()
