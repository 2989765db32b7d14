"""The order that suits a learner, from what they know. Values in, values out.

What is left to do stays in the author's order, but for four things. A pre-test comes before what it
would spare, where its learner is likely to know that and to be spared time (`estimates`). Of
alternatives one is enough. What practises a weak skill comes before what builds on it: what was
skipped, and remedial content, before a second try only what takes less time than the tries that
would be lost without it. And what builds on a weak skill comes after what doesn't, so that nobody
is led into what they aren't ready for; it is never locked. What may help and isn't a step is
offered besides.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from analytics.facts.mastery.levels import MASTERED

from .estimates import LIKELY, Known, Quiz, chance, costs, is_worth_it, standing

NEXT, BEGUN, AGAIN, READY, LATER = "next", "begun", "again", "ready", "later"
PRE_TEST, REMEDIAL, SKIPPED = "pre_test", "remedial", "skipped"
EXTRAS = frozenset({PRE_TEST, REMEDIAL, SKIPPED})  # what isn't required, and may be dismissed


@dataclass(frozen=True, slots=True)
class Item:
    """A content as a path sees it; items are given in the author's order.

    `minutes` is how long it still takes, of a quiz also for another try. `is_done`: complete, or
    waived; `is_waived`: the latter. `is_open`: not hidden until a day. `was_tried`: answers to a
    quiz were handed in. `is_wanted`: the learner hasn't dismissed it.
    """

    id: int
    skills: tuple[str, ...] = ()
    prerequisites: tuple[int, ...] = ()
    waives: tuple[int, ...] = ()
    alternatives: tuple[int, ...] = ()
    minutes: float = 0.0
    quiz: Quiz | None = None
    is_required: bool = True
    is_remedial: bool = False
    is_done: bool = False
    is_waived: bool = False
    is_open: bool = True
    was_tried: bool = False
    is_wanted: bool = True
    progress_bp: int = 0

    @property
    def can_try(self) -> bool:
        return self.quiz is not None and self.quiz.tries_left != 0


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and why: `skill` is the weak one that it is about, `readiness` the least mastery
    of what it builds on (None: nothing is known), `spares` what passing it waives, `instead` any
    of which would do. Of a pre-test: the `minutes` that it takes, those that passing it `saves`,
    and how likely that is (`chance`)."""

    id: int
    reason: str
    skill: str = ""
    readiness: float | None = None
    spares: tuple[int, ...] = ()
    instead: tuple[int, ...] = ()
    minutes: float = 0.0
    saves: float = 0.0
    chance: float | None = None


class Way(NamedTuple):
    """What to do, in order; and what may be done besides: tests and practice."""

    steps: list[Step]
    offers: list[Step]


def arrange(items: Sequence[Item], known: Mapping[str, Known]) -> Way:
    """The steps that are left, in an order that suits whoever knows this.

    `known` holds the skills of which enough is known; of others nothing is concluded. Every item
    that is required and left is a step, or `instead` of one.
    """
    course = _Course(items, known)
    later = {item.id for item in course.main if course.is_for_later(item)}
    steps: list[Step] = []
    placed: set[int] = set()
    for item in _in_order(course.main, later):
        for extra in (*course.pre_tests(item), *course.practice(item)):
            if extra.id not in placed:
                placed.add(extra.id)
                steps.append(course.extra(extra))
        steps.append(course.step(item, is_later=item.id in later))
    besides = [item for item in items if course.may_help(item) and item.id not in placed]
    return Way(steps, [course.extra(item) for item in besides])


def in_order(items: Sequence[Item]) -> Way:
    """The steps that are left in the author's own order, without what only some need."""
    course = _Course(items, {})
    wanted = (item for item in items if course.is_to_do(item) or course.is_useful_test(item))
    steps = [
        course.extra(item) if item.waives else course.step(item, is_later=False) for item in wanted
    ]
    return Way(steps, [])


