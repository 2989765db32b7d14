"""Learners' paths from the tables: one statement, however many courses."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from analytics.mastery.levels import FEWEST_ANSWERS
from analytics.models import Dismissal, LearnerSkill, PathChoice
from progress.models import Course, Enrollment, QuizAttempt
from progress.reading import CourseReading
from progress.structure import ContentFacts

from .arranging import Item, Step, arrange, in_order


@dataclass(frozen=True, slots=True)
class Path:
    """What is left of a course, in the order that is shown to the learner.

    `is_adaptive`: the course offers an order of the learner's own; `is_followed`: it is the one
    that is shown, rather than the course's.
    """

    reading: CourseReading
    is_adaptive: bool
    is_followed: bool
    steps: tuple[Step, ...]


def paths_of(readings: Sequence[CourseReading]) -> list[Path]:
    """The path of each reading; all are of one learner, and none is complete."""
    if not readings:
        return []
    known = _known([each.enrollment.pk for each in readings], readings[0].enrollment.user_id)
    return [_path(each, known[each.enrollment.pk]) for each in readings]


def is_adaptive(reading: CourseReading) -> bool:
    return reading.enrollment.course.path == Course.Path.ADAPTIVE


@dataclass(frozen=True, slots=True)
class _Known:
    """What a path goes by: `tried` counts attempts handed in, by quiz."""

    mastery: dict[str, float]
    dismissed: frozenset[int]
    tried: Counter[int]
    wants_course_order: bool


def _known(enrollments: Sequence[int], user_id: int) -> dict[int, _Known]:
    own = {"enrollment": OuterRef("pk")}
    skills = LearnerSkill.objects.filter(user=OuterRef("user"), answers__gte=FEWEST_ANSWERS)
    attempts = QuizAttempt.objects.filter(
        **own,
        user=OuterRef("user"),
        submitted_at__isnull=False,
        content__max_attempts__isnull=False,
    )
    rows = (
        Enrollment.objects.filter(pk__in=enrollments, user=user_id)
        .annotate(
            skills=ArraySubquery(skills.values(told=JSONObject(skill="skill", mastery="mastery"))),
            dismissed=ArraySubquery(Dismissal.objects.filter(**own).values("content_id")),
            tried=ArraySubquery(attempts.order_by().values("content_id")),
            wants_course_order=Exists(PathChoice.objects.filter(**own)),
        )
        .values_list("pk", "skills", "dismissed", "tried", "wants_course_order")
    )
    return {
        pk: _Known(
            {each["skill"]: each["mastery"] for each in skills},
            frozenset(dismissed),
            Counter(tried),
            wants,
        )
        for pk, skills, dismissed, tried, wants in rows
    }


def _path(reading: CourseReading, known: _Known) -> Path:
    adaptive = is_adaptive(reading)
    items = _items(reading, known)
    is_followed = adaptive and not known.wants_course_order
    steps = arrange(items, known.mastery) if is_followed else in_order(items)
    return Path(reading, adaptive, is_followed, tuple(steps))


def _items(reading: CourseReading, known: _Known) -> list[Item]:
    """The active contents of a course as a path sees them, in the author's order."""
    structure = reading.structure
    return [
        Item(
            id=facts.id,
            skills=facts.skills,
            prerequisites=facts.prerequisites,
            waives=facts.waives,
            alternatives=structure.alternatives.get(facts.id, ()),
            is_quiz=facts.is_quiz,
            is_required=facts.required,
            is_remedial=facts.is_remedial,
            is_done=reading.is_done(facts),
            is_waived=reading.is_waived(facts),
            is_open=_is_released(reading, facts),
            was_tried=_was_tried(reading, facts),
            can_try=facts.max_attempts is None or known.tried[facts.id] < facts.max_attempts,
            is_wanted=facts.id not in known.dismissed,
            progress_bp=reading.standing(facts).bp,
        )
        for module in structure.modules
        for facts in module.active
    ]


def _is_released(reading: CourseReading, facts: ContentFacts) -> bool:
    return facts.release_at is None or facts.release_at <= reading.now


def _was_tried(reading: CourseReading, facts: ContentFacts) -> bool:
    row = reading.rows.get(facts.id)
    return row is not None and row.best_score_bp is not None
