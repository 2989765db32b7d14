"""Test learners and test courses: who works with them, and that no figure counts them.

A learner or course is marked when it is made, and stays as it is (migration `0051_test_marks`).
An enrolment is a test when its learner is one; only test learners are enrolled in a test course.
Reasons: docs/decisions/0049-test-rows-beside-real-ones.md.
"""

from enum import Enum
from functools import cache
from typing import TypeVar

from django.apps import apps
from django.db.models import Exists, Model, OuterRef, QuerySet

Row = TypeVar("Row", bound=Model)


class Reach(Enum):
    """Which learners and courses a caller works with."""

    REAL = "real"  # a key
    TEST = "test"  # a test key, and the account of a test learner
    BOTH = "both"  # people who are signed in, and commands on the server


def reach_of(by) -> Reach:
    """What `by` works with: a user, the holder of a session token, or None for a command."""
    if getattr(by, "is_test", False):
        return Reach.TEST
    return getattr(by, "works_with", Reach.BOTH)


def makes_tests(by) -> bool:
    """Whether what `by` creates is marked as test."""
    return reach_of(by) is Reach.TEST


@cache
def has_test_learner(learner: str = "user_id") -> Exists:
    """Whether the learner that the field `learner` of a row names is a test learner.

    Made once, as every figure asks for it; a queryset takes a copy.
    """
    people = apps.get_model("progress", "User").objects
    return Exists(people.filter(pk=OuterRef(learner), is_test=True))


def within_reach(rows: QuerySet[Row], by, *, learner: str = "user_id") -> QuerySet[Row]:
    """Those of `rows` whose learner `by` works with; rows of people and courses are the learner's
    or course's own."""
    reach = reach_of(by)
    if reach is Reach.BOTH:
        return rows
    if any(field.name == "is_test" for field in rows.model._meta.concrete_fields):
        return rows.filter(is_test=reach is Reach.TEST)
    is_test = has_test_learner(learner)
    return rows.filter(is_test if reach is Reach.TEST else ~is_test)


def counted(rows: QuerySet[Row], *, learner: str = "user_id") -> QuerySet[Row]:
    """Those of `rows` that figures count: not those of test learners, nor test courses.

    An anti-join with the few test learners, so that the plan of the rest stays as it was.
    """
    if any(field.name == "is_test" for field in rows.model._meta.concrete_fields):
        return rows.filter(is_test=False)
    return rows.filter(~has_test_learner(learner))


def readable_courses(courses: QuerySet[Row], by) -> QuerySet[Row]:
    """Those of `courses` that `by` may know of: test learners learn in real courses, too."""
    return courses.filter(is_test=False) if reach_of(by) is Reach.REAL else courses


def reaches(by, is_test: bool) -> bool:
    """Whether `by` works with a learner or course of this mark."""
    return reach_of(by) in {Reach.BOTH, Reach.TEST if is_test else Reach.REAL}


def may_be_enrolled(learner, course) -> bool:
    """Whether the marks of a learner and a course allow an enrolment."""
    return learner.is_test or not course.is_test
