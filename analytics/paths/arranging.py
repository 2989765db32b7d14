"""The order that suits a learner, from what they know. Values in, values out.

What is left to do stays in the author's order, but for four things. A pre-test comes before what it
would spare, for whoever isn't known to be weak in it. Of alternatives one is enough. What practises
a weak skill comes before what builds on it: remedial content, and what was skipped. And what builds
on a weak skill comes after what doesn't, so that nobody is led into what they aren't ready for; it
is never locked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analytics.mastery.levels import MASTERED

NEXT, BEGUN, READY, LATER = "next", "begun", "ready", "later"
PRE_TEST, REMEDIAL, SKIPPED = "pre_test", "remedial", "skipped"
EXTRAS = frozenset({PRE_TEST, REMEDIAL, SKIPPED})  # what isn't required, and may be dismissed


@dataclass(frozen=True, slots=True)
class Item:
    """A content as a path sees it; items are given in the author's order.

    `is_done`: complete, or waived; `is_waived`: the latter. `is_open`: not hidden until a day.
    `was_tried`: answers to a quiz were handed in; `can_try`: it has an attempt left. `is_wanted`:
    the learner hasn't dismissed it.
    """

    id: int
    skills: tuple[str, ...] = ()
    prerequisites: tuple[int, ...] = ()
    waives: tuple[int, ...] = ()
    alternatives: tuple[int, ...] = ()
    is_quiz: bool = False
    is_required: bool = True
    is_remedial: bool = False
    is_done: bool = False
    is_waived: bool = False
    is_open: bool = True
    was_tried: bool = False
    can_try: bool = True
    is_wanted: bool = True
    progress_bp: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and why: `skill` is the weak one that it is about, `readiness` the least mastery
    of what it builds on (None: nothing is known), `spares` what passing it waives, `instead` any
    of which would do."""

    id: int
    reason: str
    skill: str = ""
    readiness: float | None = None
    spares: tuple[int, ...] = ()
    instead: tuple[int, ...] = ()


def arrange(items: Sequence[Item], mastery: Mapping[str, float]) -> list[Step]:
    """The steps that are left, in an order that suits whoever has this `mastery`.

    `mastery` holds the skills of which enough is known; of others nothing is concluded. Every
    item that is required and left is a step, or `instead` of one.
    """
    course = _Course(items)
    main = [item for item in items if course.is_to_do(item)]
    low = {skill for skill, share in mastery.items() if share < MASTERED}
    weak = course.weak(low)
    later = {item.id for item in main if weak & course.builds_on(item)}
    steps: list[Step] = []
    placed: set[int] = set()
    for item in _in_order(main, later):
        for extra in (*course.pre_tests(item, low), *course.practice(item, weak)):
            if extra.id not in placed:
                placed.add(extra.id)
                steps.append(course.extra(extra, weak))
        steps.append(course.step(item, mastery, is_later=item.id in later))
    rest = [item for item in items if course.is_remedial(item, weak) and item.id not in placed]
    return steps + [course.extra(item, weak) for item in rest]


def in_order(items: Sequence[Item]) -> list[Step]:
    """The steps that are left in the author's own order, without what only some need."""
    course = _Course(items)
    wanted = (item for item in items if course.is_to_do(item) or course.is_useful_test(item))
    return [
        course.extra(item, ()) if item.waives else course.step(item, {}, is_later=False)
        for item in wanted
    ]


