"""The order that suits a learner, from what they know. Pure functions.

What is left to do stays in the author's order, with four exceptions. A pre-test comes before what
it would waive if the learner is likely to know it and to save time (`estimates`). One of several
alternatives is enough. Practice of a weak skill comes before what builds on it: skipped and
remedial contents; before another try at a quiz, only those that take less time than the failed
tries they are expected to save. And what builds on a weak skill comes after what doesn't, so that
learners meet it when they are ready; it is never locked. What may help but isn't a step is offered.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from analytics.facts.mastery.levels import MASTERED

from .estimates import LIKELY, Quiz, SkillEstimate, advantage, chance, expected_loss, is_worth_it

NEXT, BEGUN, AGAIN, READY, LATER = "next", "begun", "again", "ready", "later"
PRE_TEST, REMEDIAL, SKIPPED = "pre_test", "remedial", "skipped"
EXTRAS = frozenset({PRE_TEST, REMEDIAL, SKIPPED})  # what isn't required, and may be dismissed


@dataclass(frozen=True, slots=True)
class Item:
    """A content as a path sees it; items are given in the author's order.

    `minutes` is how long it still takes; for a quiz, another try. `is_done`: complete or waived;
    `is_waived`: the latter. `is_open`: already released. `was_tried`: a quiz was submitted.
    `is_wanted`: the learner hasn't dismissed it.
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
    """What to do, and why: `skill` is the weak skill concerned, `readiness` the lowest mastery of
    what it builds on (None if unknown), `spares` what passing it waives, `instead` its
    alternatives. For a pre-test: the `minutes` that it takes, the minutes that passing it `saves`,
    and the `chance` to pass it."""

    id: int
    reason: str
    skill: str = ""
    readiness: float | None = None
    spares: tuple[int, ...] = ()
    instead: tuple[int, ...] = ()
    minutes: float = 0.0
    saves: float = 0.0
    chance: float | None = None


class Arrangement(NamedTuple):
    """What to do, in order, and what may be done in addition: tests and practice."""

    steps: list[Step]
    offers: list[Step]


def arrange(items: Sequence[Item], skills: Mapping[str, SkillEstimate]) -> Arrangement:
    """The remaining steps, in the order that suits a learner with these skills.

    `skills` has those with enough answers; nothing is concluded about others. Every required item
    that is left is a step, or an alternative (`instead`) of one.
    """
    course = _Course(items, skills)
    later = {item.id for item in course.main if course.is_for_later(item)}
    steps: list[Step] = []
    placed: set[int] = set()
    for item in _in_order(course.main, later):
        for extra in (*course.pre_tests(item), *course.practice(item)):
            if extra.id not in placed:
                placed.add(extra.id)
                steps.append(course.extra(extra))
        steps.append(course.step(item, is_later=item.id in later))
    offers = [item for item in items if course.may_help(item) and item.id not in placed]
    return Arrangement(steps, [course.extra(item) for item in offers])


def in_order(items: Sequence[Item]) -> Arrangement:
    """The remaining steps in the author's own order, without extra practice."""
    course = _Course(items, {})
    wanted = (item for item in items if course.is_to_do(item) or course.is_useful_test(item))
    steps = [
        course.extra(item) if item.waives else course.step(item, is_later=False) for item in wanted
    ]
    return Arrangement(steps, [])


