"""How much each reason moves a learner's risk, compared with other learners.

A reason is worth what the log-odds change by when its features are replaced by those of another
learner, averaged over these learners and over the orders in which the reasons can be replaced
(Shapley 1953): so what two reasons do together is shared by them. The worths of a learner add up to
the log-odds less the mean of those with all reasons replaced. Features of the course aren't
replaced: they are the same for all who are as far in it.

It is exact, without trying every set of reasons. A mixture of two learners reaches a leaf of a tree
if each reason on the way to it comes from one who goes that way, and the values of that game are
known (Lundberg and others 2020, Nature Machine Intelligence 2:56-67, interventional).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np

from . import adaptation
from .forest import LEAF, Stage, Tree
from .history import Floats
from .linear import Linear
from .model import Predictor
from .reasons import NAMES, NEVER_SHOWN

REASONS = len(NAMES)
COURSE = adaptation.NAMES.index(NEVER_SHOWN)


@dataclass(frozen=True)
class Groups:
    """Learners by the number of their group [N], from 0, and the `others` [M, F] that they are
    compared with, by the number of the same group [M]; every group has some. `weights` [groups,
    reasons of `adaptation.NAMES`] multiply contributions."""

    group: np.ndarray
    others: Floats
    group_of_other: np.ndarray
    weights: Floats

    def only(self, chosen: np.ndarray) -> "Groups":
        """The groups of the `chosen` learners (indices), numbered anew."""
        present, group = np.unique(self.group[chosen], return_inverse=True)
        kept = np.isin(self.group_of_other, present)
        numbers = np.searchsorted(present, self.group_of_other[kept])
        return Groups(group, self.others[kept], numbers, self.weights[present])


def worths(
    model: Predictor, rows: Floats, elapsed: Floats, is_active: np.ndarray, groups: Groups
) -> Floats:
    """[N, reasons of `NAMES`] log-odds. `rows`, `elapsed` and `is_active` as in
    `Predictor.contributions`; the others count as if they were as far as the learner."""
    total = np.zeros((len(rows), REASONS))
    for forest, columns, of_forest in model.parts(elapsed, is_active):
        reason_of = adaptation.REASON_OF[columns]
        for stage, of_stage in zip(forest.stages, forest.weights(elapsed).T, strict=True):
            weight = of_forest * of_stage
            chosen = np.flatnonzero(weight)
            if len(chosen):
                some = groups.only(chosen)
                mixing = _Mixing(rows[np.ix_(chosen, columns)], some, columns, reason_of)
                total[chosen] += weight[chosen, None] * mixing.worths(stage)
    return total


class _Mixing:
    """Learners and those they are compared with, at one stage."""

    def __init__(self, rows: Floats, groups: Groups, columns: list[int], reason_of: np.ndarray):
        self.rows, self.others = rows, groups.others[:, columns]
        self.group, self.group_of_other = groups.group, groups.group_of_other
        self.weights, self.reason_of = groups.weights, reason_of
        self.count = np.bincount(self.group_of_other, minlength=len(self.weights))

    def worths(self, stage: Stage) -> Floats:
        # By reason, so that each is added to in one piece.
        found = np.ascontiguousarray(self._of_linear(stage.linear).T)
        for tree in stage.trees:
            self._add_tree(tree, found)
        return found.T

    def _of_linear(self, linear: Linear) -> Floats:
        """Each reason has a sum of its own, so it is worth the difference of the sums."""
        own, others = self._sums(linear, self.rows), self._sums(linear, self.others)
        mean = np.zeros((len(self.weights), REASONS))
        np.add.at(mean, self.group_of_other, others)
        mean /= self.count[:, None]
        return self.weights[self.group, :REASONS] * (own - mean[self.group])

    def _sums(self, linear: Linear, rows: Floats) -> Floats:
        contributions = np.zeros((len(rows), rows.shape[1] + 1))
        linear.add_contributions(rows, contributions)
        of_reason = np.arange(REASONS) == self.reason_of[:, None]
        return contributions[:, :-1] @ of_reason.astype(float)

    def _add_tree(self, tree: Tree, into: Floats) -> None:
        own, others = _turns(tree, self.rows), _turns(tree, self.others)
        for leaf in _leaves(tree, self.reason_of):
            players = [reason for reason in leaf.turns if reason != COURSE]
            if not players:
                continue
            size = 1 << len(players)
            way = self.group * size + _pattern(own, leaf, players)
            others_way = self.group_of_other * size + _pattern(others, leaf, players)
            share = np.bincount(others_way, minlength=size * len(self.weights)).reshape(-1, size)
            share = share / self.count[:, None] * (self.weights @ leaf.value)[:, None]
            values = np.einsum("gz,xzp->pgx", share, _shapley(len(players)))
            is_reached = _pattern(own, leaf, [COURSE]) if COURSE in leaf.turns else 1
            for player, value in zip(players, values, strict=True):
                into[player] += value.ravel().take(way) * is_reached


@dataclass(frozen=True)
class _Leaf:
    """`turns` are the ways to take at the nodes before it, by the reason that decides there, as
    (node, goes left); `value` [reasons of `adaptation.NAMES`] is what each contributes."""

    turns: dict[int, list[tuple[int, bool]]]
    value: Floats


def _leaves(tree: Tree, reason_of: np.ndarray) -> Iterator[_Leaf]:
    waiting = [(0, _Leaf({}, np.zeros(len(adaptation.NAMES))))]
    while waiting:
        node, before = waiting.pop()
        if tree.feature[node] == LEAF:
            yield before
            continue
        reason = int(reason_of[tree.feature[node]])
        for child, is_left in ((tree.left[node], True), (tree.right[node], False)):
            turns = {**before.turns, reason: [*before.turns.get(reason, []), (node, is_left)]}
            value = before.value.copy()
            value[reason] += tree.value[child] - tree.value[node]
            waiting.append((int(child), _Leaf(turns, value)))


def _turns(tree: Tree, rows: Floats) -> dict[tuple[int, bool], np.ndarray]:
    """[N] who goes each way at each inner node, wherever they are."""
    found = {}
    for node in np.flatnonzero(tree.feature != LEAF).tolist():
        value = rows[:, tree.feature[node]]
        left = value <= tree.threshold[node]
        if tree.unknown_left[node]:
            left |= np.isnan(value)
        found[node, True], found[node, False] = left, ~left
    return found


def _pattern(turns: dict[tuple[int, bool], np.ndarray], leaf: _Leaf, players: list[int]):
    """[N] a bit for each of the players: whether all its features lead to the leaf."""
    pattern = 0
    for bit, reason in enumerate(players):
        leads = np.logical_and.reduce([turns[turn] for turn in leaf.turns[reason]])
        pattern = pattern + (leads.astype(np.int64) << bit)
    return pattern


@cache
def _shapley(players: int) -> Floats:
    """[own pattern, other's pattern, player] values of the game that is worth 1 if the players of a
    coalition lead to the leaf by the learner's features, and the rest by the other's."""
    everybody = (1 << players) - 1
    values = np.zeros((everybody + 1, everybody + 1, players))
    for own in range(everybody + 1):
        for other in range(everybody + 1):
            if own | other != everybody:
                continue  # one leads there by neither
            needed, harmful = own & ~other, other & ~own
            a, b = needed.bit_count(), harmful.bit_count()
            for player in range(players):
                if needed >> player & 1:
                    values[own, other, player] = 1 / (a * comb(a + b, a))
                elif harmful >> player & 1:
                    values[own, other, player] = -1 / (b * comb(a + b, b))
    return values
