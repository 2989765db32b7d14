"""Scores of open enrolments: the one writer of `RiskScore`.

Courses are read in chunks, and scored whole: whoever is at the same course is who a learner is
compared with. Done twice, also at once, it writes the same.
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

from .active_model import Chosen, active
from .histories import CourseHistory, read
from .signs import features, reasons
from .signs.forest import probability
from .signs.history import Floats
from .signs.pace import STANDARD_LENGTH

CHUNK = 10_000  # enrolments read at once; a larger course is a chunk of its own
WRITTEN_AT_ONCE = 2_000
LEAST_SHARE = 0.03  # of the time: before that, nothing has happened that could be told from
LEAST_TASKS = 2
MEDIUM, HIGH = 30, 60  # scores from which a band begins
OVERDUE = {"reason": "overdue", "share": 100, "raises": True, "facts": {}}
COLUMNS = ["as_of", "score", "band", "insufficient", "reasons", "model"]
_PLACES = {each.name: place for place, each in enumerate(features.FEATURES)}


@dataclass(frozen=True)
class Scored:
    """A learner's score with its reasons, or why there is none. `place` is in the history."""

    history: CourseHistory
    place: int
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
            enrollment_id=int(self.history.cohort.learners[self.place]),
            user_id=int(self.history.users[self.place]),
            course_id=self.history.course_id,
            as_of=now,
            score=self.score,
            band=self.band,
            insufficient=self.insufficient,
            reasons=list(self.reasons),
            model_id=model_id,
        )


def score_all(now: datetime, *, run: Run) -> None:
    """Score every open enrolment, and let go of the scores of those that aren't open any more."""
    model = active(now)
    for course_ids in _chunks(_open().values("course_id")):
        run.rows += score_courses(course_ids, now, model)
    closed = RiskScore.objects.exclude(enrollment__in=_open().values("pk"))
    run.rows += closed.delete()[0]


def score_changed(now: datetime, *, run: Run) -> None:
    """Score the learners of whom something was heard since they were scored, and new ones."""
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
    course_ids: Sequence[int], now: datetime, model: Chosen, *, only: set[int] | None = None
) -> int:
    """Write the scores of the courses' open enrolments (of `only` these); answers how many."""
    rows = [
        scored.row(now, model.pk)
        for scored in scores(read(course_ids, now), now, model)
        if only is None or scored.history.cohort.learners[scored.place] in only
    ]
    rows.sort(key=lambda row: row.enrollment_id)  # two writers at once lock in the same order
    for at in range(0, len(rows), WRITTEN_AT_ONCE):
        _write(rows[at : at + WRITTEN_AT_ONCE])
    return len(rows)


def scores(histories: Iterable[CourseHistory], now: datetime, model: Chosen) -> Iterator[Scored]:
    """What can be told of every open enrolment, at `now`, from the histories alone."""
    told = []
    for history in histories:
        for place in np.flatnonzero(history.is_open):
            known = _without_model(history, int(place), now)
            if known is not None:
                yield known
        told += _observed(history, now)
    if told:
        yield from _by_model(told, model)


def _without_model(history: CourseHistory, place: int, now: datetime) -> Scored | None:
    """What no model is asked about: too little is known, or it is too late."""
    share = history.days(now)[place] / STANDARD_LENGTH
    if history.has_due[place] and (share >= 1 or np.isnan(share)):
        return Scored(history, place, score=100, reasons=[OVERDUE])
    if np.isnan(share) or share >= 1:
        return Scored(history, place, insufficient=RiskScore.Insufficient.NO_TIME)
    if history.cohort.weight.size < LEAST_TASKS:
        return Scored(history, place, insufficient=RiskScore.Insufficient.NO_TASKS)
    if share < LEAST_SHARE:
        return Scored(history, place, insufficient=RiskScore.Insufficient.JUST_STARTED)
    return None


@dataclass(frozen=True)
class _Observed:
    """Open enrolments of a history (`places`), with their features and standard days."""

    history: CourseHistory
    places: np.ndarray
    rows: Floats
    days: Floats


def _observed(history: CourseHistory, now: datetime) -> list[_Observed]:
    if history.cohort.weight.size < LEAST_TASKS:
        return []
    found, days = [], history.days(now)
    for chosen in history.bands(now):
        asked = history.is_open[chosen] & (days[chosen] >= LEAST_SHARE * STANDARD_LENGTH)
        if asked.any():
            rows = features.compute(history.cohort.only(chosen), days[chosen], with_activity=True)
            places = chosen[asked]
            found.append(_Observed(history, places, rows[asked], days[places]))
    return found


def _by_model(told: list[_Observed], model: Chosen) -> Iterator[Scored]:
    """All at once: a tree costs the same for one learner as for a thousand."""
    rows = np.concatenate([each.rows for each in told])
    days = np.concatenate([each.days for each in told])
    watched = np.ones(len(rows), dtype=bool)  # sessions are always recorded
    contributions = model.predictor.contributions(rows, days / STANDARD_LENGTH, watched)
    score = np.rint(100 * probability(contributions)).astype(int)
    gathered = reasons.gather(contributions)
    at = 0
    for each in told:
        for place in each.places.tolist():
            why = [_reason(r, rows[at], each.history, place) for r in reasons.largest(gathered[at])]
            yield Scored(each.history, place, score=int(score[at]), reasons=why)
            at += 1


def _reason(reason: reasons.Reason, row: Floats, history: CourseHistory, place: int) -> dict:
    return {
        "reason": reason.name,
        "share": round(100 * reason.share),
        "raises": reason.raises,
        "facts": _facts(reason.name, row, history.span[place] / STANDARD_LENGTH),
    }


def _facts(name: str, row: Floats, real_days: float) -> dict:
    """The numbers that the words of a reason name; without those that aren't known."""

    def told(feature: str, factor: float = 1.0) -> int | None:
        value = row[_PLACES[feature]]
        return None if np.isnan(value) else round(float(value * factor))

    facts = {
        "silence": {"days": told("silence", real_days)},
        "activity": {
            "percent": told("active_lately", 100),
            "own": told("active_share", 100),
        },
        "pace": {"missed": told("missed_count"), "due": told("due_count")},
        "scores": {"percent": told("score_mean", 100)},
        "timing": {"done": 0 if told("lead_mean") is None else None},
        "attempts": {"attempts": told("earlier_attempts")},
        "elsewhere": {"left": told("left_elsewhere"), "failed": told("failed_elsewhere")},
    }.get(name, {})
    return {key: value for key, value in facts.items() if value is not None}


@transaction.atomic
def _write(rows: list[RiskScore]) -> None:
    RiskScore.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["enrollment"], update_fields=COLUMNS
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
