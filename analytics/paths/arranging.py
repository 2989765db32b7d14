"""The order that suits a learner, from what they know. Values in, values out.

What is left to do stays in the author's order, but for four things. A pre-test comes before what it
would spare. Of alternatives one is enough. Remedial content comes before what builds on a weak
skill. And what builds on a weak skill comes after what doesn't, so that nobody is led into what
they aren't ready for; it is never locked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analytics.mastery.levels import MASTERED

NEXT, BEGUN, READY, LATER = "next", "begun", "ready", "later"
PRE_TEST, REMEDIAL = "pre_test", "remedial"


@dataclass(frozen=True, slots=True)
class Item:
    """A content as a path sees it; items are given in the author's order.

    `is_done`: complete, or waived. `is_open`: not hidden until a day. `can_try`: a quiz has an
    attempt left; `is_wanted`: the learner hasn't dismissed it.
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
    is_open: bool = True
    can_try: bool = True
    is_wanted: bool = True
    progress_bp: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and why: `skill` is the one that a remedial or later step is about, `readiness`
    the least mastery of what it builds on (None: nothing is known), `spares` what passing it
    waives, `instead` any of which would do."""

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
    weak = {skill for skill, share in mastery.items() if share < MASTERED}
    later = {item.id for item in main if weak & course.builds_on(item)}
    steps: list[Step] = []
    placed: set[int] = set()
    for item in _in_order(main, later):
        for extra in (*course.pre_tests(item), *course.remedials(item, weak)):
            if extra.id not in placed:
                placed.add(extra.id)
                steps.append(course.extra(extra, weak))
        steps.append(course.step(item, mastery, is_later=item.id in later))
    rest = [item for item in items if course.is_remedy(item, weak) and item.id not in placed]
    return steps + [course.extra(item, weak) for item in rest]


def in_order(items: Sequence[Item]) -> list[Step]:
    """The steps that are left in the author's own order, without what only some need."""
    course = _Course(items)
    wanted = (item for item in items if course.is_to_do(item) or course.is_useful_test(item))
    return [
        course.extra(item, set()) if item.waives else course.step(item, {}, is_later=False)
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

    def builds_on(self, item: Item) -> set[str]:
        """The skills of what has to be done before it; of a quiz also those that it asks for."""
        before = [self.by_id[pk] for pk in item.prerequisites if pk in self.by_id]
        skills = {skill for each in before for skill in each.skills}
        return skills | set(item.skills) if item.is_quiz else skills

    def is_useful_test(self, item: Item) -> bool:
        """A pre-test that may still be taken, and would spare something."""
        may = not item.is_done and item.is_open and item.can_try and item.is_wanted
        return may and any(self._is_left(pk) for pk in item.waives)

    def _is_left(self, pk: int) -> bool:
        return pk in self.by_id and not self.by_id[pk].is_done

    def pre_tests(self, item: Item) -> Iterator[Item]:
        return (each for each in self.items if item.id in each.waives and self.is_useful_test(each))

    def is_remedy(self, item: Item, weak: Collection[str]) -> bool:
        may = item.is_remedial and not item.is_done and item.is_open and item.is_wanted
        return may and not set(item.skills).isdisjoint(weak)

    def remedials(self, item: Item, weak: set[str]) -> Iterator[Item]:
        """Practice of the weak skills that `item` builds on."""
        wanted = weak & self.builds_on(item)
        return (each for each in self.items if self.is_remedy(each, wanted))

    def extra(self, item: Item, weak: Collection[str]) -> Step:
        if item.waives:
            return Step(item.id, PRE_TEST, spares=tuple(filter(self._is_left, item.waives)))
        return Step(item.id, REMEDIAL, skill=next(each for each in item.skills if each in weak))

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


def _in_order(main: Sequence[Item], later: Collection[int]) -> Iterator[Item]:
    """Those that aren't for `later` first, but never before what they have to wait for."""
    left = sorted(main, key=lambda item: item.id in later)
    while left:
        waiting = {item.id for item in left}
        free = (item for item in left if waiting.isdisjoint(item.prerequisites))
        item = next(free, left[0])
        left.remove(item)
        yield item
