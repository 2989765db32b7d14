"""When jobs run: declared beside each job, written to the database once, then the operator's.

The first `migrate` that finds a job which the database doesn't know yet writes the job's entry to
the schedule (admin, Periodic tasks). Later ones leave it alone, whether the operator has changed,
disabled or deleted it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from celery import current_app
from django.db import migrations
from django.utils import timezone

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


def every(name: str, *, minutes: int = 0, seconds: int = 0, expires: bool = False) -> Schedule:
    """Every so many minutes, or seconds. With `expires`, a run that has waited that long for a
    worker is dropped, as the next one does its work."""
    count, period = (minutes, "minutes") if minutes else (seconds, "seconds")
    fields: dict[str, object] = {"every": count, "period": period}
    return Schedule(name, INTERVAL, fields, (minutes * 60 + seconds) if expires else None)


def crontab(name: str, *, minute: str, hour: str = "*", day_of_week: str = "*") -> Schedule:
    """By the clock, in UTC; the fields are those of cron."""
    fields: dict[str, object] = {
        "minute": minute,
        "hour": hour,
        "day_of_week": day_of_week,
        "timezone": "UTC",
    }
    return Schedule(name, CRONTAB, fields | {"day_of_month": "*", "month_of_year": "*"})


_declared: dict[str, Schedule | None] = {}


def declare(task: str, schedule: Schedule | None) -> None:
    _declared[task] = schedule


def declared() -> dict[str, Schedule | None]:
    """Every job's schedule, by task name; None for those that only other code calls."""
    current_app.loader.import_default_modules()
    return dict(_declared)


def write(schedules: Mapping[str, Schedule], apps) -> None:
    """Adds the entries, by task, unless there is one of the same name or for the same task.

    A handful of statements however many they are; beat reads its schedule again.
    """
    entries = apps.get_model("django_celery_beat", "PeriodicTask").objects
    there = list(entries.values_list("name", "task"))
    names, tasks = {name for name, _ in there}, {task for _, task in there}
    new = {
        task: each
        for task, each in schedules.items()
        if each.name not in names and task not in tasks
    }
    if not new:
        return
    rows = {model: _rows(model, new.values(), apps) for model in (INTERVAL, CRONTAB)}
    entries.bulk_create(
        entries.model(
            name=each.name,
            task=task,
            expire_seconds=each.expire_seconds,
            **{each.column: rows[each.model][_key(each.fields)]},
        )
        for task, each in new.items()
    )
    changed = apps.get_model("django_celery_beat", "PeriodicTasks").objects
    changed.update_or_create(ident=1, defaults={"last_update": timezone.now()})


def _rows(model: str, schedules: Iterable[Schedule], apps) -> dict[tuple, object]:
    """The rows that say when, by their fields; those that are missing are created."""
    wanted = {_key(each.fields): each.fields for each in schedules if each.model == model}
    if not wanted:
        return {}
    stored = apps.get_model("django_celery_beat", model).objects
    fields = next(iter(wanted.values()))
    # Of several alike, which an operator may have made, one serves.
    rows = {_key({name: getattr(row, name) for name in fields}): row for row in stored.all()}
    missing = [stored.model(**wanted[key]) for key in wanted if key not in rows]
    created = stored.bulk_create(missing)
    return rows | {_key({name: getattr(row, name) for name in fields}): row for row in created}


def _key(fields: Mapping[str, object]) -> tuple:
    return tuple(str(fields[name]) for name in sorted(fields))


def schedule_entries(*tasks: str) -> migrations.RunPython:
    """For migrations from before jobs declared their schedule: writes the entries of these tasks.

    A database that has been there is left as it is, one that comes there gets what is declared
    today. A new job needs no migration: see `progress.jobs.task.register`.
    """

    def forwards(apps, schema_editor) -> None:
        schedules = declared()
        # A job may be gone since.
        found = {each: schedule for each in tasks if (schedule := schedules.get(each))}
        write(found, apps)

    def backwards(apps, schema_editor) -> None:
        entries = apps.get_model("django_celery_beat", "PeriodicTask").objects
        entries.filter(task__in=tasks).delete()

    return migrations.RunPython(forwards, backwards)
