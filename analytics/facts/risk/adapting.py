"""Adapts the model in use to own past enrolments: the organisation's, then each course's.

What an organisation or a course learns starts from what is above it (the shipped model, or the
organisation), which counts like so many enrolments with the outcomes that it predicts. So with few
enrolments of its own it changes little, with many all that they say. The only writer of
`RiskAdaptation`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from analytics.models import RiskAdaptation
from progress.models import Course

from .active_model import ActiveModel
from .histories import CourseHistory, read
from .past_weeks import by_week
from .signs import adaptation
from .signs.adaptation import SEASONS, Adaptation
from .signs.history import Floats

MIN_FINISHED = 60  # enrolments whose time is over
MIN_PER_OUTCOME = 20  # of those completed in time, and of the others
# How many enrolments the model above counts like, for the log-odds of everybody, for the weights of
# reasons and for a season. The first needs less to be known than the second.
SHIFT_PSEUDO, WEIGHTS_PSEUDO, SEASON_PSEUDO = 20.0, 100.0, 40.0
MAX_WEIGHT = 3.0
MAX_SHIFT = 6.0
COURSES_AT_ONCE = 20


@dataclass(frozen=True)
class Evidence:
    """What was known of past enrolments in each of their weeks, and what became of them.

    [N] each: the learner's number, contributions by reason [N, reasons + 1], the season of the
    start, and 1 for those who didn't complete in time, otherwise 0.
    """

    learner: np.ndarray
    gathered: Floats
    season: np.ndarray
    failed: Floats

    def __len__(self) -> int:
        return len(self.learner)

    def outcomes(self) -> Floats:
        """One for each learner."""
        _, first = np.unique(self.learner, return_index=True)
        return self.failed[first]

    def is_enough(self) -> bool:
        outcomes = self.outcomes()
        failed = int(outcomes.sum())
        each = min(failed, len(outcomes) - failed)
        return len(outcomes) >= MIN_FINISHED and each >= MIN_PER_OUTCOME

    def row_weights(self) -> Floats:
        """[N] a learner counts as one, however many weeks they were observed for."""
        _, index, count = np.unique(self.learner, return_inverse=True, return_counts=True)
        return 1.0 / count[index]


def join(parts: Iterable[Evidence]) -> Evidence:
    """The evidence of several courses, whose learners are numbered differently."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return Evidence(
            np.zeros(0, dtype=int),
            np.zeros((0, len(adaptation.NAMES) + 1)),
            np.zeros(0, dtype=int),
            np.zeros(0),
        )
    names = ("learner", "gathered", "season", "failed")
    return Evidence(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def evidence_of(history: CourseHistory, model: ActiveModel, now: datetime) -> Evidence:
    """Each week of the course's enrolments whose time is over, as known in that week."""
    outcome = history.outcome(now)
    season = adaptation.season_of(history.started)
    return join(
        Evidence(
            history.cohort.learners[index],
            adaptation.gather(contributions),
            season[index],
            outcome[index],
        )
        for _, index, contributions in by_week(history, model, now, ~np.isnan(outcome))
    )


# --- learning ------------------------------------------------------------------------------------
def learn(evidence: Evidence, above: Adaptation) -> Adaptation:
    """What this evidence says, starting from what is known `above` it. Deterministic.

    First everybody's log-odds, then the weights of reasons, then the seasons: in this order, each
    needs more enrolments than the one before.
    """
    shifted = _with_shift(evidence, above)
    weighted = _with_weights(evidence, shifted)
    return _with_seasons(evidence, weighted)


def _with_shift(evidence: Evidence, above: Adaptation) -> Adaptation:
    odds = above.log_odds(evidence.gathered, evidence.season)
    shift = _shift(odds, evidence.failed, evidence.row_weights(), SHIFT_PSEUDO)
    return Adaptation(above.weights, above.shift + shift, above.by_season)


def _with_seasons(evidence: Evidence, above: Adaptation) -> Adaptation:
    odds = above.log_odds(evidence.gathered, evidence.season)
    weights = evidence.row_weights()
    by_season = above.by_season.copy()
    for season in range(SEASONS):
        chosen = evidence.season == season
        if chosen.any():
            by_season[season] += _shift(
                odds[chosen], evidence.failed[chosen], weights[chosen], SEASON_PSEUDO
            )
    return Adaptation(above.weights, above.shift, by_season)


def _shift(odds: Floats, failed: Floats, weights: Floats, pseudo: float) -> float:
    """The log-odds to add, if the prediction counts like `pseudo` learners who are as predicted."""
    expected = _probability(odds)
    share = pseudo / weights.sum()
    target = (weights * (failed + share * expected)).sum()
    low, high = -MAX_SHIFT, MAX_SHIFT
    # The sum of probabilities rises with the shift: bisection finds the one that meets the target.
    for _ in range(60):
        middle = (low + high) / 2
        reached = (weights * (1 + share) * _probability(odds + middle)).sum()
        low, high = (middle, high) if reached < target else (low, middle)
    return (low + high) / 2


def _with_weights(evidence: Evidence, above: Adaptation) -> Adaptation:
    """The weights of reasons and the shift, together; weights are never negative."""
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    count = len(adaptation.NAMES)
    signs, fixed = evidence.gathered[:, :count], evidence.gathered[:, count]
    fixed = fixed + above.by_season[evidence.season]
    own = evidence.row_weights()
    share = WEIGHTS_PSEUDO / own.sum()
    expected = _probability(above.log_odds(evidence.gathered, evidence.season))
    target = (evidence.failed + share * expected) / (1 + share)
    own = own * (1 + share)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        odds = fixed + parameters[0] + signs @ parameters[1:]
        wrong = own * (_probability(odds) - target)
        value = (own * (np.logaddexp(0, odds) - target * odds)).sum()
        return value, np.append(wrong.sum(), signs.T @ wrong)

    start = np.append(above.shift, above.weights)
    limits = [(start[0] - MAX_SHIFT, start[0] + MAX_SHIFT), *[(0.0, MAX_WEIGHT)] * count]
    # One thread: sums in the same order each time.
    with threadpool_limits(1):
        found = minimize(
            loss, start, jac=True, bounds=limits, method="L-BFGS-B", options={"maxiter": 200}
        )
    return Adaptation(found.x[1:], float(found.x[0]), above.by_season)


def _probability(odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


# --- storing -------------------------------------------------------------------------------------
def adapt(model: ActiveModel, now: datetime) -> int:
    """Adapt `model` to the organisation and to each course with enough past enrolments, and delete
    what was adapted before. Returns how many adaptations there are now."""
    by_course = dict(_evidence(model, now))
    everyone = join(by_course.values())
    rows = []
    if everyone.is_enough():
        organisation = learn(everyone, adaptation.UNCHANGED)
        rows.append(_row(model, None, organisation, everyone, now))
        rows += [
            _row(model, course_id, learn(evidence, organisation), evidence, now)
            for course_id, evidence in by_course.items()
            if evidence.is_enough()
        ]
    _replace(rows)
    return len(rows)


def _evidence(model: ActiveModel, now: datetime) -> Iterable[tuple[int, Evidence]]:
    ids = list(Course.objects.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(ids), COURSES_AT_ONCE):
        for history in read(ids[at : at + COURSES_AT_ONCE], now, with_past=True):
            yield history.course_id, evidence_of(history, model, now)


def _row(
    model: ActiveModel, course_id: int | None, learned: Adaptation, evidence: Evidence, now
) -> RiskAdaptation:
    outcomes = evidence.outcomes()
    return RiskAdaptation(
        base_id=model.pk,
        course_id=course_id,
        document=learned.document(),
        learners=len(outcomes),
        failed=int(outcomes.sum()),
        trained_at=now,
    )


@transaction.atomic
def _replace(rows: Sequence[RiskAdaptation]) -> None:
    # The lock makes two runs at once take turns: the second would insert what the first has.
    list(RiskAdaptation.objects.select_for_update().order_by("pk").values_list("pk"))
    RiskAdaptation.objects.all().delete()
    RiskAdaptation.objects.bulk_create(rows)
