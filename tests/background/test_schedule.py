"""Each job's schedule is written to the database once; from then on it is the operator's."""

from datetime import timedelta

import pytest
from celery.schedules import crontab as celery_crontab
from celery.schedules import schedule as celery_interval
from django.apps import apps
from django.db.migrations.state import StateApps
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from progress.jobs import crontab, declared, every, register
from progress.jobs import schedule as schedules
from progress.jobs.schedule import schedule_entries
from progress.models import Job

pytestmark = pytest.mark.django_db

# name: (task, every so many minutes, dropped when it waits longer than so many seconds)
INTERVALS = {
    "Check uploads that wait": ("authoring.tasks.check_waiting_uploads", 1, 60),
    "Send webhooks": ("connections.tasks.send_webhooks", 5, 5),  # seconds
    "Write events about due dates": ("connections.tasks.write_due_dates", 15, 900),
    "Expire the demo's guests": ("lms_progress.demo.tasks.expire_guests", 15, 900),
    "Close idle sessions": ("progress.tasks.close_idle_sessions", 1, 60),
    "Submit attempts whose time is over": ("progress.tasks.submit_overdue_attempts", 1, 60),
    "Erase test data": ("progress.tasks.erase_test_data", 10, 600),
    "Send the outbox": ("progress.tasks.send_outbox", 1, 60),
    "Send mail": ("progress.tasks.send_mail", 1, 60),
    "Refold changed courses": ("progress.tasks.refold_restructured", 5, 300),
    "Recompute averages": ("progress.tasks.recompute_averages", 10, 600),
    "Fold new evidence into rollups": ("analytics.tasks.fold_rollups", 2, None),
    "Trace learners' skills from new answers": ("analytics.tasks.trace_skills", 2, None),
    "Remind learners at their own hour": ("progress.tasks.remind_learners", 5, 300),
    "Make copies of own data": ("progress.tasks.make_own_data", 5, 300),
    "Issue missing certificates": ("certificates.tasks.issue_missing", 5, None),
    "Render missing certificates": ("certificates.tasks.render_missing", 5, None),
    "Seal missing evidence of certificates": ("certificates.tasks.seal_missing", 5, None),
    "Begin renewals of certificates": ("certificates.tasks.begin_renewals", 60, None),
    "Remind learners of expiring certificates": ("certificates.tasks.remind", 60, None),
}
# name: (task, minute, hour, day of the week), in UTC
CRONTABS = {
    "Make the evidence's partitions": ("progress.tasks.make_partitions", "10", "3", "*"),
    "Check a sample of progress": ("progress.tasks.check_sample", "20", "2", "*"),
    "Index contents for search": ("progress.tasks.index_contents", "30", "2", "*"),
    "Warn of short media": ("progress.tasks.warn_of_short_media", "50", "4", "*"),
    "Export old evidence": ("progress.tasks.export_evidence", "40", "3", "*"),
    "Delete unfinished uploads": ("authoring.tasks.prune_uploads", "50", "4", "*"),
    "Delete old webhook events": ("connections.tasks.prune_events", "30", "4", "*"),
    "Delete expired copies of own data": ("progress.tasks.delete_own_data", "20", "4", "*"),
    "Prune": ("progress.tasks.prune", "10", "4", "*"),
    "Follow learners who moved to another time zone": (
        "analytics.tasks.follow_zones",
        "40",
        "1",
        "*",
    ),
    "Score risk of changed learners": ("analytics.tasks.score_changed_risk", "7", "*", "*"),
    "Learn who completes from finished enrolments": ("analytics.tasks.learn_risk", "5", "3", "*"),
    "Score risk of everyone": ("analytics.tasks.score_risk", "40", "3", "*"),
    "Compare forecasts of completion with what happened": (
        "analytics.tasks.learn_forecasts",
        "15",
        "3",
        "*",
    ),
    "Forecast when everyone completes": ("analytics.tasks.forecast_completions", "55", "3", "*"),
    "Measure the risk model": ("analytics.tasks.backtest_risk", "20", "4", "0"),
    "Learn how answers are predicted": ("analytics.tasks.learn_mastery", "30", "4", "6"),
    "Follow quizzes whose skills have changed": ("analytics.tasks.follow_skills", "50", "1", "*"),
    "Mail saved reports": ("analytics.tasks.send_reports", "35", "*", "*"),
    "Open and close alerts": ("analytics.tasks.watch_alerts", "22", "*", "*"),
    "Write digests of alerts": ("analytics.tasks.write_digests", "0", "6", "*"),
    "Send letters and digests of alerts": ("analytics.tasks.send_alert_mail", "*/5", "*", "*"),
    "Enrol and remind people of requirements": (
        "analytics.tasks.escalate_requirements",
        "50",
        "*",
        "*",
    ),
    "Export the warehouse's views as files": (
        "analytics.tasks.export_warehouse",
        "10",
        "5",
        "*",
    ),
    "Find what helped similar learners": ("analytics.tasks.find_peers", "25", "2", "*"),
    "Count how many pass each quiz": ("analytics.tasks.count_passes", "35", "*", "*"),
}
# Called by other code, with ids.
UNSCHEDULED = {
    "progress.tasks.index_course",
    "progress.tasks.refold_course",
    "certificates.tasks.render_anew",
}


def intervals() -> dict[str, tuple]:
    return {
        entry.name: (entry.task, entry.interval.every, entry.expire_seconds)
        for entry in PeriodicTask.objects.exclude(interval=None).select_related("interval")
    }


def crontabs() -> dict[str, tuple]:
    return {
        entry.name: (
            entry.task,
            entry.crontab.minute,
            entry.crontab.hour,
            entry.crontab.day_of_week,
        )
        for entry in PeriodicTask.objects.exclude(crontab=None).select_related("crontab")
    }


