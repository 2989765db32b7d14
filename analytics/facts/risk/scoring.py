"""Risk scores of open enrolments: the only writer of `RiskScore`.

Courses are read in chunks and scored as a whole, because learners are compared with others of their
course. Scoring is idempotent, also when it runs twice at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Count, F, Q

from analytics.models import RiskScore
from progress.jobs import Run
from progress.models import Enrollment
from progress.models.learner_keys import unique_fields

from .active_model import ActiveModel, active
from .histories import CourseHistory, read
from .signs import features, reasons
from .signs.forest import probability
from .signs.history import Floats
from .signs.pace import STANDARD_LENGTH

CHUNK = 10_000  # enrolments read at once; a larger course is a chunk of its own
WRITTEN_AT_ONCE = 2_000
MIN_SHARE = 0.03  # of the time: before that there is nothing to predict from
MIN_TASKS = 2
MEDIUM, HIGH = 30, 60  # scores from which a band begins
OVERDUE = {"reason": "overdue", "share": 100, "raises": True, "facts": {}}
COLUMNS = ["as_of", "score", "band", "insufficient", "reasons", "model"]
_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}


@dataclass(frozen=True)
class Scored:
    """A learner's score with its reasons, or why there is none. `index` is that in the history."""

    history: CourseHistory
    index: int
    score: int | None = None
    insufficient: str = ""
    reasons: Sequence[dict] = ()

    @property
    def band(self) -> str:
        if self.score is None:
            return ""
        if self.score >= HIGH:
            return RiskScore.Band.HIGH
        return RiskScore.Band.MEDIUM if self.score >= MEDIUM else RiskScore.Band.LOW

    def row(self, now: datetime, model_id: int) -> RiskScore:
        return RiskScore(
            enrollment_id=int(self.history.cohort.learners[self.index]),
            user_id=int(self.history.users[self.index]),
            course_id=self.history.course_id,
            as_of=now,
            score=self.score,
            band=self.band,
            insufficient=self.insufficient,
            reasons=list(self.reasons),
            model_id=model_id,
        )


def score_all(now: datetime, *, run: Run) -> None:
    """Score every open enrolment, and delete the scores of those that are no longer open."""
    model = active(now)
    for course_ids in _chunks(_open().values("course_id")):
        run.rows += score_courses(course_ids, now, model)
    closed = RiskScore.objects.exclude(enrollment__in=_open().values("pk"))
    run.rows += closed.delete()[0]


def score_changed(now: datetime, *, run: Run) -> None:
    """Score learners who have been active since they were last scored, and new ones."""
    model = active(now)
    changed = _open().filter(Q(risk=None) | Q(course_progress__updated_at__gt=F("risk__as_of")))
    by_course: dict[int, set[int]] = {}
    for course_id, enrollment_id in changed.order_by().values_list("course_id", "pk"):
        by_course.setdefault(course_id, set()).add(enrollment_id)
    courses = _open().filter(course__in=list(by_course)).values("course_id")
    for course_ids in _chunks(courses):
        wanted = set().union(*(by_course[course_id] for course_id in course_ids))
        run.rows += score_courses(course_ids, now, model, only=wanted)


def score_courses(
    course_ids: Sequence[int], now: datetime, model: ActiveModel, *, only: set[int] | None = None
) -> int:
    """Write the scores of the courses' open enrolments (of `only` these); returns their number."""
    rows = [
        scored.row(now, model.pk)
        for scored in scores(read(course_ids, now), now, model)
        if only is None or scored.history.cohort.learners[scored.index] in only
    ]
    rows.sort(key=lambda row: row.enrollment_id)  # concurrent writers lock in the same order
    for at in range(0, len(rows), WRITTEN_AT_ONCE):
        _write(rows[at : at + WRITTEN_AT_ONCE])
    return len(rows)


def scores(
    histories: Iterable[CourseHistory], now: datetime, model: ActiveModel
) -> Iterator[Scored]:
    """The scores of all open enrolments at `now`, from the histories alone."""
    observed = []
    for history in histories:
        for index in np.flatnonzero(history.is_open):
            scored = _without_model(history, int(index), now)
            if scored is not None:
                yield scored
        observed += _observed(history, now)
    if observed:
        yield from _by_model(observed, model)


