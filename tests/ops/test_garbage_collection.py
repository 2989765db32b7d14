"""Objects that are loaded once are frozen before the first request, and not again at the next."""

import os
import subprocess
import sys

import pytest

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

WORKER = """
import django, gc
django.setup()
from celery import signals
before = gc.get_freeze_count()
signals.{name}.send(sender=None)
print(before, gc.get_freeze_count(), gc.get_threshold()[0])
"""


def counts(code):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return list(map(int, done.stdout.split()))


@pytest.mark.parametrize("name", ["celeryd_after_setup", "beat_init"])
def test_a_worker_and_beat_freeze_what_is_loaded_when_they_start(name):
    before, after, threshold = counts(WORKER.format(name=name))
    assert before < after
    assert after > 50_000
    # As for a server: what a task leaves in cycles is found after a while.
    assert 10_000 < threshold < 100_000


def test_the_first_request_freezes_what_is_loaded_and_the_second_does_nothing():
    before, first, second, threshold = counts(CODE)[-4:]
    # Frozen objects that are freed meanwhile aren't counted any more.
    assert before < second <= first
    assert first > 50_000
    assert threshold > 10_000
