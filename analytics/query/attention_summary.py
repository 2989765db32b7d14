"""How many learners need attention, and why, with the first of them: counted by the database.

An organisation may have thousands in need where a page shows ten and some numbers. Who is one of
them, `attention` says.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import attention
from .attention import ContentTitle, Need
from .filters import Filters


class Commonest(NamedTuple):
    """The content that most learners of a reason share, and how many they are."""

    title: str
    learners: int


_NONE = Commonest("", 0)


class OfCourse(NamedTuple):
    """Unfinished enrolments of a course: those that need attention, are overdue, or are at high
    risk and not overdue."""

    in_need: int = 0
    overdue: int = 0
    at_risk: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """`needs` are enrolments, the other numbers learners; one with two reasons counts under both.

    `by_course` has the courses with unfinished enrolments, `first` the most urgent needs.
    """

    needs: int = 0
    learners: int = 0
    never_started: int = 0
    stalled: int = 0
    failing: int = 0
    stalled_at: Commonest = _NONE
    failing_at: Commonest = _NONE
    by_course: dict[int, OfCourse] = field(default_factory=dict)
    first: list[Need] = field(default_factory=list)


# Of `attention.unfinished`, in its order.
_COLUMNS = """enrollment_id, user_id, course_id, total_sessions, completion_bp, enrolled_at,
    due_at, last_seen, quiz_id, is_overdue, is_at_risk"""
# The content that a learner was at last. Looked for where it is shown or counted only, which is
# seldom.
_LAST_CONTENT = """(
    SELECT own.content_id FROM progress_contentprogress own
     WHERE own.user_id = {row}.user_id AND own.enrollment_id = {row}.enrollment_id
     ORDER BY own.last_event_at DESC LIMIT 1)"""
# What is looked for in the rows of each enrolment is looked for once; in a condition of the inner
# statement it would be looked for again.
_SUMMARY = f"""
WITH unfinished ({_COLUMNS}) AS MATERIALIZED ({{unfinished}}),
judged AS (
    SELECT *, total_sessions = 0 AS is_new, coalesce(last_seen < %s, false) AS is_stalled,
           coalesce(last_seen, enrolled_at) AS since,
           (total_sessions = 0 AND enrolled_at < %s) OR coalesce(last_seen < %s, false)
               OR quiz_id IS NOT NULL AS is_in_need
      FROM unfinished
), stalled AS (
    SELECT title, learners FROM (
        SELECT content_id, count(DISTINCT user_id) AS learners FROM (
            SELECT user_id, {_LAST_CONTENT.format(row="judged")} AS content_id
              FROM judged WHERE is_stalled) last
         GROUP BY 1) counted
      JOIN progress_content content ON content.id = counted.content_id
     ORDER BY learners DESC, content.id LIMIT 1
), failed AS (
    SELECT title, learners FROM (
        SELECT quiz_id, count(DISTINCT user_id) AS learners
          FROM judged WHERE quiz_id IS NOT NULL GROUP BY 1) counted
      JOIN progress_content quiz ON quiz.id = counted.quiz_id
     ORDER BY learners DESC, quiz.id LIMIT 1
), courses AS (
    SELECT course_id, count(*) FILTER (WHERE is_in_need) AS in_need,
           count(*) FILTER (WHERE is_overdue) AS overdue,
           count(*) FILTER (WHERE is_at_risk) AS at_risk
      FROM judged GROUP BY course_id
), learners AS (
    SELECT count(*) AS needs, bool_or(is_new) AS is_new, bool_or(is_stalled) AS is_stalled,
           bool_or(quiz_id IS NOT NULL) AS is_failing
      FROM judged WHERE is_in_need GROUP BY user_id
), totals AS (
    SELECT coalesce(sum(needs), 0)::bigint, count(*), count(*) FILTER (WHERE is_new),
           count(*) FILTER (WHERE is_stalled), count(*) FILTER (WHERE is_failing),
           (SELECT title FROM stalled), (SELECT learners FROM stalled),
           (SELECT title FROM failed), (SELECT learners FROM failed),
           (SELECT array_agg(ARRAY[course_id, in_need, overdue, at_risk]) FROM courses)
      FROM learners
), urgent AS (
    SELECT *, CASE WHEN NOT is_new THEN {_LAST_CONTENT.format(row="first")} END AS content_id
      FROM (
        SELECT * FROM judged WHERE is_in_need
         ORDER BY due_at NULLS LAST, since, enrollment_id LIMIT %s) first
)
SELECT totals.*, enrollment_id, user_id, course_id, is_new, is_stalled, quiz.id, quiz.title,
       content.id, content.title, since, due_at, completion_bp
  FROM totals LEFT JOIN urgent ON true
  LEFT JOIN progress_content quiz ON quiz.id = urgent.quiz_id
  LEFT JOIN progress_content content ON content.id = urgent.content_id
 ORDER BY due_at NULLS LAST, since, enrollment_id
