"""Which contents help a learner most now, each with its reasons. Values in, values out.

A reason's weight is a share from 0 to 1: what is missing of a skill, what has been forgotten of
it, or how much of what remains waits for a prerequisite. Several reasons for one content add up
as independent chances do.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics.facts.mastery.levels import MASTERED, MIN_ANSWERS
from progress.state.course_state import CourseReading
from progress.state.structure import ContentFacts

REVIEW, WEAK, PREREQUISITE = "review_due", "weak_skill", "prerequisite"
PEERS = "like_learners"


@dataclass(frozen=True, slots=True)
class Known:
    """A learner's skill at this moment; `remembered` is the share that time has left of it."""

    answers: int
    mastery: float
    remembered: float
    is_due: bool

    @property
    def is_weak(self) -> bool:
        return self.answers >= MIN_ANSWERS and self.mastery < MASTERED


@dataclass(frozen=True, slots=True)
class Peers:
    """What those did who failed `quiz` and passed it later: the `share` that went back here."""

    quiz: str
    share: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a `skill` to review or to strengthen; the title of what waits for it, and how many
    contents do; or the title of a `quiz` that is still failed, after which others came here."""

    code: str
    weight: float
    skill: str = ""
    opens: str = ""
    opens_count: int = 0
    quiz: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    reading: CourseReading
    facts: ContentFacts
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        return 1 - math.prod(1 - reason.weight for reason in self.reasons)


Place = tuple[CourseReading, ContentFacts]


def suggest(
    readings: Sequence[CourseReading],
    knowledge: Mapping[str, Known],
    skills: Mapping[int, Collection[str]],
    unwanted: Collection[tuple[int, int]],
    used_up: Collection[tuple[int, int]],
    peers: Mapping[tuple[int, int], Peers] | None = None,
) -> list[Suggestion]:
    """What to do next, the most useful first, each content once.

    `skills` are by content id; `unwanted` (dismissed) and `used_up` (no attempts left) are
    `(enrolment id, content id)`, as what like learners needed is, in `peers`.
    """
    left_out = {*unwanted, *used_up}
    places = [
        (reading, facts)
        for reading in readings
        for facts in _open(reading)
        if (reading.enrollment.pk, facts.id) not in left_out
    ]
    found: dict[tuple[int, int], tuple[Place, list[Reason]]] = {}
    reasons = (*_by_skill(places, knowledge, skills), *_opening(places), *_by_peers(places, peers))
    for place, reason in reasons:
        reading, facts = place
        found.setdefault((reading.enrollment.pk, facts.id), (place, []))[1].append(reason)
    suggestions = [Suggestion(*place, tuple(why)) for place, why in found.values()]
    return sorted(suggestions, key=lambda each: -each.weight)


def _open(reading: CourseReading) -> Iterator[ContentFacts]:
    for module in reading.structure.modules:
        for facts in module.active:
            if reading.is_open(facts):
                yield facts


# --- Skills --------------------------------------------------------------------------------------
def _by_skill(
    places: Iterable[Place],
    knowledge: Mapping[str, Known],
    skills: Mapping[int, Collection[str]],
) -> Iterator[tuple[Place, Reason]]:
    practising: dict[str, list[Place]] = {}
    for place in places:
        for skill in skills.get(place[1].id, ()):
            practising.setdefault(skill, []).append(place)
    for skill, known in sorted(knowledge.items()):
        some = practising.get(skill)
        if some and known.is_weak:
            yield min(some, key=_to_learn), Reason(WEAK, 1 - known.mastery, skill)
        elif some and known.is_due:
            yield min(some, key=_to_review), Reason(REVIEW, 1 - known.remembered, skill)


def _to_learn(place: Place) -> tuple[bool, bool]:
    """What is new before what was done, lessons before questions."""
    reading, facts = place
    return reading.is_done(facts), facts.is_quiz


def _to_review(place: Place) -> tuple[bool, bool]:
    """Questions before lessons, as recalling beats rereading; what was done before what is new."""
    reading, facts = place
    return not facts.is_quiz, not reading.is_done(facts)


# --- Like learners -------------------------------------------------------------------------------
def _by_peers(
    places: Iterable[Place], peers: Mapping[tuple[int, int], Peers] | None
) -> Iterator[tuple[Place, Reason]]:
    for reading, facts in places:
        like = (peers or {}).get((reading.enrollment.pk, facts.id))
        if like is not None:
            yield (reading, facts), Reason(PEERS, like.share, quiz=like.quiz)


# --- Prerequisites -------------------------------------------------------------------------------
def _opening(places: Iterable[Place]) -> Iterator[tuple[Place, Reason]]:
    """What others wait for, and nothing stands before it."""
    waiting: dict[int, dict[int, list[ContentFacts]]] = {}
    for reading, facts in places:
        enrollment = reading.enrollment.pk
        if enrollment not in waiting:
            waiting[enrollment] = _waiting(reading)
        if not reading.is_done(facts) and facts.id in waiting[enrollment]:
            behind = waiting[enrollment][facts.id]
            weight = len(behind) / (len(behind) + len(reading.remaining()))
            yield (
                (reading, facts),
                Reason(PREREQUISITE, weight, opens=behind[0].title, opens_count=len(behind)),
            )


def _waiting(reading: CourseReading) -> dict[int, list[ContentFacts]]:
    """`{content id: what can't be opened before it}`, directly or through others, in order."""
    found: dict[int, list[ContentFacts]] = {}
    for module in reading.structure.modules:
        for facts in module.active:
            for before in _before(reading, facts):
                found.setdefault(before, []).append(facts)
    return found


def _before(reading: CourseReading, facts: ContentFacts) -> set[int]:
    """The contents that aren't complete and have to be, all the way down."""
    found: set[int] = set()
    ahead = list(facts.prerequisites)
    while ahead:
        needed = reading.structure.contents.get(ahead.pop())
        if needed is None or not needed.is_active or needed.id in found:
            continue
        if not reading.is_done(needed):
            found.add(needed.id)
            ahead += needed.prerequisites
    return found
