"""Alerts about learners, and what was done about them. Written by `analytics.alerts` only.

Thresholds are set by the operator, in the admin.
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from progress.models import looks_after
from progress.models.learner_keys import LearnerForeignKey, LearnerRow, LearnerRows

MAX_DAYS = 365


class AlertKind(models.TextChoices):
    NEVER_STARTED = "never_started", _("Never started")
    INACTIVE = "inactive", _("Inactive")
    PACE = "pace", _("Behind schedule")
    FAILING = "failing", _("Keeps failing")
    SKIPPING = "skipping", _("Skips content")
    INTEGRITY = "integrity", _("Doubtful evidence")
    RISK = "risk", _("High risk")


def _days(default: int, help_text, *, verbose_name, least: int = 1):
    limits = [MinValueValidator(least), MaxValueValidator(MAX_DAYS)]
    return models.PositiveSmallIntegerField(
        verbose_name, default=default, validators=limits, help_text=help_text
    )


def _percent(default: int, help_text, *, verbose_name):
    limits = [MinValueValidator(1), MaxValueValidator(100)]
    return models.PositiveSmallIntegerField(
        verbose_name, default=default, validators=limits, help_text=help_text
    )


MIN_ABOVE_MAX = _("The minimum number of days without activity is greater than the maximum.")


class AlertThresholds(models.Model):
    """When an alert opens in this organisation. One row; without it, the defaults apply."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    switched_off = ArrayField(
        models.CharField(max_length=13, choices=AlertKind.choices),
        default=list,
        blank=True,
        help_text=_("Kinds that raise no alert."),
        verbose_name=_("switched off"),
    )
    never_started_days = _days(
        7,
        _("After this many days of enrolment without a session."),
        verbose_name=_("days without a start"),
    )
    inactive_times_usual = models.PositiveSmallIntegerField(
        _("times the usual gap"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("This many times the learner's own usual gap between days, without activity."),
    )
    inactive_min_days = _days(
        7,
        _("But never before this many days without activity."),
        verbose_name=_("minimum days inactive"),
    )
    inactive_max_days = _days(
        28, _("And always after this many."), verbose_name=_("maximum days inactive")
    )
    inactive_unknown_days = _days(
        14,
        _("For learners with too few days yet to have a usual gap."),
        verbose_name=_("days inactive without a usual gap"),
    )
    pace_after_percent = _percent(
        25,
        _("Once this share of the time until the due date has passed."),
        verbose_name=_("share of the time passed, %"),
    )
    pace_behind_points = _percent(
        25, _("This many points behind an even pace."), verbose_name=_("points behind schedule")
    )
    failing_attempts = models.PositiveSmallIntegerField(
        _("failed attempts"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Submitted attempts at one quiz, none of them passed."),
    )
    skipping_min_seconds = models.PositiveIntegerField(
        _("minimum seconds skipped"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
        help_text=_("Skipped or withheld media, in seconds."),
    )
    skipping_percent = _percent(
        30,
        _("And at least this share of what was reached or played."),
        verbose_name=_("minimum share skipped, %"),
    )
    integrity_events = models.PositiveSmallIntegerField(
        _("doubtful events"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=_("Events that claim more time than had passed, or contradict others."),
    )
    recent_days = _days(
        14,
        _("Withheld media and doubtful events of this many days count."),
        verbose_name=_("days counted"),
    )
    cool_down_days = _days(
        7,
        _("For this many days after one closed, no such alert opens again."),
        least=0,
        verbose_name=_("days before it opens again"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("alert thresholds")
        constraints = [
            # Two rows would make an alert depend on which was found first.
            models.CheckConstraint(condition=Q(id=1), name="alert_thresholds_one_row"),
            models.CheckConstraint(
                condition=Q(inactive_min_days__lte=models.F("inactive_max_days")),
                name="alert_inactive_min_before_max",
                violation_error_message=MIN_ABOVE_MAX,
            ),
        ]

    def __str__(self):
        return str(_("Alert thresholds"))

    @classmethod
    def current(cls) -> "AlertThresholds":
        """The organisation's row, or an unsaved one with the defaults."""
        return cls.objects.first() or cls()


class AlertQuerySet(LearnerRows):
    def unclosed(self):
        return self.exclude(state=Alert.State.CLOSED)

    def visible_to(self, user):
        """Alerts of the courses that `user` teaches and of their team, or all for someone who sees
        everyone's progress.

        Not the user's own: an alert is for people who may help.
        """
        if user.sees_all("progress.view_courseprogress"):
            return self.all()
        return self.filter(looks_after(user))

    def handled_by(self, user):
        """Alerts that `user` may act on: of courses taught and of the team, or all with the
        permission to change them."""
        if user.sees_all("analytics.change_alert"):
            return self.all()
        return self.filter(looks_after(user))


class Alert(LearnerRow):
    """A learner of a course who needs attention, for one reason, as long as it lasts.

    Open; acknowledged (someone takes care of it); snoozed until a moment, then open again; closed,
    by a person or because the cause is gone or the enrolment over. `since` is when the cause began,
    `last_seen` when the learner was last active before the alert opened; `facts` are the numbers
    that its text names.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        SNOOZED = "snoozed", _("Snoozed")
        CLOSED = "closed", _("Closed")

    class Closing(models.TextChoices):
        GONE = "gone", _("the cause is gone")
        OVER = "over", _("the enrolment is over")
        BY_HAND = "by_hand", _("closed by hand")

    enrollment = LearnerForeignKey("progress.Enrollment", models.CASCADE, related_name="alerts")
    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+", db_index=False)
    course = models.ForeignKey("progress.Course", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=13, choices=AlertKind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    since = models.DateTimeField()
    last_seen = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, blank=True, related_name="assigned_alerts"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closing = models.CharField(max_length=7, choices=Closing.choices, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course", "kind"],
                condition=~Q(state="closed"),
                name="alert_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="snoozed", snoozed_until__isnull=False)
                | ~Q(state="snoozed") & Q(snoozed_until=None),
                name="alert_snoozed_until_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(closing="")
                | ~Q(state="closed") & Q(closed_at=None, closing=""),
                name="alert_closed_for_a_reason",
            ),
        ]
        indexes = [
            # A course's alerts, the newest first: the board and the API.
            models.Index(fields=["course", "-opened_at"], name="alert_of_course"),
            # The hourly job asks for those that stand.
            models.Index(
                fields=["enrollment"], condition=~Q(state="closed"), name="alert_standing"
            ),
        ]

    def __str__(self):
        return f"{self.kind} of enrolment {self.enrollment_id}"


class AlertStep(models.Model):
    """What was done about an alert, append-only; `by` is empty if a job did it."""

    class What(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        SNOOZED = "snoozed", _("snoozed")
        WOKE = "woke", _("open again")
        ASSIGNED = "assigned", _("assigned")
        UNASSIGNED = "unassigned", _("assigned to nobody")
        WRITTEN = "written", _("wrote to the learner")
        CLOSED = "closed", _("closed")

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    what = models.CharField(max_length=12, choices=What.choices)
    until = models.DateTimeField(null=True, blank=True)
    to = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"alert {self.alert_id} {self.what}"
