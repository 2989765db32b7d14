"""Objects that are loaded once are frozen before the first request, and not again at the next."""

import os
import subprocess
import sys

CODE = """
import django, gc
django.setup()
from django.test import Client
counts = [gc.get_freeze_count()]
for _ in range(2):
    Client().get("/healthz")
    counts.append(gc.get_freeze_count())
print(*counts, gc.get_threshold()[0])
"""


def test_the_first_request_freezes_what_is_loaded_and_the_second_does_nothing():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    before, first, second, threshold = map(int, done.stdout.split()[-4:])
    assert before < first == second
    assert first > 50_000
    assert threshold > 10_000