"""


def summary(filters: Filters, now: datetime, shown: int = 0) -> Summary:
    """Everyone who needs attention, counted, and the `shown` most urgent. One statement."""
    return _counted(attention.unfinished(filters, now), now, shown)


def needs_of(filters: Filters, found: Collection[int], now: datetime) -> dict[int, Need]:
    """The needs among these enrolments, by enrolment. One statement."""
    rows = attention.unfinished(filters, now).filter(pk__in=found)
    return {need.enrollment_id: need for need in _counted(rows, now, len(found)).first}


def _counted(rows: QuerySet, now: datetime, shown: int) -> Summary:
    try:
        unfinished, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # without courses or enrolments Django needs no statement
        return Summary()
    gone, begins_by = now - attention.STALLS_AFTER, now - attention.STARTS_WITHIN
    with connections[rows.db].cursor() as cursor:
        cursor.execute(
            _SUMMARY.format(unfinished=unfinished),
            [*parameters, gone, begins_by, gone, shown],
        )
        found = cursor.fetchall()
    needs, learners, new, stalled, fail, title, at_title, quiz, at_quiz, by_course = found[0][:10]
    return Summary(
        needs,
        learners,
        new,
        stalled,
        fail,
        stalled_at=Commonest(title or "", at_title or 0),
        failing_at=Commonest(quiz or "", at_quiz or 0),
        by_course={course: OfCourse(*counts) for course, *counts in by_course or ()},
        first=[_need(row[10:]) for row in found if row[10] is not None],
    )


def _need(row: tuple) -> Need:
    pk, user, course, is_new, is_stalled, quiz_id, quiz, content_id, title, since, due_at, bp = row
    reasons = {
        attention.Reason.FAILING: quiz_id is not None,
        attention.Reason.NEVER_STARTED: is_new,
        attention.Reason.STALLED: is_stalled,
    }
    return Need(
        enrollment_id=pk,
        user_id=user,
        course_id=course,
        reasons=tuple(reason for reason, holds in reasons.items() if holds),
        quiz=ContentTitle(quiz_id, quiz) if quiz_id else None,
        last_content=ContentTitle(content_id, title) if content_id else None,
        since=since,
        due_at=due_at,
        completion_bp=bp,
    )


# --- In words ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sentence:
    """The first line of a page, with the numbers in it."""

    text: str
    in_need: int
    learners: int


def sentence(found: Summary, learners: int) -> Sentence:
    """`12 of 240 learners need you: 5 never started, …`; a learner with two reasons counts under
    both."""
    count = found.learners
    if not learners:
        return Sentence(_("No one is enrolled yet."), 0, 0)
    if not count:
        text = ngettext(
            "Your learner needs no help now.", "None of %(all)s learners needs you now.", learners
        )
        return Sentence(text % {"all": learners}, 0, learners)
    text = ngettext(
        "%(count)s of %(all)s learners needs you: %(why)s.",
        "%(count)s of %(all)s learners need you: %(why)s.",
        count,
    )
    text = text % {"count": count, "all": learners, "why": _(", ").join(_why(found))}
    if found.never_started + found.stalled + found.failing > count:
        text += " " + _("A learner with several of these reasons is counted under each.")
    return Sentence(text, count, learners)


def _why(found: Summary) -> list[str]:
    reasons = []
    if found.never_started:
        reasons.append(_("%(count)s never started") % {"count": found.never_started})
    if found.stalled:
        reasons.append(_stalled(found.stalled, found.stalled_at))
    if found.failing:
        reasons.append(_keep_failing(found.failing, found.failing_at))
    return reasons


def _stalled(count: int, at: Commonest) -> str:
    if at.learners == count and at.title:
        return _("%(count)s stalled at ‘%(title)s’") % {"count": count, "title": at.title}
    text = _("%(count)s stalled") % {"count": count}
    if at.learners > 1:
        text += _(" (%(count)s at ‘%(title)s’)") % {"count": at.learners, "title": at.title}
    return text


def _keep_failing(count: int, at: Commonest) -> str:
    if at.learners == count and at.title:
        text = ngettext(
            "%(count)s keeps failing ‘%(title)s’", "%(count)s keep failing ‘%(title)s’", count
        )
        return text % {"count": count, "title": at.title}
    text = ngettext("%(count)s keeps failing a quiz", "%(count)s keep failing a quiz", count)
    return text % {"count": count}
