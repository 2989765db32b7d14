"""The nightly sample finds stored progress that is wrong, and the admin shows an alarm."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from progress import tasks
from progress.ingest import checking
from progress.models import CourseProgress, Drift, Job
from tests.factories import a_course, a_learner, a_session, a_user, an_instructor

pytestmark = pytest.mark.django_db


@pytest.fixture
def wrong():
    """Three learners' progress; the second one's sum of sessions is wrong."""
    course = a_course()
    for _ in range(3):
        a_session(course, now=timezone.now())
    row = CourseProgress.objects.order_by("pk")[1]
    CourseProgress.objects.filter(pk=row.pk).update(total_sessions=9)
    return row


def test_no_alarm_while_everything_agrees():
    a_session(a_course(), now=timezone.now())
    tasks.check_sample()
    assert not Drift.objects.exists()
    assert Job.objects.get(name="progress.tasks.check_sample").rows == 1


def test_a_disagreement_raises_one_alarm_however_many_nights(wrong):
    tasks.check_sample()
    tasks.check_sample()
    alarm = Drift.objects.get()
    assert (alarm.enrollment_id, alarm.what) == (wrong.pk, "course total_sessions")
    assert (alarm.stored, alarm.fresh, alarm.resolved_at) == ("9", "1", None)
    wrong.refresh_from_db()
    assert wrong.total_sessions == 9, "an alarm repairs nothing"


def test_a_repair_ends_the_alarm(wrong, capsys):
    tasks.check_sample()
    call_command("check_progress", "--repair")
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"enrolment {wrong.pk}: course total_sessions is 9, should be 1",
        "1 of 1 disagreements mended.",
    ]
    assert not Drift.objects.open().exists()


def test_an_alarm_ends_the_next_night_when_the_data_was_corrected_otherwise(wrong, settings):
    tasks.check_sample()
    CourseProgress.objects.filter(pk=wrong.pk).update(
        total_sessions=1, updated_at=timezone.now() - timedelta(days=9)
    )
    # Looked at again although it is hardly in so small a sample.
    settings.CHECK_SAMPLE = 1
    for _ in range(20):
        a_learner(CourseProgress.objects.first().course)
    tasks.check_sample()
    assert Drift.objects.get().resolved_at is not None


def test_a_sample_is_no_larger_than_the_setting(settings):
    course = a_course()
    for _ in range(10):
        a_session(course, now=timezone.now())
    settings.CHECK_SAMPLE = 4
    tasks.check_sample()
    assert 2 <= Job.objects.get(name="progress.tasks.check_sample").rows <= 4


def test_learning_between_two_reads_raises_no_alarm(monkeypatch, wrong):
    """The first comparison reads without locks; only the second one, under them, counts."""
    really = checking._settle

    def mend_and_settle(rows, *args):
        CourseProgress.objects.filter(pk=wrong.pk).update(total_sessions=1)
        return really(rows, *args)

    monkeypatch.setattr(checking, "_settle", mend_and_settle)
    tasks.check_sample()
    assert not Drift.objects.exists()


@pytest.mark.parametrize("page", ["admin:index", "admin:progress_job_changelist"])
def test_administrators_see_the_alarm_and_instructors_do_not(page, wrong, client):
    tasks.check_sample()
    client.force_login(a_user(is_staff=True, is_superuser=True))
    assert "Drift alarm: 1 stored value doesn't match" in client.get(reverse(page)).content.decode()
    client.force_login(an_instructor(wrong.course))
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    assert "Drift alarm" not in answer.content.decode()
