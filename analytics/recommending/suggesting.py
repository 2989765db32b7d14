"""Which contents help a learner most now, each with its reasons. Pure functions.

A reason's weight is between 0 and 1: the missing or forgotten share of a skill, or how much of what
remains waits for a prerequisite. Several reasons for one content combine like independent chances.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics.facts.mastery.levels import MASTERED, MIN_ANSWERS
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

REVIEW, WEAK, PREREQUISITE = "review_due", "weak_skill", "prerequisite"
PEERS = "like_learners"


@dataclass(frozen=True, slots=True)
class SkillState:
    """A learner's skill now; `remembered` is the share that hasn't been forgotten since."""

    answers: int
    mastery: float
    remembered: float
    is_due: bool

    @property
    def is_weak(self) -> bool:
        return self.answers >= MIN_ANSWERS and self.mastery < MASTERED


@dataclass(frozen=True, slots=True)
class Peers:
    """Of those who failed `quiz` and passed it later, the `share` that went back to a content."""

    quiz: str
    share: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a `skill` to review or to strengthen; the title of a content that it opens, and the
    number of those; or the title of a failed `quiz`, after which others came here."""

    code: str
    weight: float
    skill: str = ""
    opens: str = ""
    opens_count: int = 0
    quiz: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    state: CourseState
    content: ContentSpec
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        return 1 - math.prod(1 - reason.weight for reason in self.reasons)


Candidate = tuple[CourseState, ContentSpec]


def suggest(
    states: Sequence[CourseState],
    skill_states: Mapping[str, SkillState],
    skills: Mapping[int, Collection[str]],
    unwanted: Collection[tuple[int, int]],
    used_up: Collection[tuple[int, int]],
    peers: Mapping[tuple[int, int], Peers] | None = None,
) -> list[Suggestion]:
    """What to do next, the most useful first, each content once.

    `skills` are by content id; `unwanted` (dismissed), `used_up` (no attempts left) and `peers` are
    by `(enrolment id, content id)`.
    """
    left_out = {*unwanted, *used_up}
    candidates = [
        (state, content)
        for state in states
        for content in _open(state)
        if (state.enrollment.pk, content.id) not in left_out
    ]
    found: dict[tuple[int, int], tuple[Candidate, list[Reason]]] = {}
    helpful = _without_known(states, candidates)
    reasons = (
        *_by_skill(helpful, skill_states, skills),
        *_opening(candidates),
        *_by_peers(helpful, peers),
    )
    for candidate, reason in reasons:
        state, content = candidate
        found.setdefault((state.enrollment.pk, content.id), (candidate, []))[1].append(reason)
    suggestions = [
        Suggestion(*candidate, tuple(reasons_of)) for candidate, reasons_of in found.values()
    ]
    return sorted(suggestions, key=lambda each: -each.weight)


def _open(state: CourseState) -> Iterator[ContentSpec]:
    for module in state.structure.modules:
        for content in module.active:
            if state.is_open(content):
                yield content


# --- The same material under another code ---------------------------------------------------------
def _without_known(
    states: Iterable[CourseState], candidates: Iterable[Candidate]
) -> list[Candidate]:
    """The candidates without new contents whose material the learner has done elsewhere, and with
    each material once."""
    seen = {
        material
        for state in states
        for content in state.structure.contents.values()
        if state.is_done(content) and (material := _material(content))
    }
    kept = []
    for state, content in candidates:
        material = _material(content)
        if state.is_done(content) or material is None:
            kept.append((state, content))
        elif material not in seen:
            seen.add(material)
            kept.append((state, content))
    return kept


def _material(content: ContentSpec) -> tuple | None:
    """What a content shows, whatever its code; None if nothing tells it from others.

    A title alone isn't enough: many courses have an “Introduction”.
    """
    if content.url:
        return content.content_type, content.url
    if content.skills:
        title = content.title.strip().casefold()
        return content.content_type, title, content.extent, frozenset(content.skills)
    return None


# --- Skills --------------------------------------------------------------------------------------
def _by_skill(
    candidates: Iterable[Candidate],
    skill_states: Mapping[str, SkillState],
    skills: Mapping[int, Collection[str]],
) -> Iterator[tuple[Candidate, Reason]]:
    practising: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        for skill in skills.get(candidate[1].id, ()):
            practising.setdefault(skill, []).append(candidate)
    for skill, state in sorted(skill_states.items()):
        found = practising.get(skill)
        if found and state.is_weak:
            yield min(found, key=_to_learn), Reason(WEAK, 1 - state.mastery, skill)
        elif found and state.is_due:
            yield min(found, key=_to_review), Reason(REVIEW, 1 - state.remembered, skill)


def _to_learn(candidate: Candidate) -> tuple[bool, bool]:
    """New contents before completed ones, lessons before quizzes."""
    state, content = candidate
    return state.is_done(content), content.is_quiz


def _to_review(candidate: Candidate) -> tuple[bool, bool]:
    """Quizzes before lessons, as recalling beats rereading; completed contents before new ones."""
    state, content = candidate
    return not content.is_quiz, not state.is_done(content)


# --- Similar learners ----------------------------------------------------------------------------
def _by_peers(
    candidates: Iterable[Candidate], peers: Mapping[tuple[int, int], Peers] | None
) -> Iterator[tuple[Candidate, Reason]]:
    for state, content in candidates:
        peer = (peers or {}).get((state.enrollment.pk, content.id))
        if peer is not None:
            yield (state, content), Reason(PEERS, peer.share, quiz=peer.quiz)


# --- Prerequisites -------------------------------------------------------------------------------
def _opening(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Reason]]:
    """Contents that can be opened and that others wait for."""
    waiting: dict[int, dict[int, list[ContentSpec]]] = {}
    for state, content in candidates:
        enrollment = state.enrollment.pk
        if enrollment not in waiting:
            waiting[enrollment] = _waiting(state)
        if not state.is_done(content) and content.id in waiting[enrollment]:
            behind = waiting[enrollment][content.id]
            weight = len(behind) / (len(behind) + len(state.remaining()))
            yield (
                (state, content),
                Reason(PREREQUISITE, weight, opens=behind[0].title, opens_count=len(behind)),
            )


def _waiting(state: CourseState) -> dict[int, list[ContentSpec]]:
    """`{content id: what can't be opened before it}`, directly or through others, in order."""
    found: dict[int, list[ContentSpec]] = {}
    for module in state.structure.modules:
        for content in module.active:
            for before in _before(state, content):
                found.setdefault(before, []).append(content)
    return found


def _before(state: CourseState, content: ContentSpec) -> set[int]:
    """The incomplete contents that it waits for, directly or through others."""
    found: set[int] = set()
    ahead = list(content.prerequisites)
    while ahead:
        needed = state.structure.contents.get(ahead.pop())
        if needed is None or not needed.is_active or needed.id in found:
            continue
        if not state.is_done(needed):
            found.add(needed.id)
            ahead += needed.prerequisites
    return found
