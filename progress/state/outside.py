"""The completion elsewhere that is shown beside an enrolment: the one that is valid the longest."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from progress.models import OutsideCompletion

_COLUMNS = (
    "pk",
    "completed_on",
    "valid_until",
    "basis",
    "authority",
    "details",
    "reference",
    "score_bp",
    "holds_until",
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class OutsideShown:
    pk: int
    completed_on: date
    valid_until: date | None
    is_valid: bool
    basis: str
    authority: str
    details: str
    reference: str
    score_percent: int | None
    recorded_at: datetime
    recorded_by: str  # empty: a command on the server
    course_title: str = ""

    @property
    def basis_label(self) -> str:
        return str(OutsideCompletion.Basis(self.basis).label)


def _row() -> JSONObject:
    name = Coalesce(NullIf("recorded_by__full_name", Value("")), "recorded_by__username", Value(""))
    return JSONObject(**{column: F(column) for column in _COLUMNS}, recorded_by=name)


def latest_row() -> Subquery:
    """For enrolments: the record in force that `shown` takes, read in their statement."""
    rows = OutsideCompletion.objects.in_force().filter(
        user=OuterRef("user"), course=OuterRef("course")
    )
    return Subquery(rows.longest_first().values(row=_row())[:1])


def of_learner(user_id: int, now: datetime) -> dict[int, OutsideShown]:
    """A learner's records in force by course, of each the one that `latest_row` finds. One
    statement."""
    rows = OutsideCompletion.objects.in_force().filter(user=user_id).longest_first()
    found: dict[int, OutsideShown] = {}
    for course_id, title, row in rows.values_list("course_id", "course__title", _row()):
        if course_id not in found and (each := shown(row, now)):
            found[course_id] = replace(each, course_title=title)
    return found


def owed_due_at(due_at: datetime | None, outside: OutsideShown | None) -> datetime | None:
    """The due date of an enrolment; None while a completion elsewhere is valid."""
    return None if outside is not None and outside.is_valid else due_at


def shown(row: dict | None, now: datetime) -> OutsideShown | None:
    """What `latest_row` found. If this one isn't valid, none is."""
    if row is None:
        return None
    ends, until, score = row["holds_until"], row["valid_until"], row["score_bp"]
    return OutsideShown(
        pk=row["pk"],
        completed_on=date.fromisoformat(row["completed_on"]),
        valid_until=date.fromisoformat(until) if until else None,
        is_valid=ends is None or datetime.fromisoformat(ends) > now,
        basis=row["basis"],
        authority=row["authority"],
        details=row["details"],
        reference=row["reference"],
        score_percent=None if score is None else score // 100,
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        recorded_by=row["recorded_by"],
    )
