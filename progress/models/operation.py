"""What keeps the system running: jobs, what they found, and messages to be sent."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A background job and its last run; written by `progress.jobs` only.

    `runs` and `failures` count all runs so far. A run that was killed leaves `started_at` later
    than `finished_at`.
    """

    name = models.CharField(max_length=200, primary_key=True, help_text="The task's name.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(null=True, blank=True, help_text="Of the last run.")
    runs = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def short_name(self) -> str:
        """`close_idle_sessions` of `progress.tasks.close_idle_sessions`."""
        return self.name.rpartition(".")[2]

    @property
    def is_unfinished(self) -> bool:
        """Started and not finished: it runs, or it was killed."""
        return self.started_at is not None and (
            self.finished_at is None or self.finished_at < self.started_at
        )


class SetAside(models.Model):
    """A row that a job can't process: left out of its runs until staff ask for another try."""

    job = models.CharField(max_length=200)
    row = models.BigIntegerField(help_text="An enrolment's id, or what the job works on.")
    error = models.TextField()
    set_aside_at = models.DateTimeField()

    class Meta:
        verbose_name = "row set aside"
        verbose_name_plural = "rows set aside"
        constraints = [models.UniqueConstraint(fields=["job", "row"], name="set_aside_once")]

    def __str__(self):
        return f"{self.job} {self.row}"


class DriftQuerySet(models.QuerySet):
    def open(self):
        return self.filter(resolved_at=None)


class Drift(models.Model):
    """A stored aggregate that differed from the rows it is made of; an alarm while it is open."""

    enrollment = models.ForeignKey(
        "progress.Enrollment", models.CASCADE, related_name="+", verbose_name="enrolment"
    )
    what = models.CharField(max_length=200)
    stored = models.TextField()
    fresh = models.TextField("recomputed")
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "drift"
        constraints = [
            # Found again every night until it is mended, but one alarm.
            models.UniqueConstraint(
                fields=["enrollment", "what"],
                condition=Q(resolved_at=None),
                name="drift_open_once",
            ),
        ]

    def __str__(self):
        return f"enrolment {self.enrollment_id}: {self.what}"


class EvidenceExport(models.Model):
    """A month of evidence that left the database for a file, and whether its rows are dropped.

    The file is gzipped CSV with a header; `sha256` is that of the file's bytes. Rows that come
    after the month was dropped make another export of it.
    """

    partition = models.CharField(max_length=63)
    file = models.CharField(max_length=500, unique=True)
    rows = models.PositiveBigIntegerField()
    last_id = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    exported_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return self.partition


class OutboxMessageQuerySet(models.QuerySet):
    def waiting(self):
        """Neither sent nor given up."""
        return self.filter(sent_at=None, set_aside_at=None)

    def due(self, now: datetime):
        return self.waiting().filter(Q(retry_at=None) | Q(retry_at__lte=now))


class OutboxMessage(models.Model):
    """A message to the apps above, written in the transaction that made it true.

    Normally sent right after commit; the sweep sends what is left, at growing intervals after each
    failure (`retry_at`), and sets aside what fails for hours. Receivers are idempotent, since a
    message may be sent twice.
    """

    FIRST_RETRY = timedelta(minutes=1)
    MAX_RETRY = timedelta(hours=1)
    MAX_ATTEMPTS = 14  # nine hours of trying

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, db_default="", default="")

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(sent_at=None), name="outbox_unsent"),
        ]
        constraints = [
            # A course completes once for an enrolment, however many devices race for it.
            models.UniqueConstraint(fields=["kind", "key"], name="outbox_message_once"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"

    def note_failure(self, now: datetime, error: str) -> None:
        """Schedules the next try, each after twice the wait; sets it aside after the last one."""
        self.last_error = error
        if self.attempts >= self.MAX_ATTEMPTS:
            self.set_aside_at = now
        wait = self.FIRST_RETRY * 2 ** min(self.attempts - 1, 10)
        self.retry_at = now + min(wait, self.MAX_RETRY)
