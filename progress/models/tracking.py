"""What was learned: progress, sessions and the evidence for both.

`progress.ingest` is the only writer (start, record, end, close, refold). Amounts are integers:
milliseconds, basis points of a percent. The names that people read (`time_spent_minutes`,
`completion_percentage`, …) are columns which the database itself generates from them.

Lock order, everywhere: the enrolment's `CourseProgress` row first (`operations/locking.py`).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Cast
from django.utils import timezone

from .learner_keys import LearnerForeignKey, LearnerOneToOneField, LearnerRow, LearnerRows
from .sessions import LearningSessionQuerySet
from .spans import SpansField

_HUNDREDTHS = models.DecimalField(max_digits=16, decimal_places=2)


def _ratio(column: str, divisor: int, places: int) -> models.GeneratedField:
    """A stored column that shows integer `column` in the unit people read."""
    amount = models.DecimalField(max_digits=16, decimal_places=places)
    expression = Cast(F(column), amount) / divisor
    return models.GeneratedField(expression=expression, output_field=amount, db_persist=True)


class CourseProgressQuerySet(LearnerRows):
    def behind(self, structure_version):
        """Unfinished learners whose percentages were folded with an older structure."""
        unfinished = self.filter(completed_at=None, structure_version__lt=structure_version)
        return unfinished.filter(enrollment__is_current=True, enrollment__unenrolled_at=None)


class CourseProgress(LearnerRow):
    """An enrolment's progress in its course, and the row that serialises its writers.

    `completed_at` is written once; after that the percentage stays 100 whatever the author adds.
    `active_spans` is the union of credited active wall-clock time over all sessions, in epoch
    milliseconds. `elapsed_spans` is the union of the sessions' elapsed time, which buys coverage;
    `coverage_spent_ms` is what has been bought. Both hold the newest spans only: older ones are in
    `PastSpans`, up to `past_active_until` and `past_elapsed_until`. All active spans together are
    as long as `time_ms`; `past_elapsed_ms` is how much elapsed time the older ones are. The
    `chain_` columns are the head of the enrolment's evidence chain.
    """

    enrollment = LearnerOneToOneField(
        "progress.Enrollment",
        models.PROTECT,
        primary_key=True,
        related_name="course_progress",
        verbose_name="enrolment",
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")
    course = models.ForeignKey("progress.Course", models.PROTECT, related_name="+", db_index=False)

    completion_bp = models.PositiveIntegerField(default=0)
    completion_percentage = _ratio("completion_bp", 100, 2)
    completed_at = models.DateTimeField(null=True, blank=True)
    structure_version = models.PositiveIntegerField(
        default=0, help_text="The course's version that the stored percentages were folded with."
    )
    module_progress = models.JSONField(
        default=dict,
        blank=True,
        help_text="{module id: {completion_percentage, is_complete, completed_at}}",
    )

    time_ms = models.PositiveBigIntegerField(default=0)
    time_spent_minutes = _ratio("time_ms", 60_000, 2)
    active_spans = SpansField(default=tuple)
    elapsed_spans = SpansField(default=tuple)
    past_active_until = models.BigIntegerField(null=True, blank=True)
    past_elapsed_until = models.BigIntegerField(null=True, blank=True)
    past_elapsed_ms = models.PositiveBigIntegerField(default=0, db_default=0)
    coverage_spent_ms = models.PositiveBigIntegerField(default=0)

    current_module = models.ForeignKey(
        "progress.Module", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    session_start_time = models.DateTimeField(null=True, blank=True)
    total_sessions = models.PositiveIntegerField(default=0)
    ended_sessions = models.PositiveIntegerField(default=0)
    ended_ms = models.PositiveBigIntegerField(default=0)
    avg_session_duration = models.GeneratedField(
        expression=Case(
            When(ended_sessions=0, then=Cast(0, _HUNDREDTHS)),
            default=Cast(F("ended_ms"), _HUNDREDTHS) / (F("ended_sessions") * 60_000),
        ),
        output_field=_HUNDREDTHS,
        db_persist=True,
        help_text="Minutes, over ended sessions.",
    )

    resume_content = models.ForeignKey(
        "progress.Content", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    resume_session = models.UUIDField(null=True, blank=True)
    resume_intent_at = models.DateTimeField(null=True, blank=True)
    resume_position_milli = models.BigIntegerField(null=True, blank=True)
    resume_updated_at = models.DateTimeField(null=True, blank=True)

    waived = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="Contents that need not be done: those of the waivers in force.",
    )
    waivers_declined = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="Contents that the learner wants to learn anyway.",
    )

    chain_length = models.PositiveBigIntegerField(default=0)
    chain_hash = models.BinaryField(default=bytes, max_length=32)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CourseProgressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "course progress"
        permissions = [
            (
                "view_all_progress",
                "Can view the progress of every course, also while teaching some",
            ),
        ]
        indexes = [
            # What a course's page asks of all its enrolments, and which were completed when; who is
            # meant is read without the rows themselves, which are wide.
            models.Index(
                fields=["course", "completed_at"],
                include=["enrollment", "user"],
                name="course_progress_of_course",
            ),
            # The job that folds a changed course asks for rows of an older version.
            models.Index(
                fields=["course", "structure_version", "enrollment"],
                condition=Q(completed_at=None),
                name="course_progress_to_refold",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(completion_bp__lte=10000), name="course_progress_in_range"
            ),
            # 100.00 and "complete" are one fact, seen from two sides. An author who removes the
            # last missing item makes both true in the same refold.
            models.CheckConstraint(
                condition=Q(completed_at=None, completion_bp__lt=10000)
                | Q(completed_at__isnull=False, completion_bp=10000),
                name="course_progress_100_is_complete",
            ),
        ]

    def __str__(self):
        return f"progress of enrolment {self.enrollment_id}"


class LearningSession(LearnerRow):
    """A learner's session in a course on one device: open, then ended by the client or expired.

    Several may be open at once. `last_activity_at` is the server-corrected time of the last event
    that shows the learner at work (the start, before any), and where an expired session ends: idle
    beats don't move it. `active_until` is the end of its newest active span. `elapsed_spans` are
    the stretches of the session without a silence longer than the session timeout; `positions` are
    the newest positions of this session, `{content id: [position in thousandths, epoch ms,
    sequence]}`.
    """

    class EndReason(models.TextChoices):
        ENDED = "ended"
        EXPIRED = "expired"

    session_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.PROTECT, related_name="sessions", verbose_name="enrolment"
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="sessions")
    course = models.ForeignKey("progress.Course", models.PROTECT, related_name="+")
    module = models.ForeignKey(
        "progress.Module", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    content = models.ForeignKey(
        "progress.Content", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    device_id = models.CharField(max_length=64, blank=True)
    client_session_id = models.UUIDField(null=True, blank=True)

    start_time = models.DateTimeField()
    end_time = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)
    last_activity_at = models.DateTimeField(db_column="last_event_at")
    active_until = models.BigIntegerField(null=True, blank=True, help_text="Epoch milliseconds.")
    last_sequence = models.BigIntegerField(null=True, blank=True)

    active_ms = models.PositiveBigIntegerField(default=0)
    idle_ms = models.PositiveBigIntegerField(default=0)
    idle_time_minutes = _ratio("idle_ms", 60_000, 2)
    distractions = models.PositiveIntegerField(default=0)
    pages_viewed = models.PositiveIntegerField(default=0)
    videos_watched = models.PositiveIntegerField(default=0)
    quizzes_attempted = models.PositiveIntegerField(default=0)
    opened = ArrayField(models.BigIntegerField(), default=list, blank=True)
    played = ArrayField(models.BigIntegerField(), default=list, blank=True)
    answered = ArrayField(models.BigIntegerField(), default=list, blank=True)
    elapsed_spans = SpansField(default=tuple)
    positions = models.JSONField(default=dict, blank=True)

    objects = LearningSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-start_time"]
        indexes = [
            # For the sweep. No index on what moves with a heartbeat: it would write to all of them.
            models.Index(
                fields=["start_time", "session_id"],
                condition=Q(end_time=None),
                name="session_open_by_start",
            ),
            # The job that mends averages asks for what ended lately.
            models.Index(fields=["end_time"], name="session_by_end"),
            # A learner's sessions, newest first (pages and admin); the open ones (ingest).
            models.Index(fields=["enrollment", "-start_time"], name="session_of_enrollment"),
            models.Index(
                fields=["enrollment"], condition=Q(end_time=None), name="session_open_of_enrollment"
            ),
        ]
        constraints = [
            # A relaunched tracker asks again with the same id and must get the same session.
            models.UniqueConstraint(
                fields=["user", "course", "client_session_id"], name="session_client_id_once"
            ),
            models.CheckConstraint(
                condition=Q(end_time=None) | Q(end_time__gte=F("start_time")),
                name="session_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(end_time=None, end_reason="")
                | Q(end_time__isnull=False, end_reason__in=["ended", "expired"]),
                name="session_end_has_reason",
            ),
        ]

    def __str__(self):
        return str(self.session_id)


class ContentProgress(LearnerRow):
    """An enrolment's progress in one content.

    `coverage` counts in the content's own unit: milliseconds, pages (page n is `[n-1, n)`), or
    thousandths of a text. `dwell_ppm` is, for each page or bin, the share of the dwell it needs
    to count as read, in millionths. Positions are thousandths of a second, a page or the whole.
    """

    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.PROTECT, related_name="contents", verbose_name="enrolment"
    )
    content = models.ForeignKey(
        "progress.Content", models.PROTECT, related_name="progress", db_index=False
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")

    completion_bp = models.PositiveIntegerField(default=0)
    completion_percentage = _ratio("completion_bp", 100, 2)
    completed_at = models.DateTimeField(null=True, blank=True)
    coverage = SpansField(default=tuple)
    dwell_ppm = ArrayField(models.IntegerField(), null=True, blank=True)
    media_version = models.PositiveIntegerField(default=1)
    reported_bp = models.PositiveIntegerField(default=0)
    replayed_ms = models.PositiveBigIntegerField(default=0)
    withheld_ms = models.PositiveBigIntegerField(default=0)
    time_ms = models.PositiveBigIntegerField(default=0)
    time_spent_seconds = _ratio("time_ms", 1000, 3)

    last_position_milli = models.BigIntegerField(null=True, blank=True)
    last_position = _ratio("last_position_milli", 1000, 3)
    last_position_at = models.DateTimeField(null=True, blank=True)
    last_position_session = models.UUIDField(null=True, blank=True)
    last_position_sequence = models.BigIntegerField(null=True, blank=True)

    view_count = models.PositiveIntegerField(default=0)
    play_count = models.PositiveIntegerField(default=0)
    pause_count = models.PositiveIntegerField(default=0)
    seek_count = models.PositiveIntegerField(default=0)
    download_count = models.PositiveIntegerField(default=0)

    answered_bp = models.PositiveIntegerField(
        default=0, help_text="The largest share of a quiz's questions answered in any attempt."
    )
    best_score_bp = models.PositiveIntegerField(null=True, blank=True)

    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "content progress"
        indexes = [
            # Who began and who completed a content, without the rows themselves, which are wide.
            models.Index(
                fields=["content", "completed_at"],
                include=["enrollment", "user"],
                name="content_progress_of_content",
            ),
        ]
        constraints = [
            # Begins with the learner, as every key that a heartbeat needs (docs/scaling.md).
            models.UniqueConstraint(
                fields=["user", "enrollment", "content"], name="content_progress_of_learner_once"
            ),
            models.CheckConstraint(
                condition=Q(completion_bp__lte=10000), name="content_progress_in_range"
            ),
            models.CheckConstraint(
                condition=Q(reported_bp__lte=10000, answered_bp__lte=10000),
                name="content_progress_shares_in_range",
            ),
        ]

    def __str__(self):
        return f"progress of enrolment {self.enrollment_id} in content {self.content_id}"


class ContentInteraction(LearnerRow):
    """One delivered event and what it earned: append-only evidence, chained by hash.

    Not for queries of pages or of the hot path: it is the large table, partitioned by the month
    in which the session started (so an event id is unique within one partition), with a
    retention period. `record` is the canonical JSON whose bytes were hashed, together with the
    predecessor's hash, into `chain_hash`; the columns repeat what reports ask for.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted"
        DUPLICATE = "duplicate"
        CONFLICT = "conflict"
        REJECTED = "rejected"

    id = models.BigAutoField(primary_key=True)
    # Constraints towards busy rows cost a share lock on them for every event; the session's
    # constraint implies user and enrolment, and contents are retired, never deleted. The table's
    # indexes are in migration 0002, since Django can't describe a partitioned table.
    enrollment = LearnerForeignKey(
        "progress.Enrollment",
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name="enrolment",
    )
    user = models.ForeignKey(
        "progress.User", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    session = LearnerForeignKey(
        LearningSession, models.DO_NOTHING, related_name="interactions", db_index=False
    )
    content = models.ForeignKey(
        "progress.Content",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    session_started_at = models.DateTimeField(help_text="The partition key.")
    chain_index = models.PositiveBigIntegerField()
    chain_hash = models.BinaryField(max_length=32)
    record = models.TextField()
    event_id = models.UUIDField(null=True, blank=True)
    fingerprint = models.BinaryField(max_length=32, default=bytes)
    sequence = models.BigIntegerField(null=True, blank=True)
    interaction_type = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices)
    code = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()
    occurred_at = models.DateTimeField(help_text="Server-corrected.")
    is_active = models.BooleanField("active", default=True)
    video_position = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    reading_position = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)
    credited_ms = models.PositiveBigIntegerField(default=0)
    covered_ms = models.PositiveBigIntegerField(default=0)
    withheld_ms = models.PositiveBigIntegerField(default=0)
    withheld_active_ms = models.PositiveBigIntegerField(default=0)
    withheld_reason = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"event {self.chain_index} of enrolment {self.enrollment_id}"
