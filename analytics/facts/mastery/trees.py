"""Boosted trees that predict an answer from what is known before it: read from JSON, evaluated by
numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .states import FEATURES

Floats = NDArray[np.float64]
FORMAT = 1
LEAF = -1
LIMIT = 1e9  # stands for infinity, which JSON doesn't have


class BadTrees(Exception):
    """The JSON isn't a model that this code can evaluate."""


@dataclass(frozen=True)
class Tree:
    """Nodes as parallel arrays; node 0 is the root, a leaf's feature is -1."""

    feature: NDArray
    threshold: Floats
    unknown_left: NDArray
    left: NDArray
    right: NDArray
    value: Floats

    def of(self, rows: Floats) -> Floats:
        node = np.zeros(len(rows), dtype=int)
        while True:
            walking = np.flatnonzero(self.feature[node] != LEAF)
            if not len(walking):
                return self.value[node]
            at = node[walking]
            value = rows[walking, self.feature[at]]
            goes_left = np.where(
                np.isnan(value), self.unknown_left[at], value <= self.threshold[at]
            )
            node[walking] = np.where(goes_left, self.left[at], self.right[at])


@dataclass(frozen=True)
class Trees:
    """`base` and the trees' values are log-odds of a right answer."""

    base: float
    trees: tuple[Tree, ...]

    def chance(self, rows: Floats) -> Floats:
        """[N] the chance of a right answer for rows of `FEATURES` [N, F]."""
        odds = np.full(len(rows), self.base)
        for tree in self.trees:
            odds += tree.of(rows)
        return 1 / (1 + np.exp(-odds))

    def document(self) -> dict:
        return {
            "format": FORMAT,
            "features": list(FEATURES),
            "base": self.base,
            "trees": [
                [
                    [*map(int, (f, u, left, right)), float(t), float(v)]
                    for f, u, left, right, t, v in zip(
                        tree.feature,
                        tree.unknown_left,
                        tree.left,
                        tree.right,
                        tree.threshold,
                        tree.value,
                        strict=True,
                    )
                ]
                for tree in self.trees
            ],
        }


def read_document(document: dict) -> Trees:
    """Raises BadTrees for anything that `Trees.document` wouldn't have written."""
    try:
        if document["format"] != FORMAT or document["features"] != list(FEATURES):
            raise BadTrees("written by another release")
        return Trees(float(document["base"]), tuple(map(_tree, document["trees"])))
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrees(f"not a model: {error}") from None


def _tree(nodes: list) -> Tree:
    table = np.array(nodes, dtype=float).reshape(len(nodes), 6)
    feature, unknown_left, left, right = table[:, :4].astype(int).T
    number = np.arange(len(table))
    inner = feature != LEAF
    # Children come after their parents, so every walk ends.
    is_tree = (left[inner] > number[inner]) & (right[inner] > number[inner])
    inside = (np.maximum(left, right)[inner] < len(table)) & (feature[inner] < len(FEATURES))
    if not len(table) or not np.isfinite(table).all() or not (is_tree & inside).all():
        raise ValueError("nodes")
    if (feature < LEAF).any():
        raise ValueError("features")
    return Tree(feature, table[:, 4], unknown_left.astype(bool), left, right, table[:, 5])


def of_scikit_learn(base: float, predictors: list) -> Trees:
    """The trees of a fitted HistGradientBoostingClassifier of two classes."""
    return Trees(base, tuple(_of_nodes(predictor.nodes) for (predictor,) in predictors))


def _of_nodes(nodes: np.ndarray) -> Tree:
    return Tree(
        feature=np.where(nodes["is_leaf"], LEAF, nodes["feature_idx"]).astype(int),
        # Exact: a threshold is often a learner's value, which goes left.
        threshold=np.clip(nodes["num_threshold"], -LIMIT, LIMIT).astype(float),
        unknown_left=nodes["missing_go_to_left"].astype(bool),
        left=nodes["left"].astype(int),
        right=nodes["right"].astype(int),
        value=_short(nodes["value"]),
    )


def _short(values: np.ndarray) -> Floats:
    """Six significant digits: more would change no prediction visibly."""
    return np.array([float(f"{value:.6g}") for value in values])