def _without_model(history: CourseHistory, index: int, now: datetime) -> Scored | None:
    """The score of an enrolment that needs no model: too little is known, or its time is over."""
    share = history.days(now)[index] / STANDARD_LENGTH
    if history.has_due[index] and (share >= 1 or np.isnan(share)):
        return Scored(history, index, score=100, reasons=[OVERDUE])
    if np.isnan(share) or share >= 1:
        return Scored(history, index, insufficient=RiskScore.Insufficient.NO_TIME)
    if history.cohort.weight.size < MIN_TASKS:
        return Scored(history, index, insufficient=RiskScore.Insufficient.NO_TASKS)
    if share < MIN_SHARE:
        return Scored(history, index, insufficient=RiskScore.Insufficient.JUST_STARTED)
    return None


@dataclass(frozen=True)
class _Observed:
    """Open enrolments of a history (`indices`), with their features and standard days."""

    history: CourseHistory
    indices: np.ndarray
    rows: Floats
    days: Floats


def _observed(history: CourseHistory, now: datetime) -> list[_Observed]:
    if history.cohort.weight.size < MIN_TASKS:
        return []
    found, days = [], history.days(now)
    for chosen in history.bands(now):
        scorable = history.is_open[chosen] & (days[chosen] >= MIN_SHARE * STANDARD_LENGTH)
        if scorable.any():
            rows = features.compute(history.cohort.only(chosen), days[chosen], with_activity=True)
            indices = chosen[scorable]
            found.append(_Observed(history, indices, rows[scorable], days[indices]))
    return found


def _by_model(observed: list[_Observed], model: ActiveModel) -> Iterator[Scored]:
    """All at once: a tree costs the same for one learner as for a thousand."""
    rows = np.concatenate([each.rows for each in observed])
    days = np.concatenate([each.days for each in observed])
    has_activity = np.ones(len(rows), dtype=bool)  # sessions are always recorded
    contributions = model.predictor.contributions(rows, days / STANDARD_LENGTH, has_activity)
    score = np.rint(100 * probability(contributions)).astype(int)
    gathered = reasons.gather(contributions)
    at = 0
    for each in observed:
        for index in each.indices.tolist():
            largest = [
                _reason(r, rows[at], each.history, index) for r in reasons.largest(gathered[at])
            ]
            yield Scored(each.history, index, score=int(score[at]), reasons=largest)
            at += 1


def _reason(reason: reasons.Reason, row: Floats, history: CourseHistory, index: int) -> dict:
    return {
        "reason": reason.name,
        "share": round(100 * reason.share),
        "raises": reason.raises,
        "facts": _numbers(reason.name, row, history.span[index] / STANDARD_LENGTH),
    }


def _numbers(name: str, row: Floats, real_days: float) -> dict:
    """The numbers used in the text of a reason, without those that aren't known."""

    def value_of(feature: str, factor: float = 1.0) -> int | None:
        value = row[_COLUMNS[feature]]
        return None if np.isnan(value) else round(float(value * factor))

    numbers = {
        "silence": {"days": value_of("silence", real_days)},
        "activity": {
            "percent": value_of("active_lately", 100),
            "own": value_of("active_share", 100),
        },
        "pace": {"missed": value_of("missed_count"), "due": value_of("due_count")},
        "scores": {"percent": value_of("score_mean", 100)},
        "timing": {"done": 0 if value_of("lead_mean") is None else None},
        "attempts": {"attempts": value_of("earlier_attempts")},
        "elsewhere": {"left": value_of("left_elsewhere"), "failed": value_of("failed_elsewhere")},
    }.get(name, {})
    return {key: value for key, value in numbers.items() if value is not None}


@transaction.atomic
def _write(rows: list[RiskScore]) -> None:
    RiskScore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=unique_fields(RiskScore, ["enrollment"]),
        update_fields=COLUMNS,
    )


def _open():
    """Enrolments that may still be completed."""
    return Enrollment.objects.active().filter(course_progress__completed_at=None)


def _chunks(course_rows) -> Iterator[list[int]]:
    """Courses, about `CHUNK` enrolments at a time."""
    sizes = course_rows.order_by("course_id").annotate(enrollments=Count("pk"))
    chunk: list[int] = []
    held = 0
    for row in sizes:
        if chunk and held + row["enrollments"] > CHUNK:
            yield chunk
            chunk, held = [], 0
        chunk.append(row["course_id"])
        held += row["enrollments"]
    if chunk:
        yield chunk
