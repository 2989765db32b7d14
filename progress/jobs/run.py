"""One run of a job: what it did, and the rows that it set aside."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from progress.models import SetAside

logger = logging.getLogger(__name__)

MAX_SET_ASIDE = 100
# A lost database, a deadlock, a timeout, a full disk: not the fault of the row.
NOT_THE_ROW = (OperationalError, InterfaceError, OSError, MemoryError)


class TooManyFail(Exception):
    """So many rows fail that it can't be the rows: the run stops instead of setting all aside."""


class Run:
    """Counts the `rows` done, and sets aside those that can't be done."""

    def __init__(self, job: str, now: datetime | None = None):
        self.job = job
        self.now = now or timezone.now()
        self.rows = 0
        self._set_aside = 0

    def rows_set_aside(self):
        """The ids of the rows that this job leaves out, as a subquery."""
        return SetAside.objects.filter(job=self.job).values("row")

    def take(self, work: Callable[[Sequence[int]], int], ids: Sequence[int]) -> None:
        """Calls `work(ids)`, one transaction that returns how many rows it did.

        When it fails, each half is tried by itself, down to the single row that fails, which is set
        aside. Raises what isn't the fault of a row, and TooManyFail.
        """
        try:
            self.rows += work(ids)
        except NOT_THE_ROW:
            raise
        except Exception as error:
            # Any other error would come again with the same rows: find the one that causes it.
            if len(ids) > 1:
                middle = len(ids) // 2
                self.take(work, ids[:middle])
                self.take(work, ids[middle:])
            else:
                self._set_row_aside(ids[0], error)

    def _set_row_aside(self, row: int, error: Exception) -> None:
        if self._set_aside >= MAX_SET_ASIDE:
            raise TooManyFail(f"more than {MAX_SET_ASIDE} rows fail; the last: {error}") from error
        self._set_aside += 1
        logger.error("%s: row %s is set aside", self.job, row, exc_info=error)
        SetAside.objects.get_or_create(
            job=self.job, row=row, defaults={"error": describe(error), "set_aside_at": self.now}
        )


def describe(error: BaseException) -> str:
    """An error in a line or two: its class and message."""
    return f"{type(error).__name__}: {error}".strip()[:2000]
