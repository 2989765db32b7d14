"""Background jobs: each runs once at a time, on its schedule, and leaves a record of how it went.

A job is a function that takes a `Run`; `@job` makes it a Celery task and declares its schedule. It
works in small transactions, so that after being killed it continues where it was, and hands its
rows to `Run.take`, so that one row that can't be done doesn't stop the others.
"""

from .lateness import lateness
from .run import Run, TooManyFail
from .schedule import crontab, declared, every
from .task import job, register

__all__ = ["Run", "TooManyFail", "crontab", "declared", "every", "job", "lateness", "register"]
