"""What people must have completed, who is exempt, and who was notified when it was late.

Requirements and exemptions are edited in the admin; `Escalation` is written by
`analytics.compliance.escalations` only.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Days beyond these are slips of a finger, and further out there is no calendar to add them to.
FIRST_DAY, LAST_DAY, MAX_DAYS = date(2000, 1, 1), date(2999, 12, 31), 3650


def check_days(row: models.Model, *names: str) -> None:
    """Raises ValidationError for dates out of range, by their names."""
    message = _("A day between 2000 and 2999.")
    days = {name: getattr(row, name) for name in names}
    wrong = {name for name, day in days.items() if day and not FIRST_DAY <= day <= LAST_DAY}
    if wrong:
        raise ValidationError(dict.fromkeys(sorted(wrong), message))


class Requirement(models.Model):
    """A course that a department's people (or everyone) must have completed.

    Due on a day, or so many days after a person joined (from `starts_on` at the earliest); without
    either it is never overdue. If its certificates expire, it has to be done again by then.
    """

    name = models.CharField(max_length=200)
    course = models.ForeignKey("progress.Course", models.PROTECT, related_name="+")
    departments = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text=_("Separated by commas; empty: everybody."),
        verbose_name=_("for departments"),
    )
    starts_on = models.DateField(
        _("in force from"),
        default=timezone.localdate,
        help_text=_("For people who joined earlier, the days count from here."),
    )
    due_on = models.DateField(
        _("due on"),
        null=True,
        blank=True,
        help_text=_("The same for everyone; without any due day nobody is ever late."),
    )
    due_days = models.PositiveIntegerField(
        _("due after, days"),
        null=True,
        blank=True,
        help_text=_("Days after a person joined, instead of one day for everyone."),
    )
    enrols = models.BooleanField(
        _("enrols people"),
        default=False,
        help_text=_("Enrol the people it applies to automatically, every hour."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(due_days=None), name="requirement_due_one_way"
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        check_days(self, "starts_on", "due_on")
        if self.due_days is not None and self.due_days > MAX_DAYS:
            raise ValidationError({"due_days": _("At most ten years.")})
        if self.due_on and self.due_days is not None:
            message = _("Either one day for everyone or days after joining, not both.")
            raise ValidationError({"due_days": message})
        if self.course_id is not None and self.course.is_test:
            raise ValidationError({"course": _("A test course is for test learners only.")})


class EscalationStep(models.Model):
    """Who to notify, so many days after (or before: negative) a person's due day."""

    class To(models.TextChoices):
        LEARNER = "learner", _("The learner")
        INSTRUCTORS = "instructors", _("The course's instructors")
        ADDRESS = "address", _("An address")

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="steps")
    days = models.IntegerField(
        _("days after the due day"), help_text=_("After the due day; −14 is two weeks before it.")
    )
    to = models.CharField(_("who to notify"), max_length=11, choices=To.choices, default=To.LEARNER)
    address = models.EmailField(blank=True)

    class Meta:
        ordering = ["days", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "days", "to", "address"], name="escalation_step_once"
            ),
            models.CheckConstraint(
                condition=Q(to="address") & ~Q(address="") | ~Q(to="address") & Q(address=""),
                name="escalation_step_address",
            ),
        ]

    def __str__(self):
        return f"{self.days:+d} days: {self.get_to_display()}"

    def clean(self):
        if self.days is not None and abs(self.days) > MAX_DAYS:
            raise ValidationError({"days": _("At most ten years.")})
        if (self.to == self.To.ADDRESS) != bool(self.address):
            message = _("An address is given for “An address”, and only then.")
            raise ValidationError({"address": message})


class Exemption(models.Model):
    """A person who is exempt, why, and until when (inclusive). It is kept when it is over."""

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="exemptions")
    user = models.ForeignKey(
        "progress.User", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    reason = models.CharField(max_length=255)
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(
        null=True, blank=True, help_text=_("The last day of it; empty: for good.")
    )
    granted_by = models.ForeignKey(
        "progress.User", models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")),
                name="exemption_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.user} from {self.requirement}"

    def clean(self):
        check_days(self, "since", "until")
        if self.until and self.since and self.until < self.since:
            raise ValidationError({"until": _("It ends before it begins.")})


class Escalation(models.Model):
    """A mail about a person's due day. Planned first, then sent; each once."""

    step = models.ForeignKey(EscalationStep, models.CASCADE, related_name="+")
    user = models.ForeignKey(
        "progress.User", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    due_on = models.DateField()
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["step", "user", "due_on"], name="escalation_once"),
        ]
        indexes = [
            models.Index(
                fields=["step"], condition=Q(sent_at=None, error=""), name="escalation_due"
            ),
        ]

    def __str__(self):
        return f"{self.step} about user {self.user_id}"
