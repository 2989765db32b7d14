"""The model: for each stage of a course, small boosted trees and a linear part, half each. It is
read from JSON and evaluated by numpy.

A stage stands for a share of the time from start to due. A learner between two stages is scored by
both, mixed by nearness (in log-odds), so risk doesn't jump with the calendar.

Contributions are those of paths: a tree's output is its mean plus the change in the mean at every
split on the way to the leaf; a split's change belongs to its feature. In the linear part each
feature has its own term. The contributions add up exactly to the log-odds of the score. What a
reason is worth compared with other learners is another question (`attribution`).
"""

from dataclasses import dataclass

import numpy as np

from . import linear
from .history import Floats
from .linear import Linear

LEAF = -1
FORMAT = 4


class BadModel(Exception):
    """The JSON isn't a model that this code can evaluate; the message says why."""


@dataclass(frozen=True)
class Tree:
    """Nodes as parallel arrays; node 0 is the root, a leaf's feature is -1. `value` of an inner
    node is the mean of the training rows that came through it."""

    feature: np.ndarray
    threshold: Floats
    unknown_left: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: Floats

    def add_contributions(self, rows: Floats, into: Floats) -> None:
        """Add each feature's contribution to `into` [N, F + 1]; the last column is the mean."""
        walking = np.arange(len(rows))
        into[:, -1] += self.value[0]
        node = np.zeros(len(rows), dtype=np.int64)
        while True:
            inside = walking[self.feature[node[walking]] != LEAF]
            if not len(inside):
                return
            at = node[inside]
            feature = self.feature[at]
            value = rows[inside, feature]
            goes_left = np.where(
                np.isnan(value), self.unknown_left[at], value <= self.threshold[at]
            ).astype(bool)
            there = np.where(goes_left, self.left[at], self.right[at])
            into[inside, feature] += self.value[there] - self.value[at]
            node[inside] = there
            walking = inside


@dataclass(frozen=True)
class Stage:
    share: float
    base: float
    linear: Linear
    trees: tuple[Tree, ...]

    def contributions(self, rows: Floats) -> Floats:
        """[N, F + 1] log-odds by feature; the last column is the base, the same for all."""
        total = np.zeros((len(rows), rows.shape[1] + 1))
        total[:, -1] = self.base
        self.linear.add_contributions(rows, total)
        for tree in self.trees:
            tree.add_contributions(rows, total)
        return total


@dataclass(frozen=True)
class Forest:
    """Stages in order of their share. `features` name the columns that `contributions` takes."""

    features: tuple[str, ...]
    stages: tuple[Stage, ...]

    def contributions(self, rows: Floats, elapsed: Floats) -> Floats:
        """[N, F + 1] log-odds by feature for learners at share `elapsed` of their time."""
        total = np.zeros((len(rows), len(self.features) + 1))
        for stage, weight in zip(self.stages, self.weights(elapsed).T, strict=True):
            chosen = np.flatnonzero(weight)
            if len(chosen):
                total[chosen] += weight[chosen, None] * stage.contributions(rows[chosen])
        return total

    def weights(self, elapsed: Floats) -> Floats:
        """[N, stages] the weight of each stage."""
        shares = np.array([stage.share for stage in self.stages])
        position = np.interp(elapsed, shares, np.arange(len(shares)))
        near = np.clip(1 - np.abs(position[:, None] - np.arange(len(shares))), 0, 1)
        # Smooth, and still adds up to 1: close to a stage, the next one has almost no weight.
        return near**2 * (3 - 2 * near)


def probability(contributions: Floats) -> Floats:
    """Risk, 0 to 1, from log-odds by feature."""
    return 1 / (1 + np.exp(-contributions.sum(axis=1)))


def to_json(forest: Forest) -> dict:
    """A document that `from_json` reads. Trees are lists of nodes:
    `[feature, threshold, unknown goes left, left, right, mean]`, and a leaf is `[value]`."""
    return {
        "format": FORMAT,
        "features": list(forest.features),
        "stages": [
            {
                "share": stage.share,
                "base": stage.base,
                "linear": linear.to_json(stage.linear, forest.features),
                "trees": [_tree_to_json(tree, forest.features) for tree in stage.trees],
            }
            for stage in forest.stages
        ],
    }


def from_json(document: dict, expected: list[str]) -> Forest:
    """Raises BadModel unless its features are exactly the `expected` ones, in order."""
    try:
        if document["format"] != FORMAT:
            raise BadModel(f"format is {document['format']!r}, this code reads {FORMAT}")
        if document["features"] != expected:
            odd = sorted(set(document["features"]) ^ set(expected))
            raise BadModel(f"features aren't those of this code: {', '.join(odd) or 'their order'}")
        columns = {name: column for column, name in enumerate(expected)}
        stages = tuple(
            Stage(
                float(stage["share"]),
                float(stage["base"]),
                linear.from_json(stage["linear"], columns),
                tuple(_tree_from_json(tree, columns) for tree in stage["trees"]),
            )
            for stage in document["stages"]
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadModel(f"{type(error).__name__}: {error}") from error
    shares = [stage.share for stage in stages]
    if not stages or shares != sorted(set(shares)):
        raise BadModel("stages: at least one, in order of their share")
    return Forest(tuple(expected), stages)


def _tree_to_json(tree: Tree, features: tuple[str, ...]) -> list:
    return [
        [float(tree.value[n])]
        if tree.feature[n] == LEAF
        else [
            features[tree.feature[n]],
            float(tree.threshold[n]),
            bool(tree.unknown_left[n]),
            int(tree.left[n]),
            int(tree.right[n]),
            float(tree.value[n]),
        ]
        for n in range(len(tree.feature))
    ]


def _tree_from_json(nodes: list, columns: dict[str, int]) -> Tree:
    full = [node if len(node) > 1 else [None, 0.0, False, 0, 0, node[0]] for node in nodes]
    for number, node in enumerate(full):
        # Children come after their parents, so a walk can neither loop nor leave the tree.
        if node[0] is not None and not all(number < child < len(full) for child in node[3:5]):
            raise BadModel(f"node {number} leads to {node[3:5]}")
    return Tree(
        feature=np.array([LEAF if node[0] is None else columns[node[0]] for node in full]),
        threshold=np.array([float(node[1]) for node in full]),
        unknown_left=np.array([bool(node[2]) for node in full]),
        left=np.array([int(node[3]) for node in full]),
        right=np.array([int(node[4]) for node in full]),
        value=np.array([float(node[5]) for node in full]),
    )
