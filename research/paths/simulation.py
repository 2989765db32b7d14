"""Adaptive paths compared with the fixed order, on simulated learners. Pure and deterministic.

The order comes from the product’s own rule, and mastery from its own model; the learners aren't
real, and what they gain is assumed (simulation.json). So the result shows what the rule does under
these assumptions, not what real people will gain. Learners come one after the other, and the pass
rates of a quiz are those of earlier learners, as in the product. Offers are never taken.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

from analytics.facts.mastery.levels import MIN_ANSWERS
from analytics.facts.mastery.tracers import Rating, difficulty, logistic
from analytics.paths.arranging import Item, arrange, in_order
from analytics.paths.estimates import NO_TRIES, Quiz, Record, SkillEstimate

LEVEL = 0.95
ADAPTIVE, FIXED = "adaptive", "fixed"
PRETESTS = "pretests"  # the fixed order, where everybody takes each module's pre-test first
_TRACER = Rating()


@dataclass(frozen=True, slots=True)
class Course:
    """Chains of modules, each with a skill of its own that builds on the one before in its chain.

    Shares from 0 to 1, times in minutes, difficulties in logits.
    """

    chains: int
    modules_in_chain: int
    lessons: int
    lesson_minutes: float
    test_questions: int
    test_minutes: float
    test_pass_share: float
    quiz_questions: int
    quiz_minutes: float
    quiz_pass_share: float
    remedial_minutes: float
    again_minutes: float
    difficulty_sd: float

    @property
    def modules(self) -> range:
        return range(self.chains * self.modules_in_chain)

    def before(self, module: int) -> int | None:
        """The module that this one builds on."""
        return module - 1 if module % self.modules_in_chain else None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Assumptions about learners; abilities and gains in logits.

    A lesson gains most for learners who know little and, by the share `readiness`, less for those
    who lack what it builds on. They stop after a lognormal time with the median `patience_minutes`,
    of which every failed try takes the share `discouragement`. In an hour spent on one skill,
    every other one falls by `forgetting`, not below what it was at first.
    """

    about: str
    prior_mean: float
    prior_sd: float
    gain: float
    again_gain: float
    remedial_gain: float
    readiness: float
    guess: float
    patience_minutes: float
    patience_sigma: float
    forgetting: float = 0.0
    discouragement: float = 0.0


class Outcome(NamedTuple):
    """One learner's time spent, whether the course was completed, and the share of questions on all
    skills that they could answer in the end without guessing."""

    minutes: float
    completed: float
    knowledge: float


class Difference(NamedTuple):
    """Adaptive minus the other arm over the same learners: the mean of both, and the 95 %
    interval."""

    measure: str
    adaptive: float
    other: float
    mean: float
    low: float
    high: float


def compare(
    course: Course,
    scenario: Scenario,
    *,
    learners: int,
    seed: int,
    against: str = FIXED,
    common_luck: bool = False,
    estimated: bool = False,
) -> list[Difference]:
    """Every learner takes the course twice, once in each arm, as the same person.

    With `common_luck` they are also as lucky in the same try at the same quiz. With `estimated`,
    each question is as hard for everybody, and how hard is estimated from the first answers of
    earlier learners, as in the product; otherwise it is known.
    """
    pairs = []
    past = Past()
    for number in range(learners):
        walks = [
            Walk(course, scenario, f"{seed} {number}", arm, past, common_luck, estimated)
            for arm in (ADAPTIVE, against)
        ]
        pairs.append([walk.outcome() for walk in walks])
        past.add(walks[0])
    return [
        _difference(name, [(one[index], other[index]) for one, other in pairs])
        for index, name in enumerate(Outcome._fields)
    ]


def _difference(name: str, pairs: Sequence[tuple[float, float]]) -> Difference:
    differences = [one - other for one, other in pairs]
    mean = fmean(differences)
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * stdev(differences) / math.sqrt(len(pairs))
    adaptive, other = (fmean(side) for side in zip(*pairs, strict=True))
    return Difference(name, adaptive, other, mean, mean - reach, mean + reach)


class Part(NamedTuple):
    kind: str  # test, lesson, remedial or quiz
    module: int


