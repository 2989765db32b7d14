"""Who learns, and in what: accounts and enrolments."""

import zoneinfo
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy
from knox.models import AuthToken

from progress.validation.storable import is_storable
from progress.validation.usernames import normalized, normalized_address

from .addresses import AddressField
from .enrolled import EnrollmentQuerySet
from .learner_keys import LearnerRow
from .marks import Reach, counted

MINUTES_OF_A_WEEK = 7 * 24 * 60
TAKEN = "A user with that username already exists."


def check_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            "%(name)r is not a time zone such as Europe/Paris.", "invalid", {"name": name}
        ) from None


def languages() -> list[tuple[str, str]]:
    """The languages of the site, which a person may choose from."""
    return list(settings.LANGUAGES)


class UsernameKey(models.TextField):
    """Follows `username` whenever the row is written."""

    def pre_save(self, model_instance, add):
        model_instance.username_key = normalized(model_instance.username)
        return model_instance.username_key


class UserQuerySet(models.QuerySet):
    def called(self, names: Iterable[str]) -> dict[str, list["User"]]:
        """The accounts that each name means: the one with exactly this name, else all whose name
        differs in case or width only (several only from before such names were refused)."""
        wanted = {name: normalized(name) for name in names}
        asked = [name for name in wanted if is_storable(name)]
        rows = self.filter(
            Q(username_key__in={wanted[name] for name in asked}) | Q(username__in=asked)
        )
        by_key: dict[str, list[User]] = {}
        for user in rows.order_by("pk"):
            by_key.setdefault(normalized(user.username), []).append(user)
        found = {}
        for name, key in wanted.items():
            alike = by_key.get(key, [])
            found[name] = [user for user in alike if user.username == name] or alike
        return found

    def taken(self, username: str, *, by_other_than: "User | None" = None) -> bool:
        """Whether another account has this name, in whatever case and width."""
        rows = self.filter(Q(username_key=normalized(username)) | Q(username=username))
        return rows.exclude(pk=by_other_than and by_other_than.pk).exists()

    def by_email(self, address: str) -> list["User"]:
        """The accounts with this address in any case and width, or only those that spell it exactly
        so."""
        address = normalized_address(address)
        alike = list(self.filter(email__iexact=address)[:100])
        return [user for user in alike if user.email == address] or alike


class PeopleManager(UserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username):
        """The one account that is signed in to as `username`: by its name, or else its address, in
        any case and width.

        Raises DoesNotExist for none, and where it could be several.
        """
        found = self.called([username])[username]
        if not found and "@" in normalized_address(username):
            found = self.by_email(username)
        if len(found) != 1:
            raise self.model.DoesNotExist
        return found[0]


