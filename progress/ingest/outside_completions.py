"""The one writer of outside completions: recorded, and withdrawn with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from progress.models import OutsideCompletion, User
from progress.operations.locking import retried
from progress.rules import outside

CHUNK = 1000
# What two records of one day must agree in to be the same.
FACTS = ("basis", "authority", "details", "reference", "score_bp", "valid_until")


class AlreadyWithdrawn(ValueError):
    """It has been withdrawn before; that stays as it was."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who records or withdraws: a person, or an account with its key; neither for a command on the
    server."""

    user: User | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class OutsideRecord:
    """What is recorded about a learner and a course."""

    user: User
    course_id: int
    completed_on: date
    basis: str
    authority: str
    details: str = ""
    reference: str = ""
    score_bp: int | None = None
    valid_until: date | None = None

    @property
    def key(self) -> tuple[int, int, date]:
        return self.user.pk, self.course_id, self.completed_on

    def is_recorded_as(self, row: OutsideCompletion) -> bool:
        return all(getattr(self, name) == getattr(row, name) for name in FACTS)

    def problems(self, now: datetime) -> dict[str, str]:
        """What is wrong, by field."""
        today = timezone.localdate(now, ZoneInfo(self.user.time_zone))
        found = outside.problems(self.completed_on, self.valid_until, today)
        if not self.authority:
            found["authority"] = "Who says so must be named."
        if self.basis == OutsideCompletion.Basis.OTHER and not self.details:
            found["details"] = "Needed with the basis “other”."
        return found


def recorded(facts: Iterable[OutsideRecord]) -> dict[tuple[int, int, date], OutsideCompletion]:
    """The records in force of the same learners, courses and days, by these."""
    wanted = sorted({each.key for each in facts})
    found = {}
    for at in range(0, len(wanted), CHUNK):
        users, courses, days = map(set, zip(*wanted[at : at + CHUNK], strict=True))
        rows = OutsideCompletion.objects.in_force().filter(
            user__in=users, course__in=courses, completed_on__in=days
        )
        found.update({(row.user_id, row.course_id, row.completed_on): row for row in rows})
    return found


def record(
    facts: Sequence[OutsideRecord], by: Recorder, *, now: datetime
) -> list[OutsideCompletion]:
    """Records completions that aren't there yet and have no `problems`.

    Raises IntegrityError where another transaction has recorded one of them meanwhile.
    """
    return OutsideCompletion.objects.bulk_create(
        [_row(each, by, now) for each in facts], batch_size=CHUNK
    )


def _row(facts: OutsideRecord, by: Recorder, now: datetime) -> OutsideCompletion:
    zone = ZoneInfo(facts.user.time_zone)
    holds = outside.validity(facts.completed_on, facts.valid_until, zone)
    return OutsideCompletion(
        user=facts.user,
        course_id=facts.course_id,
        completed_on=facts.completed_on,
        valid_until=facts.valid_until,
        basis=facts.basis,
        authority=facts.authority,
        details=facts.details,
        reference=facts.reference,
        score_bp=facts.score_bp,
        holds_from=holds.begins,
        holds_until=holds.ends,
        recorded_at=now,
        recorded_by=by.user,
        recorded_key=by.key,
    )


@retried
def withdraw(row: OutsideCompletion, by: Recorder, *, reason: str, now: datetime) -> None:
    """Withdraws a record; it is kept, with who withdrew it and why. Raises AlreadyWithdrawn."""
    own = OutsideCompletion.objects.filter(pk=row.pk, user=row.user_id)
    changed = own.in_force().update(
        withdrawn_at=now, withdrawn_by=by.user, withdrawn_key=by.key, withdrawal_reason=reason
    )
    row.refresh_from_db()
    if not changed:
        raise AlreadyWithdrawn
