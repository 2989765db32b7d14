"""One run of a job: what it did, and the rows that it had to set aside."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from progress.models import SetAside

logger = logging.getLogger(__name__)

MOST_SET_ASIDE = 100
# A lost database, a deadlock, a timeout, a full disk: says nothing about the row.
NOT_THE_ROW = (OperationalError, InterfaceError, OSError, MemoryError)


class TooManyFail(Exception):
    """So many rows fail that it isn't the rows: a run gives up instead of setting all aside."""


class Run:
    """Counts `rows` done, and sets aside what can't be done."""

    def __init__(self, job: str, now: datetime | None = None):
        self.job = job
        self.now = now or timezone.now()
        self.rows = 0
        self._set_aside = 0

    def rows_set_aside(self):
        """The ids that this job leaves out, as a subquery."""
        return SetAside.objects.filter(job=self.job).values("row")

    def take(self, work: Callable[[Sequence[int]], int], ids: Sequence[int]) -> None:
        """Do `work(ids)`, one transaction that answers how many rows it did.

        When it fails, the halves are done apart, down to the one row that fails alone: that is
        set aside. Raises what isn't a row's fault, and TooManyFail.
        """
        try:
            self.rows += work(ids)
        except NOT_THE_ROW:
            raise
        except Exception as error:
            # Whatever else it is, it comes again with the same rows: find the one.
            if len(ids) > 1:
                middle = len(ids) // 2
                self.take(work, ids[:middle])
                self.take(work, ids[middle:])
            else:
                self._put_aside(ids[0], error)

    def _put_aside(self, row: int, error: Exception) -> None:
        if self._set_aside >= MOST_SET_ASIDE:
            raise TooManyFail(f"more than {MOST_SET_ASIDE} rows fail; the last: {error}") from error
        self._set_aside += 1
        logger.error("%s: row %s is set aside", self.job, row, exc_info=error)
        SetAside.objects.get_or_create(
            job=self.job, row=row, defaults={"error": describe(error), "set_aside_at": self.now}
        )


def describe(error: BaseException) -> str:
    """An error in a line or two: kind and message."""
    return f"{type(error).__name__}: {error}".strip()[:2000]
