"""Which model predicts: an organisation's own when it is good enough, otherwise the shipped one.

The only writer of `RiskModel`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from analytics.models import RiskModel
from progress.models import Course

from . import backtest
from .histories import CourseHistory, read
from .prior import prior
from .signs.forest import BadModel
from .signs.model import Predictor, read_document
from .training import NotEnoughData, Sample, train

logger = logging.getLogger(__name__)

MIN_FINISHED = 1_000  # enrolments whose outcome is known
MIN_PER_OUTCOME = 200  # of the completed ones, and of the others
NEWEST_SHARE = 0.25  # of the enrolments is held out, to see whether the own model is better


@dataclass(frozen=True)
class ActiveModel:
    """The active model: the key of its row, and the predictor."""

    pk: int
    predictor: Predictor


@dataclass(frozen=True)
class Trained:
    """The result of a training run: counts, and the measures of both models."""

    finished: int
    not_completed: int
    own: dict
    shipped: dict
    is_better: bool
    model: RiskModel | None


def active(now: datetime) -> ActiveModel:
    """Returns the active model.

    The shipped one is activated when there is none, when a newer one was shipped, or when the own
    model can no longer be read; it stays until the next training.
    """
    shipped = prior()
    row = RiskModel.objects.filter(is_active=True).first()
    if row is not None and (row.version == shipped.version or not row.document.get("shipped")):
        try:
            return ActiveModel(row.pk, read_document(row.document))
        except BadModel as error:
            logger.warning("model %s is replaced by the shipped one: %s", row.version, error)
    document = {**shipped.document(), "shipped": True}
    metrics = row.metrics if row and row.document.get("shipped") else {}
    return ActiveModel(_activate(shipped.version, document, metrics, now).pk, shipped)


def train_own(now: datetime) -> Trained:
    """Train on own finished enrolments; activate the model if it beats the shipped one.

    They are compared on the newest enrolments, which neither has seen; the final model learns from
    all of them. Raises NotEnoughData.
    """
    histories = _all_histories(now)
    outcomes = [_outcomes(history, now) for history in histories]
    known = np.concatenate([*outcomes, np.zeros(0)])
    known = known[~np.isnan(known)]
    _check_enough(len(known), int(known.sum()))
    border = _border(histories, outcomes)
    pairs = list(zip(histories, outcomes, strict=True))
    older = [np.where(history.started < border, each, np.nan) for history, each in pairs]
    newer = [np.where(history.started < border, np.nan, each) for history, each in pairs]
    own = _train(histories, older, now)
    measured = {
        name: backtest.run(model, histories, newer, now)
        for name, model in (("own", own), ("shipped", prior()))
    }
    better = measured["own"]["auc"] > measured["shipped"]["auc"]
    row = None
    if better:
        final = _train(histories, outcomes, now)
        row = _activate(final.version, final.document(), measured["own"], now)
    return Trained(len(known), int(known.sum()), measured["own"], measured["shipped"], better, row)


def backtest_active(now: datetime) -> dict:
    """Measure the active model on own finished enrolments, store the measures and return them.

    An own model keeps the measures of its training, made on enrolments that it hadn't seen.
    """
    chosen = active(now)
    row = RiskModel.objects.get(pk=chosen.pk)
    if row.document.get("shipped"):
        histories = _all_histories(now)
        outcomes = [_outcomes(history, now) for history in histories]
        row.metrics = backtest.run(chosen.predictor, histories, outcomes, now)
        row.save(update_fields=["metrics"])
    return row.metrics


def _all_histories(now: datetime) -> list[CourseHistory]:
    courses = Course.objects.order_by("pk").values_list("pk", flat=True)
    return read(list(courses), now, with_past=True)


def _outcomes(history: CourseHistory, now: datetime) -> np.ndarray:
    """Outcomes of the enrolments with a due date: "in time" means nothing without one."""
    return np.where(history.has_due, history.outcome(now), np.nan)


def _check_enough(finished: int, failed: int) -> None:
    if finished < MIN_FINISHED:
        raise NotEnoughData(
            f"{finished} finished enrolments with a due date, {MIN_FINISHED} are needed"
        )
    if min(failed, finished - failed) < MIN_PER_OUTCOME:
        raise NotEnoughData(
            f"{finished - failed} completed in time and {failed} not, "
            f"{MIN_PER_OUTCOME} of each are needed"
        )


def _border(histories: Sequence[CourseHistory], outcomes: Sequence[np.ndarray]) -> float:
    """The epoch day from which on enrolments count as the newest."""
    started = [h.started[~np.isnan(o)] for h, o in zip(histories, outcomes, strict=True)]
    return float(np.quantile(np.concatenate(started), 1 - NEWEST_SHARE))


def _train(histories, outcomes, now: datetime) -> Predictor:
    samples = [
        Sample(history.cohort.only(chosen), outcome[chosen], [history.days(moment)[chosen]])
        for history, outcome in zip(histories, outcomes, strict=True)
        for moment in backtest.moments(history, now)
        for chosen in history.bands(moment)
    ]
    known = int(sum((~np.isnan(outcome)).sum() for outcome in outcomes))
    version = f"own-{now:%Y%m%d-%H%M%S}"
    return train(samples, version=version, trained_on={"presentations": [], "learners": known})


@transaction.atomic
def _activate(version: str, document: dict, metrics: dict, now: datetime) -> RiskModel:
    RiskModel.objects.select_for_update().filter(is_active=True).exclude(version=version).update(
        is_active=False
    )
    row, _ = RiskModel.objects.update_or_create(
        version=version,
        defaults={
            "document": document,
            "metrics": metrics,
            "trained_at": now,
            "is_active": True,
        },
    )
    return row
