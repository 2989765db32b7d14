"""Mastery for instructors: how well a course's learners know each of its skills."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import reverse

from analytics.facts.mastery.levels import MASTERED, MIN_ANSWERS
from analytics.models import LearnerSkill
from analytics.query.figures import share
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import CourseProgress
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec, Structure

SHOWN_CONTENTS = 3


def percent(mastery: float) -> int:
    """Rounded down, so that 70 % is mastered; rounded first, as a mean of floats isn't exact."""
    return int(round(100 * mastery, 6))


@dataclass(frozen=True, slots=True)
class GroupSkill:
    """A skill in a course, over the learners with enough answers: how many there are, the share who
    master it, their mean, and how many are due for review. None when they are fewer than five."""

    course_id: int
    skill: str
    learners: int | None
    mastered_percent: int | None
    mean_percent: int | None
    due: int | None
    contents: tuple[ContentSpec, ...]

    @property
    def shown_contents(self) -> list[dict]:
        """Where it is learned and practised, with the addresses of their pages."""
        return [
            {"title": content.title, "url": reverse("admin:insight-content", args=[content.id])}
            for content in self.contents[:SHOWN_CONTENTS]
        ]

    @property
    def more_contents(self) -> int:
        return len(self.contents[SHOWN_CONTENTS:])


# --- A course ------------------------------------------------------------------------------------
def of_course(structure: Structure, filters: Filters, now: datetime) -> list[GroupSkill]:
    """Every skill of a course, the weakest first, those with too few learners last."""
    return of_courses({structure.course_id: structure}, filters, now)


def of_courses(
    structures: Mapping[int, Structure], filters: Filters, now: datetime
) -> list[GroupSkill]:
    """The same for several courses, one after the other. One statement; none without skills."""
    taught = {pk: _taught(structure) for pk, structure in structures.items()}
    names = {skill for skills in taught.values() for skill in skills}
    counted = _counted(names, filters, now) if names else {}
    found = []
    for pk, skills in taught.items():
        rows = [_row(pk, skill, skills[skill], counted.get((pk, skill))) for skill in skills]
        found += sorted(rows, key=_weakest_first)
    return found


def _weakest_first(row: GroupSkill) -> tuple:
    is_hidden = row.mean_percent is None
    return is_hidden, row.mastered_percent, row.mean_percent, row.skill


def _taught(structure: Structure) -> dict[str, list[ContentSpec]]:
    """`{skill: active contents}`, in the order of the course."""
    found: dict[str, list[ContentSpec]] = {}
    for module in structure.modules:
        for content in module.active:
            for skill in content.skills:
                found.setdefault(skill, []).append(content)
    return found


class _Counted(NamedTuple):
    learners: int
    mastered: int
    due: int
    mean: float


def _counted(names: Iterable[str], filters: Filters, now: datetime) -> dict[tuple, _Counted]:
    """`{(course, skill): counts}` over current learners with enough answers."""
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        user__skills__skill__in=sorted(names),
        user__skills__answers__gte=MIN_ANSWERS,
    )
    counted = (
        filters.apply(rows)
        .order_by()
        .values_list("course_id", "user__skills__skill")
        .annotate(
            learners=Count("pk"),
            mastered=Count("pk", filter=Q(user__skills__mastery__gte=MASTERED)),
            due=Count("pk", filter=Q(user__skills__due_at__lte=now)),
            mean=Avg("user__skills__mastery"),
        )
    )
    return {(course, skill): _Counted(*counts) for course, skill, *counts in counted}


def _row(
    course_id: int, skill: str, contents: list[ContentSpec], counted: _Counted | None
) -> GroupSkill:
    if counted is None or not is_enough(counted.learners):
        return GroupSkill(course_id, skill, None, None, None, None, tuple(contents))
    mastered = share(counted.mastered, counted.learners)
    mean = percent(counted.mean)
    return GroupSkill(
        course_id, skill, counted.learners, mastered, mean, counted.due, tuple(contents)
    )


# --- A learner -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LearnersSkill:
    """`percent` is None while there are too few answers."""

    skill: str
    answers: int
    percent: int | None
    is_mastered: bool
    due_at: datetime
    is_due: bool


def skill_rows() -> ArraySubquery:
    """The rows that `of_learner` takes, as an expression over the enrolment."""
    rows = LearnerSkill.objects.filter(user=OuterRef("user")).order_by()
    names = ("skill", "answers", "mastery", "due_at")
    return ArraySubquery(rows.values(item=JSONObject(**{name: name for name in names})))


def of_learner(state: CourseState, skills: list[dict] | None = None) -> list[LearnersSkill]:
    """How well the learner knows the course's skills, the weakest first. One statement at most,
    none if the `skills` of `skill_rows` are given."""
    names = _taught(state.structure)
    if not names:
        return []
    if skills is None:
        found = LearnerSkill.objects.filter(user=state.enrollment.user_id)
        rows = list(found.filter(skill__in=sorted(names)).order_by())
    else:
        rows = [_stored(each) for each in skills if each["skill"] in names]
    rows.sort(key=lambda row: (row.answers < MIN_ANSWERS, row.mastery, row.skill))
    return [_learners_skill(row, state.now) for row in rows]


def _stored(row: dict) -> LearnerSkill:
    return LearnerSkill(**row | {"due_at": datetime.fromisoformat(row["due_at"])})


def _learners_skill(row: LearnerSkill, now: datetime) -> LearnersSkill:
    is_known = row.answers >= MIN_ANSWERS
    return LearnersSkill(
        row.skill,
        row.answers,
        percent(row.mastery) if is_known else None,
        is_known and row.mastery >= MASTERED,
        row.due_at,
        row.due_at <= now,
    )