@dataclass
class _Course:
    items: Sequence[Item]
    skills: Mapping[str, SkillEstimate]
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
        """The alternative that is furthest along, or the first."""
        group = [item, *(self.by_id[pk] for pk in item.alternatives if self._is_left(pk))]
        order = list(self.by_id)
        required = [each for each in group if each.is_required and each.is_open]
        return min(required, key=lambda each: (-each.progress_bp, order.index(each.id)))

    def _is_left(self, pk: int) -> bool:
        return pk in self.by_id and not self.by_id[pk].is_done

    # --- What is weak ------------------------------------------------------------------------
    @cached_property
    def weak(self) -> set[str]:
        """The skills with a low mastery that need practice: not those of a passed quiz, unless
        another quiz on the same skill was failed."""
        low = {skill for skill, known in self.skills.items() if known.mastery < MASTERED}
        quizzes = [item for item in self.items if item.quiz]
        passed = {skill for each in quizzes if _is_passed(each) for skill in each.skills}
        failed = {skill for each in quizzes if _is_failed(each) for skill in each.skills}
        return low - (passed - failed)

    def builds_on(self, item: Item) -> set[str]:
        """The skills of its prerequisites, without those that it teaches or asks for itself; a
        failed quiz builds on its own skills, too."""
        before = [self.by_id[pk] for pk in item.prerequisites if pk in self.by_id]
        skills = {skill for each in before for skill in each.skills}
        return skills | set(item.skills) if _is_failed(item) else skills - set(item.skills)

    def _weakest(self, skills: Collection[str]) -> str:
        """The weakest of those with enough answers."""
        known = [skill for skill in skills if skill in self.skills]
        return min(known, key=lambda skill: (self.skills[skill].mastery, skill), default="")

    # --- Pre-tests ---------------------------------------------------------------------------
    def is_useful_test(self, item: Item) -> bool:
        """A pre-test that may still be taken, and would waive something."""
        may = not item.is_done and item.is_open and item.can_try and item.is_wanted
        return may and any(map(self._is_left, item.waives))

    def pre_tests(self, item: Item) -> Iterator[Item]:
        """The tests that would waive `item` and are expected to save more time than they take."""
        for each in self.items:
            if item.id in each.waives and self.is_useful_test(each):
                passes, waived = self._chance(each), self._waived_minutes(each)
                if is_worth_it(_quiz(each), passes, each.minutes, waived):
                    yield each

    def _waived_minutes(self, test: Item) -> float:
        return sum(item.minutes for item in self.main if item.id in test.waives)

    def _chance(self, test: Item) -> float:
        """The chance to pass: from its own skills, from weak skills that they build on, and from
        the learner's other pre-tests in this course."""
        waived = [self.by_id[pk] for pk in test.waives if self._is_left(pk)]
        basics = {skill for each in waived for skill in self.builds_on(each)}
        weakest = self._weakest({*test.skills, *(basics & self.weak)})
        others = [
            (_quiz(each).first, _is_passed(each))
            for each in self.items
            if each.waives and each.was_tried and each is not test
        ]
        quiz = _quiz(test)
        record = quiz.again if test.was_tried else quiz.first
        return chance(quiz, record, self.skills.get(weakest), advantage(others))

    # --- Practice ----------------------------------------------------------------------------
    def practice(self, item: Item) -> Iterator[Item]:
        """Practice of the weak skills that `item` builds on, skipped contents included. Before
        another try at a quiz, only as much as takes less time than the expected failed tries."""
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
        """How long practice before `item` may take: any time before a lesson, before a last try,
        and after three failed tries."""
        quiz = item.quiz
        if quiz is None or not _is_failed(item) or quiz.tries > 2 or quiz.tries_left in {0, 1}:
            return math.inf
        return expected_loss(self._next_chance(item), item.minutes)

    def _next_chance(self, quiz: Item) -> float:
        """The chance to pass a failed quiz at the next try."""
        estimate = self.skills.get(self._weakest(self.weak & set(quiz.skills)))
        return chance(_quiz(quiz), _quiz(quiz).again, estimate)

    def is_for_later(self, item: Item) -> bool:
        """Whether it builds on a weak skill. A failed quiz that is likely to be passed at the next
        try isn't postponed for its own skills."""
        weak = self.weak & self.builds_on(item)
        if not weak or not _is_failed(item) or weak - set(item.skills):
            return bool(weak)
        return self._next_chance(item) < LIKELY or any(self.practice(item))

    @cached_property
    def _tried_again(self) -> set[str]:
        """The skills of quizzes to be tried again: their practice is decided there."""
        return {skill for item in self.main if _is_failed(item) for skill in item.skills}

    def _is_practice(self, item: Item, skills: Collection[str]) -> bool:
        may = item.is_open and item.is_wanted and not item.waives
        may = may and not set(item.skills).isdisjoint(skills)
        return may and (item.is_waived or (item.is_remedial and not item.is_done))

    def may_help(self, item: Item) -> bool:
        """A test that could waive something, or practice of a weak skill."""
        if item.waives:
            return self.is_useful_test(item) and self._waived_minutes(item) > 0
        return self._is_practice(item, self.weak)

    # --- Steps -------------------------------------------------------------------------------
    def extra(self, item: Item) -> Step:
        if item.waives:
            waived = tuple(filter(self._is_left, item.waives))
            return Step(
                item.id,
                PRE_TEST,
                spares=waived,
                minutes=item.minutes,
                saves=self._waived_minutes(item),
                chance=self._chance(item),
            )
        skill = next((each for each in item.skills if each in self.weak), "")
        return Step(item.id, SKIPPED if item.is_waived else REMEDIAL, skill=skill)

    def step(self, item: Item, *, is_later: bool) -> Step:
        weakest = self._weakest(self.builds_on(item))
        reason = NEXT
        if is_later:
            reason = LATER
        elif _is_failed(item):
            reason = AGAIN
        elif item.progress_bp:
            reason = BEGUN
        elif weakest:
            reason = READY
        instead = tuple(pk for pk in item.alternatives if self._is_left(pk))
        readiness = self.skills[weakest].mastery if weakest else None
        return Step(item.id, reason, weakest if is_later else "", readiness, instead=instead)


def _is_passed(item: Item) -> bool:
    return item.is_done and not item.is_waived


def _is_failed(item: Item) -> bool:
    """A quiz that was tried and not passed. A failed pre-test doesn't count as a failed quiz."""
    return item.was_tried and not _is_passed(item) and not item.waives


def _quiz(item: Item) -> Quiz:
    return item.quiz or Quiz()


def _in_order(main: Sequence[Item], later: Collection[int]) -> Iterator[Item]:
    """Those that aren't for `later` first, but never before their prerequisites."""
    left = sorted(main, key=lambda item: item.id in later)
    while left:
        waiting = {item.id for item in left}
        free = (item for item in left if waiting.isdisjoint(item.prerequisites))
        item = next(free, left[0])
        left.remove(item)
        yield item
