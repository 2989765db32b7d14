"""Risk scores of open enrolments: the only writer of `RiskScore`.

Courses are read in chunks and scored as a whole, because learners are compared with others of their
course. Scoring is idempotent, also when it runs twice at once. Every source predicts, and what it
predicted is kept; a score is shown only where one of them is validated (`validating`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db.models import Count, F, Q

from analytics.facts.still_open import course_chunks, open_enrollments
from analytics.facts.store import upsert
from analytics.models import RiskPrediction, RiskScore
from progress.jobs import Run

from . import explaining, predictions, sources
from .explaining import Part
from .histories import DAY, CourseHistory, read
from .signs import adaptation, features, reasons
from .signs.forest import probability
from .signs.history import Floats
from .signs.pace import STANDARD_LENGTH
from .sources import Shown, Sources

CHUNK = 10_000  # enrolments read at once; a larger course is a chunk of its own
WRITTEN_AT_ONCE = 2_000
MIN_SHARE = 0.03  # of the time: before that there is nothing to predict from
MIN_TASKS = 2
MEDIUM, HIGH = 30, 60  # scores from which a band begins
OVERDUE = {
    "reason": "overdue",
    "share": 100,
    "raises": True,
    "compared_with": RiskScore.ComparedWith.DUE_DATE,
    "facts": {},
}
COLUMNS = ["as_of", "score", "band", "insufficient", "reasons", "source", "unvalidated", "model"]
_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}


@dataclass(frozen=True)
class Scored:
    """A learner's score with its reasons, or why there is none. `index` is that in the history.

    `predicted` is the probability by each source in `week`, whether it is shown or not.
    """

    history: CourseHistory
    index: int
    score: int | None = None
    insufficient: str = ""
    reasons: Sequence[dict] = ()
    source: str = ""
    unvalidated: dict | None = None
    week: int = 0
    predicted: Mapping[str, float] = field(default_factory=dict)

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
            source=self.source,
            unvalidated=self.unvalidated,
            model_id=model_id,
        )

    def predictions(self, now: datetime, model_id: int) -> Iterator[RiskPrediction]:
        for source, risk in self.predicted.items():
            yield RiskPrediction(
                enrollment_id=int(self.history.cohort.learners[self.index]),
                user_id=int(self.history.users[self.index]),
                course_id=self.history.course_id,
                week=self.week,
                source=source,
                base_id=model_id,
                predicted_at=now,
                risk=risk,
                is_shown=source == self.source,
            )


def score_all(now: datetime, *, run: Run) -> None:
    """Score every open enrolment, and delete the scores of those that are no longer open."""
    predicting = sources.read(now)
    for course_ids in _chunks(open_enrollments()):
        run.rows += score_courses(course_ids, now, predicting)
    closed = RiskScore.objects.exclude(enrollment__in=open_enrollments().values("pk"))
    run.rows += closed.delete()[0]


def score_changed(now: datetime, *, run: Run) -> None:
    """Score learners who have been active since they were last scored, and new ones."""
    predicting = sources.read(now)
    changed = open_enrollments().filter(
        Q(risk=None) | Q(course_progress__updated_at__gt=F("risk__as_of"))
    )
    by_course: dict[int, set[int]] = {}
    for course_id, enrollment_id in changed.order_by().values_list("course_id", "pk"):
        by_course.setdefault(course_id, set()).add(enrollment_id)
    courses = open_enrollments().filter(course__in=list(by_course))
    for course_ids in _chunks(courses):
        wanted = set().union(*(by_course[course_id] for course_id in course_ids))
        run.rows += score_courses(course_ids, now, predicting, only=wanted)


def score_courses(
    course_ids: Sequence[int], now: datetime, predicting: Sources, *, only: set[int] | None = None
) -> int:
    """Write the scores of the courses' open enrolments (of `only` these), and keep what was
    predicted; returns the number of scores."""
    model_id = predicting.base.pk
    found = list(scores(read(course_ids, now), now, predicting, only=only))
    predictions.record([each for scored in found for each in scored.predictions(now, model_id)])
    rows = [scored.row(now, model_id) for scored in found]
    rows.sort(key=lambda row: row.enrollment_id)  # concurrent writers lock in the same order
    for at in range(0, len(rows), WRITTEN_AT_ONCE):
        upsert(rows[at : at + WRITTEN_AT_ONCE], ["enrollment"], COLUMNS)
    return len(rows)


def scores(
    histories: Iterable[CourseHistory],
    now: datetime,
    predicting: Sources,
    *,
    only: set[int] | None = None,
) -> Iterator[Scored]:
    """The scores of all open enrolments at `now` (of `only` these), from the histories alone."""
    observed = []
    for history in histories:
        for index in np.flatnonzero(history.is_open):
            scored = _without_model(history, int(index), now)
            if scored is not None and _is_among(only, history, index):
                yield scored
        observed += _observed(history, now)
    if observed:
        yield from _by_model(observed, now, predicting, only)


def _is_among(only: set[int] | None, history: CourseHistory, index: int) -> bool:
    return only is None or int(history.cohort.learners[index]) in only


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


def _by_model(
    observed: list[_Observed], now: datetime, predicting: Sources, only: set[int] | None
) -> Iterator[Scored]:
    """All at once: a tree costs the same for one learner as for a thousand."""
    rows = np.concatenate([each.rows for each in observed])
    elapsed = np.concatenate([each.days for each in observed]) / STANDARD_LENGTH
    has_activity = np.ones(len(rows), dtype=bool)  # sessions are always recorded
    predictor = predicting.base.predictor
    contributions = predictor.contributions(rows, elapsed, has_activity)
    parts = _parts(observed)
    sources_shown = [source for each in observed for source in _shown(each, now, predicting, only)]
    worths = explaining.worths(predictor, rows, elapsed, parts, sources_shown, predicting)
    for each, part in zip(observed, parts, strict=True):
        here = slice(part.start, part.stop)
        yield from _of_course(each, contributions[here], worths[here], now, predicting, only)


def _parts(observed: list[_Observed]) -> list[Part]:
    stops = np.cumsum([len(each.indices) for each in observed]).tolist()
    return [
        Part(each.history.course_id, stop - len(each.indices), stop)
        for each, stop in zip(observed, stops, strict=True)
    ]


def _shown(
    observed: _Observed, now: datetime, predicting: Sources, only: set[int] | None
) -> Iterator[str | None]:
    """Of each learner, the source whose score is shown; None if none is, or none is asked for."""
    history = observed.history
    there = predicting.of_course(history.course_id)
    weeks = history.weeks(now)[observed.indices].astype(int).tolist()
    for index, week in zip(observed.indices.tolist(), weeks, strict=True):
        source = predicting.shown_in(history.course_id, week).source
        yield source if source in there and _is_among(only, history, index) else None


def _of_course(
    observed: _Observed,
    contributions: Floats,
    worths: Floats,
    now: datetime,
    predicting: Sources,
    only: set[int] | None,
) -> Iterator[Scored]:
    """The scores that may be shown, and why the others may not, with what each source predicts."""
    history, indices = observed.history, observed.indices
    season = adaptation.season_of(history.started[indices])
    weeks = history.weeks(now)[indices].astype(int).tolist()
    risk, gathered = {}, {}
    for name, adapted in predicting.of_course(history.course_id).items():
        by_feature = adapted.contributions(contributions, season)
        risk[name], gathered[name] = probability(by_feature), reasons.gather(by_feature)
    for at, index in enumerate(indices.tolist()):
        if not _is_among(only, history, index):
            continue
        row, week = observed.rows[at], weeks[at]
        predicted = {name: float(values[at]) for name, values in risk.items()}
        shown = predicting.shown_in(history.course_id, week)
        if shown.source not in predicted:
            yield Scored(
                history,
                index,
                insufficient=RiskScore.Insufficient.UNVALIDATED,
                unvalidated=_without_score(shown, row, history, index, now),
                week=week,
                predicted=predicted,
            )
            continue
        worth, compared_with = explaining.chosen(worths[at], gathered[shown.source][at])
        largest = reasons.largest(worth)
        yield Scored(
            history,
            index,
            score=round(100 * predicted[shown.source]),
            reasons=[_reason(each, compared_with, row, history, index) for each in largest],
            source=shown.source,
            week=week,
            predicted=predicted,
        )


def _without_score(
    shown: Shown, row: Floats, history: CourseHistory, index: int, now: datetime
) -> dict:
    """Why no score is shown, and what is known without any model."""
    real_days = history.span[index] / STANDARD_LENGTH
    known = {"verdict": str(shown.verdict), "outcomes": shown.outcomes}
    known |= _numbers("pace", row, real_days)
    silence = _numbers("silence", row, real_days).get("days")
    if silence is not None:
        # Nobody can have been silent for longer than they have been enrolled.
        enrolled = int(now.timestamp() / DAY - history.started[index])
        known["silent_days"] = min(silence, enrolled)
    return known


def _reason(
    reason: reasons.Reason, compared_with: str, row: Floats, history: CourseHistory, index: int
) -> dict:
    return {
        "reason": reason.name,
        "share": round(100 * reason.share),
        "raises": reason.raises,
        "compared_with": compared_with,
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


def _chunks(course_rows) -> Iterator[list[int]]:
    """Courses, about `CHUNK` enrolments at a time."""
    sizes = course_rows.values_list("course_id").order_by("course_id").annotate(number=Count("pk"))
    return course_chunks(sizes, CHUNK)
