"""What a learner decides about waivers: to learn a content all the same, and back again."""

from datetime import datetime

from progress.models import Enrollment, Waiver
from progress.operations.locking import lock_one, retried

from . import course_fold, refold
from .working_set import WorkingSet


class NoSuchWaiver(LookupError):
    """Nothing of this enrolment that could be declined, or taken back, is waived here."""


class CourseComplete(ValueError):
    """The course is complete: it stays so, and nothing has to be declined to learn more."""


@retried
def decline(enrollment: Enrollment, content_id: int, *, now: datetime) -> None:
    """Have a content that a pre-test waived count again. Raises NoSuchWaiver, CourseComplete."""
    work = _working_set(enrollment, now)
    if work.progress.completed_at is not None:
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
    work.progress.waived.remove(content_id)
    work.progress.waivers_declined.append(content_id)
    _fold(work, content_id)


@retried
def take_back(enrollment: Enrollment, content_id: int, *, now: datetime) -> None:
    """Have a declined content waived again, by the same proof. Raises NoSuchWaiver."""
    work = _working_set(enrollment, now)
    if content_id not in work.progress.waivers_declined:
        raise NoSuchWaiver
    work.progress.waivers_declined.remove(content_id)
    _fold(work, content_id)
    if content_id not in work.progress.waived:
        raise NoSuchWaiver  # and nothing is written: its proof is gone from the course


def _working_set(enrollment: Enrollment, now: datetime) -> WorkingSet:
    """The enrolment's rows, locked, with what is waived by now."""
    [work] = refold.open_working_sets([lock_one(enrollment)], enrollment.course, now)
    _fold(work)
    work.waivers.clear()
    return work


def _fold(work: WorkingSet, *shown: int) -> None:
    work.shown.update(shown)
    work.must_announce = bool(shown)
    course_fold.store_fold(work, course_fold.fold(work))
    refold.write([work])
