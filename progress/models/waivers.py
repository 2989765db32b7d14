"""What a learner need not do, and why. Written by `progress.ingest.waiving` only."""

from django.db import models
from django.db.models import Q

from .learner_keys import LearnerForeignKey, LearnerRow, LearnerRows
from .marks import within_reach
from .teams import looks_after


class WaiverQuerySet(LearnerRows):
    def in_force(self):
        return self.filter(declined_at=None)

    def visible_to(self, user):
        """Own waivers; those of learners in own courses and of the own team; or all, by
        permission."""
        rows = within_reach(self, user)
        if user.sees_all("progress.view_contentprogress"):
            return rows.all()
        return rows.filter(Q(user=user) | looks_after(user, course="enrollment__course"))


class Waiver(LearnerRow):
    """A content that counts as done for an enrolment because of another one that was completed.

    A record: the database refuses to delete it, and to change it except for declining it, once. A
    learner who declines it wants to learn the content anyway; taking that back makes a new row.
    """

    class Reason(models.TextChoices):
        PRE_TEST = "pre_test", "Pre-test passed"
        ALTERNATIVE = "alternative", "Alternative completed"

    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.PROTECT, related_name="waivers", verbose_name="enrolment"
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="+")
    content = models.ForeignKey("progress.Content", models.PROTECT, related_name="waivers")
    because = models.ForeignKey(
        "progress.Content",
        models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The pre-test that was passed, or the alternative that was completed.",
    )
    reason = models.CharField(max_length=12, choices=Reason.choices)
    score_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="The best score in the pre-test, hundredths of a percent."
    )
    granted_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True, blank=True)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enrollment", "content"],
                condition=Q(declined_at=None),
                name="waiver_in_force_once",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["pre_test", "alternative"]), name="waiver_reason_known"
            ),
            models.CheckConstraint(
                condition=~Q(content=models.F("because")), name="waiver_is_not_its_own_reason"
            ),
        ]

    def __str__(self):
        return f"waiver of content {self.content_id} for enrolment {self.enrollment_id}"