def a_new_database() -> None:
    """What `migrate` finds where it has made the tables: no job is known."""
    Job.objects.all().delete()
    PeriodicTask.objects.all().delete()
    IntervalSchedule.objects.all().delete()
    CrontabSchedule.objects.all().delete()


@pytest.fixture
def new_job(monkeypatch) -> str:
    """The name of a job of a new release, which this database doesn't know yet."""
    name = "tests.count_stars"
    monkeypatch.setitem(schedules._declared, name, every("Count the stars", minutes=3))
    return name


def test_a_migrated_database_has_every_entry():
    """This one was migrated before the tests began."""
    assert intervals() == INTERVALS
    assert crontabs() == CRONTABS


def test_a_new_database_gets_exactly_these_entries():
    a_new_database()
    register()
    assert intervals() == INTERVALS
    assert crontabs() == CRONTABS
    assert all(PeriodicTask.objects.values_list("enabled", flat=True))
    assert {str(zone) for zone in CrontabSchedule.objects.values_list("timezone", flat=True)} == {
        "UTC"
    }
    assert set(IntervalSchedule.objects.values_list("period", flat=True)) == {
        "minutes",
        "seconds",
    }


def test_every_job_declares_a_schedule_or_is_called_by_other_code():
    ours = {
        name: schedule
        for name, schedule in declared().items()
        if name.startswith(("progress.", "analytics.", "certificates."))
    }
    assert {name for name, schedule in ours.items() if schedule is None} == UNSCHEDULED
    names = [schedule.name for schedule in ours.values() if schedule is not None]
    assert len(names) == len(set(names))


def test_all_entries_cost_a_handful_of_statements(django_assert_max_num_queries):
    a_new_database()
    declared()
    with django_assert_max_num_queries(15):
        register()


def test_entries_that_run_at_the_same_times_share_a_row():
    a_new_database()
    register()
    assert IntervalSchedule.objects.filter(every=5, period="minutes").count() == 1
    assert CrontabSchedule.objects.filter(minute="35", hour="*").count() == 1


def test_what_the_operator_has_changed_stays_changed():
    """Later migrations neither correct it nor bring anything back."""
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    entries = PeriodicTask.objects
    entries.filter(name="Close idle sessions").update(interval=hourly, expire_seconds=None)
    entries.filter(name="Send mail").update(enabled=False)
    entries.filter(name="Prune").update(name="Clean up")
    entries.filter(name="Mail saved reports").delete()
    before = list(entries.order_by("pk").values())
    register()
    assert list(entries.order_by("pk").values()) == before


def test_an_entry_of_this_name_or_for_this_task_is_not_added_again():
    """A database may be older than the record of its jobs."""
    PeriodicTask.objects.filter(name="Prune").update(name="Clean up")
    PeriodicTask.objects.filter(name="Send mail").update(task="my.own.task")
    before = list(PeriodicTask.objects.order_by("pk").values())
    Job.objects.all().delete()
    register()
    assert list(PeriodicTask.objects.order_by("pk").values()) == before


def test_the_next_migration_schedules_a_job_of_a_new_release_once(new_job):
    register()
    entry = PeriodicTask.objects.get(task=new_job)
    assert (entry.name, entry.interval.every, entry.enabled) == ("Count the stars", 3, True)
    entry.delete()
    register()
    assert not PeriodicTask.objects.filter(task=new_job).exists()


def test_a_running_beat_reads_a_new_entry(new_job):
    register()
    before = PeriodicTasks.last_change()
    Job.objects.filter(name=new_job).delete()
    PeriodicTask.objects.filter(task=new_job).delete()
    register()
    assert PeriodicTasks.last_change() > before


def test_two_alike_that_an_operator_made_do_not_stop_a_migration(new_job):
    for _ in range(2):
        IntervalSchedule.objects.create(every=3, period=IntervalSchedule.MINUTES)
    register()
    assert PeriodicTask.objects.filter(task=new_job).count() == 1


def test_old_migrations_write_what_is_declared_and_take_it_back():
    """A database may have the row of a job and not its entry, when it was migrated in part."""
    migration = schedule_entries("certificates.tasks.remind", "a.job.that.is.no.more")
    migration.reverse_code(apps, None)
    assert not PeriodicTask.objects.filter(task="certificates.tasks.remind").exists()
    assert PeriodicTask.objects.count() == len(INTERVALS) + len(CRONTABS) - 1
    register()
    assert not PeriodicTask.objects.filter(task="certificates.tasks.remind").exists()
    migration.code(apps, None)
    assert intervals() == INTERVALS


def test_a_database_without_the_tables_yet_registers_nothing():
    early = StateApps([], {})
    a_new_database()
    register(apps=early)
    assert not Job.objects.exists() and not PeriodicTask.objects.exists()


def test_beat_reads_what_was_declared():
    a_new_database()
    register()
    by_name = {entry.name: entry.schedule for entry in PeriodicTask.objects.all()}
    assert by_name["Send mail"] == celery_interval(timedelta(minutes=1))
    weekly = celery_crontab(minute="20", hour="4", day_of_week="0")
    assert by_name["Measure the risk model"].hour == weekly.hour
    assert by_name["Measure the risk model"].day_of_week == weekly.day_of_week
    assert by_name["Send letters and digests of alerts"].minute == set(range(0, 60, 5))


def test_a_declaration_says_when_by_interval_or_by_the_clock():
    assert every("Often", minutes=2).expire_seconds is None
    assert every("Often", minutes=2, expires=True).expire_seconds == 120
    assert crontab("At night", minute="5", hour="1").fields["day_of_week"] == "*"
