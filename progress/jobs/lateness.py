"""How late jobs are, by the schedule in the database."""

from datetime import datetime, timedelta

from django_celery_beat.models import PeriodicTask

from progress.models import Job


def lateness() -> dict[str, timedelta]:
    """How long each scheduled job has been due without having succeeded; zero when it isn't due.

    By task name; jobs without an enabled entry in the schedule are left out. Two queries.
    """
    succeeded = dict(Job.objects.values_list("name", "succeeded_at"))
    entries = PeriodicTask.objects.filter(enabled=True, task__in=succeeded).select_related(
        "interval", "crontab", "solar", "clocked"
    )
    return {entry.task: _overdue(entry, succeeded[entry.task]) for entry in entries}


def _overdue(entry: PeriodicTask, succeeded_at: datetime | None) -> timedelta:
    # One that never succeeded counts from when its entry was last changed.
    left = entry.schedule.remaining_estimate(succeeded_at or entry.date_changed)
    return max(-left, timedelta())