@dataclass
class _Course:
    items: Sequence[Item]
    known: Mapping[str, Known]
    by_id: dict[int, Item] = field(init=False)

    def __post_init__(self):
        self.by_id = {item.id: item for item in self.items}

    # --- What is left ------------------------------------------------------------------------
    @cached_property
    def main(self) -> list[Item]:
        return [item for item in self.items if self.is_to_do(item)]

    def is_to_do(self, item: Item) -> bool:
        left = item.is_required and not item.is_done and item.is_open
        return left and item is self._furthest(item)

    def _furthest(self, item: Item) -> Item:
        """Of alternatives the one that is begun, or the first."""
        group = [item, *(self.by_id[pk] for pk in item.alternatives if self._is_left(pk))]
        order = list(self.by_id)
        required = [each for each in group if each.is_required and each.is_open]
        return min(required, key=lambda each: (-each.progress_bp, order.index(each.id)))

    def _is_left(self, pk: int) -> bool:
        return pk in self.by_id and not self.by_id[pk].is_done

    # --- What is weak ------------------------------------------------------------------------
    @cached_property
    def weak(self) -> set[str]:
        """Of the skills with a low mastery those that need practice: a quiz that was passed is
        believed, until another one on the same skill was failed."""
        low = {skill for skill, known in self.known.items() if known.mastery < MASTERED}
        quizzes = [item for item in self.items if item.quiz]
        passed = {skill for each in quizzes if _is_passed(each) for skill in each.skills}
        failed = {skill for each in quizzes if _is_failed(each) for skill in each.skills}
        return low - (passed - failed)

    def builds_on(self, item: Item) -> set[str]:
        """The skills of what has to be done before it, but for those that it teaches or asks for
        itself; these only of a quiz that was failed."""
        before = [self.by_id[pk] for pk in item.prerequisites if pk in self.by_id]
        skills = {skill for each in before for skill in each.skills}
        return skills | set(item.skills) if _is_failed(item) else skills - set(item.skills)

    def _least(self, skills: Collection[str]) -> str:
        """The weakest of those of which enough is known."""
        known = [skill for skill in skills if skill in self.known]
        return min(known, key=lambda skill: (self.known[skill].mastery, skill), default="")

    # --- Pre-tests ---------------------------------------------------------------------------
    def is_useful_test(self, item: Item) -> bool:
        """A pre-test that may still be taken, and would spare something."""
        may = not item.is_done and item.is_open and item.can_try and item.is_wanted
        return may and any(map(self._is_left, item.waives))

    def pre_tests(self, item: Item) -> Iterator[Item]:
        """The tests that would spare `item`, and more time than they take."""
        for each in self.items:
            if item.id in each.waives and self.is_useful_test(each):
                passes, spared = self._chance(each), self._spared_minutes(each)
                if is_worth_it(_quiz(each), passes, each.minutes, spared):
                    yield each

    def _spared_minutes(self, test: Item) -> float:
        return sum(item.minutes for item in self.main if item.id in test.waives)

    def _chance(self, test: Item) -> float:
        """To pass: by its own skills, by what they build on where that is weak, and by the
        learner's other pre-tests in this course."""
        spared = [self.by_id[pk] for pk in test.waives if self._is_left(pk)]
        basics = {skill for each in spared for skill in self.builds_on(each)}
        least = self._least({*test.skills, *(basics & self.weak)})
        others = [
            (_quiz(each).first, _is_passed(each))
            for each in self.items
            if each.waives and each.was_tried and each is not test
        ]
        quiz = _quiz(test)
        record = quiz.again if test.was_tried else quiz.first
        return chance(quiz, record, self.known.get(least), standing(others))

    # --- Practice ----------------------------------------------------------------------------
    def practice(self, item: Item) -> Iterator[Item]:
        """What practises the weak skills that `item` builds on, also if it was skipped. Before
        another try at a quiz no more than costs less time than the tries that would be lost."""
        left = self._worth_minutes(item)
        wanted = self.weak & self.builds_on(item)
        if not _is_failed(item):
            wanted -= self._tried_again
        for each in self.items:
            if self._is_practice(each, wanted):
                if each.is_waived:
                    yield each
                elif each.minutes < left:
                    left -= each.minutes
                    yield each

    def _worth_minutes(self, item: Item) -> float:
        """How long practice before it may take: any time before a lesson, before a last try, and
        once three tries have shown that another one alone doesn't do it."""
        quiz = item.quiz
        if quiz is None or not _is_failed(item) or quiz.tries > 2 or quiz.tries_left in {0, 1}:
            return math.inf
        return costs(self._next_chance(item), item.minutes)

    def _next_chance(self, quiz: Item) -> float:
        """To pass a quiz that was failed."""
        known = self.known.get(self._least(self.weak & set(quiz.skills)))
        return chance(_quiz(quiz), _quiz(quiz).again, known)

    def is_for_later(self, item: Item) -> bool:
        """It builds on something weak. That is no matter to a quiz which may well be passed at
        the next try."""
        weak = self.weak & self.builds_on(item)
        if not weak or not _is_failed(item) or weak - set(item.skills):
            return bool(weak)
        return self._next_chance(item) < LIKELY or any(self.practice(item))

    @cached_property
    def _tried_again(self) -> set[str]:
        """Skills of which a quiz is tried again: practice of them is weighed there."""
        return {skill for item in self.main if _is_failed(item) for skill in item.skills}

    def _is_practice(self, item: Item, skills: Collection[str]) -> bool:
        may = item.is_open and item.is_wanted and not item.waives
        may = may and not set(item.skills).isdisjoint(skills)
        return may and (item.is_waived or (item.is_remedial and not item.is_done))

    def may_help(self, item: Item) -> bool:
        """A test that could spare something, or practice of a weak skill."""
        if item.waives:
            return self.is_useful_test(item) and self._spared_minutes(item) > 0
        return self._is_practice(item, self.weak)

    # --- In words ----------------------------------------------------------------------------
    def extra(self, item: Item) -> Step:
        if item.waives:
            spared = tuple(filter(self._is_left, item.waives))
            return Step(
                item.id,
                PRE_TEST,
                spares=spared,
                minutes=item.minutes,
                saves=self._spared_minutes(item),
                chance=self._chance(item),
            )
        skill = next((each for each in item.skills if each in self.weak), "")
        return Step(item.id, SKIPPED if item.is_waived else REMEDIAL, skill=skill)

    def step(self, item: Item, *, is_later: bool) -> Step:
        least = self._least(self.builds_on(item))
        reason = NEXT
        if is_later:
            reason = LATER
        elif _is_failed(item):
            reason = AGAIN
        elif item.progress_bp:
            reason = BEGUN
        elif least:
            reason = READY
        instead = tuple(pk for pk in item.alternatives if self._is_left(pk))
        readiness = self.known[least].mastery if least else None
        return Step(item.id, reason, least if is_later else "", readiness, instead=instead)


def _is_passed(item: Item) -> bool:
    return item.is_done and not item.is_waived


def _is_failed(item: Item) -> bool:
    """A quiz that was tried and not passed. Who fails a pre-test only hasn't learned it yet."""
    return item.was_tried and not _is_passed(item) and not item.waives


def _quiz(item: Item) -> Quiz:
    return item.quiz or Quiz()


def _in_order(main: Sequence[Item], later: Collection[int]) -> Iterator[Item]:
    """Those that aren't for `later` first, but never before what they have to wait for."""
    left = sorted(main, key=lambda item: item.id in later)
    while left:
        waiting = {item.id for item in left}
        free = (item for item in left if waiting.isdisjoint(item.prerequisites))
        item = next(free, left[0])
        left.remove(item)
        yield item
