"""The first page: where to continue, the learner's courses, and the effort put into them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, F, Min, Subquery
from django.forms import Form, IntegerField
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress import slots
from progress.models import (
    ContentProgress,
    CourseProgress,
    Enrollment,
    QuizAttempt,
    User,
    has_team,
)
from progress.models.people import MINUTES_OF_A_WEEK
from progress.models.spans import SpansUnion
from progress.rules.coverage import union
from progress.state import outside
from progress.state.course_state import CourseState, course_states
from progress.state.outside import OutsideShown
from progress.state.time_left import time_left_seconds

from . import effort, locale_formats, outline, words
from .covers import Cover, course_cover
from .due import Due, due
from .enrolled import expected_days, with_expected_days
from .next_card import next_card, other_recommendations
from .zone import in_own_zone

MAX_LIVE_COURSES = 2
GOAL_ERRORS = dict.fromkeys(
    ["invalid", "min_value", "max_value"],
    gettext_lazy("A goal is a whole number of minutes, from 1 to 10080."),
)


class GoalForm(Form):
    """The learner's own weekly goal; empty for none."""

    weekly_goal_minutes = IntegerField(
        label=gettext_lazy("Minutes a week"),
        help_text=gettext_lazy("Leave it empty for no goal."),
        required=False,
        min_value=1,
        max_value=MINUTES_OF_A_WEEK,
        error_messages=GOAL_ERRORS,
    )


@never_cache
@login_required
@in_own_zone
@require_GET
def my_learning(request):
    return _page(
        request, GoalForm(initial={"weekly_goal_minutes": request.user.weekly_goal_minutes})
    )


@never_cache
@login_required
@in_own_zone
@require_POST
def weekly_goal(request):
    """Set the learner's own goal, or show the page again with the form's error."""
    form = GoalForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    request.user.weekly_goal_minutes = form.cleaned_data["weekly_goal_minutes"]
    request.user.save(update_fields=["weekly_goal_minutes"])
    return redirect("my-learning")


def _page(request, form: GoalForm, status: int = 200):
    now = timezone.now()
    enrollments = (
        with_expected_days(Enrollment.objects.active())
        .filter(user_id=request.user.pk, course__retired_at=None)
        .with_progress("course")
        .annotate(has_team=Exists(User.objects.filter(manager=request.user)))
        .order_by(F("due_at").asc(nulls_last=True), "course__title", "pk")
    )
    states = course_states(list(enrollments), now)
    complete = [state.enrollment.pk for state in states if state.is_complete]
    certificates = (slots.certificates(complete) if complete else None) or {}
    elsewhere = outside.of_learner(request.user.pk, now)
    rows = [
        _course_row(
            each,
            certificates.get(each.enrollment.pk),
            elsewhere.pop(each.enrollment.course_id, None),
        )
        for each in states
    ]
    recommendations = slots.recommendations(states) or []
    fulfilled = {row.id for row in rows if row.outside and row.outside.is_valid}
    card = next_card(states, recommendations, fulfilled)
    return render(
        request,
        "pages/my_learning.html",
        {
            "open": [row for row in rows if not row.is_complete],
            "done": [row for row in rows if row.is_complete],
            "elsewhere": list(elsewhere.values()),  # without an enrolment
            "next": card,
            "goal_form": form,
            "live": _live(states),
            "has_team": states[0].enrollment.has_team if states else has_team(request.user),
            "renewals": slots.renewals(request.user) or [],
            "recommendations": other_recommendations(states, recommendations, card),
            **_effort(request.user, now),
        },
        status=status,
    )


# --- Courses -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CourseRow:
    id: int
    title: str
    cover: Cover
    size: str
    percent: int
    state: str
    is_complete: bool
    completed_at: datetime | None
    time: str
    time_left: str
    expected: str
    due: Due | None
    certificate: dict | None
    outside: OutsideShown | None


def _course_row(
    state: CourseState, certificate: dict | None, elsewhere: OutsideShown | None
) -> CourseRow:
    enrollment, progress = state.enrollment, state.progress
    contents = [content for module in state.structure.modules for content in module.active]
    return CourseRow(
        id=enrollment.course_id,
        title=enrollment.course.title,
        cover=course_cover(enrollment.course.title, contents),
        size=ngettext("%(count)s content", "%(count)s contents", len(contents))
        % {"count": len(contents)},
        percent=state.bp // 100,
        state=_("In progress") if state.rows else _("Not started"),
        is_complete=state.is_complete,
        completed_at=progress.completed_at,
        time=words.spent(progress.time_ms),
        time_left=words.time_left(time_left_seconds(state)),
        expected=words.expected(expected_days(state), state.now),
        due=due(outside.owed_due_at(enrollment.due_at, elsewhere), state.now),
        certificate=certificate,
        outside=elsewhere,
    )


