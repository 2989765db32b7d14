"""When jobs run: declared beside each job, written to the database once, then the operator's.

The first `migrate` that finds a job which the database doesn't know yet writes the job's entry to
the schedule (admin, Periodic tasks). Later ones leave it alone, whether the operator has changed,
disabled or deleted it.
"""

from dataclasses import dataclass

from celery import current_app
from django.db import migrations

INTERVAL, CRONTAB = "IntervalSchedule", "CrontabSchedule"


@dataclass(frozen=True, slots=True)
class Schedule:
    """An entry of the schedule: its name in the admin, and a row of the model that says when."""

    name: str
    model: str
    fields: dict[str, object]
    expire_seconds: int | None = None

    @property
    def column(self) -> str:
        """The entry's column that refers to the row."""
        return "interval" if self.model == INTERVAL else "crontab"


def every(name: str, *, minutes: int, expires: bool = False) -> Schedule:
    """Every so many minutes. With `expires`, a run that has waited that long for a worker is
    dropped, as the next one does its work."""
    fields = {"every": minutes, "period": "minutes"}
    return Schedule(name, INTERVAL, fields, minutes * 60 if expires else None)


def crontab(name: str, *, minute: str, hour: str = "*", day_of_week: str = "*") -> Schedule:
    """By the clock, in UTC; the fields are those of cron."""
    fields = {"minute": minute, "hour": hour, "day_of_week": day_of_week, "timezone": "UTC"}
    return Schedule(name, CRONTAB, fields | {"day_of_month": "*", "month_of_year": "*"})


_declared: dict[str, Schedule | None] = {}


def declare(task: str, schedule: Schedule | None) -> None:
    _declared[task] = schedule


def declared() -> dict[str, Schedule | None]:
    """Every job's schedule, by task name; None for those that only other code calls."""
    current_app.loader.import_default_modules()
    return dict(_declared)


def write(task: str, schedule: Schedule, apps) -> None:
    """Add the entry, unless there is one of this name or for this task."""
    entries = apps.get_model("django_celery_beat", "PeriodicTask").objects
    if entries.filter(name=schedule.name).exists() or entries.filter(task=task).exists():
        return
    rows = apps.get_model("django_celery_beat", schedule.model).objects
    # Not get_or_create: nothing keeps an operator from making two alike.
    row = rows.filter(**schedule.fields).first() or rows.create(**schedule.fields)
    entries.create(
        name=schedule.name,
        task=task,
        expire_seconds=schedule.expire_seconds,
        **{schedule.column: row},
    )


def schedule_entries(*tasks: str) -> migrations.RunPython:
    """For migrations from before jobs declared their schedule: writes the entries of these tasks.

    A database that has been there is left as it is, one that comes there gets what is declared
    today. A new job needs no migration: see `progress.jobs.task.register`.
    """

    def forwards(apps, schema_editor) -> None:
        schedules = declared()
        for task in tasks:
            if (schedule := schedules.get(task)) is not None:
                write(task, schedule, apps)

    def backwards(apps, schema_editor) -> None:
        entries = apps.get_model("django_celery_beat", "PeriodicTask").objects
        entries.filter(task__in=tasks).delete()

    return migrations.RunPython(forwards, backwards)