@dataclass
class Past:
    """The tries of earlier learners on the adaptive path, by part."""

    first: dict[Part, Record] = field(default_factory=dict)
    again: dict[Part, Record] = field(default_factory=dict)
    answers: dict[tuple[Part, int], Record] = field(default_factory=dict)

    def difficulty(self, part: Part, question: int) -> float:
        """From first answers: how many were given, and how many were right."""
        known = self.answers.get((part, question), NO_TRIES)
        return difficulty(known.passed, known.tries)

    def add(self, walk: "Walk") -> None:
        for key, is_right in walk.first_answers.items():
            known = self.answers.get(key, NO_TRIES)
            self.answers[key] = Record(known.tries + 1, known.passed + is_right)
        for pk, tries in walk.tries.items():
            for records, passed in zip((self.first, self.again), tries, strict=False):
                before = records.get(walk.parts[pk], NO_TRIES)
                records[walk.parts[pk]] = Record(before.tries + 1, before.passed + passed)


@dataclass
class Walk:
    """One learner taking the course in one of the arms."""

    course: Course
    scenario: Scenario
    person: str
    arm: str
    past: Past = field(default_factory=Past)
    common_luck: bool = False
    estimated: bool = False
    minutes: float = 0.0
    parts: dict[int, Part] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    tries: dict[int, list[bool]] = field(default_factory=dict)
    first_answers: dict[tuple[Part, int], bool] = field(default_factory=dict)

    def __post_init__(self):
        # The person is the same in every arm; the luck in their answers only with `common_luck`.
        born = Random(self.person)
        self.ability = [
            born.gauss(self.scenario.prior_mean, self.scenario.prior_sd)
            for _ in self.course.modules
        ]
        self.at_first = list(self.ability)
        self.patience = self.scenario.patience_minutes * math.exp(
            born.gauss(0, self.scenario.patience_sigma)
        )
        self.random = Random(f"{self.person} {self.arm}")
        self.traces = {module: _TRACER.start() for module in self.course.modules}
        self.answers = dict.fromkeys(self.course.modules, 0)
        for module in self.course.modules:
            self._build(module)

    def _build(self, module: int) -> None:
        """A pre-test, lessons, remedial content and a quiz; only the lessons and the quiz count."""
        course = self.course
        first = len(self.parts)
        lessons = tuple(range(first + 1, first + 1 + course.lessons))
        before = course.before(module)
        needs = () if before is None else self._of("lesson", before)
        self._add(Part("test", module), course.test_minutes, waives=lessons, tries_left=1)
        for _ in lessons:
            self._add(
                Part("lesson", module),
                course.lesson_minutes,
                prerequisites=needs,
                is_required=True,
            )
        self._add(Part("remedial", module), course.remedial_minutes, is_remedial=True)
        self._add(
            Part("quiz", module), course.quiz_minutes, prerequisites=lessons, is_required=True
        )

    def _of(self, kind: str, module: int) -> tuple[int, ...]:
        return tuple(pk for pk, part in self.parts.items() if part == Part(kind, module))

    def _add(
        self,
        part: Part,
        minutes: float,
        *,
        is_required: bool = False,
        tries_left: int | None = None,
        **fields,
    ) -> None:
        pk = len(self.parts)
        self.parts[pk] = part
        quiz = self._quiz(part, tries_left)
        self.items[pk] = Item(
            pk, (str(part.module),), minutes=minutes, quiz=quiz, is_required=is_required, **fields
        )

    def _quiz(self, part: Part, tries_left: int | None) -> Quiz | None:
        course = self.course
        asked = {
            "test": (course.test_questions, course.test_pass_share),
            "quiz": (course.quiz_questions, course.quiz_pass_share),
        }
        if part.kind not in asked:
            return None
        questions, share = asked[part.kind]
        return Quiz(
            questions,
            math.ceil(share * questions - 1e-9),
            self.scenario.guess,
            self.past.first.get(part, NO_TRIES),
            self.past.again.get(part, NO_TRIES),
            tries_left=tries_left,
        )

    # --- Taking the course -------------------------------------------------------------------
    def outcome(self) -> Outcome:
        while (step := self._next()) is not None and self.minutes < self.patience:
            self._do(step)
        is_complete = all(item.is_done for item in self.items.values() if item.is_required)
        return Outcome(self.minutes, float(is_complete), fmean(map(logistic, self.ability)))

    def _next(self) -> int | None:
        if self.arm == ADAPTIVE:
            steps, _ = arrange(list(self.items.values()), self._estimates())
        else:
            # The same course without extras, and without tests or with each once.
            steps, _ = in_order([item for pk, item in self.items.items() if self._is_taken(pk)])
        return steps[0].id if steps else None

    def _is_taken(self, pk: int) -> bool:
        item = self.items[pk]
        is_test = self.parts[pk].kind == "test" and not item.was_tried
        return item.is_required or (is_test and self.arm == PRETESTS)

    def _estimates(self) -> dict[str, SkillEstimate]:
        return {
            str(module): SkillEstimate(_TRACER.chance(state, 0.0), self.answers[module])
            for module, state in self.traces.items()
            if self.answers[module] >= MIN_ANSWERS
        }

    def _do(self, pk: int) -> None:
        kind, module = self.parts[pk]
        course, scenario = self.course, self.scenario
        if kind == "lesson":
            self._learn(module, scenario.gain, course.lesson_minutes)
            self._finish(pk)
        elif kind == "remedial":
            self._learn(module, scenario.remedial_gain, course.remedial_minutes)
            self._finish(pk)
        elif kind == "test":
            self._spend(module, course.test_minutes)
            if self._tries(pk, course.test_questions, course.test_pass_share):
                self._waive(self.items[pk].waives)
        else:
            self._spend(module, course.quiz_minutes)
            if not self._tries(pk, course.quiz_questions, course.quiz_pass_share):
                self._learn(module, scenario.again_gain, course.again_minutes)

    def _tries(self, pk: int, questions: int, pass_share: float) -> bool:
        """Whether a try at a test or quiz passes it."""
        is_passed = self._answers(pk, questions) >= pass_share
        self.tries.setdefault(pk, []).append(is_passed)
        item = self.items[pk]
        quiz = item.quiz or Quiz()
        left = quiz.tries_left and quiz.tries_left - 1
        quiz = replace(quiz, tries=quiz.tries + 1, tries_left=left)
        self.items[pk] = replace(item, was_tried=True, quiz=quiz)
        if is_passed:
            self._finish(pk)
        else:
            left_minutes = max(self.patience - self.minutes, 0)
            self.patience -= self.scenario.discouragement * left_minutes
        return is_passed

    def _finish(self, pk: int) -> None:
        self.items[pk] = replace(self.items[pk], is_done=True, is_waived=False)

    def _waive(self, pks: Iterable[int]) -> None:
        for pk in pks:
            if not self.items[pk].is_done:
                self.items[pk] = replace(self.items[pk], is_done=True, is_waived=True)

    def _learn(self, module: int, gain: float, minutes: float) -> None:
        self._spend(module, minutes)
        before, share = self.course.before(module), self.scenario.readiness
        ready = 1.0 if before is None else logistic(2 * self.ability[before])
        room = 1 - logistic(self.ability[module] - 1)
        self.ability[module] += gain * room * (1 - share + share * ready)

    def _spend(self, module: int, minutes: float) -> None:
        """Time on a module, in which the others are forgotten a little."""
        self.minutes += minutes
        lost = self.scenario.forgetting * minutes / 60
        for other, ability in enumerate(self.ability):
            if other != module and lost:
                floor = min(self.at_first[other], ability)
                self.ability[other] = max(ability - lost, floor)

    def _answers(self, pk: int, questions: int) -> float:
        """Answer some questions; returns the share of right answers."""
        part, tried = self.parts[pk], len(self.tries.get(pk, ()))
        module = part.module
        right = 0
        for question in range(questions):
            luck = self.random
            if self.common_luck:  # each question's own, however many were guessed before it
                luck = Random(f"{self.person} {pk} {tried} {question}")
            hard = known = luck.gauss(0, self.course.difficulty_sd)
            if self.estimated:
                hard = Random(f"{part} {question}").gauss(0, self.course.difficulty_sd)
                known = self.past.difficulty(part, question)
            knows = luck.random() < logistic(self.ability[module] - hard)
            is_right = knows or luck.random() < self.scenario.guess
            self.first_answers.setdefault((part, question), is_right)
            self.traces[module] = _TRACER.after(self.traces[module], known, float(is_right))
            self.answers[module] += 1
            right += is_right
        return right / questions


def scenarios(parameters: Mapping) -> Iterator[tuple[str, Course, Scenario]]:
    """The scenarios of simulation.json."""
    course = Course(**parameters["course"])
    for name, assumed in parameters["scenarios"].items():
        yield name, course, Scenario(**assumed)
