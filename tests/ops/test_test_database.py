"""What bin/test gives each test: a migrated database, and an empty one after it."""

import threading

import psycopg2
import pytest
from django.db import connection, transaction
from django_celery_beat.models import (
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)

from lms_progress.embedded import keeper, template
from progress.jobs import register
from progress.models import Course, Job, User
from tests.factories import a_course_of, a_learner
from tests.support import emptying


@pytest.fixture
def other_checkout(tmp_path, monkeypatch):
    """A checkout with one migration; its database is not made, but noted."""
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    (tmp_path / "app" / "migrations").mkdir(parents=True)
    (tmp_path / "app" / "migrations" / "0001_initial.py").write_text("operations = []\n")
    monkeypatch.setattr(template, "CHECKOUT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/migrations/0001_initial.py", "operations = [1]\n"),
        ("app/migrations/0002_more.py", ""),
        ("requirements.txt", "django==5.3\n"),
    ],
)
def test_another_state_of_the_migrations_is_another_database(other_checkout, path, text):
    before = template._digest()
    assert template._digest() == before
    (other_checkout / path).write_text(text)
    assert template._digest() != before


def test_a_copied_database_has_every_migration(installation):
    installation.state.make()
    template.copy_into(installation.state)
    membership = keeper.join(installation.state, "postgres", fast=True)
    copied = psycopg2.connect(membership.url)
    try:
        with copied.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    finally:
        copied.close()
        membership.leave()
    assert {("progress", "0001_initial"), ("certificates", "0001_initial")} <= applied


def rows():
    with connection.cursor() as cursor:
        names = connection.introspection.django_table_names(only_existing=True)
        counts = {}
        for name in set(names) - emptying.KEPT:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return {name: count for name, count in counts.items() if count}


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_committed_is_left():
    a_learner(a_course_of({"content_type": "video", "duration_seconds": 60}))
    assert len(rows()) > 5
    emptying.empty(connection)
    assert rows() == {}


def registered():
    return {
        model: list(model.objects.order_by("pk").values())
        for model in (Job, PeriodicTask, PeriodicTasks, CrontabSchedule, IntervalSchedule)
    }


@pytest.mark.django_db(transaction=True)
def test_what_the_jobs_register_is_put_back_as_it_was(monkeypatch):
    # Jobs of test modules that were imported since would be missing.
    monkeypatch.setattr(emptying, "_registered", {})
    emptying.empty(connection)
    emptying.register_jobs(connection)
    first = registered()
    assert len(first[Job]) > 20 and len(first[PeriodicTask]) > 20
    Job.objects.update(last_error="failed")
    PeriodicTask.objects.all().delete()
    emptying.empty(connection)
    emptying.register_jobs(connection)
    assert registered() == first
    register()  # finds nothing that is missing
    assert registered() == first


@pytest.mark.django_db(transaction=True)
def test_what_another_process_is_about_to_commit_is_not_left_either():
    written, may_commit = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            User.objects.create(username="late")
            written.set()
            may_commit.wait(20)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(20)
    releasing = threading.Timer(0.3, may_commit.set)
    releasing.start()
    emptying.empty(connection)
    writer.join()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_finds_the_jobs_and_nothing_of_the_one_before(turn):
    assert Job.objects.filter(name="progress.tasks.prune").exists()
    assert not Course.objects.exists()
    Course.objects.create(code="c", title="C")
    Job.objects.all().delete()
