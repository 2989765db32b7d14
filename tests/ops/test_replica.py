"""Reports read from the replica; writes, and reads that don't ask for it, use the primary."""

import dataclasses
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections

from analytics.reporting.report import Report
from progress.catalogue import course_document, replace_course
from progress.models import ContentProgress, Course, CourseProgress
from progress.operations import replica
from progress.operations.replica import ReplicaRouter, on_replica
from progress.state import structure
from progress.state.structure import structure_of
from tests.factories import NOON, a_course, a_course_of, a_session, a_user, content, report
from tests.support.admin import page


def run(code: str, **changes) -> str:
    """What a process prints that has a replica: another connection to the same database."""
    environment = os.environ | {"DATABASE_REPLICA_URL": os.environ["DATABASE_URL"]} | changes
    environment |= {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


ROUTES = """
from django.db import router
from progress.operations import replica
from progress.models import Course, CourseProgress
from progress.operations.replica import on_replica
def databases(): return router.db_for_read(Course), router.db_for_write(Course)
print(*databases())
with on_replica(): print(*databases())
print(*databases(), router.allow_migrate("replica", "progress"))
"""


def test_only_reads_that_ask_for_it_go_there():
    assert run(ROUTES).splitlines() == [
        "default default",
        "replica default",
        "default default False",
    ]


def test_without_a_replica_everything_goes_to_the_primary():
    assert "replica" not in run(ROUTES, DATABASE_REPLICA_URL="")


def test_a_list_of_the_admin_is_read_and_rendered_within(client, db, monkeypatch):
    asked = []

    def note(self, model, **hints):
        asked.append((model, replica._on_replica.get()))

    a_course()
    client.force_login(a_user(is_staff=True, is_superuser=True))
    monkeypatch.setattr(ReplicaRouter, "db_for_read", note)
    assert client.get(page(CourseProgress)).status_code == 200
    assert (CourseProgress, True) in asked
    assert (CourseProgress, False) not in asked
    asked.clear()
    assert client.get(page(Course)).status_code == 200
    assert (Course, True) not in asked, "what is edited is read where it is written"


@pytest.mark.parametrize("fails", [False, True])
def test_it_ends_with_the_block(fails):
    try:
        with on_replica():
            assert replica._on_replica.get()
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert not replica._on_replica.get()


# --- A replica that is behind --------------------------------------------------------------------
LAGGING = """
CREATE SCHEMA lagging;
CREATE TABLE lagging.progress_course AS SELECT * FROM progress_course;
CREATE TABLE lagging.progress_module AS SELECT * FROM progress_module;
CREATE TABLE lagging.progress_content AS SELECT * FROM progress_content;
CREATE TABLE lagging.progress_user AS SELECT * FROM progress_user;
"""


@pytest.fixture
def fall_behind(transactional_db):
    """Calling it makes a replica that stays as the database is now: courses, contents, people.

    It is another connection to the same database, where older tables hide the present ones.
    """
    made = []

    def behind():
        with connection.cursor() as cursor:
            cursor.execute(LAGGING)
        settings.DATABASES["replica"] = connections["default"].settings_dict | {
            "OPTIONS": {"options": "-c search_path=lagging,public"}
        }
        # Opened here: whatever asks for it later finds it open, and isn't refused by the test.
        connections["replica"].connect()
        made.append(True)

    yield behind
    if made:
        connections["replica"].close()
        del settings.DATABASES["replica"]
        del connections["replica"]
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA lagging CASCADE")


VIDEO = {"content_type": "video", "duration_seconds": 60}


def test_the_replica_of_this_test_is_behind(fall_behind):
    course = a_course_of(VIDEO)
    fall_behind()
    Course.objects.update(title="New")
    with on_replica():
        assert Course.objects.get(pk=course.pk).title == "Fire safety"
        with replica.on_primary(), on_replica():
            assert Course.objects.get(pk=course.pk).title == "New"
    assert Course.objects.get(pk=course.pk).title == "New"


def test_a_dashboards_read_never_leaves_an_old_structure_for_ingest(fall_behind):
    course = a_course_of(VIDEO)
    session = a_session(course)
    fall_behind()
    document = course_document(course, is_author=True)
    document["modules"][0]["contents"][0]["duration_seconds"] = 120.0
    new = replace_course(document)
    with on_replica():
        # The version from the primary, the rest from the replica: as a dashboard may mix them.
        structure_of(new)
        old = Course.objects.get(pk=course.pk)
        assert structure_of(old).version in {old.structure_version, new.structure_version}
    target = content(course, "c1")
    event = {"content_id": target.pk, "interaction_type": "progress", "segments": [[0, 60]]}
    report(session, event, now=NOON + timedelta(seconds=60))
    assert ContentProgress.objects.get().completion_bp == 5_000
    assert structure_of(new).contents[target.pk].duration_ms == 120_000


def test_version_and_structure_are_of_one_moment(fall_behind, monkeypatch):
    """Code with an old row of a course gets the current structure under the current version."""
    course = a_course_of(VIDEO)
    document = course_document(course, is_author=True)
    document["modules"][0]["contents"][0]["duration_seconds"] = 120.0
    fall_behind()
    new = replace_course(document)
    monkeypatch.setattr(structure, "_recent", structure._Recent(size=10))
    found = structure_of(course)
    assert found.version == new.structure_version > course.structure_version
    [facts] = found.contents.values()
    assert facts.duration_ms == 120_000


def test_what_is_signed_is_read_from_the_primary(fall_behind):
    course = a_course_of(VIDEO)
    asked = []

    def rows(_asked):
        asked.append(Course.objects.get(pk=course.pk).title)
        return [(title,) for title in Course.objects.values_list("title", flat=True)]

    plain = Report(
        slug="x", group="x", title="x", description="x", columns=[], rows=rows, to_row=tuple
    )
    signed = dataclasses.replace(plain, is_signed=True)
    fall_behind()
    Course.objects.update(title="New")
    assert list(signed.all(None)) == [("New",)]
    with on_replica():
        assert list(signed.all(None)) == [("New",)]
    assert list(plain.all(None)) == [("Fire safety",)]
    assert asked == ["New", "New", "Fire safety"]