@dataclass(slots=True)
class _Course:
    items: Sequence[Item]
    by_id: dict[int, Item] = field(init=False)

    def __post_init__(self):
        self.by_id = {item.id: item for item in self.items}

    def is_to_do(self, item: Item) -> bool:
        left = item.is_required and not item.is_done and item.is_open
        return left and item is self._furthest(item)

    def _furthest(self, item: Item) -> Item:
        """Of alternatives the one that is begun, or the first."""
        group = [item, *(self.by_id[pk] for pk in item.alternatives if self._is_left(pk))]
        order = list(self.by_id)
        required = [each for each in group if each.is_required and each.is_open]
        return min(required, key=lambda each: (-each.progress_bp, order.index(each.id)))

    def weak(self, low: set[str]) -> set[str]:
        """Of the skills with a low mastery those that need practice: a quiz that was passed is
        believed, until another one on the same skill was failed."""
        quizzes = [item for item in self.items if item.is_quiz]
        passed = {skill for each in quizzes if _is_passed(each) for skill in each.skills}
        failed = {skill for each in quizzes if _is_failed(each) for skill in each.skills}
        return low - (passed - failed)

    def builds_on(self, item: Item) -> set[str]:
        """The skills of what has to be done before it, but for those that it teaches or asks for
        itself; these only of a quiz that was failed."""
        before = [self.by_id[pk] for pk in item.prerequisites if pk in self.by_id]
        skills = {skill for each in before for skill in each.skills}
        return skills | set(item.skills) if _is_failed(item) else skills - set(item.skills)

    def is_useful_test(self, item: Item) -> bool:
        """A pre-test that may still be taken, and would spare something."""
        may = not item.is_done and item.is_open and item.can_try and item.is_wanted
        return may and any(self._is_left(pk) for pk in item.waives)

    def _is_left(self, pk: int) -> bool:
        return pk in self.by_id and not self.by_id[pk].is_done

    def pre_tests(self, item: Item, low: set[str]) -> Iterator[Item]:
        """The tests that would spare `item`, and that the learner isn't likely to fail."""
        for each in self.items:
            if item.id in each.waives and self.is_useful_test(each):
                asked = {*each.skills, *self.builds_on(item)}
                if low.isdisjoint(asked):
                    yield each

    def is_remedial(self, item: Item, weak: Collection[str]) -> bool:
        return item.is_remedial and not item.is_done and _practises(item, weak)

    def practice(self, item: Item, weak: set[str]) -> Iterator[Item]:
        """What practises the weak skills that `item` builds on, also if it was skipped."""
        wanted = weak & self.builds_on(item)
        for each in self.items:
            if self.is_remedial(each, wanted) or (each.is_waived and _practises(each, wanted)):
                yield each

    def extra(self, item: Item, weak: Collection[str]) -> Step:
        if skill := next((each for each in item.skills if each in weak), ""):
            return Step(item.id, SKIPPED if item.is_waived else REMEDIAL, skill=skill)
        return Step(item.id, PRE_TEST, spares=tuple(filter(self._is_left, item.waives)))

    def step(self, item: Item, mastery: Mapping[str, float], *, is_later: bool) -> Step:
        known = {skill: mastery[skill] for skill in self.builds_on(item) if skill in mastery}
        least = min(known, key=lambda skill: (known[skill], skill), default="")
        reason = NEXT
        if is_later:
            reason = LATER
        elif item.progress_bp:
            reason = BEGUN
        elif known:
            reason = READY
        instead = tuple(pk for pk in item.alternatives if self._is_left(pk))
        skill = least if reason == LATER else ""
        return Step(item.id, reason, skill, known.get(least), instead=instead)


def _is_passed(item: Item) -> bool:
    return item.is_done and not item.is_waived


def _is_failed(item: Item) -> bool:
    """A quiz that was tried and not passed. Who fails a pre-test only hasn't learned it yet."""
    return item.was_tried and not _is_passed(item) and not item.waives


def _practises(item: Item, skills: Collection[str]) -> bool:
    return item.is_open and item.is_wanted and not set(item.skills).isdisjoint(skills)


def _in_order(main: Sequence[Item], later: Collection[int]) -> Iterator[Item]:
    """Those that aren't for `later` first, but never before what they have to wait for."""
    left = sorted(main, key=lambda item: item.id in later)
    while left:
        waiting = {item.id for item in left}
        free = (item for item in left if waiting.isdisjoint(item.prerequisites))
        item = next(free, left[0])
        left.remove(item)
        yield item
