"""Calibration for a cohort that fails more or less often than those a model has learned from.

The failure rate drifts between presentations, the way in which failing learners behave hardly does
(label shift). So odds are multiplied by how much the odds of failing have changed, which leaves the
ranking as it is. No outcome of the cohort measured is used.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from analytics.facts.risk.signs.history import Floats

from .evaluation import Predictions, chosen_rows
from .oulad import Presentation

ROUNDS = 200
EXACT = 1e-6
# A season's rate counts like so many learners of the whole, so that a small one isn't believed.
PSEUDO = 200.0
MIN_RATE, MAX_RATE = 0.02, 0.98


def failure_rate(
    presentations: Sequence[Presentation], day: float, *, recorded_only: bool = False
) -> float:
    """The share that fails of those counted at the end of `day`; NaN without learners."""
    parts = [
        each.outcome[chosen_rows(each, day, recorded_only=recorded_only)] for each in presentations
    ]
    outcome = np.concatenate([*parts, np.zeros(0)])
    return float(outcome.mean()) if len(outcome) else float("nan")


def season_rate(
    trained: Sequence[Presentation], season: str, day: float, *, recorded_only: bool = False
) -> float:
    """The same of the presentations that began in `season` (B or J), drawn towards that of all."""
    everyone = failure_rate(trained, day, recorded_only=recorded_only)
    same = [each for each in trained if each.code.endswith(season)]
    count = sum(int(chosen_rows(each, day, recorded_only=recorded_only).sum()) for each in same)
    if not count:
        return everyone
    own = failure_rate(same, day, recorded_only=recorded_only)
    return (count * own + PSEUDO * everyone) / (count + PSEUDO)


def adjusted(risk: Floats, before: float, after: float) -> Floats:
    """Risks of a model whose learners failed at the rate `before`, for others who fail at
    `after`."""
    before, after = (min(max(rate, MIN_RATE), MAX_RATE) for rate in (before, after))
    factor = after / (1 - after) / (before / (1 - before))
    odds = factor * risk
    return odds / (odds + 1 - risk)


def estimated_rate(risk: Floats, before: float, start: float) -> float:
    """The failure rate of a cohort from its risks alone, by expectation maximisation.

    Saerens, Latinne, Decaestecker (2002), Adjusting the outputs of a classifier to new a priori
    probabilities. `start` counts like `PSEUDO` learners, so that a small cohort stays near it.
    """
    rate = start
    for _ in range(ROUNDS):
        mean = float(adjusted(risk, before, rate).mean()) if len(risk) else start
        following = (len(risk) * mean + PSEUDO * start) / (len(risk) + PSEUDO)
        if abs(following - rate) < EXACT:
            break
        rate = following
    return rate


# --- for a table ---------------------------------------------------------------------------------
def by_season(
    found: Predictions, trained: Sequence[Presentation], *, recorded_only: bool = False
) -> Floats:
    """[N] risks for the failure rate of the season in which each presentation began."""
    before = failure_rate(trained, found.day, recorded_only=recorded_only)
    return _by_code(
        found,
        lambda code, risk: adjusted(
            risk, before, season_rate(trained, code[-1], found.day, recorded_only=recorded_only)
        ),
    )


def by_cohort(
    found: Predictions, trained: Sequence[Presentation], *, recorded_only: bool = False
) -> Floats:
    """[N] risks for the failure rate estimated for all presentations of the same date together."""
    before = failure_rate(trained, found.day, recorded_only=recorded_only)

    def shifted(code: str, risk: Floats) -> Floats:
        start = season_rate(trained, code[-1], found.day, recorded_only=recorded_only)
        return adjusted(risk, before, estimated_rate(risk, before, start))

    return _by_code(found, shifted)


def _by_code(found: Predictions, shifted: Callable[[str, Floats], Floats]) -> Floats:
    risk = found.risk.copy()
    codes = np.array([str(name).split()[-1] for name in found.presentation], dtype=object)
    for code in sorted(set(codes)):
        chosen = codes == code
        risk[chosen] = shifted(code, found.risk[chosen])
    return risk


METHODS: Mapping[str, Callable[..., Floats]] = {"season": by_season, "shift": by_cohort}
