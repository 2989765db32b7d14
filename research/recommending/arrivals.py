"""Which contents a learner is likely to come to next, from first visits alone. Pure.

Six numbers of a content, or of a learner and a content, are weighed: how many of those who were
active lately and hadn't been there came in the last week, how long ago anybody came first, and
last, how many have been there, how many of the contents around it the learner has visited, and how
thorough the learner is. The weights come from courses of earlier terms (preregistration.md) and are
adapted to the weeks of the same course that are over: what was ranked a week ago is compared with
where learners went since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

WEEK = 7.0
ACTIVE = 14.0  # days since something new, within which a learner counts as active
LONG_AGO = 60.0  # days; longer makes no difference
AROUND = (-2, -1, 1, 2)  # places in the order in which others came to contents
EARLIER_WEEKS = 8  # of the same course, to adapt to
EACH_WEEK = 250  # learners of a week at most, evenly spaced
STRENGTH = 300.0  # of the weights below: they count as much as some hundred learners
STEPS = 6  # of Newton's method; the sum is convex, and these are enough


@dataclass(frozen=True)
class Weight:
    """Of a feature in units of its `spread`, the standard deviation in the earlier courses."""

    weight: float
    spread: float


WEIGHTS: Mapping[str, Weight] = {
    "came": Weight(0.288, 0.929),
    "appeared": Weight(-0.523, 0.938),
    "last_came": Weight(-0.824, 1.125),
    "visited": Weight(0.291, 0.676),
    "around": Weight(0.073, 0.270),
    "thorough": Weight(-0.153, 0.328),
}


@dataclass(frozen=True)
class Choices:
    """What learners could come to next, one after the other: features [n, F], the number of the
    learner [n], from 0, and the share of those they came to [n], which adds up to 1 for each."""

    features: np.ndarray
    learner: np.ndarray
    share: np.ndarray


def likely(known: np.ndarray, day: float) -> np.ndarray:
    """[N, C] how likely learners are to come to contents next: a ranking, not a probability.

    `known` has the day of each learner's first visit to each content, NaN where there was none by
    `day`.
    """
    return table(known, day) @ weights(known, day)


def weights(known: np.ndarray, day: float) -> np.ndarray:
    """[F] adapted to what is known of the earlier weeks of the course."""
    start = np.array([each.weight for each in WEIGHTS.values()])
    found = list(_earlier(known, day))
    return _adapted(_joined(found), start) if found else start


def table(known: np.ndarray, day: float) -> np.ndarray:
    """[N, C, F] features in the units of their weights."""
    found = features(known, day)
    return np.stack(
        [np.broadcast_to(found[name] / each.spread, known.shape) for name, each in WEIGHTS.items()],
        axis=-1,
    )


def features(known: np.ndarray, day: float) -> dict[str, np.ndarray]:
    """By name, [N, C] or [C]. `known` as in `likely`."""
    count = len(known)
    seen = ~np.isnan(known)
    ago = np.where(seen, day - np.where(seen, known, 0.0), np.inf)
    visitors = seen.sum(axis=0)
    is_active = ago.min(axis=1, initial=np.inf) < ACTIVE
    came = (ago < WEEK).sum(axis=0)
    waiting = (is_active[:, None] & ~seen).sum(axis=0)
    longest = np.where(seen, ago, 0.0).max(axis=0, initial=0.0)
    shortest = np.minimum(ago.min(axis=0, initial=np.inf), LONG_AGO)
    visited = np.log((visitors + 1) / (count + 1))
    return {
        "came": np.log((came + 0.5) / (came + waiting + 2)),
        "appeared": np.log1p(longest),
        "last_came": np.log1p(shortest),
        "visited": visited,
        "around": _around(known, seen, day),
        "thorough": (_thoroughness(seen, visitors) - 0.5)[:, None] * visited,
    }


def _around(known: np.ndarray, seen: np.ndarray, day: float) -> np.ndarray:
    """[N, C] the share of the contents around each that a learner has visited, in the order of the
    middle of all first visits."""
    count = known.shape[1]
    columns = zip(known.T, seen.T, strict=True)
    middle = np.array([np.median(each[has]) if has.any() else day for each, has in columns])
    order = np.argsort(middle, kind="stable")
    ordered = seen[:, order].astype(float)
    share = np.zeros(known.shape)
    for step in AROUND:
        share += ordered[:, np.clip(np.arange(count) + step, 0, count - 1)] / len(AROUND)
    found = np.zeros(known.shape)
    found[:, order] = share
    return found


def _thoroughness(seen: np.ndarray, visitors: np.ndarray) -> np.ndarray:
    """[N] the share of what others have visited that a learner has, 0.5 of nothing."""
    whole = visitors.sum()
    return (seen @ visitors) / whole if whole else np.full(len(seen), 0.5)


# --- Adapting to earlier weeks -------------------------------------------------------------------
def _earlier(known: np.ndarray, day: float) -> Iterator[Choices]:
    """Of the weeks until `day`: what could be known at their start, and where learners went until
    their end."""
    for weeks in range(EARLIER_WEEKS, 0, -1):
        start = day - weeks * WEEK
        before = np.where(known <= start, known, np.nan)
        came = (known > start) & (known <= start + WEEK)
        seen = ~np.isnan(before)
        is_open = ~seen & seen.any(axis=0)
        right = came & is_open
        chosen = np.flatnonzero(seen.any(axis=1) & right.any(axis=1))
        if len(chosen):
            evenly = np.linspace(0, len(chosen) - 1, min(len(chosen), EACH_WEEK)).round()
            chosen = chosen[evenly.astype(int)]
            rows, columns = np.nonzero(is_open[chosen])
            hit = right[chosen][rows, columns].astype(float)
            share = hit / right[chosen].sum(axis=1)[rows]
            yield Choices(table(before, start)[chosen][rows, columns], rows, share)


def _joined(found: list[Choices]) -> Choices:
    numbers, count = [], 0
    for each in found:
        numbers.append(each.learner + count)
        count += int(each.learner[-1]) + 1
    return Choices(
        np.concatenate([each.features for each in found]),
        np.concatenate(numbers),
        np.concatenate([each.share for each in found]),
    )


def _adapted(choices: Choices, start: np.ndarray) -> np.ndarray:
    """The weights of the conditional logit model (McFadden 1974) of these choices, with `start` as
    a normal prior of `STRENGTH`."""
    rows, learner = choices.features, choices.learner
    starts = np.flatnonzero(np.diff(learner, prepend=-1))
    weights = start.copy()
    for _ in range(STEPS):
        worth = rows @ weights
        exp = np.exp(worth - np.maximum.reduceat(worth, starts)[learner])
        chance = exp / np.add.reduceat(exp, starts)[learner]
        expected = np.add.reduceat(chance[:, None] * rows, starts)
        curve = rows.T @ (chance[:, None] * rows) - expected.T @ expected
        slope = rows.T @ (chance - choices.share) + STRENGTH * (weights - start)
        weights = weights - np.linalg.solve(curve + STRENGTH * np.eye(len(start)), slope)
    return weights
