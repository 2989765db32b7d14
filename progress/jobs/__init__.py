"""Background jobs: each once at a time, each with a record of what it did.

A job is a function that takes a `Run`; `@job` makes it a Celery task. It works in small
transactions, so that one killed goes on where it was, and hands its rows to `Run.take`, so that
one row that can't be done doesn't stop the others.
"""

from .record import job, register
from .run import Run, TooManyFail
from .schedule import lateness

__all__ = ["Run", "TooManyFail", "job", "lateness", "register"]
