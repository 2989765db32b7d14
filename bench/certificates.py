"""Makes badges and files of certificates and signs both, and measures how long each takes.

    python bench/certificates.py [--times N]

Prints the first of the process (fonts and keys are read then), and the median and 95th percentile
of the later ones, in several scripts. Exits with 1 when a median is over 20 ms for
a badge or for rendering a file, or over 40 ms for signing it.
"""

import argparse
import os
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

MAX_MS = {"badge": 20, "render": 20, "sign": 40}
NAMES = ["Lena Fischer", "ليلى عبد الرحمن", "שירה כהן", "अनन्या शर्मा", "สมชาย ใจดี", "王小明"]
CONTENTS = [
    {
        "title": f"What fire needs, part {part}",
        "content_type": "video",
        "needed_bp": 9000,
        "completion_source": "measured",
    }
    for part in range(1, 13)
]


def a_certificate(name: str):
    from certificates.models import Certificate

    now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    return Certificate(
        pk=123,
        course_id=7,
        course_code="fire-safety",
        course_version=3,
        number="2026-000123-7",
        code="7K3M9QXA2FZTW8RD",
        learner_name=name,
        course_title="Fire safety at work",
        time_ms=11_100_000,
        score_bp=9200,
        completed_at=now,
        issued_at=now,
        rules={"contents": CONTENTS},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--times", type=int, default=300)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
    os.environ.setdefault("SECRET_KEY", "bench")
    # Named, and never asked.
    os.environ.setdefault("DATABASE_URL", "postgres://nobody@localhost/none")
    os.environ.setdefault("REDIS_URL", "redis://localhost/0")
    os.environ.setdefault("PUBLIC_URL", "https://learn.example.com")
    import django

    django.setup()
    from certificates.badges import open_badge
    from certificates.documents.rendering import compile_pdf
    from certificates.signing.pades import sign

    took: dict[str, list[float]] = {step: [] for step in MAX_MS}

    def timed(step, call, *arguments):
        began = time.perf_counter()
        made = call(*arguments)
        took[step].append((time.perf_counter() - began) * 1000)
        return made

    for number in range(options.times + len(NAMES)):
        certificate = a_certificate(NAMES[number % len(NAMES)] + " " * (number // len(NAMES)))
        badge = timed("badge", open_badge.make, certificate)
        unsigned = timed("render", compile_pdf, certificate, badge)
        pdf, _ = timed("sign", sign, unsigned)
    print(f"{'':8}{'first':>10}{'median':>10}{'95th':>10}   ms, of {options.times}")
    medians = {step: show(step, times) for step, times in took.items()}
    print(f"size    {len(unsigned):>10,} bytes, {len(pdf):,} signed")
    sys.exit(any(medians[step] > most for step, most in MAX_MS.items()))


def show(step: str, times: list[float]) -> float:
    """Prints a line; returns the median of what came after the first of each name."""
    warm = sorted(times[len(NAMES) :])
    median = statistics.median(warm)
    print(f"{step:8}{times[0]:>10.1f}{median:>10.1f}{warm[int(0.95 * len(warm))]:>10.1f}")
    return median


if __name__ == "__main__":
    main()
