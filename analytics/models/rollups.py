"""Evidence added up, so that no page and no report has to read it.

There are three kinds of tables: *amounts*, which dashboards read (`LearnerDay`, `CourseDay`,
`LearnerHabit`, `ContentDay`, `ContentCurve`, `ContentReach`, `ContentDropout`,
`QuestionRollup`); *each learner's contribution* to those amounts that can't simply be added up
(`LearnerContent`, `LearnerQuiz`); and *how far folding has come* (`RollupSource`,
`FoldedEnrollment`, `FoldedCourse`, `ContentEdition`).

Sums of evidence are stored separately by `session_month`, the first day of the month (UTC) in which
the events' session started. Evidence is partitioned in the same way, so a month that has been
dropped keeps exactly the rows that were made from it, and every other month can be computed again.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from progress.models.learner_keys import (
    LearnerForeignKey,
    LearnerOneToOneField,
    LearnerRow,
    learner_column,
)
from progress.models.spans import SpansField


def _counts(**options) -> ArrayField:
    """One number for each second, page or hundredth of an edition."""
    return ArrayField(models.IntegerField(), default=list, blank=True, **options)


class LearnerDay(LearnerRow):
    """What an enrolment did on a day of its learner's own time zone.

    `active_spans` is the union of the credited wall-clock time over all sessions and devices, in
    epoch ms, and `active_ms` its length: so the days of an enrolment add up to the time its learner
    sees. `idle_ms` is as reported by the tracker. `hours_ms` is `active_ms` by local hour.
    `contents_completed` and `quiz_attempts` (submitted ones) are in the row of the day's own month.
    A session that reaches into a new month may give its last day a second row.
    """

    enrollment = LearnerForeignKey("progress.Enrollment", models.CASCADE, related_name="+")
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+", db_index=False)
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    session_month = models.DateField()

    active_spans = SpansField(default=tuple)
    active_ms = models.PositiveBigIntegerField(default=0)
    hours_ms = ArrayField(models.IntegerField(), size=24, default=list, blank=True)
    idle_ms = models.PositiveBigIntegerField(default=0)
    session_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    sessions = models.PositiveIntegerField(default=0)
    distractions = models.PositiveIntegerField(default=0)
    covered_ms = models.PositiveBigIntegerField(default=0)
    replayed_ms = models.PositiveBigIntegerField(default=0)
    withheld_ms = models.PositiveBigIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    contents_completed = models.PositiveIntegerField(default=0)
    quiz_attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "day", "session_month"], name="learner_day_once"
            ),
        ]
        indexes = [
            # A course's days, with what is added up of them; a learner's days.
            models.Index(
                fields=["course", "day"],
                include=["user", "active_ms"],
                name="learner_day_amounts",
            ),
            models.Index(fields=["user", "day"], name="learner_day_of_user"),
        ]

    def __str__(self):
        return f"enrolment {self.enrollment_id} on {self.day}"


class CourseDay(models.Model):
    """What the `LearnerDay` rows of a course and day add up to, whatever the months of sessions.

    `is_stale` from the change of one of those rows until it is added up again.
    """

    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    active_ms = models.PositiveBigIntegerField(default=0)
    hours_ms = ArrayField(models.BigIntegerField(), size=24, default=list, blank=True)
    is_stale = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "day"], name="course_day_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(is_stale=True), name="course_day_stale"),
        ]

    def __str__(self):
        return f"course {self.course_id} on {self.day}"


class LearnerHabit(LearnerRow):
    """The groups of an enrolment's first fourteen days, which `facts.rollups.habits` decides.

    It is made of the enrolment's `LearnerDay` rows, and there is none before active time.
    """

    enrollment = LearnerOneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="+"
    )
    user = learner_column()
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+")
    first_day = models.DateField()
    part_of_day = models.CharField(max_length=20)
    days_of_week = models.CharField(max_length=20)
    length = models.CharField(max_length=20)
    rhythm = models.CharField(max_length=20)

    def __str__(self):
        return f"enrolment {self.enrollment_id} from {self.first_day}"


class ContentDay(models.Model):
    """What all learners did with a content on a day (UTC: they live in many zones)."""

    content = models.ForeignKey(
        "progress.Content", models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    session_month = models.DateField()
    events = models.PositiveIntegerField(default=0)
    active_ms = models.PositiveBigIntegerField(default=0, help_text="Summed over sessions.")
    covered_ms = models.PositiveBigIntegerField(default=0)
    replayed_ms = models.PositiveBigIntegerField(default=0)
    withheld_ms = models.PositiveBigIntegerField(default=0)
    distractions = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)
    plays = models.PositiveIntegerField(default=0)
    pauses = models.PositiveIntegerField(default=0)
    seeks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content", "day", "session_month"], name="content_day_once"
            ),
        ]

    def __str__(self):
        return f"content {self.content_id} on {self.day}"


class ContentEdition(models.Model):
    """A content as it was measured from a moment on: its medium, and how many buckets that has.

    Events don't say which medium they belong to; whatever was received from `since` on, and before
    the next edition, belongs to this one. The first one has no beginning.
    """

    class Kind(models.TextChoices):
        MEDIA = "media"  # a bucket is a second
        PAGES = "pages"  # a page
        TEXT = "text"  # a hundredth
        QUIZ = "quiz"  # no buckets: see QuestionRollup
        NONE = "none"  # nothing to be measured against

    content = models.ForeignKey("progress.Content", models.CASCADE, related_name="editions")
    since = models.DateTimeField(null=True, blank=True)
    media_version = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, choices=Kind.choices)
    extent = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Milliseconds or pages."
    )
    buckets = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["content"], condition=Q(since=None), name="content_edition_one_first"
            ),
            models.UniqueConstraint(fields=["content", "since"], name="content_edition_once"),
        ]

    def __str__(self):
        return f"content {self.content_id}, medium {self.media_version}"


class ContentCurve(models.Model):
    """How often each bucket of an edition was played or seen, left, reached and paused at.

    `seen` counts every time, including the first; `dwell_ms` exists for documents and texts.
    """

    edition = models.ForeignKey(
        ContentEdition, models.CASCADE, related_name="curves", db_index=False
    )
    session_month = models.DateField()
    seen = _counts()
    seek_in = _counts()
    seek_out = _counts()
    pauses = _counts()
    dwell_ms = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "session_month"], name="content_curve_of_month_once"
            ),
        ]

    def __str__(self):
        return f"edition {self.edition_id} in {self.session_month:%Y-%m}"


class ContentReach(models.Model):
    """How many learners (enrolments) met an edition, saw each bucket, and left it for good there.

    `viewers` are first views; the rest, `seen` − `viewers`, are replays, and for media `replayers`
    are the learners who replayed. `drop_offs` counts those who didn't finish it, at their last
    position: see `docs/analytics.md`.
    """

    edition = models.OneToOneField(
        ContentEdition, models.CASCADE, primary_key=True, related_name="reach"
    )
    learners = models.PositiveIntegerField(default=0)
    finished = models.PositiveIntegerField(default=0)
    viewers = _counts()
    # Defaults of the database's own: who still runs the release before writes without them.
    replayers = _counts(db_default=[])
    drop_offs = _counts()

    def __str__(self):
        return f"edition {self.edition_id}"


class LearnerContent(LearnerRow):
    """What an enrolment has seen of an edition, in buckets, and where it was last.

    `again` is what was played of a medium twice or more. The order isn't known, and doesn't matter.
    """

    enrollment = LearnerForeignKey("progress.Enrollment", models.CASCADE, related_name="+")
    user = learner_column()
    edition = models.ForeignKey(
        ContentEdition, models.CASCADE, related_name="learners", db_index=False
    )
    seen = SpansField(default=tuple)
    again = SpansField(default=tuple, db_default="{}")
    last_bucket = models.IntegerField(null=True, blank=True)
    last_moment_ms = models.BigIntegerField(null=True, blank=True)
    last_index = models.BigIntegerField(null=True, blank=True, help_text="In the evidence's chain.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "enrollment"], name="learner_content_once"),
        ]

    def __str__(self):
        return f"enrolment {self.enrollment_id} in edition {self.edition_id}"


class ContentDropout(models.Model):
    """How many current enrolments began a content, and how many of them left it: unfinished, and
    without activity for fourteen days."""

    content = models.OneToOneField(
        "progress.Content", models.CASCADE, primary_key=True, related_name="+"
    )
    begun = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    def __str__(self):
        return f"content {self.content_id}"


class QuestionRollup(models.Model):
    """A question over all submitted attempts in which it was answered.

    The `first_` amounts are over each enrolment's first submitted attempt; the sums are what the
    correlation of the answer (0 or 1) with the attempt's other answers needs: `first_rest` sums how
    many of the others were right, `first_rest_squared` its squares, `first_right_rest` that of
    those who had this one right. `seconds[n]` counts the answers that took n whole seconds, the
    last one also those that took longer.
    """

    question = models.OneToOneField(
        "progress.Question", models.CASCADE, primary_key=True, related_name="+"
    )
    content = models.ForeignKey("progress.Content", models.CASCADE, related_name="+")
    answers = models.PositiveIntegerField(default=0)
    right = models.PositiveIntegerField(default=0)
    first_answers = models.PositiveIntegerField(default=0)
    first_right = models.PositiveIntegerField(default=0)
    first_rest = models.PositiveBigIntegerField(default=0)
    first_rest_squared = models.PositiveBigIntegerField(default=0)
    first_right_rest = models.PositiveBigIntegerField(default=0)
    seconds = _counts()

    def __str__(self):
        return f"question {self.question_id}"


class LearnerQuiz(LearnerRow):
    """What an enrolment's attempts at a quiz have contributed: `{question id: [amounts]}`."""

    enrollment = LearnerForeignKey("progress.Enrollment", models.CASCADE, related_name="+")
    user = learner_column()
    content = models.ForeignKey(
        "progress.Content", models.CASCADE, related_name="+", db_index=False
    )
    counted = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "enrollment"], name="learner_quiz_once"),
        ]

    def __str__(self):
        return f"enrolment {self.enrollment_id} at content {self.content_id}"


