"""A simulated organisation, and everything that can be read of it, on a real Citus."""

import json

from .distributed import manage, run_python

_READ = """
import json, logging, django
django.setup()
logging.disable(logging.CRITICAL)
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from tests.citus.every_reading import failures
print(json.dumps(failures()))
"""
_JOBS = """
import django
django.setup()
from django_celery_beat.models import PeriodicTask
from lms_progress.celery import app
from progress.models import SetAside
app.loader.import_default_modules()
for name in sorted(set(PeriodicTask.objects.values_list("task", flat=True))):
    app.tasks[name]()
    print(name)
print(list(SetAside.objects.values_list("job", "row", "error")))
"""

_EXPORT = """
import tempfile, django
django.setup()
from pathlib import Path
from django.utils import timezone
from analytics.warehouse import exporting
with tempfile.TemporaryDirectory() as folder:
    print(exporting.export(Path(folder), timezone.now()))
"""


def test_everything_that_can_be_read_of_a_simulated_organisation(cluster):
    manage(cluster, "demo", "--learners", "16", "--weeks", "5", "--processes", "1")
    *jobs, set_aside = run_python(cluster, "-c", _JOBS).splitlines()
    assert len(jobs) > 20 and set_aside == "[]"
    assert json.loads(run_python(cluster, "-c", _READ).splitlines()[-1]) == []
    run_python(cluster, "manage.py", "rebuild_rollups")
    assert "Everything agrees." in run_python(cluster, "manage.py", "check_progress")
    assert int(run_python(cluster, "-c", _EXPORT).splitlines()[-1]) > 100


def test_a_month_of_evidence_is_added_and_dropped(cluster):
    said = run_python(
        cluster,
        "-c",
        "import datetime, django; django.setup();"
        "from progress.operations import partitions;"
        "month = datetime.date(2031, 5, 1);"
        "print(partitions.ensure(month, 1), partitions.stray_months());"
        "locked = partitions.briefly_locked(); locked.__enter__();"
        "partitions.drop(partitions.Partition(month)); locked.__exit__(None, None, None);"
        "print([each.name for each in partitions.existing() if each.month == month])",
    )
    assert said.splitlines()[-2:] == ["['progress_contentinteraction_2031_05'] []", "[]"]
