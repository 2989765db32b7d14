"""Extra time that is given to a learner in the middle of an attempt."""

from datetime import datetime

from progress.models import Accommodation, CourseProgress, QuizAttempt
from progress.operations.locking import lock_rows, retried
from progress.rules import time_limits
from progress.state.limits import current_limits

from .events import epoch_ms
from .working_set import WorkingSet


@retried
def extend_open(user_id: int, *, now: datetime) -> int:
    """Let the learner's open attempts end as late as they would if they began now; returns how
    many were extended.

    By the quiz's limit of now. No attempt ends earlier than it said, and one that can't receive
    answers any more stays over. Answers that were late stay late.
    """
    found = QuizAttempt.objects.filter(user=user_id, submitted_at=None, closes_at__gt=now)
    ids = sorted(found.values_list("enrollment_id", flat=True))
    if not ids:
        return 0
    lock_rows(CourseProgress.objects.filter(pk__in=ids, user=user_id))
    given = Accommodation.objects.filter(user=user_id).values_list("quiz_time_percent", flat=True)
    percent = given.first() or time_limits.NO_EXTRA_PERCENT
    # Read anew: one may have been submitted before the lock.
    attempts = [each for each in found.select_related("content") if _extend(each, percent)]
    QuizAttempt.objects.bulk_update(attempts, ["ends_at", "closes_at"])
    return len(attempts)


def _extend(attempt: QuizAttempt, percent: int) -> bool:
    content = attempt.content
    if content.time_limit_seconds is None:
        return False
    deadline = time_limits.deadline(
        epoch_ms(attempt.started_at),
        content.time_limit_seconds,
        content.grace_seconds,
        percent=percent,
        late_event_ms=current_limits().late_event_ms,
    )
    if deadline.ends_ms <= epoch_ms(attempt.ends_at):
        return False
    attempt.ends_at = WorkingSet.moment(deadline.ends_ms)
    attempt.closes_at = max(WorkingSet.moment(deadline.closes_ms), attempt.closes_at)
    return True