class RollupSource(models.Model):
    """A table whose new rows make enrolments due, and how far it has been searched.

    Ids are given out before their transactions end, so the highest id seen says nothing about lower
    ones. Everything up to `passed_id` has been looked at. `pending_id` was the sequence's position
    when `pending_xmax` was the next transaction, at `pending_at`: once every earlier transaction
    has ended, everything up to `pending_id` can be seen. The row of `evidence` is also the lock
    that every writer of rollups holds.
    """

    name = models.CharField(max_length=20, primary_key=True)
    passed_id = models.BigIntegerField(default=0)
    pending_id = models.BigIntegerField(null=True, blank=True)
    pending_xmax = models.DecimalField(max_digits=20, decimal_places=0, null=True, blank=True)
    pending_at = models.DateTimeField(null=True, blank=True)
    folded_at = models.DateTimeField(
        null=True, blank=True, help_text="Everything that was received before is in the rollups."
    )

    def __str__(self):
        return self.name


class FoldedEnrollment(LearnerRow):
    """How much of an enrolment's evidence chain is in the rollups, and in which zone its days are.

    A chain has no gaps, and its events become visible in order, as they are written under one lock.
    """

    enrollment = LearnerOneToOneField(
        "progress.Enrollment", models.CASCADE, primary_key=True, related_name="+"
    )
    user = learner_column()
    folded = models.PositiveBigIntegerField(default=0, help_text="Events from the chain's start.")
    time_zone = models.CharField(max_length=64, blank=True)
    is_due = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["enrollment"], condition=Q(is_due=True), name="fold_due"),
        ]

    def __str__(self):
        return f"enrolment {self.enrollment_id}"


class FoldedCourse(models.Model):
    """The structure of a course up to which its contents have editions, and its completions were
    counted.

    An author's change may complete contents without an event; once all learners are refolded, all
    of them are due.
    """

    course = models.OneToOneField(
        "progress.Course", models.CASCADE, primary_key=True, related_name="+"
    )
    structure_version = models.PositiveIntegerField(default=0)
    completions_version = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"course {self.course_id}"
