"""The bench of open streams, with few of them."""

import subprocess
import sys

from lms_progress.embedded.state import CHECKOUT


def test_it_opens_streams_and_counts_what_arrives(_process_environment):
    few = ["--streams", "20", "--learners", "5", "--updates", "10"]
    ran = subprocess.run(
        [sys.executable, "bench/streams.py", *few],
        cwd=CHECKOUT,
        env=_process_environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    printed = dict(line.split(maxsplit=1) for line in ran.stdout.splitlines())
    assert printed["streams"].startswith("20 ")
    assert printed["missing"] == "0     of 40 deliveries"
