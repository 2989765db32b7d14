"""What a learner decides about waivers: to learn a content all the same, and back again."""

from datetime import datetime

from progress.models import Enrollment, Waiver
from progress.operations.locking import lock_one, retried

from . import aftermath, refold
from .desk import Desk


class NoSuchWaiver(LookupError):
    """Nothing of this enrolment that could be declined, or taken back, is waived here."""


class CourseComplete(ValueError):
    """The course is complete: it stays so, and nothing has to be declined to learn more."""


@retried
def decline(enrollment: Enrollment, content_id: int, *, now: datetime) -> None:
    """Have a content that a pre-test waived count again. Raises NoSuchWaiver, CourseComplete."""
    desk = _desk(enrollment, now)
    if desk.progress.completed_at is not None:
        raise CourseComplete
    waiver = (
        Waiver.objects.in_force()
        .filter(
            enrollment=enrollment,
            user=enrollment.user_id,
            content=content_id,
            reason=Waiver.Reason.PRE_TEST,
        )
        .first()
    )
    if waiver is None:
        raise NoSuchWaiver
    waiver.declined_at = now
    waiver.save(update_fields=["declined_at"])
    desk.progress.waived.remove(content_id)
    desk.progress.waivers_declined.append(content_id)
    _fold(desk, content_id)


@retried
def take_back(enrollment: Enrollment, content_id: int, *, now: datetime) -> None:
    """Have a declined content waived again, by the same proof. Raises NoSuchWaiver."""
    desk = _desk(enrollment, now)
    if content_id not in desk.progress.waivers_declined:
        raise NoSuchWaiver
    desk.progress.waivers_declined.remove(content_id)
    _fold(desk, content_id)
    if content_id not in desk.progress.waived:
        raise NoSuchWaiver  # and nothing is written: its proof is gone from the course


def _desk(enrollment: Enrollment, now: datetime) -> Desk:
    """The enrolment's rows, locked, with what is waived by now."""
    [desk] = refold.open_desks([lock_one(enrollment)], enrollment.course, now)
    _fold(desk)
    desk.waivers.clear()
    return desk


def _fold(desk: Desk, *shown: int) -> None:
    desk.shown.update(shown)
    desk.must_tell = bool(shown)
    aftermath.store_fold(desk, aftermath.fold(desk))
    refold.write([desk])