class User(AbstractUser):
    """Anyone with an account: a learner, an instructor, an integrator's service account.

    What someone is follows from enrolments (learner), `Course.instructors` (instructor) and
    Django permissions (integrator, administrator); there is no role column to contradict them.
    """

    first_name = None
    last_name = None
    username_key = UsernameKey(null=True, editable=False)
    # 0; of accounts that shared a name before that was refused: 1, 2, … for the younger ones.
    duplicate_number = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    email = AddressField(gettext_lazy("email address"), blank=True)
    full_name = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=120, blank=True, db_index=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    language = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",
        choices=languages,
        help_text="Of pages and mails; empty: as the browser asks, and as the site has it.",
    )
    earlier_zones = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        editable=False,
        help_text="[[zone, until when in epoch milliseconds]], oldest first.",
    )
    external_id = models.CharField(
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        help_text="The person's id in the system that they come from.",
    )
    manager = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
        db_index=False,
        help_text="The person's manager. Sees their learning, and that of everybody below.",
    )

    weekly_goal_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MINUTES_OF_A_WEEK)],
        help_text="How long the learner wants to learn each week; set by the learner.",
    )

    captions_on = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether films begin with captions; set by the learner.",
    )
    captions_language = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",
        help_text="The language of captions; empty for that of the pages.",
    )
    autoplay_next = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether the next content follows a film by itself; set by the learner.",
    )
    is_test = models.BooleanField(
        "test learner",
        default=False,
        db_default=False,
        help_text="Learns for trying things out, and is in no figure. It stays so.",
    )
    # In the address of the learner's calendar, if they have one; another revokes the old address.
    calendar_number = models.PositiveBigIntegerField(null=True, editable=False)
    # Raised to sign the person out of every browser: see get_session_auth_hash.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    # Addresses of streams that were given out before lead nowhere.
    streams_from = models.DateTimeField(null=True, editable=False)

    objects = PeopleManager()
    zone_read: str | None = None  # as the database had it
    sees_team = True  # False while a key with scopes acts for the account
    works_with = Reach.BOTH  # set by the API for the requests of a key

    class Meta:
        ordering = ["username"]
        indexes = [
            models.Index(Upper("email"), name="user_by_email"),  # signing in by address
            models.Index(fields=["manager"], name="user_by_manager"),  # a manager's team
            # The few that every figure leaves out.
            models.Index(fields=["id"], condition=Q(is_test=True), name="user_of_tests"),
        ]
        constraints = [
            # One person, one account: Lena and LENA are the same name.
            models.UniqueConstraint(
                fields=["username_key", "duplicate_number"], name="user_name_once"
            ),
            # Time is divided by it, so it can't be 0; and a week has so many minutes.
            models.CheckConstraint(
                condition=Q(weekly_goal_minutes=None)
                | Q(weekly_goal_minutes__gte=1, weekly_goal_minutes__lte=MINUTES_OF_A_WEEK),
                name="user_weekly_goal_within_a_week",
            ),
            models.CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=F("id")), name="user_not_own_manager"
            ),
        ]

    @classmethod
    def normalize_username(cls, username):
        return normalized(username) if isinstance(username, str) else username

    def clean(self):
        """Normalises a new name; keeps one that differs from the stored in case or width only."""
        before = User.objects.filter(pk=self.pk).values_list("username", flat=True).first()
        super().clean()
        if before is not None and normalized(before) == self.username:
            self.username = before
            return
        if not self.username:  # a form's that has been refused already
            return
        try:
            self._meta.get_field("username").run_validators(self.username)
        except ValidationError as wrong:
            raise ValidationError({"username": wrong.error_list}) from None
        if User.objects.taken(self.username, by_other_than=self):
            raise ValidationError({"username": TAKEN})

    @classmethod
    def from_db(cls, db, field_names, values):
        user = super().from_db(db, field_names, values)
        user.zone_read = user.__dict__.get("time_zone")
        return user

    def refresh_from_db(self, using=None, fields=None, **kwargs):
        super().refresh_from_db(using=using, fields=fields, **kwargs)
        if fields is None or "time_zone" in fields:
            self.zone_read = self.__dict__.get("time_zone")

    def save(self, *args, update_fields=None, **kwargs):
        has_moved = self.note_zone(timezone.now())
        if update_fields is not None:
            update_fields = {
                *update_fields,
                *(["username_key"] if "username" in update_fields else []),
                *(["earlier_zones"] if has_moved else []),
            }
        super().save(*args, update_fields=update_fields, **kwargs)
        self.zone_read = self.__dict__.get("time_zone")

    def note_zone(self, now: datetime) -> bool:
        """Records the zone that applied until `now`, if it has changed; returns whether it has.

        Past days stay those of the zone in which they were earned. Code that writes `time_zone` in
        bulk calls this, and writes `earlier_zones` as well.
        """
        before = self.zone_read
        if before is None or before == self.__dict__.get("time_zone", before):
            return False
        self.earlier_zones = [*self.earlier_zones, [before, round(now.timestamp() * 1000)]]
        self.zone_read = self.time_zone
        return True

    @property
    def mail_language(self) -> str:
        """The language to write to the person in, when no request says which."""
        return self.language if self.language in dict(languages()) else settings.LANGUAGE_CODE

    def get_session_auth_hash(self):
        """Sessions that were begun with another password or another generation have ended."""
        return self._of_this_generation(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self):
        for each in super().get_session_auth_fallback_hash():
            yield self._of_this_generation(each)

    def _of_this_generation(self, auth_hash: str) -> str:
        return f"{auth_hash}-{self.session_generation}" if self.session_generation else auth_hash

    def sign_out_everywhere(self) -> None:
        """Ends the sessions in every browser, the present one too, as they are next used."""
        User.objects.filter(pk=self.pk).update(session_generation=F("session_generation") + 1)
        self.refresh_from_db(fields=["session_generation"])

    def has_perm(self, perm, obj=None):
        """As Django's, which makes each backend anew for every question: a page asks a hundred.
        What the account is known to hold is looked at first."""
        held = self.__dict__.get("_perm_cache", ())
        if obj is None and self.is_active and perm in held:
            return True
        return super().has_perm(perm, obj)

    def get_full_name(self):
        return self.full_name or self.username

    def get_short_name(self):
        return self.get_full_name()

    def sees_all(self, permission: str) -> bool:
        """Whether a view permission shows every row, or only those of courses the user teaches.

        Instructors (staff) need view permissions to use the admin at all; theirs show every row
        only together with `view_all_progress`. A service account's permission always does.
        """
        if self.is_staff:
            return self.has_perm("progress.view_all_progress") and self.has_perm(permission)
        return self.has_perm(permission)


def possible_learners() -> models.QuerySet[User]:
    """The active accounts of people who may be asked to learn something.

    Not test learners, service accounts, nor people who only teach or administer. There is no role
    column, so what an account has decides: an account that was ever enrolled is a learner's; one
    without an enrolment isn't if it is staff, teaches, holds an API key, or has permissions of its
    own or by a group.
    """
    is_at_work = (
        Q(is_staff=True)
        | Q(is_superuser=True)
        | Exists(User.courses_taught.through.objects.filter(user=OuterRef("pk")))
        | Exists(User.user_permissions.through.objects.filter(user=OuterRef("pk")))
        | Exists(
            User.groups.through.objects.filter(
                user=OuterRef("pk"), group__permissions__isnull=False
            )
        )
        | Exists(AuthToken.objects.filter(user=OuterRef("pk")))
    )
    was_enrolled = Q(pk__in=Enrollment.objects.order_by().values("user"))
    return counted(User.objects.filter(is_active=True)).filter(was_enrolled | ~is_at_work)


class Enrollment(LearnerRow):
    """One enrolment of a learner in a course. A retake or recertification is a new cycle.

    Progress belongs to the enrolment, so a new cycle starts at 0 % and leaves the old one as it is.
    Leaving a course sets `unenrolled_at`; the row and its evidence stay.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="enrollments")
    course = models.ForeignKey("progress.Course", models.PROTECT, related_name="enrollments")
    cycle = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField("current cycle", default=True)
    enrolled_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)
    unenrolled_at = models.DateTimeField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = "enrolment"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course", "cycle"], name="enrollment_cycle_once"
            ),
            # Two current cycles would make "the learner's progress in the course" ambiguous.
            models.UniqueConstraint(
                fields=["user", "course"],
                condition=Q(is_current=True),
                name="enrollment_one_current",
            ),
            models.CheckConstraint(condition=Q(cycle__gte=1), name="enrollment_cycle_from_1"),
        ]

    def __str__(self):
        return (
            f"enrolment {self.pk}: user {self.user_id}, course {self.course_id}, cycle {self.cycle}"
        )
