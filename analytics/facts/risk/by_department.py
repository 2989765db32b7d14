"""How right shown scores were in each department, every night: the only writer of
`RiskByDepartment`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, F

from analytics.models import RiskByDepartment, RiskPrediction
from progress.models import marks

COUNTED = timedelta(days=365)  # what was predicted longer ago says little about now


@dataclass
class _Sums:
    enrollments: int = 0
    failed: int = 0
    predicted: float = 0.0
    squares: float = 0.0

    def add(self, predicted: float, has_failed: bool) -> None:
        """An enrolment, with the mean of the scores that were shown of it, as a probability."""
        self.enrollments += 1
        self.failed += has_failed
        self.predicted += predicted
        self.squares += (predicted - has_failed) ** 2


def store(base_id: int, now: datetime) -> None:
    """Replace what is stored by what is known now, of scores of the model in use.

    Called in a transaction that makes two runs at once take turns.
    """
    RiskByDepartment.objects.all().delete()
    RiskByDepartment.objects.bulk_create(_rows(base_id, now), batch_size=2_000)


def _rows(base_id: int, now: datetime) -> Iterator[RiskByDepartment]:
    shown = marks.counted(RiskPrediction.objects.all()).filter(
        base=base_id, is_shown=True, has_failed__isnull=False, predicted_at__gt=now - COUNTED
    )
    # Each enrolment counts once, however many weeks it had a score.
    each = (
        shown.exclude(user__department="")
        .order_by()
        .values("course_id", "enrollment_id", "has_failed", department=F("user__department"))
        .annotate(predicted=Avg("risk"))
        .values_list("course_id", "department", "predicted", "has_failed")
    )
    found: dict[tuple[int, str], _Sums] = {}
    for course_id, department, predicted, has_failed in each.iterator(chunk_size=20_000):
        found.setdefault((course_id, department), _Sums()).add(predicted, has_failed)
    for (course_id, department), sums in sorted(found.items()):
        yield RiskByDepartment(
            course_id=course_id,
            department=department,
            enrollments=sums.enrollments,
            failed=sums.failed,
            predicted=sums.predicted,
            squares=sums.squares,
            base_id=base_id,
            measured_at=now,
        )
