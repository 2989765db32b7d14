"""Completions that were not earned here. Written by `progress.ingest.outside_completions` only."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy

from .learner_keys import LearnerRow, LearnerRows
from .marks import within_reach
from .teams import looks_after


class OutsideCompletionQuerySet(LearnerRows):
    def in_force(self):
        return self.filter(withdrawn_at=None)

    def valid_at(self, moment: datetime):
        has_not_ended = Q(holds_until=None) | Q(holds_until__gt=moment)
        return self.in_force().filter(has_not_ended, holds_from__lte=moment)

    def longest_first(self):
        """So that the first one is valid if any is."""
        return self.order_by(F("holds_until").desc(nulls_first=True), "-completed_on", "-pk")

    def visible_to(self, user):
        """Own ones; those of courses that `user` teaches and of the team; or all, by permission."""
        rows = within_reach(self, user)
        if user.sees_all("progress.view_outsidecompletion"):
            return rows.all()
        return rows.filter(Q(user=user.pk) | looks_after(user))


class OutsideCompletion(LearnerRow):
    """A course that a learner completed elsewhere: who says so, and on what basis.

    It fulfils what is required from the day of completion until its validity ends, and changes no
    figure that is measured here. A record: the database refuses to delete it, and to change it
    except for withdrawing it, once. The days are the learner's; `holds_from` and `holds_until` are
    the same as moments, by the time zone that the learner had when it was recorded.
    """

    class Basis(models.TextChoices):
        PREVIOUS_SYSTEM = "previous_system", gettext_lazy("Previous system")
        IN_PERSON = "in_person", gettext_lazy("Attended in person")
        OUTSIDE_CERTIFICATE = "outside_certificate", gettext_lazy("Outside certificate")
        OTHER = "other", gettext_lazy("Other")

    user = models.ForeignKey(
        "progress.User", models.PROTECT, related_name="outside_completions", verbose_name="learner"
    )
    course = models.ForeignKey(
        "progress.Course", models.PROTECT, related_name="outside_completions"
    )
    completed_on = models.DateField("completed on", help_text="A day of the learner's time zone.")
    valid_until = models.DateField(
        "valid until", null=True, blank=True, help_text="The last day; empty: for good."
    )
    basis = models.CharField(max_length=20, choices=Basis.choices)
    authority = models.CharField(
        max_length=200, help_text="Who says so outside: an institute, a trainer, a system."
    )
    details = models.CharField(max_length=500, blank=True, help_text="Needed for “Other”.")
    reference = models.CharField(
        max_length=120, blank=True, help_text="A certificate's or a file's number."
    )
    score_bp = models.PositiveIntegerField("score", null=True, blank=True)
    holds_from = models.DateTimeField(editable=False)
    holds_until = models.DateTimeField(null=True, editable=False)

    recorded_at = models.DateTimeField("recorded at", editable=False)
    recorded_by = models.ForeignKey(
        "progress.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name="recorded by",
        help_text="Empty: a command on the server.",
    )
    recorded_key = models.CharField("recorded with key", max_length=140, blank=True, editable=False)
    withdrawn_at = models.DateTimeField("withdrawn at", null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        "progress.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name="withdrawn by",
    )
    withdrawn_key = models.CharField(
        "withdrawn with key", max_length=140, blank=True, editable=False
    )
    withdrawal_reason = models.CharField("why it was withdrawn", max_length=500, blank=True)

    objects = OutsideCompletionQuerySet.as_manager()

    class Meta:
        verbose_name = "outside completion"
        ordering = ["pk"]
        constraints = [
            # The same course can't have been completed twice on a day.
            models.UniqueConstraint(
                fields=["user", "course", "completed_on"],
                condition=Q(withdrawn_at=None),
                name="outside_completion_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(
                    basis__in=["previous_system", "in_person", "outside_certificate", "other"]
                ),
                name="outside_completion_basis_known",
            ),
            models.CheckConstraint(
                condition=~Q(authority=""), name="outside_completion_has_authority"
            ),
            models.CheckConstraint(
                condition=~Q(basis="other") | ~Q(details=""),
                name="outside_completion_other_is_said",
            ),
            models.CheckConstraint(
                condition=Q(score_bp=None) | Q(score_bp__lte=10000),
                name="outside_completion_score_in_range",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None, holds_until=None)
                | Q(
                    valid_until__gte=F("completed_on"),
                    holds_until__gt=F("holds_from"),
                ),
                name="outside_completion_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(holds_from__lte=F("recorded_at")),
                name="outside_completion_not_in_future",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="outside_completion_withdrawn_with_reason",
            ),
        ]

    def __str__(self):
        return f"outside completion {self.pk}: user {self.user_id}, course {self.course_id}"

    def is_valid_at(self, moment: datetime) -> bool:
        has_not_ended = self.holds_until is None or self.holds_until > moment
        return self.withdrawn_at is None and self.holds_from <= moment and has_not_ended


def fulfilled_outside(now: datetime) -> Exists:
    """Whether the learner of an enrolment or its progress has completed the course elsewhere,
    validly until now. For rows with `user` and `course`."""
    rows = OutsideCompletion.objects.valid_at(now)
    return Exists(rows.order_by().filter(user=OuterRef("user"), course=OuterRef("course")))
