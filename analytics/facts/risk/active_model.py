"""Which model scores: an organisation's own when it is good enough, else the shipped one.

The one writer of `RiskModel`.
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
from .training import Sample, TooLittle, train

logger = logging.getLogger(__name__)

LEAST_FINISHED = 1_000  # passages whose outcome is known
LEAST_OF_EACH = 200  # of those completed, and of those not
NEWEST_SHARE = 0.25  # of the passages are kept back, to see whether the own model is better


@dataclass(frozen=True)
class Chosen:
    """The active model: its row's key, and what it says."""

    pk: int
    predictor: Predictor


@dataclass(frozen=True)
class Trained:
    """What training came to, in numbers that a person can weigh."""

    finished: int
    not_completed: int
    own: dict
    shipped: dict
    is_better: bool
    model: RiskModel | None


def active(now: datetime) -> Chosen:
    """The active model. The shipped one takes its place when there is none, a newer one was
    shipped, or an own one can't be read any more: until the next training."""
    shipped = prior()
    row = RiskModel.objects.filter(is_active=True).first()
    if row is not None and (row.version == shipped.version or not row.document.get("shipped")):
        try:
            return Chosen(row.pk, read_document(row.document))
        except BadModel as error:
            logger.warning("model %s gives way to the shipped one: %s", row.version, error)
    document = {**shipped.document(), "shipped": True}
    metrics = row.metrics if row and row.document.get("shipped") else {}
    return Chosen(_activate(shipped.version, document, metrics, now).pk, shipped)


def train_own(now: datetime) -> Trained:
    """Learn from own finished passages; activate the model if it beats the shipped one on the
    newest of them, which it hasn't seen then. Raises TooLittle."""
    histories = _everything(now)
    outcomes = [_learnable(history, now) for history in histories]
    known = np.concatenate([*outcomes, np.zeros(0)])
    known = known[~np.isnan(known)]
    _check_enough(len(known), int(known.sum()))
    border = _border(histories, outcomes)
    pairs = list(zip(histories, outcomes, strict=True))
    older = [np.where(history.started < border, known, np.nan) for history, known in pairs]
    newer = [np.where(history.started < border, np.nan, known) for history, known in pairs]
    own = _train(histories, older, now)
    told = {
        name: backtest.run(model, histories, newer, now)
        for name, model in (("own", own), ("shipped", prior()))
    }
    better = told["own"]["auc"] > told["shipped"]["auc"]
    row = None
    if better:
        final = _train(histories, outcomes, now)
        row = _activate(final.version, final.document(), told["own"], now)
    return Trained(len(known), int(known.sum()), told["own"], told["shipped"], better, row)


def backtest_active(now: datetime) -> dict:
    """How the active model does on own finished passages; kept with it, and answered.

    An own model keeps what it showed on passages that it hadn't seen: this would flatter it.
    """
    chosen = active(now)
    row = RiskModel.objects.get(pk=chosen.pk)
    if row.document.get("shipped"):
        histories = _everything(now)
        outcomes = [_learnable(history, now) for history in histories]
        row.metrics = backtest.run(chosen.predictor, histories, outcomes, now)
        row.save(update_fields=["metrics"])
    return row.metrics


def _everything(now: datetime) -> list[CourseHistory]:
    courses = Course.objects.order_by("pk").values_list("pk", flat=True)
    return read(list(courses), now, with_past=True)


def _learnable(history: CourseHistory, now: datetime) -> np.ndarray:
    """Outcomes of passages with a due date: "in time" means nothing without one."""
    return np.where(history.has_due, history.outcome(now), np.nan)


def _check_enough(finished: int, failed: int) -> None:
    if finished < LEAST_FINISHED:
        raise TooLittle(
            f"{finished} finished enrolments with a due date, {LEAST_FINISHED} are needed"
        )
    if min(failed, finished - failed) < LEAST_OF_EACH:
        raise TooLittle(
            f"{finished - failed} completed in time and {failed} not, "
            f"{LEAST_OF_EACH} of each are needed"
        )


def _border(histories: Sequence[CourseHistory], outcomes: Sequence[np.ndarray]) -> float:
    """The epoch day from which on passages count as the newest."""
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
