"""Reports ask the replica; whoever writes, and whoever doesn't ask for it, the primary."""

import os
import subprocess
import sys

import pytest

from progress import replica
from progress.models import Course, CourseProgress
from progress.replica import ReplicaRouter, on_replica
from tests.admin.world import page
from tests.factories import a_course, a_user


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
from progress import replica
from progress.models import Course, CourseProgress
from progress.replica import on_replica
def told(): return router.db_for_read(Course), router.db_for_write(Course)
print(*told())
with on_replica(): print(*told())
print(*told(), router.allow_migrate("replica", "progress"))
"""


def test_only_reads_that_ask_for_it_go_there():
    assert run(ROUTES).splitlines() == [
        "default default",
        "replica default",
        "default default False",
    ]


def test_without_a_replica_everything_is_asked_of_the_primary():
    assert "replica" not in run(ROUTES, DATABASE_REPLICA_URL="")


def test_a_list_of_the_admin_is_read_and_rendered_within(client, db, monkeypatch):
    asked = []

    def note(self, model, **hints):
        asked.append((model, replica._asked.get()))

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
            assert replica._asked.get()
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert not replica._asked.get()
