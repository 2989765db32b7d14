"""How far each content and module of a course is reached: where its learners stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.urls import reverse

from analytics.query.dropout import GONE_AFTER
from analytics.query.figures import share
from analytics.query.filters import Filters
from progress.models import Enrollment
from progress.state.structure import Structure

from .course_enrollments import EnrollmentGroup


class Reached(NamedTuple):
    """Learners who began a content, completed it, left it unfinished for two weeks, and
    submitted answers to it (of contents that waive others only)."""

    begun: int = 0
    done: int = 0
    left: int = 0
    handed_in: int = 0


NOT_REACHED = Reached()


@dataclass(frozen=True, slots=True)
class Step:
    """A content in the funnel, or a module, which has no `begun` and `left`."""

    title: str
    url: str
    is_module: bool
    done: int
    done_percent: int
    begun: int = 0
    begun_percent: int = 0
    left: int = 0
    content_id: int | None = None


def funnel(
    structure: Structure, counted: Mapping[int, Reached], enrolled: Sequence[EnrollmentGroup]
) -> list[Step]:
    """Each module with its contents, in the order of the course; `enrolled` counts its modules."""
    learners = sum(each.learners for each in enrolled)
    steps = []
    for place, module in enumerate(structure.modules):
        done = sum(each.modules[place] for each in enrolled)
        steps.append(Step(module.title, "", True, done, share(done, learners)))
        for content in module.active:
            reached = counted.get(content.id, NOT_REACHED)
            url = reverse("admin:insight-content", args=[content.id])
            steps.append(
                Step(
                    content.title,
                    url,
                    False,
                    reached.done,
                    share(reached.done, learners),
                    reached.begun,
                    share(reached.begun, learners),
                    reached.left,
                    content.id,
                )
            )
    return steps


# Who began and who completed is read from the index `content_progress_of_content` alone; rows are
# looked at of those who haven't completed, which are few, and of the contents that waive others.
_BY_CONTENT = """
WITH enrolled (id) AS MATERIALIZED ({enrolled}),
begun AS (
    SELECT own.content_id, count(*) AS begun, count(own.completed_at) AS done
      FROM progress_contentprogress own JOIN enrolled ON enrolled.id = own.enrollment_id
     WHERE own.content_id = ANY(%s) GROUP BY 1
), gone AS (
    SELECT own.content_id, count(*) AS "left"
      FROM progress_contentprogress own JOIN enrolled ON enrolled.id = own.enrollment_id
     WHERE own.content_id = ANY(%s) AND own.completed_at IS NULL AND own.last_event_at < %s
     GROUP BY 1
), answered AS (
    SELECT own.content_id, count(own.best_score_bp) AS handed_in
      FROM progress_contentprogress own JOIN enrolled ON enrolled.id = own.enrollment_id
     WHERE own.content_id = ANY(%s) GROUP BY 1
)
SELECT content_id, begun, done, coalesce("left", 0), coalesce(handed_in, 0)
  FROM begun LEFT JOIN gone USING (content_id) LEFT JOIN answered USING (content_id)
"""


def by_content(structure: Structure, filters: Filters, now: datetime) -> dict[int, Reached]:
    """By content of the course, over its current enrolments; only those that anyone began. One
    statement."""
    contents = list(structure.contents)
    waiving = [pk for pk, content in structure.contents.items() if content.waives]
    enrolled = filters.apply(Enrollment.objects.active(), enrolled_at="enrolled_at")
    try:
        statement, parameters = enrolled.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # without courses Django needs no statement
        return {}
    with connections[enrolled.db].cursor() as cursor:
        cursor.execute(
            _BY_CONTENT.format(enrolled=statement),
            [*parameters, contents, contents, now - GONE_AFTER, waiving],
        )
        return {pk: Reached(*counts) for pk, *counts in cursor.fetchall()}
