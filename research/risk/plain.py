"""Plain models to compare with: a logistic regression and boosted trees of scikit-learn, fitted to
the features of one day, without directions, stages or blending."""

from collections.abc import Sequence

import numpy as np

from analytics.facts.risk.signs import features
from analytics.facts.risk.signs.history import Floats
from analytics.facts.risk.training import NotEnoughData

from .evaluation import Predictions, chosen_rows, join
from .oulad import Presentation

SEED = 7


def predict(
    trained: Sequence[Presentation],
    tested: Sequence[Presentation],
    day: float,
    *,
    recorded_only: bool = False,
) -> dict[str, Predictions]:
    """By name of the model, its predictions at the end of `day`. Raises NotEnoughData."""
    from threadpoolctl import threadpool_limits

    parts = [_features(each, day, recorded_only) for each in trained]
    rows = np.concatenate([values for values, _ in parts])
    outcome = np.concatenate([failed for _, failed in parts])
    if not len(outcome) or outcome.min() == outcome.max():
        raise NotEnoughData(f"no learners of both outcomes on day {day:.0f}")
    empty = np.isnan(rows).all(axis=0)
    found = {}
    for name, model in _models().items():
        # One thread: sums in the same order each time, and no competition for processors.
        with threadpool_limits(1):
            model.fit(np.where(empty, 0.0, rows), outcome)
        found[name] = join(
            day,
            [
                (each, chosen, model.predict_proba(np.where(empty, 0.0, values))[:, 1])
                for each in tested
                for chosen in [chosen_rows(each, day, recorded_only=recorded_only)]
                for values in [_features(each, day, recorded_only)[0]]
                if len(values)
            ],
        )
    return found


def _models() -> dict:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = make_pipeline(
        SimpleImputer(add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=2_000),
    )
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=15,
        min_samples_leaf=50,
        l2_regularization=1.0,
        random_state=SEED,
    )
    return {"logistic regression": regression, "boosted trees": trees}


def _features(each: Presentation, day: float, recorded_only: bool) -> tuple[Floats, Floats]:
    """[N, F] what was known of the learners who are counted, and [N] their outcome. Activity only
    where everybody counted has it."""
    chosen = chosen_rows(each, day, recorded_only=recorded_only)
    days = np.full(len(each.cohort), float(day))
    rows = features.compute(each.cohort, days, with_activity=recorded_only)
    return rows[chosen], each.outcome[chosen]
