"""Certificates as they were on the day of issue, their files, and their revocations."""

from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from progress.models import looks_after
from progress.models.learner_keys import (
    LearnerForeignKey,
    LearnerOneToOneField,
    LearnerRow,
    LearnerRows,
    learner_column,
    outer_row,
)
from progress.models.marks import within_reach


class CertificateStatus(models.TextChoices):
    """The state of a certificate. Where several apply, the last of them in this list counts."""

    ISSUED = "issued", "issued"
    PENDING = "pending", "being prepared"
    UNDER_REVIEW = "under_review", "under review"
    EXPIRED = "expired", "expired"
    SUPERSEDED = "superseded", "superseded"
    REVOKED = "revoked", "revoked"


class CertificateQuerySet(LearnerRows):
    def with_status(self, now: datetime | None = None):
        """Annotates `status`, one of CertificateStatus, and selects the revocation. One query."""
        theirs = {"certificate": OuterRef("pk")}
        newer = Certificate.objects.filter(
            user=OuterRef("user"),
            course=OuterRef("course"),
            enrollment__cycle__gt=OuterRef("enrollment__cycle"),
            revocation=None,
        )
        reissued = Certificate.objects.filter(replaces=OuterRef("pk"), user=OuterRef("user"))
        reviews = apps.get_model("certificates", "Review").objects.open()
        status = Case(
            When(
                Exists(Revocation.objects.filter(**theirs)), then=Value(CertificateStatus.REVOKED)
            ),
            When(Exists(reissued) | Exists(newer), then=Value(CertificateStatus.SUPERSEDED)),
            When(expires_at__lte=now or timezone.now(), then=Value(CertificateStatus.EXPIRED)),
            When(Exists(reviews.filter(**theirs)), then=Value(CertificateStatus.UNDER_REVIEW)),
            When(
                ~Exists(Rendition.objects.filter(**outer_row("certificate"))),
                then=Value(CertificateStatus.PENDING),
            ),
            default=Value(CertificateStatus.ISSUED),
            output_field=models.CharField(),
        )
        return self.select_related("revocation").annotate(status=status)

    def newest(self):
        """Keeps the last certificate issued for each enrolment."""
        return self.filter(replaced_by=None)

    def visible_to(self, user):
        """Own certificates, those of courses that `user` teaches and of their team, or all with
        the permission."""
        rows = within_reach(self, user)
        if user.sees_all("certificates.view_certificate"):
            return rows.all()
        return rows.filter(Q(user_id=user.pk) | looks_after(user))


class Certificate(LearnerRow):
    """One completed enrolment cycle. Names and scores are copied, and the database refuses every
    update: a renamed course or a corrected name changes nothing that was issued.

    A cycle has one certificate, with `ordinal` 1, until staff issue it anew for a reason: the new
    one then names the one that it replaces.
    """

    enrollment = LearnerForeignKey(
        "progress.Enrollment", models.PROTECT, related_name="certificates", verbose_name="enrolment"
    )
    ordinal = models.PositiveSmallIntegerField(default=1, help_text="Within its cycle.")
    replaces = LearnerOneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    reissue_reason = models.CharField(max_length=255, blank=True)
    issued_by = models.ForeignKey(
        "progress.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who reissued it; empty: the system, at completion.",
    )
    user = models.ForeignKey("progress.User", models.PROTECT, related_name="certificates")
    course = models.ForeignKey("progress.Course", models.PROTECT, related_name="certificates")
    number = models.CharField(max_length=24, unique=True)
    code = models.CharField(
        max_length=16, unique=True, help_text="The code to enter on the verification page."
    )
    learner_name = models.CharField(max_length=200)
    issuer = models.CharField(
        max_length=200, blank=True, help_text="As its file says it; none: before it was copied."
    )
    signatory = models.CharField(max_length=200, blank=True)
    signatory_title = models.CharField(max_length=200, blank=True)
    course_code = models.CharField(max_length=100)
    course_title = models.CharField(max_length=300)
    course_version = models.PositiveIntegerField()
    time_ms = models.PositiveBigIntegerField(help_text="Active time in the course, ms.")
    score_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="Best quiz scores by weight, basis points; none: no quiz."
    )
    completed_at = models.DateTimeField()
    issued_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, db_index=True, help_text="From then on it is no longer valid."
    )
    chain_length = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="How many events its enrolment had at the issue."
    )
    chain_hash = models.CharField(
        max_length=64, blank=True, help_text="The hash of the last of them, chained."
    )
    rules = models.JSONField(help_text="What had to be done, and by which limits.")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score_bp=None) | Q(score_bp__lte=10000),
                name="certificate_score_in_range",
            ),
            models.CheckConstraint(
                condition=Q(issued_at__gte=models.F("completed_at")),
                name="certificate_issued_after_completion",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=models.F("completed_at")),
                name="certificate_expires_after_completion",
            ),
            models.UniqueConstraint(
                fields=["enrollment", "ordinal"], name="certificate_ordinal_once"
            ),
            models.CheckConstraint(
                condition=Q(ordinal=1, replaces=None)
                | Q(ordinal__gt=1, replaces__isnull=False) & ~Q(reissue_reason=""),
                name="certificate_reissue_names_what_it_replaces",
            ),
        ]

    def __str__(self):
        return self.number


class Revocation(models.Model):
    """A certificate that is void from a moment on; it can still be looked up, with the reason."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, related_name="revocation")
    reason = models.CharField(max_length=255)
    revoked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        "progress.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="revocation_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.certificate_id}: {self.reason}"


class Rendition(LearnerRow):
    """A file of a certificate, as given out. The newest is downloaded; all can be verified."""

    certificate = LearnerForeignKey(Certificate, models.PROTECT, related_name="renditions")
    user = learner_column()
    ordinal = models.PositiveSmallIntegerField()
    pdf = models.BinaryField()
    badge = models.BinaryField(
        null=True, help_text="The Open Badge attached to the PDF; none: the site had no address."
    )
    picture = models.BinaryField(help_text="The page as PNG.")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the PDF's bytes.")
    unsigned_sha256 = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text="Of the PDF before it was signed, which the same facts make again; empty, as is "
        "the signer: from before signatures.",
    )
    signed_by = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Whose key signed it."
    )
    missing_characters = models.TextField(
        blank=True,
        db_default="",
        help_text="Those that no font has: the page shows a white square, the badge has them.",
    )
    rendered_at = models.DateTimeField()

    class Meta:
        ordering = ["certificate", "-ordinal"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unsigned_sha256="", signed_by="")
                | ~(Q(unsigned_sha256="") | Q(signed_by="")),
                name="rendition_signed_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["certificate", "ordinal"], name="rendition_ordinal_once"
            ),
        ]

    def __str__(self):
        return f"{self.certificate_id}, file {self.ordinal}"
