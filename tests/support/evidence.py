"""Sealed evidence of a certificate: packed, unpacked, verified and exported."""

import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.db import connection

from certificates import tasks
from certificates.evidence import packet_archive
from certificates.lifecycle import issuing
from certificates.models import Certificate
from progress.operations import partitions, retention
from tests.factories import NOON, a_course_of, a_learner, a_session, content, enrolled, report
from tests.support.certificates import LATER

VIDEO = {"content_type": "video", "title": "Fire doors", "duration_seconds": 10}


EMBED = {"content_type": "embed", "completion_source": "reported", "title": "A walk"}


def a_sealed() -> Certificate:
    """A video watched in three events, a walk that the learner reported, and one later event."""
    course = a_course_of(VIDEO, EMBED)
    learner = a_learner(full_name="Lena Fischer")
    enrolled(learner, course)
    session = a_session(course, learner)
    video = content(course, "c1").pk
    for first, last in [(0, 4), (2, 6), (6, 10)]:
        watched = {
            "content_id": video,
            "interaction_type": "progress",
            "segments": [[first, last]],
            "duration_seconds": last - first,
        }
        report(session, watched, now=NOON + timedelta(seconds=60 * last))
    walked = {"content_id": content(course, "c2").pk, "interaction_type": "progress"}
    report(session, walked | {"completion_percentage": 100}, now=LATER)
    certificate = issuing.issue(session.enrollment_id, LATER)
    report(session, {"content_id": video, "interaction_type": "view"}, now=LATER)
    tasks.render_certificate(certificate.pk)
    tasks.seal_evidence(certificate.pk)
    return certificate


def unpacked(certificate, folder):
    with packet_archive.archive(certificate) as file, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


def verify(path) -> tuple[int, str]:
    """The result of the packet's own program, run by a Python without our packages."""
    script = path / "verify.py" if path.is_dir() else packet_archive.HERE / "verify.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(path)], capture_output=True, text=True, cwd="/"
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def expiring(settings, tmp_path):
    settings.EVIDENCE_MONTHS = 1
    settings.EVIDENCE_ARCHIVE = str(tmp_path / "archive")
    partitions.ensure(NOON.date().replace(day=1), 1)
    return NOON + timedelta(days=100)


def export(now):
    """Export with all constraints checked first, as in a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return list(retention.export_expired(now))