def _live(states: list[CourseState]) -> list[dict]:
    """The URLs that follow the latest courses live; few, since a browser opens few streams."""
    begun = [each for each in states if each.progress.resume_updated_at]
    begun.sort(key=lambda each: each.progress.resume_updated_at, reverse=True)
    return [outline.live_urls(each) for each in begun[:MAX_LIVE_COURSES]]


# --- Effort --------------------------------------------------------------------------------------
def _effort(user: User, now: datetime) -> dict:
    """Time and streak over all courses and cycles.

    Today is a day of the current time zone; past days stay days of the zone of their time.
    """
    totals = CourseProgress.objects.filter(user_id=user.pk).aggregate(
        spans=SpansUnion("active_spans"),
        past=SpansUnion("enrollment__past_spans__active_spans"),
        first_course=Min("completed_at"),
    )
    first_content, first_try = _firsts(user)
    spans = union(totals["past"] or (), totals["spans"] or ())
    today = timezone.localdate(now)
    zones = effort.Zones(
        timezone.get_current_timezone(),
        [(ZoneInfo(name), until) for name, until in user.earlier_zones],
    )
    days = effort.days_of(spans, zones.present, zones.earlier)
    first_weekday = locale_formats.first_weekday()
    week_ms = effort.week_ms(days, today, first_weekday)
    weeks = effort.calendar(days, today, first_weekday=first_weekday)
    reached = effort.achievements(
        days,
        first_content=zones.day_of(first_content),
        first_course=zones.day_of(totals["first_course"]),
        first_try=zones.day_of(first_try),
    )
    return {
        "week": _week(week_ms, user.weekly_goal_minutes),
        "streak": effort.streak(days, today),
        "calendar": _calendar(weeks),
        "achievements": [_achievement(each) for each in reached if each.reached_on]
        + [_achievement(each) for each in reached if not each.reached_on],
    }


def _firsts(user: User) -> tuple[datetime | None, datetime | None]:
    """When the first content was completed, and the first quiz passed at once. One statement."""
    contents = ContentProgress.objects.filter(user_id=user.pk).order_by().values("user")
    tries = QuizAttempt.objects.filter(user_id=user.pk, number=1, passed=True)
    tries = tries.order_by().values("user")
    return User.objects.values_list(
        Subquery(contents.annotate(first=Min("completed_at")).values("first")),
        Subquery(tries.annotate(first=Min("submitted_at")).values("first")),
    ).get(pk=user.pk)


def _week(active_ms: int, goal_minutes: int | None) -> dict:
    """This week's time, and its share of the goal in whole percent."""
    goal_ms = (goal_minutes or 0) * effort.MINUTE_MS
    return {
        "time": words.duration(active_ms / 1000),
        "goal": words.duration(goal_ms / 1000) if goal_ms else "",
        "percent": min(100 * active_ms // goal_ms, 100) if goal_ms else None,
        "is_reached": bool(goal_ms) and active_ms >= goal_ms,
    }


def _calendar(weeks: list[effort.Week]) -> dict:
    """The weeks as columns of days, oldest first, and as a list, newest first."""
    return {
        "days": sum(week.days_with_learning for week in weeks),
        "time": words.duration(sum(week.ms for week in weeks) / 1000),
        "columns": [
            {"first": week.first, "is_new_month": before.first.month != week.first.month}
            for before, week in zip([weeks[0], *weeks], weeks, strict=False)
        ],
        "weekdays": [
            [
                {
                    "date": day.date,
                    "level": day.level,
                    "is_future": day.is_future,
                    "time": _time_or_none(day.ms),
                }
                for day in same_weekday
            ]
            for same_weekday in zip(*(week.days for week in weeks), strict=True)
        ],
        "weeks": [
            {
                "first": week.first,
                "last": week.last,
                "time": _time_or_none(week.ms),
                "days": week.days_with_learning,
            }
            for week in reversed(weeks)
        ],
    }


def _time_or_none(active_ms: int) -> str:
    return words.duration(active_ms / 1000) if active_ms else _("none")


def _achievement(reached: effort.Achievement) -> dict:
    titles = {
        "first_content": _("First content completed"),
        "first_try": _("A quiz passed on the first attempt"),
        "streak": _("Seven days in a row"),
        "first_course": _("First course completed"),
        "hours": _("Ten hours of learning"),
    }
    so_far = {
        "streak": _("%(part)s of %(whole)s days") % {"part": reached.part, "whole": reached.whole},
        "hours": _("%(part)s of %(whole)s")
        % {
            "part": words.duration(reached.part / 1000),
            "whole": words.duration(reached.whole / 1000),
        },
    }
    return {
        "title": titles[reached.code],
        "reached_on": reached.reached_on,
        "so_far": so_far.get(reached.code, "") if reached.part else "",
    }
