"""Learners' paths, read from the tables in one statement for any number of courses."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import factorial

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from analytics.facts.mastery.levels import MIN_ANSWERS
from analytics.models import Dismissal, LearnerSkill, PathChoice, QuizRecord
from analytics.query.minimum_sample import is_enough
from progress.models import Course, Enrollment, QuizAttempt
from progress.rules import grading
from progress.rules.completion import WHOLE_BP
from progress.state.course_state import CourseState
from progress.state.question_specs import QuestionSpec
from progress.state.structure import ContentSpec
from progress.state.time_left import seconds_left

from .arranging import Item, Step, arrange, in_order
from .estimates import NO_TRIES, Quiz, Record, SkillEstimate

# How long a content takes that has no duration: as long as a short lesson.
UNKNOWN_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Path:
    """What is left of a course, in the order that is shown to the learner.

    `is_adaptive`: the course offers each learner an order of their own; `is_followed`: that order
    is shown, and not the course's. `offers` may help, but aren't part of the path.
    """

    state: CourseState
    is_adaptive: bool
    is_followed: bool
    steps: tuple[Step, ...]
    offers: tuple[Step, ...]


def paths_of(states: Sequence[CourseState]) -> list[Path]:
    """The path of each course state; all are of one learner, and none is complete."""
    if not states:
        return []
    evidence = _evidence(states)
    return [_path(each, evidence[each.enrollment.pk]) for each in states]


def is_adaptive(state: CourseState) -> bool:
    return state.enrollment.course.path == Course.Path.ADAPTIVE


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a path is based on: `tried` counts submitted attempts by quiz; `records` are everyone's
    first and next tries by quiz."""

    skills: dict[str, SkillEstimate]
    dismissed: frozenset[int]
    tried: Counter[int]
    records: dict[int, tuple[Record, Record]]
    wants_course_order: bool


def _evidence(states: Sequence[CourseState]) -> dict[int, _Evidence]:
    own = {"enrollment": OuterRef("pk")}
    dismissed = Dismissal.objects.in_force(states[0].now).filter(**own)
    skills = LearnerSkill.objects.filter(user=OuterRef("user"), answers__gte=MIN_ANSWERS)
    attempts = QuizAttempt.objects.filter(
        **own,
        user=OuterRef("user"),
        submitted_at__isnull=False,
    )
    records = QuizRecord.objects.filter(content__module__course=OuterRef("course"))
    rows = (
        Enrollment.objects.filter(
            pk__in=[each.enrollment.pk for each in states], user=states[0].enrollment.user_id
        )
        .annotate(
            skills=ArraySubquery(
                skills.values(item=JSONObject(skill="skill", mastery="mastery", answers="answers"))
            ),
            dismissed=ArraySubquery(dismissed.values("content_id")),
            tried=ArraySubquery(attempts.order_by().values("content_id")),
            records=ArraySubquery(
                records.values(
                    item=JSONObject(
                        quiz="content_id",
                        first=JSONObject(tries="first_tries", passed="first_passed"),
                        again=JSONObject(tries="next_tries", passed="next_passed"),
                    )
                )
            ),
            wants_course_order=Exists(PathChoice.objects.filter(**own)),
        )
        .values_list("pk", "skills", "dismissed", "tried", "records", "wants_course_order")
    )
    return {
        pk: _Evidence(
            {each["skill"]: SkillEstimate(each["mastery"], each["answers"]) for each in skills},
            frozenset(dismissed),
            Counter(tried),
            {each["quiz"]: (Record(**each["first"]), Record(**each["again"])) for each in records},
            wants,
        )
        for pk, skills, dismissed, tried, records, wants in rows
    }


def _path(state: CourseState, learner: _Evidence) -> Path:
    adaptive = is_adaptive(state)
    items = _items(state, learner)
    is_followed = adaptive and not learner.wants_course_order
    arranged = arrange(items, learner.skills) if is_followed else in_order(items)
    return Path(state, adaptive, is_followed, tuple(arranged.steps), tuple(arranged.offers))


def _items(state: CourseState, learner: _Evidence) -> list[Item]:
    """The active contents of a course as a path sees them, in the author's order."""
    structure = state.structure
    return [
        Item(
            id=content.id,
            skills=content.skills,
            prerequisites=content.prerequisites,
            waives=content.waives,
            alternatives=structure.alternatives.get(content.id, ()),
            minutes=_minutes(state, content),
            quiz=_quiz(content, learner),
            is_required=content.required,
            is_remedial=content.is_remedial,
            is_done=state.is_done(content),
            is_waived=state.is_waived(content),
            is_open=_is_released(state, content),
            was_tried=_was_tried(state, content),
            is_wanted=content.id not in learner.dismissed,
            progress_bp=state.content_state(content).bp,
        )
        for module in structure.modules
        for content in module.active
    ]


def _minutes(state: CourseState, content: ContentSpec) -> float:
    seconds = seconds_left(state, content)
    if seconds is None:
        left_bp = WHOLE_BP - state.content_state(content).bp
        seconds = UNKNOWN_SECONDS * left_bp // WHOLE_BP
    return seconds / 60


def _shown(record: Record) -> Record:
    """A quiz's record as far as it counts: fewer than five tries say nothing."""
    return record if is_enough(record.tries) else NO_TRIES


def quiz_of(content: ContentSpec) -> Quiz:
    """A quiz as paths see it before anyone has taken it: its questions and the chance to guess."""
    count = content.question_count
    return Quiz(
        questions=count,
        needed=-(-count * (content.pass_bp or 0) // WHOLE_BP),
        guess=sum(map(_guess, content.questions)) / max(len(content.questions), 1),
    )


def _quiz(content: ContentSpec, learner: _Evidence) -> Quiz | None:
    if not content.is_quiz:
        return None
    first, again = map(_shown, learner.records.get(content.id, (NO_TRIES, NO_TRIES)))
    tries_left = None
    if content.max_attempts is not None:
        tries_left = max(content.max_attempts - learner.tried[content.id], 0)
    return replace(
        quiz_of(content),
        first=first,
        again=again,
        tries=learner.tried[content.id],
        tries_left=tries_left,
    )


def _guess(question: QuestionSpec) -> float:
    """The chance to guess a question: one of its choices, a set of at least two of them, or their
    order; what is typed isn't guessed."""
    choices = len(question.choices)
    match question.key:
        case grading.Order():
            return 1 / factorial(choices)
        case grading.Matches():
            prompts = len(question.prompts)
            return 1 / max(choices - prompts, 1) ** prompts
        case grading.Numbers() | grading.Texts():
            return 0.0
    return 1 / max(choices if len(question.correct) == 1 else 2**choices - 1 - choices, 1)


def _is_released(state: CourseState, content: ContentSpec) -> bool:
    if state.is_begun(content):
        return True
    return content.release_at is None or content.release_at <= state.now


def _was_tried(state: CourseState, content: ContentSpec) -> bool:
    row = state.rows.get(content.id)
    return row is not None and row.best_score_bp is not None
