"""A learner's earlier enrolments in a course, which keep their progress."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from progress.models import Enrollment
from progress.pages.words import duration


@dataclass(frozen=True, slots=True)
class EarlierCycle:
    pk: int
    cycle: int
    enrolled_at: datetime
    completed_at: datetime | None
    percent: int
    time: str


def before() -> ArraySubquery:
    """The cycles before an enrolment, the latest first, as JSON for `listed`."""
    rows = Enrollment.objects.filter(
        user=OuterRef("user"), course=OuterRef("course"), cycle__lt=OuterRef("cycle")
    )
    cycles = JSONObject(
        pk="pk",
        cycle="cycle",
        enrolled_at="enrolled_at",
        completed_at="course_progress__completed_at",
        bp="course_progress__completion_bp",
        ms="course_progress__time_ms",
    )
    return ArraySubquery(rows.order_by("-cycle").values(cycles=cycles))


def listed(cycles: list[dict]) -> list[EarlierCycle]:
    return [
        EarlierCycle(
            each["pk"],
            each["cycle"],
            datetime.fromisoformat(each["enrolled_at"]),
            datetime.fromisoformat(each["completed_at"]) if each["completed_at"] else None,
            each["bp"] // 100,
            duration(each["ms"] / 1000),
        )
        for each in cycles
    ]
