"""Learners' paths from the tables: four statements, however many courses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from analytics.mastery.levels import FEWEST_ANSWERS
from analytics.models import Dismissal, LearnerSkill, PathChoice
from analytics.recommending.reading import used_up
from progress.models import Course
from progress.reading import CourseReading
from progress.structure import ContentFacts

from .arranging import Item, Step, arrange, in_order

Place = tuple[int, int]  # (enrolment id, content id)


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
    enrollments = [each.enrollment.pk for each in readings]
    unwanted = Dismissal.objects.filter(enrollment__in=enrollments)
    not_wanted = set(unwanted.values_list("enrollment_id", "content_id"))
    own_order = set(
        PathChoice.objects.filter(enrollment__in=enrollments).values_list("pk", flat=True)
    )
    out_of_attempts = used_up(readings)
    known = mastery(readings[0].enrollment.user_id)
    return [
        _path(each, known, each.enrollment.pk in own_order, not_wanted, out_of_attempts)
        for each in readings
    ]


def is_adaptive(reading: CourseReading) -> bool:
    return reading.enrollment.course.path == Course.Path.ADAPTIVE


def mastery(user_id: int) -> dict[str, float]:
    """The skills of which enough is known."""
    rows = LearnerSkill.objects.filter(user=user_id, answers__gte=FEWEST_ANSWERS)
    return dict(rows.values_list("skill", "mastery"))


def _path(
    reading: CourseReading,
    known: Mapping[str, float],
    in_own_order: bool,
    not_wanted: Collection[Place],
    out_of_attempts: Collection[Place],
) -> Path:
    adaptive = is_adaptive(reading)
    items = items_of(reading, not_wanted, out_of_attempts)
    is_followed = adaptive and not in_own_order
    steps = arrange(items, known) if is_followed else in_order(items)
    return Path(reading, adaptive, is_followed, tuple(steps))


def items_of(
    reading: CourseReading, not_wanted: Collection[Place], out_of_attempts: Collection[Place]
) -> list[Item]:
    """The active contents of a course as a path sees them, in the author's order."""
    structure, enrollment = reading.structure, reading.enrollment.pk
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
            is_open=_is_released(reading, facts),
            can_try=(enrollment, facts.id) not in out_of_attempts,
            is_wanted=(enrollment, facts.id) not in not_wanted,
            progress_bp=reading.standing(facts).bp,
        )
        for module in structure.modules
        for facts in module.active
    ]


def _is_released(reading: CourseReading, facts: ContentFacts) -> bool:
    return facts.release_at is None or facts.release_at <= reading.now
