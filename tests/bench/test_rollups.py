"""The bench of rollups, with few learners."""

import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO

from django.core.management import call_command

from analytics.models import LearnerDay
from lms_progress.embedded.state import CHECKOUT
from progress.models import Course


def compare(environment):
    return subprocess.run(
        [sys.executable, "bench/rollups.py", "org-height"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_rebuilds_and_finds_what_differs(transactional_db, _process_environment):
    today = datetime.now(UTC).date()
    call_command("demo", learners=6, weeks=2, until=today, processes=1, stdout=StringIO())
    ran = compare(_process_environment)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1].split() == ["differing", "0"]
    course = Course.objects.get(code="org-height")
    spoilt = LearnerDay.objects.filter(course=course).first()
    spoilt.events += 1
    spoilt.save()
    ran = compare(_process_environment)
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1].split() == ["differing", "2"]
