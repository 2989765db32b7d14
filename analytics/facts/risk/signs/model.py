"""The stored model of risk: a forest that uses what is known about every learner, and another
for learners whose activity was recorded day by day."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import features
from .forest import BadModel, Forest, from_json, probability, to_json
from .history import FIRST_WEEKS, Cohort, Floats


@dataclass(frozen=True)
class Predictor:
    """`version` is stored with every score; `trained_on` says what it learned from."""

    version: str
    trained_on: dict
    plain: Forest
    active: Forest | None = None

    def contributions(self, rows: Floats, elapsed: Floats, is_active: np.ndarray) -> Floats:
        """[N, F + 1] log-odds by feature of `features.FEATURES`, the mean in the last column.

        `rows` [N, F] as `features.compute` makes them with activity; `is_active` [N] says whose
        activity was recorded. For the others, features of activity contribute nothing.
        """
        total = np.zeros((len(rows), len(features.FEATURES) + 1))
        for forest, columns, weight in self.parts(elapsed, is_active):
            chosen = np.flatnonzero(weight)
            part = forest.contributions(rows[np.ix_(chosen, columns)], elapsed[chosen])
            total[np.ix_(chosen, [*columns, -1])] += weight[chosen, None] * part
        return total

    def parts(
        self, elapsed: Floats, is_active: np.ndarray
    ) -> Iterator[tuple[Forest, list[int], Floats]]:
        """The forests that count for anybody: each with the columns that it takes, and its weight
        [N]."""
        activity_weight = self._activity_weight(elapsed) * is_active
        for forest, weight in ((self.plain, 1 - activity_weight), (self.active, activity_weight)):
            if forest is not None and weight.any():
                yield forest, [_COLUMNS[name] for name in forest.features], weight

    def _activity_weight(self, elapsed: Floats) -> Floats:
        """[N] the weight of the forest of activity: 1 until its last stage, 0 from the next stage
        on, which it hasn't been trained for."""
        if self.active is None:
            return np.zeros(len(elapsed))
        last = self.active.stages[-1].share
        later = [stage.share for stage in self.plain.stages if stage.share > last]
        if not later:
            return np.ones(len(elapsed))
        return np.clip((later[0] - elapsed) / (later[0] - last), 0, 1)

    def risk(self, cohort: Cohort, days: Floats) -> Floats:
        """[N] the probability of not completing, as known at the end of each learner's day."""
        if not len(cohort):
            return np.zeros(0)
        rows = features.compute(cohort, days, with_activity=True)
        total = self.contributions(rows, days / cohort.length, has_activity(cohort, days))
        return probability(total)

    def document(self) -> dict:
        return {
            "version": self.version,
            "trained_on": self.trained_on,
            "plain": to_json(self.plain),
            "active": to_json(self.active) if self.active else None,
        }


_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}


def has_activity(cohort: Cohort, days: Floats) -> np.ndarray:
    """[N] whether activity was recorded up to each learner's day, or in the first weeks."""
    if cohort.activity is None:
        return np.zeros(len(cohort), dtype=bool)
    lately = cohort.activity.until(days)[0]
    first = cohort.activity.until(np.full(len(days), FIRST_WEEKS))[0]
    return ~np.isnan(lately) | ((days >= FIRST_WEEKS) & ~np.isnan(first))


def read_document(document: dict) -> Predictor:
    """Raises BadModel for anything that `Predictor.document` wouldn't have written."""
    if not isinstance(document, dict):
        raise BadModel("a model is a JSON object")
    missing = {"version", "trained_on", "plain", "active"} - document.keys()
    if missing:
        raise BadModel(f"missing: {', '.join(sorted(missing))}")
    active = document["active"]
    return Predictor(
        version=str(document["version"]),
        trained_on=dict(document["trained_on"]),
        plain=from_json(document["plain"], features.names(with_activity=False)),
        active=from_json(active, features.names(with_activity=True)) if active else None,
    )
